"""Whether kept files are as SQLite wrote them, for `zsr-tui doctor --verify`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from zsr_tui import paths


def kept_files() -> Iterator[Path]:
    """Of whoever runs the program, and of the callers of an engine that serves several."""
    for pattern in (f"{paths.KEPT}/*.sqlite3", f"callers/*/{paths.KEPT}/*.sqlite3"):
        yield from sorted(paths.data_dir().glob(pattern))


def damage(path: Path) -> str:
    """What is damaged in a kept file, "" for nothing: its structure, and text that is none. Reads every byte."""
    try:
        return _damage(path, "mode=ro")
    except sqlite3.OperationalError:  # nothing can be written there, not even what keeps readers apart from a writer
        try:
            return _damage(path, "mode=ro&immutable=1")
        except sqlite3.Error as error:
            return f"{path} cannot be read: {error}"


def _damage(path: Path, how: str) -> str:
    lost: list[bytes] = []

    def text(stored: bytes) -> str:
        try:
            return stored.decode()
        except UnicodeDecodeError:
            lost.append(stored)
            return stored.decode(errors="replace")

    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as connection:
        connection.text_factory = text
        try:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                return f"{path} is damaged: {said}"
            for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                for row in connection.execute(f'SELECT * FROM "{table}"'):
                    if lost:
                        return f"{path} is damaged: no text in {table}, row {row[0]}"
        except sqlite3.OperationalError:
            raise
        except (sqlite3.Error, UnicodeDecodeError) as error:
            return f"{path} is damaged: {error}"
    return ""
