"""The report as Markdown."""

from __future__ import annotations

import re

from zsr_tui.domain import relevant_from
from zsr_tui.evaluation.report.chosen import DEPTH, Chosen
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.headline import facts, lead, title, warnings
from zsr_tui.evaluation.report.kept import kept_table
from zsr_tui.evaluation.report.provenance import provenance
from zsr_tui.evaluation.report.table import Cell, Column, Table, escape_markdown, markdown
from zsr_tui.evaluation.report.tables import report_tables
from zsr_tui.numerals import value
from zsr_tui.text import one_line


def as_markdown(contents: Contents) -> str:
    """The tables, the chosen queries with their lists side by side, and how to repeat it."""
    parts = [f"# {escape_markdown(title(contents))}\n", f"{escape_markdown(facts(contents))}\n"]
    parts += [f"> {escape_markdown(note)}\n" for note in warnings(contents)]
    parts += [f"{escape_markdown(sentence)}\n" for sentence in lead(contents)]
    parts += [markdown(table) for table in report_tables(contents)]
    if contents.queries:
        parts.append("## Chosen queries\n\n●: relevant, with its grade; ○: judged not relevant; ·: unjudged.\n")
        parts += [_query(contents, chosen) for chosen in contents.queries]
    if (kept := kept_table(contents.kept)) is not None:
        parts.append(markdown(kept))
    parts.append("## How to repeat it\n")
    parts += [f"- {escape_markdown(name)}: {_code(said)}" for name, said in provenance(contents)]
    return "\n".join([*parts, ""])


def _query(contents: Contents, chosen: Chosen) -> str:
    evaluation = contents.evaluation
    query = evaluation.queries[chosen.query]
    title = escape_markdown(query.text) or "(empty query)"
    parts = [f"### {title}\n", f"{escape_markdown(chosen.about(evaluation))}\n"]
    why = chosen.lines(evaluation.names, contents.baseline)
    parts += [f"- **{escape_markdown(said)}**{f': {escape_markdown(stages)}' * bool(stages)}" for said, stages in why]
    if why:
        parts.append("")
    parts.append(markdown(_lists(contents, chosen.query), heading=False))
    for each in contents.whys.get(chosen.query, ()):
        table = each.table(evaluation.names)
        parts += [f"#### {escape_markdown(table.title)}\n", markdown(table, heading=False)]
    return "\n".join(parts)


def _lists(contents: Contents, index: int) -> Table:
    """A column for each system that has a list, its first documents below its value."""
    evaluation = contents.evaluation
    shown, at = evaluation.names, evaluation.measures.index(contents.measure)
    lists = evaluation.lists(index)
    finals = {
        number: final.doc_ids[:DEPTH]
        for number, system in enumerate(evaluation.systems)
        if (final := system.final(lists.by_stage)) is not None
    }
    wanted = sorted({doc_id for doc_ids in finals.values() for doc_id in doc_ids})
    docs = evaluation.documents(evaluation.queries[index].member, wanted)

    def cell(doc_id: str) -> Cell:
        grade = lists.judgments.get(doc_id)
        mark = "· " if grade is None else "○ " if grade < relevant_from() else f"●{grade} "
        titled = docs[doc_id].title.strip() if doc_id in docs else ""
        return Cell(f"{mark}{titled} ({doc_id})" if titled else f"{mark}{doc_id}")

    columns = (Column("rank"), *(Column(shown[system], number=False) for system in finals))
    values = [Cell(value(float(evaluation.values[system, at, index]))) for system in finals]
    rows = [(Cell(contents.measure), *values)]
    for rank in range(max(map(len, finals.values()), default=0)):
        documents = (cell(doc_ids[rank]) if rank < len(doc_ids) else Cell("") for doc_ids in finals.values())
        rows.append((Cell(str(rank + 1)), *documents))
    return Table("Lists", columns, tuple(rows))


def _code(said: str) -> str:
    """A code span: delimited by more backticks than the text has in a row."""
    text = one_line(said)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
