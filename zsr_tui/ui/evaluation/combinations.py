"""Retrievers by rerankers, each with what it gains over its retriever alone."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.api.evaluations import CellView, CombinationsView
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.table.columns import BEST, DOWN, EQUAL, UP, mark, signed
from zsr_tui.ui.parts.grid import NONE, Column, Name, Table
from zsr_tui.ui.parts.pieces import Piece


def combinations_table(view: CombinationsView) -> Table:
    """The best of all is marked; of each cell the mean, and the difference with its mark of significance."""
    means = [cell.mean for row in (view.alone, *view.cells) for cell in row if cell is not None]
    best = max((mean for mean in means if mean is not None), default=None)

    def cell(found: CellView | None) -> tuple[Piece, ...]:
        if found is None or found.mean is None:
            return NONE
        first = best is not None and best - found.mean < EQUAL
        pieces: tuple[Piece, ...] = (
            (f"{found.mean:.4f}", "strong" if first else "score"),
            (BEST if first else " ", "strong"),
        )
        if found.difference is None:
            return pieces
        sign = mark(found)
        role = {UP: "up", DOWN: "down"}.get(sign, "muted")
        return (*pieces, (f" {signed(found.difference)}", role), (sign or " ", role))

    def column(head: str, cells: Sequence[CellView | None]) -> Column:
        return Column(head, tuple(map(cell, cells)))

    return Table(
        f"{view.measure} by retriever",
        tuple(Name(one_line(row)) for row in view.rows),
        (
            column("no reranker ", view.alone),
            *(column(one_line(name), [row[place] for row in view.cells]) for place, name in enumerate(view.columns)),
        ),
    )


def combinations_lines() -> list[list[Piece]]:
    """What the marks mean."""
    return [
        [(f"{BEST} best · differences are to the retriever without a reranker · – not evaluated", "muted")],
        [(f"{UP} {DOWN} significantly better, worse (5 %, p after Holm-Bonferroni over all cells)", "muted")],
    ]
