"""Where each document of a corpus file begins: one scan that checks every line, kept in the cache.

The table is an SQLite file: a corpus of millions costs no memory, and opening it again no time.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from zsr_tui import outside
from zsr_tui.corpora.problems import file_problem
from zsr_tui.corpora.records import document, lines
from zsr_tui.domain import Problem
from zsr_tui.files import locked
from zsr_tui.paths import cache_dir
from zsr_tui.progress import CancelToken, Meter, Report

_FORMAT = 1  # of the table
_BATCH = 900  # rows; every SQLite allows as many variables in a statement
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


class Offsets:
    """The table of one corpus file, read-only. May be used from any thread."""

    def __init__(self, table: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(f"{table.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self.count, self.sha256 = self._db.execute("SELECT count, sha256 FROM facts").fetchone()

    def at(self, position: int) -> int:
        """The byte offset of the document at this position."""
        with self._lock:
            return self._db.execute("SELECT offset FROM docs WHERE n = ?", (position,)).fetchone()[0]

    def find(self, ids: Iterable[str]) -> dict[str, int]:
        """The byte offset of each of `ids` that exists, in the file's order."""
        wanted, found = list(dict.fromkeys(ids)), []
        for start in range(0, len(wanted), _BATCH):
            some = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(some))
            with self._lock:
                found += self._db.execute(f"SELECT offset, id FROM docs WHERE id IN ({marks})", some).fetchall()
        return {id: offset for offset, id in sorted(found)}


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
