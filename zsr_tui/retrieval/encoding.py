"""Turning a corpus into vectors of any kind, in chunks that a stop at any moment costs little of."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from zsr_tui.domain import Corpus, Doc, Problem
from zsr_tui.progress import Cancelled, CancelToken, Meter, Report

if TYPE_CHECKING:
    import numpy as np

_SMALLEST_CHUNK = 16  # documents
_CHUNK_SECONDS = 1.0  # between reports; an encoder batches well within a chunk
COMMIT_SECONDS = 5.0  # of encoding that a kill can cost


class DocumentEncoder(Protocol):
    """A model that turns documents into vectors whose inner product with a query's vector is the score."""

    @property
    def dimension(self) -> int: ...

    def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
        """(len(texts), dimension) float32. Raises `Cancelled` between its batches, or `Problem`."""


class Writer(Protocol):
    """Where vectors go; `rows` of them are there already."""

    rows: int

    def append(self, ids: Sequence[str], vectors: np.ndarray) -> None: ...

    def commit(self) -> None:
        """Make every row so far survive a kill."""

    def finish(self) -> None: ...

    def close(self) -> None: ...


def encode_corpus(
    corpus: Corpus,
    encoder: DocumentEncoder,
    writer: Writer,
    report: Report,
    cancel: CancelToken,
    *,
    name: str,
    largest_chunk: int,
    commit_seconds: float,
) -> None:
    """Encode the documents behind those that the writer has, then finish and close it.

    `name` is the model's, for the progress report; an encoder is given at most `largest_chunk` documents at once.
    Raises `Problem` (a broken corpus, a model that gives no usable vectors) or `Cancelled`; in both cases what was
    encoded so far is kept.
    """
    task = f"Encoding {corpus.collection} with {name}" if name else f"Encoding {corpus.collection}"
    try:
        meter = Meter(report, task, corpus.doc_count(), "documents", start=writer.rows)
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
                size = min(2 * size, largest_chunk)
            elif now - began > 2 * _CHUNK_SECONDS:
                size = max(size // 2, _SMALLEST_CHUNK)
        cancel.check()
        writer.finish()
    except (Cancelled, Problem):
        writer.commit()
        raise
    finally:
        writer.close()


def _vectors(encoder: DocumentEncoder, docs: Sequence[Doc], cancel: CancelToken) -> np.ndarray:
    import numpy as np

    vectors = np.asarray(encoder.encode_documents([doc.content for doc in docs], cancel), dtype=np.float32)
    if vectors.shape != (len(docs), encoder.dimension):
        raise Problem(
            f"The model gave vectors of shape {vectors.shape} for {len(docs)} documents, where "
            f"{(len(docs), encoder.dimension)} was expected: it cannot be used as a retriever."
        )
    broken = ~np.isfinite(vectors).all(axis=1)
    if broken.any():
        doc_id = docs[int(broken.argmax())].id
        raise Problem(
            f"The model gave a vector that is not finite for document {doc_id!r}: encode in a higher precision (fp32)."
        )
    return vectors
