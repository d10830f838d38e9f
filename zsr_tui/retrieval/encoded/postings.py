"""Sparse vectors on disk, finished: an inverted index, memory-mapped. The weights are kept as the model gave them, so
that a score is the inner product of the two vectors and not an approximation by quantised impacts.

    postings.json                 {"dimension", "shards": [[rows, postings], ...]}; written last
    postings-00000.starts.npy     where each term's postings begin in the shard, int64 (dimension + 1,)
    postings-00000.rows.npy       rows counted from the shard's first, int32, ascending within a term
    postings-00000.weights.npy    their weights, float32
    ids.jsonl, ids.offsets.npy    the document ids, see `zsr_tui.retrieval.encoded.appended`
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zsr_tui.domain import ScoredDoc
from zsr_tui.fusion import ranked
from zsr_tui.retrieval.encoded.appended import DamagedFiles, DocIds, read_counts
from zsr_tui.retrieval.encoded.growing import Growing, largest
from zsr_tui.retrieval.encoded.rows import FILES as SCRATCH
from zsr_tui.retrieval.encoded.rows import PARTS, Postings, Writer, shard_file

__all__ = ["FILES", "LARGEST_CHUNK", "SCRATCH", "Growing", "Stored", "Writer"]

FILES = ("postings*",)
LARGEST_CHUNK = 64  # texts: their vectors are as wide as the vocabulary


@dataclass(frozen=True, slots=True)
class Shard:
    """`starts` (dimension + 1,) int64; `rows` int32 and `weights` float32, one for each posting; `count` of rows."""

    count: int
    starts: np.ndarray
    rows: np.ndarray
    weights: np.ndarray


class Stored:
    """Finished postings, memory-mapped; `ids` are those of the rows through all shards."""

    def __init__(self, folder: Path) -> None:
        """Raises `DamagedFiles` where the files and `postings.json` disagree."""
        described = read_counts(folder / "postings.json", Postings)
        if described is None:
            raise DamagedFiles(f"{folder / 'postings.json'} is missing")
        self.dimension = described.dimension
        self.shards: list[Shard] = []
        try:
            for number, (rows, postings) in enumerate(described.shards):
                parts = [np.load(shard_file(folder, number, name), mmap_mode="r") for name in PARTS]
                shard = Shard(rows, *parts)
                if (
                    [len(part) for part in parts] != [self.dimension + 1, postings, postings]
                    or [part.dtype for part in parts] != [np.int64, np.int32, np.float32]
                    or int(shard.starts[-1]) != postings
                ):
                    raise DamagedFiles(f"shard {number} of {folder} does not hold its {postings} postings")
                self.shards.append(shard)
        except (OSError, ValueError, EOFError) as error:
            raise DamagedFiles(str(error)) from error
        self.rows = sum(shard.count for shard in self.shards)
        self.ids = DocIds(folder, self.rows)

    def search(self, queries: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """Products are summed in double precision in the order of the terms and rounded to float32. A document that
        shares no term with the query is not found; of equal ones the order holds for the k-th place too."""
        return [self._best(query, k) for query in queries]

    def scores(self, query: np.ndarray) -> Iterator[np.ndarray]:
        terms = np.flatnonzero(query)
        weights = query[terms].astype(np.float64)
        return (_scores(shard, terms, weights) for shard in self.shards)

    def row(self, doc_id: str) -> int | None:
        return self.ids.row(doc_id)

    def _best(self, query: np.ndarray, k: int) -> list[ScoredDoc]:
        terms = np.flatnonzero(query)
        weights = query[terms].astype(np.float64)
        found_rows = [np.empty(0, dtype=np.int64)]
        found_scores = [np.empty(0, dtype=np.float32)]
        first = 0
        for shard in self.shards:
            scores = _scores(shard, terms, weights)
            rows = largest(scores, np.flatnonzero(scores > 0), k)
            found_rows.append(rows + first)
            found_scores.append(scores[rows])
            first += shard.count
        rows, scores = np.concatenate(found_rows), np.concatenate(found_scores)
        best = largest(scores, np.arange(len(scores)), k)
        docs = zip(rows[best].tolist(), scores[best].tolist(), strict=True)
        return ranked(ScoredDoc(self.ids[row], score) for row, score in docs)[:k]


def _scores(shard: Shard, terms: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Of every row of the shard, float32 (shard.count,)."""
    scores = np.zeros(shard.count, dtype=np.float64)
    bounds = zip(shard.starts[terms].tolist(), shard.starts[terms + 1].tolist(), weights, strict=True)
    for start, end, weight in bounds:
        if start < end:  # a row is at most once in a term's postings, so that adding by position is safe
            scores[shard.rows[start:end]] += weight * shard.weights[start:end]
    return scores.astype(np.float32)
