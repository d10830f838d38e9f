"""The tables of fusions, and of retrievers with rerankers."""

from __future__ import annotations

from zsr_tui.evaluation.plots.weights import sentences
from zsr_tui.evaluation.report.table import Cell, Column, Table
from zsr_tui.evaluation.sweep import WEIGHTS, Sweep
from zsr_tui.numerals import value


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
