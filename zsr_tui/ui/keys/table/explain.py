"""What can be done where a score is explained."""

from __future__ import annotations

from zsr_tui.ui.keys.action import action, at

AXIOMS = at(
    "axioms",
    action("axioms_open", "enter", does="open", label="pairs")(
        "The pairs against an axiom", "From the matrix to the pairs; from a pair to its two documents side by side."
    ),
    action("axioms_table", "tab", does="other_table", label="other table")(
        "Matrix or pairs", "Move between the matrix and the pairs."
    ),
    action("axioms_again", "f5", does="again")(
        "Look again", "At the lists as they stand now; or after something went wrong."
    ),
    action("axioms_back", "escape", does="leave", label="back", kept=True)(
        "Back", "From the pairs to the matrix, or to where it was opened."
    ),
)

_VIEWS = ("why", "what the model saw", "one against another")

EXPLAIN = at(
    "explain",
    action("explain_stop", "c", does="stop", label="stop")("Stop", "What has come stays."),
    action("explain_words", "enter", does="open_words", label="words")(
        "The words of the sentence",
        "Leaves each word of the sentence under the cursor out; escape comes back. Of a reranker that compares "
        "documents: leaves each sentence out of the duel with the document under the cursor.",
    ),
    *(
        action(
            f"explain_view_{number}", str(number), does="show_view", label="view", argument=number, group="Go to a view"
        )(f"Show {title}", "Why it has its score, the model's exact input, or this document against another.")
        for number, title in enumerate(_VIEWS, 1)
    ),
    action("explain_stage", "s", does="next_stage", label="stage")(
        "Explain another stage", "BM25's, a dense list's or a reranker's score of the same document."
    ),
    action("explain_system", "o", does="next_system", label="system", argument=1)(
        "Explain in the next system", "The same document in the next of the compared systems."
    ),
    action("explain_next", "n", does="next_document", label="next", argument=1)(
        "Next document", "The next one of the list that this one was opened from."
    ),
    action("explain_previous", "p", does="next_document", label="prev", argument=-1)(
        "Previous document", "The one before it in the list."
    ),
    action("explain_pull", "slash", does="pull_in", label="document")(
        "Explain any document",
        "One that is relevant to the query, with its places in the lists; any other by its id, whether a list has it "
        "or not, or by words that are in it.",
    ),
    action("explain_against", "a", does="choose_against", label="against")(
        "Choose the other document",
        "A relevant one, or any by its id or words; without one, the neighbour in the list.",
    ),
    action("explain_against_system", "b", does="against_system", label="two systems")(
        "Against the next system",
        "This document in two systems, side by side; again for the next of them, and then the other document.",
    ),
    action("explain_all", "m", does="toggle_all", label="all rows")(
        "All parts of both, or the heaviest", "Where one stands against another."
    ),
    action("explain_gradient", "v", does="toggle_gradient", label="gradient")(
        "Occlusion or gradient × input",
        "The gradient is quicker and says less; cross-encoders that torch runs have one.",
    ),
    action("explain_special", "x", does="toggle_special", label="special")(
        "Show or hide special tokens", "Of what the model saw."
    ),
    action("explain_finding", "F", does="findings.make", label="finding", of_app=True)(
        "Make a finding", "Of the explanation, and of the lists that it was opened from."
    ),
    action("explain_again", "f5", does="again")("Explain again", "After something went wrong."),
    action("explain_back", "escape", does="leave", label="back", kept=True)(
        "Back", "From the words to the sentences, or to where it was opened."
    ),
)
