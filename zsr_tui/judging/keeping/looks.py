"""Sessions of pooled judging in a kept file: how they were set up, and every look that was taken in them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from zsr_tui.judging.keeping.file import KeptFile
from zsr_tui.judging.keeping.rows import clean, insert, now, query_key
from zsr_tui.judging.pooling import Look


@dataclass(frozen=True, slots=True)
class KeptLook:
    """`place` counts the looks of a session from 0; `revision` is that of the judgment that came of it, 0 for none."""

    place: int
    query_id: str
    query_text: str
    look: Look
    revision: int = 0

    def of(self, dataset: str) -> KeptLook:
        """As a session over several datasets names its query."""
        return replace(self, look=replace(self.look, query=f"{dataset} {self.look.query}"))


class Looks:
    def __init__(self, file: KeptFile) -> None:
        self._file = file

    def add(self, session: str, kept: KeptLook, setup: str) -> None:
        """`setup` says in JSON what the session was set up with when the look was taken: its seed, its systems."""
        values = {
            "session": session,
            "place": kept.place,
            "query": query_key(kept),
            "query_id": clean(kept.query_id),
            "query_text": clean(kept.query_text),
            "doc_id": clean(kept.look.doc_id),
            "grade": kept.look.grade,
            "again": kept.look.again,
            "seconds": kept.look.seconds,
            "revision": kept.revision,
            "setup": clean(setup),
            "at": now(),
        }
        with self._file.writing() as connection:
            insert(connection, "looks", values)

    def drop(self, session: str, place: int) -> None:
        with self._file.writing() as connection:
            connection.execute("UPDATE looks SET gone = 1 WHERE session = ? AND place = ?", (session, place))

    def read(self, session: str) -> list[KeptLook]:
        """In order."""
        rows = self._file.rows("SELECT * FROM looks WHERE session = ? AND gone = 0 ORDER BY place", (session,))
        return list(map(_kept_look, rows))

    def sessions(self, who: str) -> dict[str, list[Look]]:
        """Every look of a person in the dataset, in order, by session."""
        rows = self._file.rows(
            "SELECT * FROM looks WHERE gone = 0 AND json_extract(setup, '$.who') = ? ORDER BY session, place",
            (clean(who),),
        )
        found: dict[str, list[Look]] = {}
        for row in rows:
            found.setdefault(row["session"], []).append(_kept_look(row).look)
        return found


def _kept_look(row: sqlite3.Row) -> KeptLook:
    return KeptLook(
        row["place"],
        row["query_id"],
        row["query_text"],
        Look(row["query"], row["doc_id"], row["grade"], row["seconds"], bool(row["again"])),
        row["revision"],
    )
