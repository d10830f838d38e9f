"""Dense retrieval: a corpus encoded once, searched exactly by inner product with faiss."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zsr_tui.domain import Corpus, Problem, ScoredDoc
from zsr_tui.progress import CancelToken, Report
from zsr_tui.retrieval.appended import DamagedFiles
from zsr_tui.retrieval.disk import writing
from zsr_tui.retrieval.encoding import COMMIT_SECONDS, DocumentEncoder, encode_corpus
from zsr_tui.retrieval.fusion import ranked
from zsr_tui.retrieval.problems import DamagedIndex
from zsr_tui.retrieval.vectors import SHARD_ROWS, Vectors, VectorWriter

if TYPE_CHECKING:
    import numpy as np

_LARGEST_CHUNK = 2048  # documents


def build_dense(
    corpus: Corpus,
    folder: Path,
    encoder: DocumentEncoder,
    report: Report,
    cancel: CancelToken,
    *,
    name: str = "",
    shard_rows: int = SHARD_ROWS,
    commit_seconds: float = COMMIT_SECONDS,
) -> int:
    """Encode a corpus into `folder`, going on behind what the folder holds; the number of documents.

    `name` is the model's, for the progress report. A stop of any kind leaves a folder that the next call continues;
    one that is damaged is emptied first. Raises `Problem` (a full disk, a broken corpus, a model that gives no
    usable vectors) or `Cancelled`; in both cases what was encoded so far is kept.
    """
    with writing(f"The dense index of {corpus.collection}", folder):
        writer = _continued(folder, encoder.dimension, shard_rows)
        encode_corpus(
            corpus,
            encoder,
            writer,
            report,
            cancel,
            name=name,
            largest_chunk=_LARGEST_CHUNK,
            commit_seconds=commit_seconds,
        )
    return writer.rows


def _continued(folder: Path, dimension: int, shard_rows: int) -> VectorWriter:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return VectorWriter(folder, dimension, shard_rows)
    except DamagedFiles:
        for path in (*folder.glob("vectors*"), *folder.glob("ids.*")):
            path.unlink()
        return VectorWriter(folder, dimension, shard_rows)


class DenseIndex:
    """The vectors of a corpus, memory-mapped and searched exactly. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        """Open a folder that `build_dense` finished. Raises `DamagedIndex`."""
        try:
            self._vectors: Vectors | None = Vectors(folder)
        except DamagedFiles as error:
            raise DamagedIndex(f"The vectors in {folder} cannot be read: {error}.") from error
        self.documents = self._vectors.rows
        self.dimension = self._vectors.dimension

    def search(self, vectors: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """For each row of `vectors` (queries, dimension), the `k` documents of largest inner product.

        Ties by document id descending; which of several equal documents is the k-th depends on their place in the
        corpus. Raises `Problem` for vectors of another dimension, a k below 1, and for an index that is closed.
        """
        import faiss
        import numpy as np

        held = self._vectors
        if held is None:
            raise Problem("The vectors were closed while they were being searched: search again.")
        queries = np.ascontiguousarray(vectors, dtype=np.float32)
        if queries.ndim != 2 or queries.shape[1] != held.dimension:
            raise Problem(
                f"The query vectors have shape {queries.shape} and the documents {held.dimension} dimensions: "
                "encode the corpus again with the model that encodes the query."
            )
        if k < 1:
            raise Problem(f"A search returns at least one document, not {k}.", usage=True)
        if not len(queries):
            return []
        best_scores = np.empty((len(queries), 0), dtype=np.float32)
        best_rows = np.empty((len(queries), 0), dtype=np.int64)
        for number, shard in enumerate(held.shards):
            scores, rows = faiss.knn(queries, shard, min(k, len(shard)), faiss.METRIC_INNER_PRODUCT)
            best_scores = np.hstack((best_scores, scores))
            best_rows = np.hstack((best_rows, rows + number * held.shard_rows))
            if best_scores.shape[1] > k:
                order = np.argsort(-best_scores, axis=1, kind="stable")[:, :k]
                best_scores = np.take_along_axis(best_scores, order, axis=1)
                best_rows = np.take_along_axis(best_rows, order, axis=1)
        return [
            ranked(ScoredDoc(held.ids[row], score) for row, score in zip(row_list, score_list, strict=True))
            for row_list, score_list in zip(best_rows.tolist(), best_scores.tolist(), strict=True)
        ]

    def close(self) -> None:
        """Let go of the files; a search that is under way keeps them until it ends."""
        self._vectors = None
