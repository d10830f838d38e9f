"""A kept file: where it is, how it is opened, read and written, and what can be wrong with it."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from zsr_tui import caller, machine, paths
from zsr_tui.domain import Problem
from zsr_tui.files import PRIVATE, is_full
from zsr_tui.judging.keeping.layout import bring_forward, check_whole, version_of

_BUSY_S = 10.0  # for another process that writes
_READERS_S = 0.05  # for one that reads, before the log is left beside the file
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_UNWRITTEN = {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC}  # a quota, or a disk that fails
_PROTECTED = {errno.EROFS, errno.EACCES, errno.EPERM}
_log = logging.getLogger(__name__)


def file_of(dataset: str) -> Path:
    """Of whoever asks, by the one id of a dataset; the name can be read, and no two datasets share one."""
    readable = re.sub(r"[^a-z0-9]+", "-", dataset.lower()).strip("-")[-60:]
    number = hashlib.sha256(dataset.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return caller.home() / paths.KEPT / f"{readable}-{number}.sqlite3"


class KeptFile:
    """One connection, used by one thread at a time. Everything raises `Problem` where the file cannot be used: what
    cannot be kept is said, and is not kept."""

    def __init__(self, dataset: str, path: Path | None = None) -> None:
        """The file is made with the first thing that is kept."""
        self.dataset, self.path = dataset, path or file_of(dataset)
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None  # which file, should another be put in its place
        self._told_damage = False
        self._lock = threading.RLock()

    def rows(self, question: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """Nothing, where nothing was kept yet."""
        with self._lock, self._told():
            if not self.path.exists():
                self._close()
                return []
            try:
                connection = self._open()
            except (sqlite3.Error, OSError) as error:
                if not _is_protected(error):
                    raise
                with closing(self._only_to_read(error)) as connection:
                    return connection.execute(question, values).fetchall()
            return connection.execute(question, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: what is read in it stands until it ends, and what is written in it is on the disk when it has
        ended, or not at all."""
        with self._lock, self._told():
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite has rolled back by itself where the disk is full
                    connection.execute("ROLLBACK")
                raise
            self._move_log(connection)

    def state(self) -> tuple[int, ...]:
        """Another one after every change; () while there is no file."""
        log = self.path.with_name(f"{self.path.name}-wal")  # has the last changes while another program reads
        found = list[int]()
        for path in (self.path, log):
            with suppress(FileNotFoundError):
                about = path.stat()
                if path is self.path or about.st_size:
                    found += about.st_ino, about.st_mtime_ns, about.st_size
        return tuple(found)

    def close(self) -> None:
        with self._lock:
            self._close()

    def _move_log(self, connection: sqlite3.Connection) -> None:
        """Into the file, so that a copy of it is whole, and that nothing is left that another file put in its place
        could be mixed with. What was written is safe in any case."""
        why: object = "another program reads it"
        try:
            _wait_for(connection, _READERS_S)
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as error:
            busy, why = True, error
        finally:
            _wait_for(connection, _BUSY_S)
        if busy:
            _log.warning("%s is kept, and its write-ahead log stays beside it: %s", self.path, why)

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._opened != _identity(self.path):
            self._close()  # it was removed, or another file was put in its place
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | machine.PLAIN, PRIVATE))
            connection = sqlite3.connect(self.path, timeout=_BUSY_S, check_same_thread=False, isolation_level=None)
            try:
                connection.row_factory, connection.text_factory = sqlite3.Row, self._text
                version_of(connection, str(self.path))  # before anything is written to it
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                bring_forward(connection, str(self.path), self.dataset)
            except BaseException:
                connection.close()
                raise
            self._connection, self._opened = connection, _identity(self.path)
        return self._connection

    def _only_to_read(self, why: sqlite3.Error | OSError) -> sqlite3.Connection:
        """Where nothing can be written, not even what keeps readers apart from a writer: each time anew, since somebody
        else may be able to. Raises `Problem` where it cannot be read either."""
        log = self.path.with_name(f"{self.path.name}-wal")
        alone = not log.exists() or not log.stat().st_size  # all that is kept lies in the file itself
        for how in ("mode=ro", *(["mode=ro&immutable=1"] if alone else [])):
            connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?{how}", uri=True, timeout=_BUSY_S)
            try:
                connection.row_factory, connection.text_factory = sqlite3.Row, self._text
                check_whole(connection, str(self.path), self.dataset)
                return connection
            except sqlite3.OperationalError:
                connection.close()
            except BaseException:
                connection.close()
                raise
        sentence = f"the judgments and notes in {self.path} cannot be read ({why}): mend that and try again."
        raise Problem(sentence, detail=repr(why))

    def _text(self, stored: bytes) -> str:
        """Also of what a disk has damaged: that a character is lost hides nothing else."""
        try:
            return stored.decode()
        except UnicodeDecodeError as error:
            if not self._told_damage:
                self._told_damage = True
                _log.warning("%s is damaged: %r (%s); zsr-tui doctor --verify says more", self.path, stored, error)
            return stored.decode(errors="replace")

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:  # SQLite's sentences may quote what is damaged
            raise self._problem(error) from error

    def _problem(self, error: sqlite3.Error | UnicodeDecodeError | OSError) -> Problem:
        code = getattr(error, "sqlite_errorcode", None)
        if code in _FULL or (isinstance(error, OSError) and is_full(error)):
            sentence = f"the disk is full, so this was not kept ({self.path}): free some space and do it again."
        elif _is_protected(error):
            why = error.strerror if isinstance(error, OSError) else str(error)
            sentence = f"{self.path} cannot be written, so this was not kept ({why}): allow it, or set ZSR_TUI_DATA."
        elif code in _UNWRITTEN:
            sentence = (
                f"the disk does not take it, so this was not kept ({self.path}): it may be full or failing; mend that."
            )
        elif code is not None and code & 0xFF == sqlite3.SQLITE_BUSY:
            sentence = (
                f"another program has been writing {self.path} for {_BUSY_S:.0f} s, so this was not kept: try again."
            )
        elif isinstance(error, UnicodeDecodeError) or (
            code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        ):
            self._close()
            sentence = (
                f"the judgments and notes in {self.path} are damaged: put a copy in its place, or move it away, and a "
                "new one is begun."
            )
        else:
            sentence = f"the judgments and notes in {self.path} cannot be used ({error}): mend that and try again."
        return Problem(sentence, detail=repr(error))


def _is_protected(error: sqlite3.Error | UnicodeDecodeError | OSError) -> bool:
    """The place lets nothing be written, or the file does not."""
    if isinstance(error, OSError):
        return error.errno in _PROTECTED
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


def _wait_for(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout={seconds * 1000:.0f}")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except FileNotFoundError:
        return None
    return about.st_dev, about.st_ino
