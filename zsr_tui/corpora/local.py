"""A corpus in BEIR layout on this machine: documents by offset in their file, queries and judgments in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import IO, TypeVar

from zsr_tui import outside
from zsr_tui.corpora.beside import Beside
from zsr_tui.corpora.layout import CORPUS
from zsr_tui.corpora.offsets import Damaged, Offsets, offsets_of
from zsr_tui.corpora.problems import told
from zsr_tui.corpora.records import document, lines
from zsr_tui.domain import Doc, Problem, Query
from zsr_tui.numerals import counted
from zsr_tui.progress import CancelToken, Report, ignore_progress

T = TypeVar("T")
log = logging.getLogger(__name__)


class LocalCorpus:
    """`folder` holds the files. With several splits, the queries are those that `split` judges, as in BEIR."""

    chunked = False

    def __init__(
        self,
        folder: Path,
        split: str,
        report: Report,
        cancel: CancelToken,
        *,
        id: str,
        collection: str,
        several_splits: bool = False,
        beside: Beside | None = None,
    ) -> None:
        """`beside`: queries and judgments that do not lie in the folder."""
        self.id, self.collection = id, collection
        self._corpus = folder / CORPUS
        self._beside = beside or Beside.in_layout(folder, split)
        self._shown = f"{Path(collection).name}/{CORPUS}"
        self._offsets = offsets_of(self._corpus, self._shown, report, cancel)
        self._mending = Lock()
        self._status = self._corpus.stat()
        known, self._judgments = self._beside.queries, self._beside.judgments
        grades = self._judgments.grades
        self._strangers = [qid for qid in grades if qid not in known]
        self._queries = tuple(query for query in known.values() if not several_splits or query.id in grades)

    def fingerprint(self) -> str:
        return self._offsets.sha256

    def doc_count(self) -> int:
        return self._offsets.count

    def judgment_count(self) -> int:
        return self._judgments.count

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        if start >= self._offsets.count:
            return
        with self._opened() as file:
            file.seek(self._sound(lambda offsets: self._start(offsets, file, start)))
            for number, (_, _, line) in enumerate(lines(file, self._corpus), start + 1):
                yield document(line, self._corpus, number)

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        wanted = tuple(ids)
        with self._opened() as file:
            return self._sound(
                lambda offsets: {id: self._at(offsets, file, id, at) for id, at in offsets.find(wanted).items()}
            )

    def _start(self, offsets: Offsets, file: IO[bytes], position: int) -> int:
        id, offset = offsets.at(position)
        self._at(offsets, file, id, offset)
        return offset

    def _at(self, offsets: Offsets, file: IO[bytes], id: str, offset: int) -> Doc:
        """Raises `Damaged` where another document is there, or none: the file has not changed."""
        try:
            if offset < 0:
                raise ValueError(f"{offset} is no place in a file")
            file.seek(offset)
            doc = document(file.readline(), self._corpus, 0)
        except (Problem, TypeError, ValueError, OverflowError) as error:
            raise Damaged(offsets.table, repr(error)) from error
        if doc.id != id:
            raise Damaged(offsets.table, f"it says of {doc.id!r} that it is {id!r}")
        return doc

    def _sound(self, read: Callable[[Offsets], T]) -> T:
        """What `read` gives, with a table that is made again where it is damaged."""
        offsets = self._offsets
        try:
            return read(offsets)
        except Damaged as problem:
            with self._mending:
                if self._offsets is offsets:  # else another thread was faster
                    log.warning("%s is damaged and made again: %s", offsets.table, problem.detail)
                    offsets.discard()
                    self._offsets = offsets_of(self._corpus, self._shown, ignore_progress, CancelToken())
            return read(self._offsets)

    def queries(self) -> Sequence[Query]:
        return self._queries

    def judgments(self, qid: str) -> Mapping[str, int]:
        return self._judgments.grades.get(qid, {})

    def notes(self) -> tuple[str, ...]:
        return self._notes

    @cached_property
    def _notes(self) -> tuple[str, ...]:
        file, queries = self._beside.judgments_name, self._beside.queries_name
        grades = self._judgments.grades
        notes = list(self._beside.notes)
        if not self._queries:
            notes.append(f"{self.id} has no queries of its own: only queries that you type.")
        elif not self._judgments.count:
            notes.append(f"{self.id} has no judgments: rankings are shown and not measured.")
        named = list(dict.fromkeys(doc_id for judged in grades.values() for doc_id in judged))
        known = self._sound(lambda offsets: offsets.find(named))
        unknown = [doc_id for doc_id in named if doc_id not in known]
        if unknown:
            count = sum(doc_id not in known for judged in grades.values() for doc_id in judged)
            notes.append(
                f"{file}: {self._of_all(count)} {'names' if count == 1 else 'name'} documents that the corpus does not "
                f"have (such as {unknown[0]!r}): no system can find these."
            )
        if self._strangers:
            count = sum(len(grades[qid]) for qid in self._strangers)
            notes.append(
                f"{file}: {self._of_all(count)} {'belongs' if count == 1 else 'belong'} to queries that {queries} does "
                f"not have (such as {self._strangers[0]!r}): left out."
            )
        if self._judgments.changed:
            notes.append(
                f"{file}: {counted(self._judgments.changed, 'document is', 'documents are')} judged twice with "
                "different grades: the last counts."
            )
        return tuple(notes)

    def _of_all(self, count: int) -> str:
        return f"{count:,} of {counted(self._judgments.count, 'judgment')}"

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        with told(self._corpus, f"reading {self._corpus.name}"):
            now = self._corpus.stat()
            if (now.st_size, now.st_mtime_ns) != (self._status.st_size, self._status.st_mtime_ns):
                raise Problem(f"{self._corpus} has changed since it was opened: open {self.id} again.")
            with outside.opened(self._corpus) as file:
                yield file
