"""Judgments in a kept file. One stands for each query and document, and one of each model; what it replaced stays as a
row."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping

from zsr_tui.api.judging import Judgment, JudgmentPage, Kept, Outcome, Over, Source, Stored
from zsr_tui.judging.keeping.file import KeptFile
from zsr_tui.judging.keeping.rows import AboutQuery, clean, insert, now, query_key, read_each, searched

Titles = Mapping[str, str]
_STANDING = "FROM judgments WHERE gone = 0 AND grade IS NOT NULL"


class Judgments:
    def __init__(self, file: KeptFile) -> None:
        self._file = file

    def keep(self, judgment: Judgment, title: str = "", *, seen: int = 0, over: bool = False) -> Outcome:
        """Unless, without `over`, something else stands than `seen`."""
        return self._change(judgment, judgment.grade, title, seen, over)

    def clear(self, judgment: Judgment, *, seen: int = 0, over: bool = False) -> Outcome:
        """Of the query, document and source of `judgment`, whatever its grade; by its `who`."""
        return self._change(judgment, None, "", seen, over)

    def undo(self, revision: int) -> Outcome:
        """What stood before that revision stands again. Nothing changes where another stands by now."""
        with self._file.writing() as connection:
            row = connection.execute("SELECT * FROM judgments WHERE revision = ?", (revision,)).fetchone()
            if row is None:
                return Outcome(done=False, now=None)
            if row["gone"]:  # undone before, as by a question that was asked again, or somebody has judged since
                stands = _row(connection, row["query"], row["doc_id"], row["source"], row["who"])
                undone = (0 if stands is None else stands["revision"]) == row["before"]
                return Outcome(done=undone, now=self._latest(connection, row))
            connection.execute("UPDATE judgments SET gone = 1 WHERE revision = ?", (revision,))
            connection.execute("UPDATE judgments SET gone = 0 WHERE revision = ?", (row["before"],))
            return Outcome(done=True, now=self._latest(connection, row))

    def keep_all(self, judgments: Iterable[Judgment], titles: Titles, *, over: Over = "nothing") -> Stored:
        """In one transaction. See `zsr_tui.api.judging.KeepJudgments`; of two for the same document the later counts
        as the newcomer."""
        kept, same, left_out = 0, 0, list[Kept]()
        with self._file.writing() as connection:
            for judgment in judgments:
                stands = _standing(connection, judgment)
                if stands is not None and stands["grade"] is not None:
                    if (stands["grade"], stands["given"]) == (judgment.grade, judgment.given):
                        same += 1
                        continue
                    if over == "nothing" or (over == "same" and stands["who"] != judgment.who):
                        left_out.append(kept_judgment(stands))
                        continue
                _insert(connection, judgment, judgment.grade, titles.get(judgment.doc_id, ""), stands)
                kept += 1
        return Stored(kept=kept, same=same, left_out=tuple(left_out))

    def page(
        self,
        query: AboutQuery | None = None,
        sources: Collection[Source] = (),
        offset: int = 0,
        limit: int | None = None,
    ) -> JudgmentPage:
        """What stands, the latest first; of all queries without `query`."""
        where, values = _STANDING, list[object]()
        if query is not None:
            where, values = f"{where} AND query = ?", [query_key(query)]
        if sources:
            where += f" AND source IN ({', '.join('?' * len(sources))})"
            values += sources
        counts = self._file.rows(f"SELECT source, count(*) AS count {where} GROUP BY source", values)
        rows = self._file.rows(
            f"SELECT * {where} ORDER BY revision DESC LIMIT ? OFFSET ?",
            [*values, -1 if limit is None else limit, offset],
        )
        return JudgmentPage(
            counts={row["source"]: row["count"] for row in counts}, items=tuple(read_each(rows, kept_judgment))
        )

    def grades(self, query: AboutQuery, source: Source) -> dict[str, int]:
        """Of one query, by document; of several models the one that judged last."""
        rows = self._file.rows(
            f"SELECT doc_id, grade {_STANDING} AND query = ? AND source = ? ORDER BY revision",
            (query_key(query), source),
        )
        return {row["doc_id"]: row["grade"] for row in rows}

    def all_grades(self, source: Source) -> dict[str, dict[str, int]]:
        """Of all queries of the dataset, by query id and document; of several models the one that judged last."""
        found: dict[str, dict[str, int]] = {}
        for row in self._file.rows(
            f"SELECT query_id, doc_id, grade {_STANDING} AND query_id != '' AND source = ? ORDER BY revision", (source,)
        ):
            found.setdefault(row["query_id"], {})[row["doc_id"]] = row["grade"]
        return found

    def _change(self, judgment: Judgment, grade: int | None, title: str, seen: int, over: bool) -> Outcome:
        with self._file.writing() as connection:
            stands = _standing(connection, judgment)
            now = None if stands is None or stands["grade"] is None else kept_judgment(stands)
            if stands is not None and _says(stands, judgment, grade):  # as a question that was asked again
                return Outcome(done=True, now=now, revision=stands["revision"])
            if grade is None and now is None:
                return Outcome(done=True, now=None)
            if (0 if now is None else now.revision) != seen and not over:
                return Outcome(done=False, now=now)
            revision = _insert(connection, judgment, grade, title or (stands["title"] if stands else ""), stands)
            row = _standing(connection, judgment)
            return Outcome(
                done=True, now=None if row is None or grade is None else kept_judgment(row), revision=revision
            )

    def _latest(self, connection: sqlite3.Connection, row: sqlite3.Row) -> Kept | None:
        stands = _row(connection, row["query"], row["doc_id"], row["source"], row["who"])
        return None if stands is None or stands["grade"] is None else kept_judgment(stands)


def _says(row: sqlite3.Row, judgment: Judgment, grade: int | None) -> bool:
    """Whether a row is this judgment by the same person already."""
    return (row["grade"], row["given"], row["who"], row["why"]) == (
        grade, None if grade is None else judgment.given, judgment.who, judgment.why
    )  # fmt: skip


def _standing(connection: sqlite3.Connection, judgment: Judgment) -> sqlite3.Row | None:
    """The row that stands where this judgment would."""
    return _row(connection, query_key(judgment), judgment.doc_id, judgment.source, judgment.who)


def _row(connection: sqlite3.Connection, query: str, doc_id: str, source: str, who: str) -> sqlite3.Row | None:
    """The row that stands, of a model that of `who`; its grade is None where the judgment was taken away."""
    found: sqlite3.Row | None = connection.execute(
        "SELECT * FROM judgments WHERE gone = 0 AND query = ? AND doc_id = ? AND source = ? "
        "AND (source != 'model' OR who = ?)",
        (query, doc_id, source, clean(who)),
    ).fetchone()
    return found


def _insert(
    connection: sqlite3.Connection, judgment: Judgment, grade: int | None, title: str, stands: sqlite3.Row | None
) -> int:
    before = 0 if stands is None else stands["revision"]
    connection.execute("UPDATE judgments SET gone = 1 WHERE revision = ?", (before,))
    values = {
        "query": query_key(judgment),
        "query_id": clean(judgment.query_id),
        "query_text": clean(judgment.query_text),
        "doc_id": clean(judgment.doc_id),
        "title": clean(title),
        "grade": grade,
        "given": None if grade is None else judgment.given,
        "source": judgment.source,
        "who": clean(judgment.who),
        "at": judgment.when or now(),
        "system": clean(judgment.system),
        "rank": judgment.rank,
        "why": clean(judgment.why),
        "before": before,
        "folded": searched(judgment.query_text, judgment.doc_id, title, judgment.why, judgment.who),
    }
    return insert(connection, "judgments", values)


def kept_judgment(row: sqlite3.Row) -> Kept:
    return Kept(
        revision=row["revision"],
        judgment=Judgment(
            query_id=row["query_id"],
            query_text=row["query_text"],
            doc_id=row["doc_id"],
            grade=row["grade"],
            source=row["source"],
            who=row["who"],
            when=row["at"],
            why=row["why"],
            system=row["system"],
            rank=row["rank"],
            given=row["given"],
        ),
        title=row["title"],
    )
