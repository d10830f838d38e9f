"""Making an encoded index of a corpus, in chunks that a stop at any moment costs little of."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zsr_tui.domain import Corpus, Doc, Problem
from zsr_tui.pipeline import Kind
from zsr_tui.progress import Cancelled, CancelToken, Meter, Progress, Report
from zsr_tui.retrieval.disk import writing
from zsr_tui.retrieval.encoded import index
from zsr_tui.retrieval.encoded.appended import DamagedFiles
from zsr_tui.retrieval.encoded.index import Storage, Writer

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.tokens.documents import DocumentTokens

_SMALLEST_CHUNK = 16  # documents
_CHUNK_SECONDS = 1.0  # between reports; an encoder batches well within a chunk
COMMIT_SECONDS = 5.0  # of encoding that a kill can cost


class Follower(Protocol):
    """What else is made of the documents, while they are read; it raises nothing but `Cancelled`."""

    def follow(self, corpus: Corpus, documents: int, cancel: CancelToken) -> None:
        """Be behind so many documents, wherever an earlier run has left it."""

    def append(self, docs: Sequence[Doc]) -> None: ...

    def commit(self) -> None: ...


class DocumentEncoder(Protocol):
    """A model that turns documents into vectors whose inner product with a query's vector is the score. Another
    `fingerprint` or `precision` is another index. `document_tokens`: where its ids come from, if others can use them.
    """

    fingerprint: str
    precision: str

    @property
    def dimension(self) -> int: ...

    @property
    def document_tokens(self) -> DocumentTokens | None: ...

    def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
        """(len(texts), dimension) float32. Raises `Cancelled` between its batches, or `Problem`."""


def encode_corpus(
    kind: Kind,
    corpus: Corpus,
    folder: Path,
    encoder: DocumentEncoder,
    report: Report,
    cancel: CancelToken,
    *,
    name: str = "",
    beside: Follower | None = None,
    shard: int | None = None,
    commit_seconds: float = COMMIT_SECONDS,
) -> int:
    """Encode a corpus into `folder`, going on behind what the folder holds; the number of documents.

    `name` is the model's, for the progress report; `beside` follows; `shard` is the size of the files. A stop of any
    kind leaves a folder that the next call continues; one that is damaged is emptied first. Raises `Problem` (a full
    disk, a broken corpus, a model that gives no usable vectors) or `Cancelled`; in both cases what was encoded so far
    is kept.
    """
    storage = index.storage(kind)
    with writing(f"The {kind} index of {corpus.collection}", folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            rows = storage.Stored(folder).rows  # an earlier run was stopped after its last step
        except DamagedFiles:
            writer = _continued(storage, folder, encoder.dimension, shard)
            task = f"Encoding {corpus.collection} with {name}" if name else f"Encoding {corpus.collection}"
            _encode(corpus, encoder, writer, beside, task, storage.LARGEST_CHUNK, commit_seconds, report, cancel)
            rows = writer.rows
        _remove(folder, storage.SCRATCH)
    return rows


def _continued(storage: Storage, folder: Path, dimension: int, shard: int | None) -> Writer:
    try:
        return storage.Writer(folder, dimension, shard)
    except DamagedFiles:
        _remove(folder, (*storage.FILES, *storage.SCRATCH, "ids.*"))
        return storage.Writer(folder, dimension, shard)


def _remove(folder: Path, patterns: Sequence[str]) -> None:
    for pattern in patterns:
        for path in folder.glob(pattern):
            path.unlink()


def _encode(
    corpus: Corpus,
    encoder: DocumentEncoder,
    writer: Writer,
    beside: Follower | None,
    task: str,
    largest_chunk: int,
    commit_seconds: float,
    report: Report,
    cancel: CancelToken,
) -> None:
    """The documents behind those that the writer has; then finishes and closes it."""

    def say(what: str) -> None:
        report(Progress(f"{what} {corpus.collection}", writer.rows, writer.rows, "documents"))

    try:
        meter = Meter(report, task, corpus.doc_count(), "documents", start=writer.rows)
        docs = corpus.iter_docs(writer.rows)
        if beside:
            beside.follow(corpus, writer.rows, cancel)
        size, committed = _SMALLEST_CHUNK, time.monotonic()
        while chunk := list(itertools.islice(docs, size)):
            cancel.check()
            began = time.monotonic()
            writer.append([doc.id for doc in chunk], _vectors(encoder, chunk, cancel))
            if beside:
                beside.append(chunk)
            now = time.monotonic()
            if now - committed >= commit_seconds:
                writer.commit()
                if beside:
                    beside.commit()
                committed = now
            meter.update(writer.rows)
            if now - began < _CHUNK_SECONDS / 2:
                size = min(2 * size, largest_chunk)
            elif now - began > 2 * _CHUNK_SECONDS:
                size = max(size // 2, _SMALLEST_CHUNK)
        cancel.check()
        writer.finish(cancel, say)
    except (Cancelled, Problem):
        writer.commit()
        if beside:
            beside.commit()
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
