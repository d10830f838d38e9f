"""Vectors as pyserini publishes them: a faiss index, `index`, and a document id a line, `docid`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from zsr_tui import outside
from zsr_tui.domain import Problem, ScoredDoc
from zsr_tui.fusion import ranked
from zsr_tui.retrieval.approximate.index import read
from zsr_tui.retrieval.encoded.appended import DamagedFiles
from zsr_tui.retrieval.problems import DamagedIndex

_INNER_PRODUCT = 0  # faiss' number of the metric


class FaissVectors:
    """Memory-mapped. Every method may be called from any thread."""

    largest_chunk = 128

    def __init__(self, folder: Path) -> None:
        """Raises `DamagedIndex`, and `Problem` for vectors that are compared otherwise than by inner product."""
        try:
            self._index = read(folder / "index", mapped=True)
            with outside.opened(folder / "docid") as file:
                self._ids = [line.decode("utf-8").rstrip("\r\n") for line in outside.lines(file, folder / "docid")]
        except (DamagedFiles, OSError, UnicodeDecodeError) as error:
            raise DamagedIndex(f"The index in {folder} cannot be read: {error}.") from error
        if self._index.ntotal != len(self._ids):
            raise DamagedIndex(f"The index in {folder} has {len(self._ids):,} ids for {self._index.ntotal:,} vectors.")
        if self._index.metric_type != _INNER_PRODUCT:
            raise Problem(f"The index in {folder} holds no vectors whose inner product is searched.")
        self.documents, self.dimension = self._index.ntotal, self._index.d

    def search(self, vectors: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """For each row of `vectors` (queries, dimension) the `k` nearest documents by inner product. Raises
        `Problem`."""
        if vectors.shape[1] != self.dimension:
            raise Problem(
                f"The query vectors have {vectors.shape[1]} dimensions and the index {self.dimension}: "
                "name the model that the index was made with."
            )
        scores, rows = self._index.search(np.ascontiguousarray(vectors, dtype=np.float32), min(k, self.documents))
        return [
            ranked(ScoredDoc(self._ids[row], score) for row, score in zip(*each, strict=True) if row >= 0)
            for each in zip(rows.tolist(), scores.tolist(), strict=True)
        ]

    def place(self, vector: np.ndarray, doc_id: str) -> None:
        """What a document that was not found scores is not told."""

    def close(self) -> None:
        """Let go of the files; a search that is under way keeps them until it ends."""
