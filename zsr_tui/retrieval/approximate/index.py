"""An approximate index over the shards that it was made of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from zsr_tui.domain import ScoredDoc
from zsr_tui.fusion import ranked
from zsr_tui.pipeline import Method
from zsr_tui.retrieval.approximate.methods import WAYS
from zsr_tui.retrieval.encoded.appended import DamagedFiles
from zsr_tui.retrieval.encoded.index import EncodedIndex
from zsr_tui.retrieval.encoded.vectors import Stored
from zsr_tui.retrieval.manifest import read_manifest

NAME = "index.faiss"
_MORE = 16  # candidates besides those asked for: what 8 bits mix up is sorted out by the vectors themselves


class Approximate:
    """Memory-mapped. Finds candidates with faiss, scores them by the vectors; `scores` and `row` are the shards'."""

    def __init__(self, folder: Path, vectors: Path, method: Method) -> None:
        """`vectors` is the folder of the shards. Raises `DamagedFiles` where the two do not belong together."""
        self._stored, self._way = Stored(vectors), WAYS[method]
        self.rows, self.dimension = self._stored.rows, self._stored.dimension
        self._index = read(folder / NAME, mapped=True)
        if (self._index.ntotal, self._index.d) != (self.rows, self.dimension):
            raise DamagedFiles(
                f"{folder / NAME} holds {self._index.ntotal} vectors of {self._index.d} dimensions for "
                f"{self.rows} of {self.dimension}"
            )

    def search(self, queries: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """By the exact inner product of what was found; ties by document id descending, as the exact search has them.
        A document with the k-th one's score may be missing."""
        count = min(self._way.more * k + _MORE, self.rows)
        _, rows = self._index.search(queries, count, params=self._way.parameters(self._index, count))
        return [self._scored(query, found[found >= 0])[:k] for query, found in zip(queries, rows, strict=True)]

    def scores(self, query: np.ndarray) -> Iterator[np.ndarray]:
        return self._stored.scores(query)

    def row(self, doc_id: str) -> int | None:
        return self._stored.row(doc_id)

    def _scored(self, query: np.ndarray, rows: np.ndarray) -> list[ScoredDoc]:
        rows = np.sort(rows)  # each shard once, and its pages in order
        numbers, places = np.divmod(rows, self._stored.shard_rows)
        scores = np.empty(len(rows), dtype=np.float32)
        for number in np.unique(numbers).tolist():
            here = numbers == number
            scores[here] = self._stored.shards[number][places[here]] @ query
        ids = self._stored.ids
        return ranked(ScoredDoc(ids[row], score) for row, score in zip(rows.tolist(), scores.tolist(), strict=True))


def opened(folder: Path, *, vectors: Path, method: Method) -> EncodedIndex:
    """As `Approximate` does, with what its manifest says of it. Raises `DamagedIndex`."""
    index = EncodedIndex("dense", folder, read=partial(Approximate, vectors=vectors, method=method))
    manifest = read_manifest(folder)
    index.approximation = manifest.approximation if manifest else None
    return index


def read(path: Path, *, mapped: bool) -> Any:
    """The faiss index of a file. Raises `DamagedFiles`."""
    import faiss

    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if mapped else 0)
    except (RuntimeError, MemoryError) as error:  # what faiss throws, and what a length that makes no sense asks for
        raise DamagedFiles(f"{path}: {str(error).strip().splitlines()[-1]}") from error
