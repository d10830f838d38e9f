"""Where each document of a corpus file begins: one scan that checks every line, kept in the cache.

The table is an SQLite file: a corpus of millions costs no memory, and opening it again no time.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from zsr_tui import outside
from zsr_tui.corpora.problems import file_problem
from zsr_tui.corpora.records import document, lines
from zsr_tui.domain import Problem
from zsr_tui.files import locked
from zsr_tui.paths import cache_dir
from zsr_tui.progress import CancelToken, Meter, Report

_FORMAT = 1  # of the table
_BATCH = 900  # rows; every SQLite allows as many variables in a statement
log = logging.getLogger(__name__)
_TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE docs (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, offset INTEGER NOT NULL, line INTEGER NOT NULL);
    CREATE TABLE facts (count INTEGER NOT NULL, sha256 TEXT NOT NULL);
"""


class Duplicate(Problem):
    """Two documents of a file have one id; lines count from 1."""

    def __init__(self, corpus: Path, doc_id: str, line: int, earlier: int) -> None:
        super().__init__(f"{corpus}, line {line}: document {doc_id!r} is there already, on line {earlier}.")
        self.doc_id, self.line, self.earlier = doc_id, line, earlier


class Damaged(Problem):
    """The table is not as it was written."""

    def __init__(self, table: Path, detail: str) -> None:
        super().__init__(
            f"the table of documents {table} is damaged: delete it, and open the corpus again.", detail=detail
        )


class Offsets:
    """The table of one corpus file, read-only. May be used from any thread. Where its file was damaged it raises
    `Damaged`, or says what is not so: whoever reads a document compares its id."""

    def __init__(self, table: Path) -> None:
        self.table, self._lock = table, threading.Lock()
        self._db = sqlite3.connect(f"{table.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        facts = self._ask("SELECT count, sha256 FROM facts", ())
        if not facts:
            raise Damaged(table, "it does not say of what it is")
        self.count, self.sha256 = facts[0]

    def at(self, position: int) -> tuple[str, int]:
        """The document at this position, and its byte offset."""
        for id, offset in self._ask("SELECT id, offset FROM docs WHERE n = ?", (position,)):
            return id, offset
        raise Damaged(self.table, f"it has no document {position}")

    def find(self, ids: Iterable[str]) -> dict[str, int]:
        """The byte offset of each of `ids` that exists, in the file's order."""
        wanted, found = list(dict.fromkeys(ids)), []
        for start in range(0, len(wanted), _BATCH):
            some = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(some))
            found += self._ask(f"SELECT offset, id FROM docs WHERE id IN ({marks})", some)
        try:
            return {id: offset for offset, id in sorted(found)}
        except TypeError as error:  # of what is no number any more
            raise Damaged(self.table, repr(error)) from error

    def discard(self) -> None:
        """So that it is made again."""
        with self._lock:
            self._db.close()
        self.table.unlink(missing_ok=True)

    def _ask(self, question: str, values: Sequence[object]) -> list[Any]:
        try:
            with self._lock:
                return self._db.execute(question, values).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise Damaged(self.table, repr(error)) from error


def offsets_of(corpus: Path, shown: str, report: Report, cancel: CancelToken) -> Offsets:
    """The table of a corpus file, made when there is none of the file as it is now. `shown` is its name in progress.

    Raises `Problem` with file and line number at the first line that is not a document, at the second of two
    documents with one id, and for a file without documents.
    """
    try:
        status = corpus.stat()
        home = cache_dir() / "offsets"
        name = hashlib.sha256(os.fsencode(corpus)).hexdigest()[:16]
        table = home / f"{name}-{status.st_size}-{status.st_mtime_ns}-v{_FORMAT}.sqlite"
        if table.exists():
            try:
                return Offsets(table)
            except Damaged as problem:
                log.warning("%s is damaged and made again: %s", table, problem.detail)
                table.unlink(missing_ok=True)
        if not table.exists():
            with locked(home / f"{name}.lock", cancel):
                if not table.exists():
                    for old in (*home.glob(f"{name}-*.sqlite"), *home.glob(f"{name}.half*")):
                        with suppress(PermissionError):  # Windows keeps what another engine has open
                            old.unlink()
                    half = home / f"{name}.half"
                    _scan(corpus, shown, status.st_size, half, report, cancel)
                    half.rename(table)
        return Offsets(table)
    except OSError as error:
        raise file_problem(error, corpus, f"reading {corpus.name}") from error
    except sqlite3.Error as error:
        raise Problem(
            f"the table of documents in {home} cannot be used ({error}): free some space, or delete that folder, "
            "and start again.",
            detail=repr(error),
        ) from error


def _scan(corpus: Path, shown: str, size: int, half: Path, report: Report, cancel: CancelToken) -> None:
    digest = hashlib.sha256()
    meter = Meter(report, f"Checking {shown}", size, "bytes")
    rows: list[tuple[int, str, int, int]] = []
    count = 0
    db = sqlite3.connect(half, isolation_level=None)
    try:
        db.executescript(_TABLES)
        db.execute("BEGIN")
        with outside.opened(corpus) as file:
            for number, offset, line in lines(_Hashed(file, digest), corpus):
                rows.append((count, document(line, corpus, number).id, offset, number))
                count += 1
                if len(rows) == _BATCH:
                    cancel.check()
                    _insert(db, rows, corpus)
                    meter.update(offset)
        if not count:
            raise Problem(f"{corpus} holds no documents.")
        _insert(db, rows, corpus)
        db.execute("INSERT INTO facts VALUES (?, ?)", (count, digest.hexdigest()))
        db.execute("COMMIT")
        meter.update(size)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    finally:
        db.close()


def _insert(db: sqlite3.Connection, rows: list[tuple[int, str, int, int]], corpus: Path) -> None:
    try:
        db.executemany("INSERT INTO docs VALUES (?, ?, ?, ?)", rows)
    except sqlite3.IntegrityError as error:
        raise _duplicate(db, rows, corpus) from error
    rows.clear()


def _duplicate(db: sqlite3.Connection, rows: list[tuple[int, str, int, int]], corpus: Path) -> Problem:
    for n, id, _, line in rows:
        earlier = db.execute("SELECT line FROM docs WHERE id = ? AND n < ?", (id, n)).fetchone()
        if earlier:
            return Duplicate(corpus, id, line, earlier[0])
    raise AssertionError("SQLite found a duplicate that is not there")


class _Hashed:
    """Lines of a file that go into its digest as they are read."""

    def __init__(self, file: IO[bytes], digest: hashlib._Hash) -> None:
        self._file, self._digest = file, digest

    def readline(self, most: int, /) -> bytes:
        line = self._file.readline(most)
        self._digest.update(line)
        return line
