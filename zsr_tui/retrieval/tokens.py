"""The token ids of a corpus' documents for one tokenizer, found by what a text says.

    tokens.json     {"documents", "ids", "kind"}: how much of the next three is known to be good
    ids.bin         the ids of one document after the other, little-endian, of the type "kind"
    lengths.i32     how many each document has
    digests.bin     the digest of each document's text, 16 bytes
    found.npy       written last: the digests in order, as two rows of 64 bits, and of each where its ids begin and end

When the last is there, lengths and digests are removed.
"""

from __future__ import annotations

import itertools
import logging
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from zsr_tui.domain import Corpus, Doc, Problem
from zsr_tui.progress import Cancelled, CancelToken, Meter, Report
from zsr_tui.retrieval.encoded.appended import Count, DamagedFiles, read_counts, write_array, write_counts
from zsr_tui.retrieval.problems import DamagedIndex
from zsr_tui.scoring.tokens.documents import DocumentTokens
from zsr_tui.scoring.tokens.store import DIGEST, detach, digest

COMMIT = 50_000  # documents that a kill can cost, where nothing else sets the pace
_CHUNK = 16  # documents that are tokenised in one call, beside everything else that goes on
_COUNTS, _IDS, _FOUND = "tokens.json", "ids.bin", "found.npy"
_LENGTHS, _DIGESTS = "lengths.i32", "digests.bin"
_log = logging.getLogger(__name__)


class Counts(msgspec.Struct):
    """tokens.json"""

    documents: Count
    ids: Count
    kind: str

    def sizes(self) -> dict[str, int]:
        """Of the files, in bytes."""
        width = np.dtype(self.kind).itemsize
        return {_IDS: width * self.ids, _LENGTHS: 4 * self.documents, _DIGESTS: DIGEST * self.documents}


class Writer:
    """Appends the ids of documents, in the corpus' order, behind those that an earlier run made durable. Not for
    several threads."""

    def __init__(self, folder: Path, tokens: DocumentTokens) -> None:
        """Begins anew in a folder that cannot be continued."""
        self._folder, self._tokens = folder, tokens
        self._counts = _continued(folder, tokens.store.backend.kind.newbyteorder("<").str)
        self._files: list[Any] = [(folder / name).open("ab") for name in self._counts.sizes()]
        self._truncate()

    @property
    def documents(self) -> int:
        return self._counts.documents

    def append(self, docs: Sequence[Doc]) -> None:
        texts = [self._tokens.text(doc) for doc in docs]
        ids = self._tokens.store.ids(texts)
        lengths = np.array([len(each) for each in ids], "<i4")
        kind = np.dtype(self._counts.kind)
        parts = (
            b"".join(each.astype(kind, copy=False).tobytes() for each in ids),
            lengths.tobytes(),
            b"".join(map(digest, texts)),
        )
        for file, part in zip(self._files, parts, strict=True):
            file.write(part)
        self._counts.documents += len(docs)
        self._counts.ids += int(lengths.sum())

    def keep(self, documents: int) -> None:
        """Drop what stands behind so many."""
        if documents < self.documents:
            self.commit()
            lengths = np.fromfile(self._folder / _LENGTHS, "<i4", count=documents)
            self._counts = Counts(documents, int(lengths.sum(dtype=np.int64)), self._counts.kind)
            self._truncate()

    def commit(self) -> None:
        """Make every document so far survive a kill or a power cut."""
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
        write_counts(self._folder / _COUNTS, self._counts)

    def finish(self) -> None:
        """Commit, and put the digests in order: the folder can be read from now on."""
        self.commit()
        self.close()
        lengths = np.fromfile(self._folder / _LENGTHS, "<i4")
        digests = np.fromfile(self._folder / _DIGESTS, "<u8").reshape(-1, 2).T
        ends = np.cumsum(lengths, dtype=np.uint64)
        begins = ends - lengths.astype(np.uint64)
        order = np.lexsort((digests[1], digests[0]))
        write_array(self._folder / _FOUND, np.stack([each[order] for each in (*digests, begins, ends)]))
        _remove_scratch(self._folder)

    def close(self) -> None:
        for file in self._files:
            file.close()

    def _truncate(self) -> None:
        for file, size in zip(self._files, self._counts.sizes().values(), strict=True):
            file.flush()
            file.truncate(size)
            file.seek(0, os.SEEK_END)


class TokenIndex:
    """Finished ids, memory-mapped: the `Corpus` of `zsr_tui.scoring.tokens.store`. Used by several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises `DamagedIndex`."""
        try:
            counts = read_counts(folder / _COUNTS, Counts)
            if counts is None:
                raise DamagedFiles(f"{folder / _COUNTS} is missing")
            found = np.asarray(np.load(folder / _FOUND, mmap_mode="r"))
            ids = np.memmap(folder / _IDS, counts.kind, "r", shape=(counts.ids,)) if counts.ids else np.empty(0, "<u2")
        except (DamagedFiles, OSError, ValueError, TypeError, EOFError) as error:
            raise DamagedIndex(f"The token ids in {folder} cannot be read: {error}.") from error
        if (found.shape, found.dtype) != ((4, counts.documents), "<u8") or int(found[3].max(initial=0)) != counts.ids:
            raise DamagedIndex(f"The token ids in {folder} cannot be read: its files do not belong together.")
        self.documents = counts.documents
        self._ids, (self._first, self._second, self._begin, self._end) = np.asarray(ids), found

    def find(self, digests: Sequence[bytes]) -> list[np.ndarray | None]:
        """The ids of each text, None for one that is not there."""
        if not self.documents or not digests:
            return [None] * len(digests)
        first, second = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2).T
        places = np.minimum(np.searchsorted(self._first, first), self.documents - 1)
        for at in np.flatnonzero((self._first[places] == first) & (self._second[places] != second)).tolist():
            places[at] = self._further(int(places[at]), first[at], second[at])  # two digests that begin alike
        there = ((self._first[places] == first) & (self._second[places] == second)).tolist()
        begins, ends = self._begin[places].tolist(), self._end[places].tolist()
        ids = self._ids
        return [ids[begin:end] if known else None for known, begin, end in zip(there, begins, ends, strict=True)]

    def close(self) -> None:
        """Nobody finds it any more; whoever has ids of it keeps them."""
        detach(self)

    def _further(self, place: int, first: Any, second: Any) -> int:
        while place + 1 < self.documents and self._first[place + 1] == first:
            place += 1
            if self._second[place] == second:
                break
        return place


class Beside:
    """A `Writer` that follows another one through the corpus. What it cannot write costs only itself: the ids are made
    again when somebody wants them."""

    def __init__(self, folder: Path, tokens: DocumentTokens, begin: Callable[[], None]) -> None:
        """`begin` makes the folder, or leaves there what an earlier run has written."""
        self._folder = folder
        self._writer: Writer | None = None
        try:
            begin()
            self._writer = Writer(folder, tokens)
        except OSError as error:
            self._drop(error)

    def follow(self, corpus: Corpus, documents: int, cancel: CancelToken) -> None:
        """Be where the other one is, behind so many documents of the corpus. Raises `Cancelled`."""

        def catch_up(writer: Writer) -> None:
            writer.keep(documents)
            docs = itertools.islice(corpus.iter_docs(writer.documents), documents - writer.documents)
            while chunk := list(itertools.islice(docs, _CHUNK)):
                cancel.check()
                writer.append(chunk)

        self._attempt(catch_up)

    def append(self, docs: Sequence[Doc]) -> None:
        self._attempt(lambda writer: writer.append(docs))

    def commit(self) -> None:
        self._attempt(Writer.commit)

    def finish(self, documents: int, put: Callable[[int], None]) -> None:
        """`put` has a finished folder put into its place; one that lacks documents of the corpus stays where it is."""

        def end(writer: Writer) -> None:
            if writer.documents == documents:
                writer.finish()
                put(documents)

        self._attempt(end)

    def close(self) -> None:
        self._attempt(Writer.close)

    def _attempt(self, work: Callable[[Writer], None]) -> None:
        if self._writer is not None:
            try:
                work(self._writer)
            except OSError as error:
                self._drop(error)

    def _drop(self, error: OSError) -> None:
        _log.warning("token ids are not kept in %s: %s", self._folder, error)
        if self._writer is not None:
            with suppress(OSError):  # closing writes what was buffered
                self._writer.close()
        self._writer = None
        shutil.rmtree(self._folder, ignore_errors=True)


def tokenise_corpus(
    corpus: Corpus, folder: Path, tokens: DocumentTokens, report: Report, cancel: CancelToken, *, commit: int = COMMIT
) -> int:
    """Write the ids of a corpus into `folder`, going on behind what it holds; the number of documents. Raises OSError,
    `Problem` of a broken corpus, or `Cancelled`; what was made so far is kept."""
    try:
        documents = TokenIndex(folder).documents  # an earlier run was stopped in its last step
    except DamagedIndex:
        writer = Writer(folder, tokens)
    else:
        _remove_scratch(folder)
        return documents
    try:
        meter = Meter(
            report, f"Tokenising {corpus.collection}", corpus.doc_count(), "documents", start=writer.documents
        )
        docs = corpus.iter_docs(writer.documents)
        durable = writer.documents
        while chunk := list(itertools.islice(docs, _CHUNK)):
            cancel.check()
            writer.append(chunk)
            meter.update(writer.documents)
            if writer.documents - durable >= commit:
                writer.commit()
                durable = writer.documents
        cancel.check()
        writer.finish()
    except (Cancelled, Problem):
        writer.commit()
        raise
    finally:
        writer.close()
    return writer.documents


def _remove_scratch(folder: Path) -> None:
    for name in (_LENGTHS, _DIGESTS):
        (folder / name).unlink(missing_ok=True)


def _continued(folder: Path, kind: str) -> Counts:
    """What of a folder is known to be good."""
    nothing = Counts(0, 0, kind)
    try:
        counts = read_counts(folder / _COUNTS, Counts) or nothing
    except DamagedFiles:
        return nothing
    if counts.kind != kind:
        return nothing
    for name, size in counts.sizes().items():
        path = folder / name
        if size and (not path.is_file() or path.stat().st_size < size):
            return nothing
    return counts
