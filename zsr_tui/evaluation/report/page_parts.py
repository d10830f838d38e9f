"""Tables and figures as HTML."""

from __future__ import annotations

import math

from zsr_tui.evaluation.report.table import UP, Cell, Column, Table
from zsr_tui.plots import svg
from zsr_tui.plots.model import AnyPlot
from zsr_tui.plots.svg_parts import escape
from zsr_tui.text import one_line


def esc(text: str) -> str:
    """On one line, safe in HTML."""
    return escape(one_line(text))


def table_html(table: Table, *, heading: bool = True, sortable: bool = True) -> str:
    """The first column of a table names its row. Sorting needs the script; the table does not."""
    head = "".join(_head(column) for column in table.columns)
    body = "\n".join(
        "<tr>"
        + "".join(
            _cell(cell, column, first=column is table.columns[0])
            for cell, column in zip(row, table.columns, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    notes = "".join(f'<p class="note">{esc(note)}</p>' for note in table.notes)
    title = f"<h3>{esc(table.title)}</h3>" if heading else ""
    kind = ' class="sort"' if sortable else ""
    inside = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    return f'{title}<div class="scroll"><table{kind}>{inside}</table></div>{notes}'


def _head(column: Column) -> str:
    kinds = [name for name, wanted in (("n", column.number), ("w", len(column.name) > 16)) if wanted]
    kind = f' class="{" ".join(kinds)}"' if kinds else ""
    about = f' title="{esc(column.about)}"' if column.about else ""
    return f'<th scope="col"{kind}{about}>{esc(column.name)}</th>'


def _cell(cell: Cell, column: Column, *, first: bool) -> str:
    text = f"<strong>{esc(cell.text)}</strong>" if cell.best else esc(cell.text)
    if cell.mark:
        kind, said = ("up", "significantly better") if cell.mark == UP else ("down", "significantly worse")
        text += f' <span class="{kind}" title="{said}">{cell.mark}</span>'
    if first:
        return f'<th scope="row"{" class=n" if column.number else ""}>{text}</th>'
    if not column.number:
        return f'<td class="q">{text}</td>'
    known = cell.order is not None and math.isfinite(cell.order)
    return f'<td class="n" data-v="{f"{cell.order:.10g}" if known else ""}">{text}</td>'


def figure_html(plot: AnyPlot, *, words: bool = True, width: int = svg.WIDTH) -> str:
    """The plot with its title, and its words unless a table beside it says the same."""
    about = f"<small>{esc(plot.about)}</small>" if words else ""
    return (
        f"<figure><figcaption>{esc(plot.title)}{about}</figcaption>\n"
        f'<div class="plot">{svg.draw(plot, standalone=False, width=width)}</div></figure>'
    )


def details(summary: str, inside: str) -> str:
    return f"<details><summary>{esc(summary)}</summary>\n{inside}</details>"
