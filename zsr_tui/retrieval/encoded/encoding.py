"""Making an encoded index of a corpus, in chunks that a stop at any moment costs little of."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from zsr_tui.domain import Corpus, Doc, Problem
from zsr_tui.pipeline import Kind
from zsr_tui.progress import Cancelled, CancelToken, Meter, Progress, Report
from zsr_tui.retrieval.disk import writing
from zsr_tui.retrieval.encoded import index
from zsr_tui.retrieval.encoded.appended import DamagedFiles
from zsr_tui.retrieval.encoded.index import Storage, Writer
from zsr_tui.retrieval.encoded.order import Done, First, Nothing

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.tokens.documents import DocumentTokens

_SMALLEST_CHUNK = 16  # documents
_CHUNK_SECONDS = 1.0  # between reports; an encoder batches well within a chunk
_MOST_AT_ONCE = 128  # chunks
COMMIT_SECONDS = 5.0  # of encoding that a kill can cost
_EARLY_SECONDS = 1.0  # the same, while there is what matters first: somebody waits to search it


class Follower(Protocol):
    """What else is made of the documents, while they are read; it raises nothing but `Cancelled`. It gets them in the
    corpus' order, whatever was encoded before its turn."""

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

    def document_text(self, doc: Doc) -> str:
        """What it reads for a document."""

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
    first: First | None = None,
    beside: Follower | None = None,
    shard: int | None = None,
    commit_seconds: float = COMMIT_SECONDS,
    at_once: Callable[[], int] = lambda: 1,
) -> int:
    """Encode a corpus into `folder`, going on behind what the folder holds; the number of documents.

    `name` is the model's, for the progress report; `first` says what matters first, the rest follows as the corpus has
    it; `beside` follows; `shard` is the size of the files; `at_once` so many chunks are with the encoder, which several
    machines may be: they are written in the order in which they were begun. A stop of any kind leaves a folder that
    the next call continues; one that is damaged is emptied first. Raises `Problem` (a full disk, a broken corpus, a
    model that gives no usable vectors) or `Cancelled`; in both cases what was encoded so far is kept.
    """
    storage = index.storage(kind)
    with writing(f"The {kind} index of {corpus.collection}", folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            rows = storage.Stored(folder).rows  # an earlier run was stopped after its last step
        except DamagedFiles:
            writer = _continued(storage, folder, encoder.dimension, shard)
            task = f"Encoding {corpus.collection} with {name}" if name else f"Encoding {corpus.collection}"
            meter = Meter(report, task, corpus.doc_count(), "documents", start=writer.rows)
            work = _Encoding(
                corpus, encoder, writer, first or Nothing(), beside, meter, commit_seconds, at_once, cancel
            )
            rows = work.run(folder, storage.LARGEST_CHUNK, report)
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


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Documents that are with the encoder: of the next `walked` those that were lacking, `read` as the corpus has them;
    or, where that is 0, documents before their turn. `vectors` with the seconds that they took."""

    docs: Sequence[Doc]
    walked: int
    read: Sequence[Doc]
    vectors: Future[tuple[np.ndarray, float]]


class _Encoding:
    """The documents that a writer does not have yet, on their way to it."""

    def __init__(
        self,
        corpus: Corpus,
        encoder: DocumentEncoder,
        writer: Writer,
        first: First,
        beside: Follower | None,
        meter: Meter,
        commit_seconds: float,
        at_once: Callable[[], int],
        cancel: CancelToken,
    ) -> None:
        self._corpus, self._encoder, self._writer = corpus, encoder, writer
        self._first, self._beside, self._meter, self._cancel = first, beside, meter, cancel
        self._commit_seconds, self._at_once = commit_seconds, at_once
        self._committed = time.monotonic()
        self._begun: deque[_Chunk] = deque()
        self._threads: ThreadPoolExecutor | None = None

    def run(self, folder: Path, largest_chunk: int, report: Report) -> int:
        """Writes them all, finishes and closes the writer; the number of documents."""
        writer, corpus = self._writer, self._corpus

        def say(what: str) -> None:
            report(Progress(f"{what} {corpus.collection}", writer.rows, writer.rows, "documents"))

        try:
            self._done = Done(folder, writer.rows, writer.order, corpus.doc_count())
            docs = corpus.iter_docs(writer.order.walked)
            if self._beside:
                self._beside.follow(corpus, writer.order.walked, self._cancel)
            size = _SMALLEST_CHUNK
            while True:
                while len(self._begun) < self._at_once() and self._begin(docs, size):
                    pass  # until enough are with the encoder
                if not self._begun:
                    break
                took = self._land()
                if took < _CHUNK_SECONDS / 2:
                    size = min(2 * size, largest_chunk)
                elif took > 2 * _CHUNK_SECONDS:
                    size = max(size // 2, _SMALLEST_CHUNK)
            self._cancel.check()
            writer.finish(self._cancel, say)
        except (Cancelled, Problem):
            self._commit()
            raise
        finally:
            if self._threads is not None:
                self._threads.shutdown(wait=False, cancel_futures=True)
            writer.close()
        return writer.rows

    def _begin(self, docs: Iterator[Doc], size: int) -> bool:
        """Gives the encoder up to so many of what matters first, else what is lacking of the corpus' next documents;
        False where nothing is left."""
        self._cancel.check()
        if early := self._early(size):
            self._done.early.update(doc.id for doc in early)
            self._give(early, 0, ())
            return True
        chunk = list(itertools.islice(docs, size))
        if chunk:
            self._give([doc for doc in chunk if not self._done.walked_past(doc.id)], len(chunk), chunk)
        return bool(chunk)

    def _early(self, size: int) -> list[Doc]:
        """Up to so many of what matters first."""
        ids: list[str] = []
        while len(ids) < size and (more := self._first.take(size - len(ids))):
            ids = self._done.lacks([*ids, *more])
        found = self._corpus.docs(ids) if ids else {}
        return [found[doc_id] for doc_id in ids if doc_id in found]

    def _give(self, docs: Sequence[Doc], walked: int, read: Sequence[Doc]) -> None:
        for doc in docs:
            self._done.add(doc.id)
        vectors: Future[tuple[np.ndarray, float]] = Future()
        if self._at_once() == 1:
            vectors.set_result(self._timed(docs))
        else:
            self._threads = self._threads or ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="encoding")
            vectors = self._threads.submit(self._timed, docs)
        self._begun.append(_Chunk(docs, walked, read, vectors))

    def _timed(self, docs: Sequence[Doc]) -> tuple[np.ndarray, float]:
        began = time.monotonic()
        vectors = _vectors(self._encoder, docs, self._cancel)
        return vectors, time.monotonic() - began

    def _land(self) -> float:
        """Writes the chunk that was begun first; the seconds that it took."""
        chunk = self._begun.popleft()
        vectors, took = chunk.vectors.result()
        self._writer.append([doc.id for doc in chunk.docs], vectors, walked=chunk.walked)
        if self._beside and chunk.walked:
            self._beside.append(chunk.read)
        early = min(self._commit_seconds, _EARLY_SECONDS)
        if time.monotonic() - self._committed >= (self._commit_seconds if chunk.walked else early):
            self._commit()
        self._meter.update(self._writer.rows)
        return took

    def _commit(self) -> None:
        self._writer.commit()
        if self._beside:
            self._beside.commit()
        self._committed = time.monotonic()


def _vectors(encoder: DocumentEncoder, docs: Sequence[Doc], cancel: CancelToken) -> np.ndarray:
    import numpy as np

    if not docs:
        return np.empty((0, encoder.dimension), dtype=np.float32)
    vectors = np.asarray(encoder.encode_documents([*map(encoder.document_text, docs)], cancel), dtype=np.float32)
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
