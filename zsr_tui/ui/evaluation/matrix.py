"""Systems by datasets, as in the paper's main table, over all stored evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zsr_tui.api.evaluations import MatrixView, Number
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.table.columns import BEST, best, signed
from zsr_tui.ui.parts.grid import NONE, Column, Name, Table
from zsr_tui.ui.parts.pieces import Piece


def matrix_table(view: MatrixView) -> Table:
    """The best of each column is marked."""

    def column(head: str, values: Sequence[Number], marked: Iterable[int], group: str = "") -> Column:
        rows = set(marked)

        def cell(row: int, value: Number) -> tuple[Piece, ...]:
            if value is None:
                return NONE
            return (f"{value:.4f}", "strong" if row in rows else "score"), (BEST if row in rows else " ", "strong")

        return Column(head, tuple(cell(row, value) for row, value in enumerate(values)), group)

    average = []
    if view.common:
        over = f"average of {len(view.common):,}"
        having = sum(value is not None for value in view.averages)
        head = "that all have " if having == len(view.averages) else f"that {having:,} have "
        average = [column(head.rjust(len(over) + 2), view.averages, best(view.averages), over)]
    return Table(
        f"{view.measure} by system",
        tuple(Name(one_line(system)) for system in view.systems),
        (
            *average,
            *(
                column(f"{one_line(dataset)} ", [row[number] for row in view.cells], view.best[number])
                for number, dataset in enumerate(view.datasets)
            ),
        ),
    )


def matrix_lines(view: MatrixView) -> list[list[Piece]]:
    """What the marks and averages mean, and whether the order in domain is the one elsewhere."""
    averaged = "no average: the systems have too few datasets in common"
    if view.common:
        over = f"average over {', '.join(map(one_line, view.common))}"
        averaged = f"{over}: – lacks one of them" if None in view.averages else f"{over}, which all systems have"
    lines: list[list[Piece]] = [
        [(f"{BEST} best of the column · – not evaluated on all queries · over the datasets' own judgments", "muted")],
        [(averaged, "muted")],
    ]
    if view.in_domain:
        tau = "too few systems to say" if view.correlation is None else f"Kendall's τ {signed(view.correlation, 2)}"
        lines.append([(f"order on {one_line(view.in_domain)} (in domain) against the average: {tau}", "text")])
    return lines
