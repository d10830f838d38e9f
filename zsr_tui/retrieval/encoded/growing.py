"""Sparse rows that are not postings yet, searched row by row: slower, and the same products."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from zsr_tui.domain import ScoredDoc
from zsr_tui.fusion import ranked
from zsr_tui.retrieval.encoded.appended import DamagedFiles, DocIds, read_counts
from zsr_tui.retrieval.encoded.rows import COUNTS, ROWS, SHARD_POSTINGS, Rows, cut, mapped


class Growing:
    """What is durable of a folder whose rows are still written."""

    def __init__(self, folder: Path) -> None:
        """Raises `DamagedFiles`."""
        counts = read_counts(folder / COUNTS, Rows)
        if counts is None:
            raise DamagedFiles(f"{folder / COUNTS} is missing")
        self.rows, self.dimension = counts.rows, counts.dimension
        try:
            self._lengths = np.fromfile(folder / ROWS[0], dtype="<i4", count=counts.rows)
            self._terms = mapped(folder / ROWS[1], "<i4", counts.postings)
            self._weights = mapped(folder / ROWS[2], "<f4", counts.postings)
        except (OSError, ValueError) as error:
            raise DamagedFiles(str(error)) from error
        self.ids = DocIds(folder, self.rows, growing=True)

    def search(self, queries: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """As `zsr_tui.retrieval.encoded.postings` does."""
        return [self._best(query.astype(np.float64), k) for query in queries]

    def scores(self, query: np.ndarray) -> Iterator[np.ndarray]:
        yield self._scores(query.astype(np.float64))

    def row(self, doc_id: str) -> int | None:
        return self.ids.row(doc_id)

    def _best(self, query: np.ndarray, k: int) -> list[ScoredDoc]:
        scores = self._scores(query)
        best = largest(scores, np.flatnonzero(scores > 0), k)
        docs = zip(best.tolist(), scores[best].tolist(), strict=True)
        return ranked(ScoredDoc(self.ids[row], score) for row, score in docs)[:k]

    def _scores(self, query: np.ndarray) -> np.ndarray:
        """Of every row, float32; the query in double precision."""
        scores = np.empty(self.rows, dtype=np.float32)
        begin = 0
        for first, last in cut(self._lengths, SHARD_POSTINGS):
            end = begin + int(self._lengths[first:last].sum())
            products = query[self._terms[begin:end]] * self._weights[begin:end]
            rows = np.repeat(np.arange(last - first), self._lengths[first:last])
            scores[first:last] = np.bincount(rows, products, minlength=last - first)
            begin = end
        return scores


def largest(scores: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    """Those of `rows` whose score is among the `k` largest, with all that tie with the last of them."""
    if len(rows) <= k:
        return rows
    among = scores[rows]
    return rows[among >= np.partition(among, len(among) - k)[len(among) - k]]
