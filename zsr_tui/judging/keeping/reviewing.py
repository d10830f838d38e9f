"""A list of all that was kept of a corpus, and the search in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator

from zsr_tui.api.judging import Kept
from zsr_tui.api.notes import KeptRemark, Reviewed, ReviewPage
from zsr_tui.judging.keeping.file import KeptFile
from zsr_tui.judging.keeping.judgments import kept_judgment
from zsr_tui.judging.keeping.remarks import kept_remark
from zsr_tui.judging.keeping.rows import read_each, searched

_ALL = """
WITH every AS (
    SELECT 'judgment' AS kind, revision, at, folded FROM judgments WHERE gone = 0 AND grade IS NOT NULL
    UNION ALL
    SELECT kind, revision, at, folded FROM remarks WHERE gone = 0
), found AS (SELECT kind, revision, at FROM every WHERE {condition})
"""


class Reviewing:
    def __init__(self, file: KeptFile) -> None:
        self._file = file

    def page(self, match: str = "", kinds: Collection[Reviewed] = (), offset: int = 0, limit: int = 100) -> ReviewPage:
        """See `zsr_tui.api.notes.Review`."""
        words = searched(match).split()
        found = _ALL.format(condition=" AND ".join(["instr(folded, ?) > 0"] * len(words)) or "1")
        counts = {
            row["kind"]: row["count"]
            for row in self._file.rows(f"{found} SELECT kind, count(*) AS count FROM found GROUP BY kind", words)
        }
        wanted = set(kinds or counts)
        some = f"WHERE kind IN ({', '.join('?' * len(wanted))})"
        rows = self._file.rows(
            f"{found} SELECT kind, revision FROM found {some} ORDER BY at DESC, revision DESC LIMIT ? OFFSET ?",
            [*words, *sorted(wanted), limit, offset],
        )
        return ReviewPage(
            matching=sum(count for kind, count in counts.items() if kind in wanted),
            counts=counts,
            items=tuple(self._items([(row["kind"] == "judgment", row["revision"]) for row in rows])),
        )

    def _items(self, wanted: list[tuple[bool, int]]) -> Iterator[Kept | KeptRemark]:
        """In this order: judgments or remarks, and their revisions. What went with its file meanwhile, or
        is damaged, is left out."""
        judged, remarked = ([each for judgment, each in wanted if judgment == kind] for kind in (True, False))
        found: dict[tuple[bool, int], Kept | KeptRemark] = {}
        found |= {(True, each.revision): each for each in read_each(self._rows("judgments", judged), kept_judgment)}
        found |= {(False, each.revision): each for each in read_each(self._rows("remarks", remarked), kept_remark)}
        yield from (found[each] for each in wanted if each in found)

    def _rows(self, table: str, revisions: list[int]) -> list[sqlite3.Row]:
        several = "revision IN (SELECT value FROM json_each(?))"
        return self._file.rows(f"SELECT * FROM {table} WHERE {several}", (json.dumps(revisions),)) if revisions else []
