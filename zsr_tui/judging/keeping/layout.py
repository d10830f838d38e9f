"""The tables of a kept file, version by version: a file of an older one is brought forward when it is opened."""

from __future__ import annotations

import sqlite3

from zsr_tui.domain import Problem

APPLICATION = 0x7A737274  # "zsrt", so that `file` and we know it from other SQLite files

_SEEN = "who TEXT NOT NULL, at TEXT NOT NULL, system TEXT NOT NULL, rank INTEGER"
_QUERY = "query TEXT NOT NULL, query_id TEXT NOT NULL, query_text TEXT NOT NULL"
# `query` is the key of a query (`rows.query_key`); `folded` is what a row is searched by. `gone` is 1 once a later row
# has taken a row's place, or it was undone; of `before`, the revision that stood before this one, 0 where none did.
_FIRST = (
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    f"CREATE TABLE judgments (revision INTEGER PRIMARY KEY AUTOINCREMENT, {_QUERY}, doc_id TEXT NOT NULL, "
    f"title TEXT NOT NULL, grade INTEGER, source TEXT NOT NULL, {_SEEN}, why TEXT NOT NULL, "
    "before INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0, folded TEXT NOT NULL) STRICT",
    "CREATE UNIQUE INDEX standing_judgments ON judgments (query, doc_id, source) WHERE gone = 0",
    f"CREATE TABLE remarks (revision INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, {_QUERY}, "
    f"doc_id TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, {_SEEN}, gone INTEGER NOT NULL DEFAULT 0, "
    "folded TEXT NOT NULL) STRICT",
    "CREATE INDEX standing_remarks ON remarks (query, doc_id, kind) WHERE gone = 0",
    f"CREATE TABLE preferences (number INTEGER PRIMARY KEY AUTOINCREMENT, {_QUERY}, left_system TEXT NOT NULL, "
    "right_system TEXT NOT NULL, choice TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, seed INTEGER NOT NULL, "
    "why TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0) STRICT",
)
# Looks of pooled judging: `place` counts those of a session from 0; `setup` is JSON; `revision` is the judgment's.
_SECOND = (
    f"CREATE TABLE looks (number INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, "
    f"place INTEGER NOT NULL, {_QUERY}, doc_id TEXT NOT NULL, "
    "grade INTEGER, again INTEGER NOT NULL, seconds REAL NOT NULL, revision INTEGER NOT NULL, "
    "setup TEXT NOT NULL, at TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0) STRICT",
    "CREATE INDEX standing_looks ON looks (session, place) WHERE gone = 0",
)
# Each model has a judgment of its own beside those of the others.
_THIRD = (
    "DROP INDEX standing_judgments",
    "CREATE UNIQUE INDEX standing_judgments ON judgments (query, doc_id, source, "
    "CASE source WHEN 'model' THEN who ELSE '' END) WHERE gone = 0",
)
# How conflicts with others were decided: `given` is the grade of the `judge`, `grade` the one that counts.
_FOURTH = (
    f"CREATE TABLE decisions (number INTEGER PRIMARY KEY AUTOINCREMENT, {_QUERY}, doc_id TEXT NOT NULL, "
    "judge TEXT NOT NULL, given INTEGER NOT NULL, grade INTEGER NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, "
    "gone INTEGER NOT NULL DEFAULT 0) STRICT",
    "CREATE UNIQUE INDEX standing_decisions ON decisions (query, doc_id, judge, given) WHERE gone = 0",
)
# The grade that a model gave, on its own scale; what was kept before is that.
_FIFTH = (
    "ALTER TABLE judgments ADD COLUMN given INTEGER",
    "UPDATE judgments SET given = grade WHERE source = 'model'",
)
VERSIONS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    _SECOND,
    _THIRD,
    _FOURTH,
    _FIFTH,
)  # the statements that make each version of the one before
VERSION = len(VERSIONS)


def bring_forward(connection: sqlite3.Connection, name: str, dataset: str) -> None:
    """To the newest version, in one transaction. Raises `Problem` as `version_of` does, and for a file
    of another dataset, and sqlite3.Error."""
    if version_of(connection, name) < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for version in range(version_of(connection, name), VERSION):  # another process may have been first
                for statement in VERSIONS[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={version + 1}")
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute("INSERT OR IGNORE INTO about VALUES ('dataset', ?)", (dataset,))
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    _check_whose(connection, name, dataset)


def check_whole(connection: sqlite3.Connection, name: str, dataset: str) -> None:
    """That it can be read as it is. Raises `Problem`, also for an older version, and sqlite3.Error."""
    if version_of(connection, name) < VERSION:
        raise Problem(
            f"{name} is of an older version, and cannot be brought forward where it cannot be written: allow it, or "
            "copy it to where it can be (ZSR_TUI_DATA)."
        )
    _check_whose(connection, name, dataset)


def _check_whose(connection: sqlite3.Connection, name: str, dataset: str) -> None:
    found = connection.execute("SELECT value FROM about WHERE key = 'dataset'").fetchone()
    if found is None:
        raise sqlite3.DatabaseError("it does not say of which dataset it is")
    (whose,) = found
    if whose != dataset:
        raise Problem(f"{name} holds the judgments and notes of {whose}, not of {dataset}: put the right file there.")


def version_of(connection: sqlite3.Connection, name: str) -> int:
    """0 for an empty file. Raises `Problem` for a file of a newer program, or of another one."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION and (application or version or tables):
        raise Problem(f"{name} is no file of judgments and notes: move it away, and a new one is begun.")
    if version > VERSION:
        raise Problem(
            f"{name} was written by a newer zsr_tui (version {version} of its tables, this one knows {VERSION}): "
            "update this program to use it."
        )
    return int(version)
