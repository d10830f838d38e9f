"""What the tables have in common: how a query is known, how a row is added, and what its columns hold."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import msgspec

from zsr_tui.decoding import converted
from zsr_tui.text import folded, same_text, whole_characters

Record = TypeVar("Record")
_log = logging.getLogger(__name__)


class AboutQuery(Protocol):
    @property
    def query_id(self) -> str: ...

    @property
    def query_text(self) -> str: ...


def query_key(query: AboutQuery) -> str:
    """The same for the same query of the dataset, and for the same typed text; "" for none."""
    if query.query_id:
        return key_of_id(query.query_id)
    text = same_text(whole_characters(query.query_text))
    return f"text {text}" if text else ""


def key_of_id(query_id: str) -> str:
    """The key of a query of the dataset."""
    return f"id {whole_characters(query_id)}"


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, object]) -> int:
    """`row` by the names of the columns. The number of the row that it makes."""
    places = ", ".join(f":{name}" for name in row)
    done = connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", row)
    return int(done.lastrowid or 0)


def read_each(rows: Iterable[sqlite3.Row], read: Callable[[sqlite3.Row], Record]) -> Iterator[Record]:
    """What rows say. One that a disk has damaged so that it says nothing costs a line in the log, not the others."""
    for row in rows:
        record = read(row)
        try:
            converted(msgspec.to_builtins(record), type(record))
        except msgspec.ValidationError as error:
            _log.warning("a kept row is damaged and left out: %r (%s)", tuple(row), error)
        else:
            yield record


def now() -> str:
    """UTC, ISO 8601, in seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def searched(*texts: str) -> str:
    """What a row is found by."""
    return folded(whole_characters(" ".join(texts)))


def clean(text: str) -> str:
    """What SQLite can store."""
    return whole_characters(text)
