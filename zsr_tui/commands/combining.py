"""Retrievers by rerankers, and the weights of fused pairs, as `zsr-tui evaluate` prints them."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui import pipeline
from zsr_tui.api.evaluations import CellView, CombinationsView, SweepView
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.session import notations
from zsr_tui.commands.table import table, wrapped
from zsr_tui.domain import LEVEL
from zsr_tui.text import flat


async def combined(engine: EngineApi, retrievers: tuple[str, ...], rerankers: Sequence[str], depth: int) -> list[str]:
    """Each retriever alone, and with each reranker. Raises `Problem` for one that is not understood."""
    named = await notations(engine, retrievers)
    systems = map(str, pipeline.combined(map(pipeline.parse, named), rerankers, depth))
    return list(await notations(engine, tuple(systems)))


def combinations_text(view: CombinationsView) -> str:
    """The table, with what its marks mean above it."""
    head = (
        f"{view.measure} by retriever and reranker (in brackets: against no reranker; * below {LEVEL}, p after "
        "Holm-Bonferroni over all cells)"
    )
    rows = [
        [name, *map(_cell, (alone, *cells))]
        for name, alone, cells in zip(view.rows, view.alone, view.cells, strict=True)
    ]
    header = ["retriever", "no reranker", *view.columns]
    return f"{wrapped(head)}\n{table(header, rows, right=set(range(1, len(header))))}"


def _cell(cell: CellView | None) -> str:
    if cell is None or cell.mean is None:
        return "-"
    if cell.difference is None:
        return f"{cell.mean:.4f}"
    star = "*" if cell.p_holm is not None and cell.p_holm < LEVEL else " "
    return f"{cell.mean:.4f} ({cell.difference:+.4f}{star})"


def sweep_text(view: SweepView) -> str:
    """The weights with their values, and what they say."""
    head = f"{view.measure} of {flat(view.fusion)} by weight of {flat(view.parts[0])}"
    pairs = list(zip(view.weights, view.values, strict=True))
    half = (len(pairs) + 1) // 2
    shown = [f"{weight:.2f}  {'' if value is None else f'{value:.4f}'}".ljust(14) for weight, value in pairs]
    right = [*shown[half:], *[""] * (2 * half - len(shown))]
    lines = [f"  {left}{other}".rstrip() for left, other in zip(shown[:half], right, strict=True)]
    return "\n".join(
        [
            wrapped(head),
            *lines,
            *(wrapped(flat(sentence)) for sentence in view.said),
            wrapped(f"best: {flat(view.best)}"),
        ]
    )
