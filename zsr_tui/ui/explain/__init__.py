"""Why a document has its score: its way through the system, what adds up to the score, what the model saw."""
