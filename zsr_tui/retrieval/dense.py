"""Dense retrieval: a corpus encoded once, searched exactly by inner product with faiss."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zsr_tui.domain import Corpus, Doc, Problem, ScoredDoc
from zsr_tui.progress import Cancelled, CancelToken, Meter, Report
from zsr_tui.retrieval.disk import writing
from zsr_tui.retrieval.failures import DamagedIndex
from zsr_tui.retrieval.fusion import ranked
from zsr_tui.retrieval.vectors import SHARD_ROWS, DamagedVectors, Vectors, VectorWriter

if TYPE_CHECKING:
    import numpy as np

_SMALLEST_CHUNK, _LARGEST_CHUNK = 16, 2048  # documents
_CHUNK_SECONDS = 1.0  # between reports; an encoder batches well within a chunk
_COMMIT_SECONDS = 5.0  # of encoding that a kill can cost


class DocumentEncoder(Protocol):
    """A model that turns documents into vectors whose inner product with a query's vector is the score."""

    @property
    def dimension(self) -> int: ...

    def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
        """(len(texts), dimension) float32. Raises `Cancelled` between its batches, or `Problem`."""


def build_dense(
    corpus: Corpus,
    folder: Path,
    encoder: DocumentEncoder,
    report: Report,
    cancel: CancelToken,
    *,
    name: str = "",
    shard_rows: int = SHARD_ROWS,
    commit_seconds: float = _COMMIT_SECONDS,
) -> int:
    """Encode a corpus into `folder`, going on behind what the folder holds; the number of documents.

    `name` is the model's, for the progress report. A stop of any kind leaves a folder that the next call continues;
    one that is damaged is emptied first. Raises `Problem` (a full disk, a broken corpus, a model that gives no
    usable vectors) or `Cancelled`; in both cases what was encoded so far is kept.
    """
    total = corpus.doc_count()
    with writing(f"The dense index of {corpus.collection}", folder):
        writer = _continued(folder, encoder.dimension, shard_rows)
        try:
            task = f"Encoding {corpus.collection} with {name}" if name else f"Encoding {corpus.collection}"
            meter = Meter(report, task, total, "documents", start=writer.rows)
            _encode(corpus, encoder, writer, meter, cancel, commit_seconds)
            cancel.check()
            writer.finish()
        except (Cancelled, Problem):
            writer.commit()
            raise
        finally:
            writer.close()
    return writer.rows


def _continued(folder: Path, dimension: int, shard_rows: int) -> VectorWriter:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return VectorWriter(folder, dimension, shard_rows)
    except DamagedVectors:
        for path in (*folder.glob("vectors*"), *folder.glob("ids.*")):
            path.unlink()
        return VectorWriter(folder, dimension, shard_rows)


def _encode(
    corpus: Corpus,
    encoder: DocumentEncoder,
    writer: VectorWriter,
    meter: Meter,
    cancel: CancelToken,
    commit_seconds: float,
) -> None:
    docs = corpus.iter_docs(writer.rows)
    size, committed = _SMALLEST_CHUNK, time.monotonic()
    while chunk := list(itertools.islice(docs, size)):
        cancel.check()
        began = time.monotonic()
        writer.append([doc.id for doc in chunk], _vectors(encoder, chunk, cancel))
        now = time.monotonic()
        if now - committed >= commit_seconds:
            writer.commit()
            committed = now
        meter.update(writer.rows)
        if now - began < _CHUNK_SECONDS / 2:
            size = min(2 * size, _LARGEST_CHUNK)
        elif now - began > 2 * _CHUNK_SECONDS:
            size = max(size // 2, _SMALLEST_CHUNK)


def _vectors(encoder: DocumentEncoder, docs: Sequence[Doc], cancel: CancelToken) -> np.ndarray:
    import numpy as np

    vectors = np.asarray(encoder.encode_documents([doc.content for doc in docs], cancel), dtype=np.float32)
    if vectors.shape != (len(docs), encoder.dimension):
        raise Problem(
            f"The model gave vectors of shape {vectors.shape} for {len(docs)} documents, where "
            f"{(len(docs), encoder.dimension)} was expected: it cannot be used as a dense retriever."
        )
    broken = ~np.isfinite(vectors).all(axis=1)
    if broken.any():
        doc_id = docs[int(broken.argmax())].id
        raise Problem(
            f"The model gave a vector that is not finite for document {doc_id!r}: encode in a higher precision (fp32)."
        )
    return vectors


class DenseIndex:
    """The vectors of a corpus, memory-mapped and searched exactly. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        """Open a folder that `build_dense` finished. Raises `DamagedIndex`."""
        try:
            self._vectors: Vectors | None = Vectors(folder)
        except DamagedVectors as error:
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
            ranked(ScoredDoc(held.doc_id(row), score) for row, score in zip(row_list, score_list, strict=True))
            for row_list, score_list in zip(best_rows.tolist(), best_scores.tolist(), strict=True)
        ]

    def close(self) -> None:
        """Let go of the files; a search that is under way keeps them until it ends."""
        self._vectors = None
