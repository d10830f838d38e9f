"""Systems by datasets, as in the paper's main table, over all stored evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zsr_tui.api.evaluations import MatrixView, Number
from zsr_tui.domain import DATASET_ONLY
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.table.columns import BEST, beside, best, differs, signed
from zsr_tui.ui.parts.grid import NONE, Column, Name, Table
from zsr_tui.ui.parts.judging.marks import GLYPHS, named
from zsr_tui.ui.parts.pieces import Piece


def matrix_table(view: MatrixView) -> Table:
    """The best of each column is marked; both values stand where other judgments give another."""

    def column(
        head: str, values: Sequence[Number], others: Sequence[Number], marked: Iterable[int], group: str = ""
    ) -> Column:
        rows = set(marked)
        both = any(map(differs, values, others))

        def cell(row: int, value: Number) -> tuple[Piece, ...]:
            if value is None and not both:
                return NONE
            said = "–" if value is None else f"{value:.4f}"
            pieces: tuple[Piece, ...] = (
                (said, "strong" if row in rows else "score"),
                (BEST if row in rows else " ", "strong"),
            )
            return (beside(value, others[row], view.beside), *pieces) if both else pieces

        return Column(head, tuple(cell(row, value) for row, value in enumerate(values)), group)

    average = []
    if view.common:
        over = f"average of {len(view.common):,}"
        having = sum(value is not None for value in view.averages)
        head = "that all have " if having == len(view.averages) else f"that {having:,} have "
        average = [column(head.rjust(len(over) + 2), view.averages, view.averages_beside, best(view.averages), over)]
    return Table(
        f"{view.measure} by system",
        tuple(Name(one_line(system)) for system in view.systems),
        (
            *average,
            *(
                column(
                    f"{one_line(dataset)} ",
                    [row[number] for row in view.cells],
                    [row[number] for row in view.cells_beside],
                    view.best[number],
                )
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
        *_whose(view),
        [(averaged, "muted")],
    ]
    if view.in_domain:
        tau = "too few systems to say" if view.correlation is None else f"Kendall's τ {signed(view.correlation, 2)}"
        lines.append([(f"order on {one_line(view.in_domain)} (in domain) against the average: {tau}", "text")])
    return lines


def _whose(view: MatrixView) -> list[list[Piece]]:
    """What the marks mean, and whose judgments the figures are over."""
    marks = f"{BEST} best of the column · – not evaluated on all queries"
    if view.counting == DATASET_ONLY and not view.beside:
        return [[(f"{marks} · over the datasets' own judgments", "muted")]]
    glyph = GLYPHS["dataset" if view.beside == DATASET_ONLY else "own"][0]
    said = f"over {named(view.counting)}; {glyph} over {named(view.beside)}, where it is another"
    return [[(marks, "muted")], [(said, "muted" if view.counting == DATASET_ONLY else "warning")]]
