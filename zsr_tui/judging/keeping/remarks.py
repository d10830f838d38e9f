"""Notes, tags and bookmarks in a kept file: one table, since all three are something said of a target."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from zsr_tui.api.notes import KeptRemark, Remark, RemarkKind, RemarkOutcome, TagCount
from zsr_tui.domain import Problem
from zsr_tui.judging.keeping.file import KeptFile
from zsr_tui.judging.keeping.rows import AboutQuery, clean, insert, now, query_key, read_each, searched
from zsr_tui.text import one_line

LONGEST_TAG = 60  # characters
LONGEST_NOTE = 20_000
_SAME = {  # what else has to be equal for two remarks of a kind on one target to be one
    "note": "who = :who",
    "tag": "text = :text",
    "bookmark": "1",
}


class Remarks:
    def __init__(self, file: KeptFile) -> None:
        self._file = file

    def keep(self, remark: Remark, title: str = "", *, seen: int = 0, over: bool = False) -> RemarkOutcome:
        """See `zsr_tui.api.notes.KeepRemark`. Raises `Problem` for a tag without a name, and for what is too long."""
        remark = _checked(remark)
        with self._file.writing() as connection:
            stands = _row(connection, remark)
            if stands is not None and (remark.kind != "note" or stands["text"] == remark.text):
                return RemarkOutcome(done=True, now=kept_remark(stands))
            if remark.kind == "note" and not over and seen != (0 if stands is None else stands["revision"]):
                return RemarkOutcome(done=False, now=None if stands is None else kept_remark(stands))
            if stands is not None:
                connection.execute("UPDATE remarks SET gone = 1 WHERE revision = ?", (stands["revision"],))
            if remark.kind == "note" and not remark.text.strip():
                return RemarkOutcome(done=True, now=None)
            _insert(connection, remark, title or (stands["title"] if stands is not None else ""))
            row = _row(connection, remark)
        return RemarkOutcome(done=True, now=None if row is None else kept_remark(row))

    def drop(self, remark: Remark) -> None:
        with self._file.writing() as connection:
            if (stands := _row(connection, remark)) is not None:
                connection.execute("UPDATE remarks SET gone = 1 WHERE revision = ?", (stands["revision"],))

    def read(
        self, query: AboutQuery | None = None, doc_id: str = "", kinds: Collection[RemarkKind] = ()
    ) -> tuple[KeptRemark, ...]:
        """What stands, the latest first: of a query and its documents, of a document (with `doc_id` alone, and then of
        every query), or of all."""
        where, values = "gone = 0", list[object]()
        if query is not None and (key := query_key(query)):
            where, values = f"{where} AND query = ?", [*values, key]
        if doc_id:
            where, values = f"{where} AND doc_id = ?", [*values, doc_id]
        if kinds:
            where, values = f"{where} AND kind IN ({', '.join('?' * len(kinds))})", [*values, *kinds]
        rows = self._file.rows(f"SELECT * FROM remarks WHERE {where} ORDER BY revision DESC", values)
        return tuple(read_each(rows, kept_remark))

    def of_documents(self) -> tuple[KeptRemark, ...]:
        """Those on documents whatever the query, the latest first."""
        rows = self._file.rows("SELECT * FROM remarks WHERE gone = 0 AND query = '' ORDER BY revision DESC")
        return tuple(read_each(rows, kept_remark))

    def tags(self, query_ids: Collection[str] | None = None) -> tuple[TagCount, ...]:
        """The most frequent first; of the queries with these ids alone, where they are given."""
        queries: dict[str, set[str]] = {}
        targets: dict[str, int] = {}
        wanted = None if query_ids is None else set(query_ids)
        for row in self._file.rows("SELECT text, query, query_id FROM remarks WHERE gone = 0 AND kind = 'tag'"):
            if wanted is None or row["query_id"] in wanted:
                of_tag = queries.setdefault(row["text"], set())
                of_tag.update([row["query"]] if row["query"] else [])
                targets[row["text"]] = targets.get(row["text"], 0) + 1
        counts = (TagCount(tag=tag, queries=len(queries[tag]), targets=count) for tag, count in targets.items())
        return tuple(sorted(counts, key=lambda count: (-count.queries, -count.targets, count.tag)))

    def queries_by_tag(self) -> dict[str, set[str]]:
        """The ids of the dataset's queries that a tag is on, itself or one of their documents."""
        found: dict[str, set[str]] = {}
        for row in self._file.rows(
            "SELECT text, query_id FROM remarks WHERE gone = 0 AND kind = 'tag' AND query_id != ''"
        ):
            found.setdefault(row["text"], set()).add(row["query_id"])
        return found


def _checked(remark: Remark) -> Remark:
    from msgspec.structs import replace

    if not query_key(remark) and not remark.doc_id:
        raise Problem("there is nothing to keep this with: name a query, a document, or both.", usage=True)
    if remark.kind == "tag":
        remark = replace(remark, text=one_line(remark.text))
        if not remark.text or "," in remark.text:
            raise Problem("a tag is a word or a few, without a comma: write its name.", usage=True)
        if len(remark.text) > LONGEST_TAG:
            raise Problem(f"a tag has {LONGEST_TAG} characters at most: choose a shorter name.", usage=True)
    if len(remark.text) > LONGEST_NOTE:
        raise Problem(f"a note has {LONGEST_NOTE:,} characters at most: shorten it.", usage=True)
    return replace(remark, text="" if remark.kind == "bookmark" else clean(remark.text))


def _row(connection: sqlite3.Connection, remark: Remark) -> sqlite3.Row | None:
    values = {
        "kind": remark.kind,
        "query": query_key(remark),
        "doc_id": remark.doc_id,
        "who": remark.who,
        "text": remark.text,
    }
    found: sqlite3.Row | None = connection.execute(
        f"SELECT * FROM remarks WHERE gone = 0 AND query = :query AND doc_id = :doc_id AND kind = :kind "
        f"AND {_SAME[remark.kind]}",
        values,
    ).fetchone()
    return found


def _insert(connection: sqlite3.Connection, remark: Remark, title: str) -> None:
    values = {
        "kind": remark.kind,
        "query": query_key(remark),
        "query_id": clean(remark.query_id),
        "query_text": clean(remark.query_text),
        "doc_id": clean(remark.doc_id),
        "title": clean(title),
        "text": remark.text,
        "who": clean(remark.who),
        "at": remark.when or now(),
        "system": clean(remark.system),
        "rank": remark.rank,
        "folded": searched(remark.text, remark.query_text, remark.doc_id, title, remark.who),
    }
    insert(connection, "remarks", values)


def kept_remark(row: sqlite3.Row) -> KeptRemark:
    return KeptRemark(
        revision=row["revision"],
        remark=Remark(
            kind=row["kind"],
            query_id=row["query_id"],
            query_text=row["query_text"],
            doc_id=row["doc_id"],
            text=row["text"],
            who=row["who"],
            when=row["at"],
            system=row["system"],
            rank=row["rank"],
        ),
        title=row["title"],
    )
