"""Why a document has its score, for every kind of system, as `zsr_tui.explanation` records.

    from zsr_tui.explain import occlusion
    from zsr_tui.scoring import ScoringService

    score = occlusion.score_with(ScoringService(), "ms-marco-minilm-l12-int8", "a question")
    for known in occlusion.sentences(score, "A passage. Another one."):
        print(known.score, [(part.text, part.share) for part in known.parts])     # grows with every batch

segments   sentences and words, by the rules of Unicode; which words of a query stay, by its language
bm25       Lucene's own account of a score, term by term; the shares sum to the score
dense      sentences alone and left out, words of the query left out, neighbours in the list
sparse     products of weighted terms; the shares sum to the score
late       for each token of the query the token that it matched; the shares sum to the score
occlusion  sentences, then words, left out: for everything that scores a pair, servers included
gradient   gradient x input, for cross-encoders that torch runs
answers    the tokens that a monoT5 would answer with
pairwise   the duels of a reranker that compares documents; the shares sum to the score
order      which documents a listwise reranker put above it
fusion     what each list gave; the shares sum to the score
lineage    the stages on a document's way, and which stopped it
seen       the exact input of a model
contrast   two explanations side by side
"""
