"""Which of two lists was preferred, in a kept file."""

from __future__ import annotations

import sqlite3

from zsr_tui.api.judging import Preference
from zsr_tui.judging.keeping.file import KeptFile
from zsr_tui.judging.keeping.rows import clean, insert, now, query_key, read_each


class Preferences:
    def __init__(self, file: KeptFile) -> None:
        self._file = file

    def keep(self, preference: Preference) -> int:
        """Its number, by which it can be dropped."""
        values = {
            "query": query_key(preference),
            "query_id": clean(preference.query_id),
            "query_text": clean(preference.query_text),
            "left_system": clean(preference.left),
            "right_system": clean(preference.right),
            "choice": preference.choice,
            "who": clean(preference.who),
            "at": preference.when or now(),
            "seed": preference.seed,
            "why": clean(preference.why),
        }
        with self._file.writing() as connection:
            return insert(connection, "preferences", values)

    def drop(self, number: int) -> None:
        with self._file.writing() as connection:
            connection.execute("UPDATE preferences SET gone = 1 WHERE number = ?", (number,))

    def read(self) -> tuple[Preference, ...]:
        """All, the earliest first."""
        rows = self._file.rows("SELECT * FROM preferences WHERE gone = 0 ORDER BY number")
        return tuple(read_each(rows, _preference))


def _preference(row: sqlite3.Row) -> Preference:
    return Preference(
        query_id=row["query_id"],
        query_text=row["query_text"],
        left=row["left_system"],
        right=row["right_system"],
        choice=row["choice"],
        who=row["who"],
        when=row["at"],
        seed=row["seed"],
        why=row["why"],
    )
