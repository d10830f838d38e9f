"""Reciprocal rank fusion, and the one order in which every ranking of this package stands: who gets one keeps it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from zsr_tui.domain import ScoredDoc


def ranked(docs: Iterable[ScoredDoc]) -> list[ScoredDoc]:
    """By score, best first; ties by document id ascending, as Lucene through Anserini breaks them."""
    return sorted(docs, key=lambda doc: (-doc.score, doc.doc_id))


def rrf(lists: Sequence[Sequence[ScoredDoc]], k: int = 60) -> list[ScoredDoc]:
    """Fuse rankings by the sum of 1 / (k + rank), rank from 1, over the lists that hold a document.

    Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
    Methods", SIGIR 2009; k = 60 is theirs. Every list is in rank order, and only the first place of a document in
    a list counts. The result does not depend on the order of the lists.
    """
    parts: dict[str, list[float]] = {}
    for ranking in lists:
        seen: set[str] = set()
        for rank, doc in enumerate(ranking, start=1):
            if doc.doc_id not in seen:
                seen.add(doc.doc_id)
                parts.setdefault(doc.doc_id, []).append(1.0 / (k + rank))
    return ranked(ScoredDoc(doc_id, math.fsum(shares)) for doc_id, shares in parts.items())
