"""What the marks on the screen mean, and the notation of systems, in a few words each."""

from __future__ import annotations

MARKS = (
    ("●", "relevant; the number after it is the grade"),
    ("○", "judged not relevant"),
    ("·", "unjudged: nobody looked at it, which is not the same as not relevant"),
    ("↑n ↓n", "so many places higher or lower than in the reference list"),
    ("→", "at the same place as in the reference list"),
    ("×", "not in the reference list"),
    ("new", "not in this list before the query was changed; arrows count from before the change then"),
    (">", "the cursor of the list that you are in"),
    ("›", "the cursor of another list"),
    ("»", "the document under the cursor, in every other list"),
    ("†", "the model read only the beginning of this document"),
    ("◆ ▶", "in an evaluation: the baseline, and the system that is compared with it"),
    ("◉", "the document under the cursor in the picture of two lists"),
    ("…", "text was left out here; in place of a score: not scored yet"),
)
NOTATION = (
    ("bm25(k1=1.2, b=0.75)", "BM25; without brackets k1=0.9, b=0.4"),
    ("dense(org/model)", "nearest vectors of a bi-encoder"),
    ("sparse(org/model)", "learned sparse retrieval, as SPLADE's"),
    ("bm25 % 100 >> org/model", "the first 100 of BM25, reranked; a URL of a server is a model too"),
    ("rrf(bm25, dense(org/model))", "reciprocal rank fusion; rrf(S, S; k=60, weights=[2, 1])"),
    ("linear(bm25, dense(org/model))", "sum of normed scores; linear(S, S; weights=[0.7, 0.3], norm=zscore)"),
)
