"""What the marks and words on the screens mean, and the notation of systems, in a few words each."""

from __future__ import annotations

from collections.abc import Mapping

MARKS = (
    ("●", "relevant; the number after it is the grade"),
    ("○", "judged not relevant"),
    ("·", "unjudged: nobody looked at it, which is not the same as not relevant"),
    ("■ □", "a judgment of your own, relevant with its grade, or not; faint where it does not count"),
    ("▲ △", "a model's judgment"),
    ("●.489", "the measure over the dataset's judgments alone, where the one before it is another; ■ with your own"),
    ("¶ # ⚑", "there is a note, a tag, a bookmark"),
    ("↑n ↓n", "so many places higher or lower than in the reference list; after a change of the query, than before it"),
    ("→", "at the same place as in the reference list"),
    ("×", "not in the reference list"),
    ("new", "not in this list before the query was changed; m counts from the reference list instead"),
    (">", "the cursor of the list that you are in"),
    ("›", "the cursor of another list"),
    ("»", "the document under the cursor, in every other list"),
    ("1.000*", "on a tab: nDCG@10 of the reference list, which * marks"),
    ("†", "the model read only the beginning of this document"),
    ("◆", "in an evaluation: the baseline; on a slider: the weights with which this query's nDCG@10 is highest"),
    ("▶", "the list or view that you are in; of an evaluation's queries, the system that is compared"),
    ("◉", "the document under the cursor in the picture of two lists"),
    ("…", "text was left out here; in place of a score: not scored yet"),
    ("▂ ▄ ▆ █", "before text that speaks for the score: the fuller, the more of it"),
    ("▿ ▼", "before text that speaks against the score"),
)
LOOKS: Mapping[str, str] = {  # marks that stand elsewhere for something else: where they are what they mean here
    "·": r"(?m)(?:^|│)[ >›»]*\d+\.? ·",  # behind a rank; a dot also separates
    "●.489": r"●\.\d",
    "1.000*": r"\d\*",
    "↑n ↓n": r"[↑↓]\d",  # arrows are keys, too
    "→": r"(?m)(?:^|│)[ >›»]*\d+\.? [·●○]\d*[ ■□▲△\d]* →",  # in a row
    ">": r"(?m)(?:^|│) ?> ",  # not ">>" of the notation
}
ONLY_AT: Mapping[str, tuple[str, ...]] = {  # marks that stand in some places alone: bars and progress look like them
    "▂ ▄ ▆ █": ("explain",),
    "▿ ▼": ("explain",),
}
NOTATION = (
    ("bm25(k1=1.2, b=0.75)", "BM25; without brackets k1=0.9, b=0.4; index=NAME is a prebuilt one"),
    ("dense(org/model)", "nearest vectors of a bi-encoder; dense(org/model; index=hnsw), or ivfpq, sq8, flat"),
    ("sparse(org/model)", "learned sparse retrieval, as SPLADE's"),
    ("bm25 % 100 >> org/model", "the first 100 of BM25, reranked; a URL of a server is a model too"),
    ("es(name) % 100 >> org/model", "another engine: es, opensearch, pyserini, anserini, qdrant; or its address"),
    ("rrf(bm25, dense(org/model))", "reciprocal rank fusion; rrf(S, S; k=60, weights=[2, 1])"),
    ("linear(bm25, dense(org/model))", "sum of normed scores; linear(S, S; weights=[0.7, 0.3], norm=zscore)"),
)
_JUDGED = ("Judged@10", "the share of the first 10 that somebody judged: where it is small, other figures say little")
_LISTS = (
    ("3 ties", "so many rows have the score of the row above: their order means nothing"),
    ("not measured", "there are judgments, and the list has no figures: it failed, was stopped, or is not whole yet"),
    ("provisional", "figures of a part of the documents, the queries or the scores: they change until all is there"),
    ("R@100 –", "recall that looks deeper than the list goes has no value: the list may have 20 documents by its cut"),
    ("no judgments", "a free query, which nobody judged: no figure can be had, which is not the same as 0"),
    _JUDGED,
    ("4 inputs cut†", "documents of which the model read only the beginning, as many tokens as it takes"),
    ("12 from before", "scores that were known from an earlier search and cost nothing now"),
    ("1 self-hit dropped", "the document that is the query itself, which BEIR leaves out; X keeps it"),
    ("recall@100 0.987 of exact", "an approximate search, and how much it finds of what an exact one would"),
    ("guessed", "nobody says how the model is to be run: its scores may be others than its authors'"),
)
OUTCOMES = (
    ("found", "relevant and among the first 10, and not pushed down by a reranker"),
    ("recovered", "relevant, among the first 10, and put there by the reranker"),
    ("not retrieved", "relevant, and not in the first stage's list at all"),
    ("below the rerank depth", "relevant and retrieved, but below what the next stage was given"),
    ("demoted", "relevant, among the first 10 before reranking and not after it"),
    ("pushed down", "relevant and in the first 10, but reranked below more not known to be relevant"),
    ("ranked low", "relevant and in the list, but among no stage's first 10"),
    ("one family only", "relevant, and among the first 10 of this family of systems alone"),
    ("judged not relevant", "among the first 10, and judged not relevant"),
    ("unjudged", "among the first 10, and never judged"),
)
WORDS: Mapping[str, tuple[tuple[str, str], ...]] = {  # by the place where they are seen
    "compare": _LISTS,
    "document": (
        ("was 12", "the place among the candidates that the reranker was given"),
        ("not in the top 100", "not in the part of the list that is shown: it may stand below it"),
        ("read up to here", "the model's input ended here: what stands below it had no part in the score"),
    ),
    "blind": (
        ("→", "the key that says that the right list is better; ← says it of the left one"),
        ("=", "the key that says that neither is"),
    ),
    "explain": (
        ("share", "what a part gives to the score, in the score's unit; where parts are left out, what it loses then"),
        ("↑n ↓n", "so many places won or lost against the stage before"),
        ("would be rank 134", "the stage never had this document: the rank that it would have"),
        ("cut after 100", "the stage passed so many documents on, and this one stood lower"),
        ("Faithfulness", "whether the shares can be trusted: the score of the best parts alone, and without them"),
        ("alone, without it", "the score of this part by itself, and of the text without it"),
        ("expansion", "a term that the model added: it does not stand there"),
        ("cached", "scores that were known from before and cost nothing now"),
    ),
    "axioms": (
        ("84% 106", "of 106 pairs that the axiom says something of, 84 of 100 stand as it has them"),
        ("–", "the axiom says nothing of any pair of the list"),
        ("3. ● x above 7. ○ y", "x stands third and y seventh, and the axiom has y above x; ● ○ · are their judgments"),
    ),
    "evaluation": (
        ("provisional", "figures over the queries that are done so far: they change until all are"),
        ("p (Holm)", "how likely so large a difference is by chance alone, adjusted for as many systems as there are"),
        ("effect d", "the mean difference over the spread of the differences: 0.2 is small, 0.8 large"),
        ("win/tie/loss", "queries on which the system does better, as well as, and worse than the baseline"),
        ("judged only", "the figure without the documents that nobody judged"),
        ("bounds", "the figure if nothing unjudged is relevant, and the most if it is"),
        ("figure, difference", "what was published over all queries, and measured minus published"),
        _JUDGED,
    ),
    "evaluation-start": (
        ("Add a system", "one in the notation: Enter adds it above, where Enter edits it, [ and ] move it"),
        ("Rerank each", "a model behind every system above that has no reranker: all combinations as one evaluation"),
        ("Add a run file", "the lists of another program: they are measured beside the systems, and run nothing here"),
        ("Measures", "in ir_measures' spelling, with blanks between: nDCG@10 RR@10 AP R@100 P(rel=2)@5 ..."),
        ("Queries with", "only queries that have this text in them; what is left out is said wherever figures stand"),
        ("Only the first", "of these, so many, in the dataset's order: for a first look, since figures then say less"),
    ),
    "evaluation_queries": (
        ("win, tie, loss", "the system does better than the baseline, exactly as well, or worse"),
        ("rel.", "the number of documents that are judged relevant"),
        ("judged", "Judged@10, the share of the first 10 that somebody judged"),
        ("◆ 5 behind a document", "its rank in the baseline; – not in its list. On a win what was gained comes first"),
        ("at fault", "the stage after which the measure was lowest against the one before"),
        ("RBO, Jacc., τAP", "how alike the two lists are: 1 is the same"),
        *OUTCOMES,
    ),
    "evaluation_failures": OUTCOMES,
}
