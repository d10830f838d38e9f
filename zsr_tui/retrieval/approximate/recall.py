"""How much of what an exact search finds an approximate one finds, on queries that people ask."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from zsr_tui.domain import Approximation, ScoredDoc
from zsr_tui.pipeline import Method
from zsr_tui.progress import CancelToken

DEPTH = 100
_AT_ONCE = 50


class Searched(Protocol):
    def search(self, vectors: np.ndarray, k: int) -> list[list[ScoredDoc]]: ...


def measured(
    exact: Searched, approximate: Searched, queries: np.ndarray, method: Method, dataset: str, cancel: CancelToken
) -> Approximation:
    """On the queries (n, dimension) of a dataset."""
    if not len(queries):
        return Approximation(method, dataset=dataset)
    return Approximation(method, recall(exact, approximate, queries, DEPTH, cancel), DEPTH, len(queries), dataset)


def recall(exact: Searched, approximate: Searched, queries: np.ndarray, depth: int, cancel: CancelToken) -> float:
    """The share of the first `depth` that the other has among its own, as a mean over queries (n, dimension), n > 0.
    Documents with the score of the last one count as that one: which of them is listed means nothing."""
    shares: list[float] = []
    for start in range(0, len(queries), _AT_ONCE):
        cancel.check()
        some = queries[start : start + _AT_ONCE]
        for right, found in zip(exact.search(some, depth), approximate.search(some, depth), strict=True):
            wanted = {each.doc_id for each in right}
            last = right[-1].score if right else 0.0
            hits = sum(each.doc_id in wanted or each.score >= last for each in found)
            shares.append(min(hits, len(right)) / len(right) if right else 1.0)
    return float(np.mean(shares))
