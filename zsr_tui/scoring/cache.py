"""Scores, and vectors of queries and of texts in no index, that were computed before, in one file on disk.

SQLite in write-ahead mode: safe under several processes, and a kill at any moment loses at most the last batch. What
is stored is keyed by the scorer's fingerprint (weights, revision, precision, template, maximum length) and by the
content of query and document, so that nothing has to be invalidated. Past the size limit the oldest entries leave.
Every entry has a checksum: one that the disk has damaged is computed again.

ZSR_TUI_CACHE_MB  the size limit in megabytes; 0 switches the cache off
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zsr_tui import machine, paths
from zsr_tui.domain import Problem
from zsr_tui.files import PRIVATE

if TYPE_CHECKING:
    import numpy as np

DEFAULT_MB = 1024
KEEP = 0.8  # of the limit is left when the oldest entries leave
LAYOUT = 2  # of the tables; a file of an older layout is removed, one of a newer layout put aside
_ASK = 500  # keys of one question to SQLite
_BUSY_S = 5.0
_log = logging.getLogger(__name__)
_TABLES = """
CREATE TABLE IF NOT EXISTS scores
    (key BLOB PRIMARY KEY, score REAL NOT NULL, cut INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, checksum INTEGER NOT NULL) STRICT;
"""
_DAMAGED = (sqlite3.DatabaseError, UnicodeDecodeError)  # SQLite's sentences may quote what cannot be decoded


class _Older(sqlite3.DatabaseError):
    """The file has an older layout."""


@dataclass(frozen=True, slots=True)
class CacheFacts:
    """`bytes` on disk; `limit` 0 where the cache is switched off."""

    path: Path
    bytes: int
    limit: int
    scores: int
    vectors: int


class ScoreCache:
    """One connection, used by one thread at a time. A cache that cannot be read or written is left alone, with a line
    in the log and in `trouble`: scores are computed as if there were none."""

    def __init__(self, path: Path | None = None, limit: int | None = None) -> None:
        self.path = path or paths.cache_dir() / "scores.sqlite3"
        self.limit = _limit() if limit is None else limit
        self.trouble = ""  # one sentence, once something has gone wrong
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._written = 0

    def scores(self, fingerprint: str, query: str, texts: Sequence[str]) -> dict[int, tuple[float, bool]]:
        """(score, cut) by position of the texts that are known."""
        if not self.limit:
            return {}
        places = _places(_keys(fingerprint, query, texts))
        rows = self._read("SELECT key, score, cut, checksum FROM scores WHERE key IN ({})", list(places))
        return {place: (score, bool(cut)) for key, score, cut in rows for place in places.get(key, ())}

    def add_scores(
        self, fingerprint: str, query: str, texts: Sequence[str], scores: Sequence[float], cut: Sequence[bool]
    ) -> None:
        if not self.limit:
            return
        read_back = (float(score) + 0.0 for score in scores)  # SQLite has no negative zero
        rows = zip(_keys(fingerprint, query, texts), read_back, map(int, cut), strict=True)
        self._write("INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?)", rows)

    def vectors(self, fingerprint: str, texts: Sequence[str]) -> dict[int, np.ndarray]:
        """float32 vectors by position of the texts that are known."""
        import numpy as np

        places = _places(_keys(fingerprint, "", texts))
        rows = self._read("SELECT key, vector, checksum FROM vectors WHERE key IN ({})", list(places))
        return {place: np.frombuffer(vector, dtype="<f4") for key, vector in rows for place in places.get(key, ())}

    def add_vectors(self, fingerprint: str, texts: Sequence[str], vectors: np.ndarray) -> None:
        import numpy as np

        blobs = (np.ascontiguousarray(row, dtype="<f4").tobytes() for row in vectors)
        self._write(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", zip(_keys(fingerprint, "", texts), blobs, strict=True)
        )

    @property
    def size(self) -> int:
        """On disk."""
        every = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(each.stat().st_size for each in every if each.is_file())

    def facts(self) -> CacheFacts:
        """What it holds. Raises `Problem` if it cannot be read."""
        if not self.path.is_file():
            return CacheFacts(self.path, 0, self.limit, 0, 0)
        with self._lock, self._told():
            connection = self._open()
            (scores,) = connection.execute("SELECT count(*) FROM scores").fetchone()
            (vectors,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
        return CacheFacts(self.path, self.size, self.limit, scores, vectors)

    def clear(self) -> None:
        """Forget everything; other processes go on with the empty file. Raises `Problem` if it cannot be written."""
        if not self.path.is_file():
            return
        with self._lock, self._told():
            connection = self._open()
            with connection:
                connection.execute("DELETE FROM scores")
                connection.execute("DELETE FROM vectors")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _read(self, question: str, keys: Sequence[bytes]) -> list[list[Any]]:
        """Rows without their checksums; those that are damaged count as unknown."""
        if not self.limit or not keys or not self.path.is_file():
            return []
        try:
            with self._lock:
                connection, rows = self._open(), list[tuple[Any, ...]]()
                for start in range(0, len(keys), _ASK):
                    part = keys[start : start + _ASK]
                    rows += connection.execute(question.format(", ".join("?" * len(part))), part).fetchall()
                return [row for *row, checksum in rows if checksum == _checksum(row)]
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
            self._failed(error)
            return []

    def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        if not self.limit:
            return
        try:
            with self._lock:
                connection = self._open()
                with connection:
                    self._written += connection.executemany(
                        statement, [(*row, _checksum(row)) for row in rows]
                    ).rowcount
                if self._written >= 1000:
                    self._written = 0
                    self._make_room(connection)
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
            self._failed(error)

    def _make_room(self, connection: sqlite3.Connection) -> None:
        """Lets the oldest entries go, by the order in which they came, once the file is past its limit."""
        (page,) = connection.execute("PRAGMA page_size").fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        used = (pages - free) * page
        if used <= self.limit:
            return
        share = 1 - KEEP * self.limit / used
        for table in ("scores", "vectors"):
            with connection:
                connection.execute(
                    f"DELETE FROM {table} WHERE rowid <= (SELECT rowid FROM {table} ORDER BY rowid LIMIT 1 OFFSET "
                    f"(SELECT CAST(count(*) * ? AS INTEGER) FROM {table}))",
                    (share,),
                )
        connection.executescript("PRAGMA incremental_vacuum")  # `execute` would end it after the first page
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = _connected(self.path)
            except _DAMAGED as error:
                if isinstance(error, sqlite3.OperationalError):  # busy, full, not writable: the file is sound
                    raise
                if isinstance(error, _Older):
                    _log.info("%s is begun anew: %s", self.path, error)
                    self.path.unlink()
                else:
                    aside = self.path.with_suffix(".damaged")
                    _log.warning("%s is damaged (%s); it is put aside as %s", self.path, error, aside.name)
                    os.replace(self.path, aside)
                for suffix in ("-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
                self._connection = _connected(self.path)
        return self._connection

    def _failed(self, error: Exception) -> None:
        if not self.trouble:
            self.trouble = f"scores are not kept: {self.path} cannot be used ({error})."
            _log.warning("%s", self.trouble)
        with self._lock:
            if isinstance(error, _DAMAGED) and not isinstance(error, sqlite3.OperationalError):
                if self._connection is not None:
                    self._connection.close()
                self._connection = None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what SQLite raises into a sentence."""
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
            message = f"the score cache {self.path} cannot be used: {error}; delete the file if it is damaged."
            raise Problem(message) from error


def _connected(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE))  # SQLite gives its mode to the files beside it
    for each in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        if each.is_file() and machine.is_ours(each.stat()):
            each.chmod(PRIVATE)  # an older version made it for everybody
    connection = sqlite3.connect(path, timeout=_BUSY_S, check_same_thread=False)
    connection.text_factory = bytes  # nothing of it is text, unless a disk has made it that
    try:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout not in (0, LAYOUT):
            kind = _Older if 0 < layout < LAYOUT else sqlite3.DatabaseError
            raise kind(f"it has layout {layout}, this version writes {LAYOUT}")
        connection.executescript(f"{_TABLES} PRAGMA user_version={LAYOUT};")
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def _keys(fingerprint: str, query: str, texts: Sequence[str]) -> list[bytes]:
    start = hashlib.blake2b(digest_size=16)
    for part in (fingerprint, query):
        data = part.encode(errors="surrogatepass")
        start.update(len(data).to_bytes(8, "little") + data)
    keys = []
    for text in texts:
        digest = start.copy()
        digest.update(text.encode(errors="surrogatepass"))
        keys.append(digest.digest())
    return keys


def _checksum(row: Iterable[object]) -> int:
    """CRC-32 of a key and what is stored for it, of whatever type a disk has made that."""
    checksum = 0
    for value in row:
        checksum = zlib.crc32(value if isinstance(value, bytes) else repr(value).encode(), checksum)
    return checksum


def _places(keys: Sequence[bytes]) -> dict[bytes, list[int]]:
    places: dict[bytes, list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    return places


def _limit() -> int:
    said = os.environ.get("ZSR_TUI_CACHE_MB", "")
    if not said:
        return DEFAULT_MB * 1_000_000
    if not said.isdigit():
        raise Problem(f"ZSR_TUI_CACHE_MB is {said!r}: write a whole number of megabytes.", usage=True)
    return int(said) * 1_000_000
