"""The tables of fusions, and of retrievers with rerankers."""

from __future__ import annotations

import math

from zsr_tui.evaluation.combinations import Combinations, Combined
from zsr_tui.evaluation.plots.weights import sentences
from zsr_tui.evaluation.report.table import DOWN, UP, Cell, Column, Table
from zsr_tui.evaluation.sweep import WEIGHTS, Sweep
from zsr_tui.numerals import signed, value


def sweep_table(sweep: Sweep) -> Table:
    """Every other weight, and the best one."""
    shown = [place for place in range(len(WEIGHTS)) if place % 2 == 0 or place == sweep.best]
    cells = [Cell(value(sweep.values[place]), place == sweep.best, order=sweep.values[place]) for place in shown]
    first = sweep.parts[0]
    columns = (Column("", number=False), *(Column(f"{WEIGHTS[place]:.2f}") for place in shown))
    return Table(
        f"{sweep.measure} by weight of {first} in {sweep.title}",
        columns,
        ((Cell(sweep.measure), *cells),),
        tuple(sentences(sweep)),
    )


def combinations_table(found: Combinations) -> Table:
    """A row for each retriever, a column for each reranker, the best of all in bold."""
    means = [cell.mean for row in (found.alone, *found.cells) for cell in row if cell and math.isfinite(cell.mean)]
    best = f"{max(means):.4f}" if means else ""

    def cell(each: Combined | None) -> Cell:
        if each is None or not math.isfinite(each.mean):
            return Cell("–")
        text, against = value(each.mean), each.against
        mark = "" if against is None or not against.significant else UP if against.difference > 0 else DOWN
        shown = text if against is None else f"{text} ({signed(against.difference)})"
        return Cell(shown, f"{each.mean:.4f}" == best, mark, order=each.mean)

    rows = [
        (Cell(name), cell(alone), *map(cell, row))
        for name, alone, row in zip(found.rows, found.alone, found.cells, strict=True)
    ]
    columns = (Column("retriever", number=False), Column("no reranker"), *map(Column, found.columns))
    notes = (
        "In brackets: the difference to the retriever without a reranker; "
        f"{UP} {DOWN}: significant, p corrected by Holm over all cells. Bold: the best.",
    )
    return Table(f"{found.measure} by retriever and reranker", columns, tuple(rows), notes)
