"""What a person has judged and noted of the evaluated queries, as a table of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zsr_tui.evaluation.report.table import Cell, Column, Table
from zsr_tui.numerals import counted, date


@dataclass(frozen=True, slots=True)
class Kept:
    """`kind` is "judgment", "note", "tag" or "bookmark"; `doc_id` is "" for what is about the query, `qid` for what is
    about a document whatever the query. `said` is the grade with its reason, the note, or the tag."""

    kind: str
    qid: str
    query: str
    doc_id: str
    title: str
    said: str
    who: str
    when: str


def kept_table(entries: Sequence[Kept]) -> Table | None:
    """The latest first; None where there is nothing."""
    if not entries:
        return None
    columns = [Column(name, number=False) for name in ("what", "query", "document", "says", "by", "when")]
    rows = tuple(
        (
            Cell(each.kind),
            Cell(f"{each.qid} {each.query}".strip()),
            Cell(f"{each.doc_id} {each.title}".strip()),
            Cell(each.said),
            Cell(each.who),
            Cell(date(each.when)),
        )
        for each in entries
    )
    kinds = [each.kind for each in entries]
    said = ", ".join(counted(kinds.count(kind), kind) for kind in dict.fromkeys(kinds))
    return Table("Judged and noted", tuple(columns), rows, (f"{said}; they are not the dataset's.",))
