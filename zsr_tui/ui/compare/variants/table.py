"""The table of variants: a row for each text, a column for each system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zsr_tui.api.variants import Variant, VariantMeasured
from zsr_tui.domain import AnySource
from zsr_tui.text import one_line
from zsr_tui.ui.compare.ranking.head import change, other_value, short, short_value
from zsr_tui.ui.parts.grid import Column, Name, Table
from zsr_tui.ui.parts.judging.marks import named
from zsr_tui.ui.parts.pieces import Piece, shorten_notation

LABEL = 22  # cells of a system's name
AS_IT_IS = 0  # the row of the query itself
Cells = Mapping[tuple[int, int], VariantMeasured]  # by system and variant


def title(variant: Variant) -> str:
    """`without "vitamin"`; for the others what they are."""
    return f"{variant.kind} “{one_line(variant.term)}”" if variant.term else variant.kind


def differs(cell: VariantMeasured) -> bool:
    """Whether other judgments give another figure."""
    return cell.ndcg is not None and short(cell.ndcg) != short(cell.beside)


def table(
    variants: Sequence[Variant],
    labels: Sequence[str],
    cells: Cells,
    failed: Mapping[int, str],
    over: Sequence[AnySource],
    beside: Sequence[AnySource],
) -> Table:
    """Over the judgments of the sources `over` nDCG@10 and its change against the query as it is, and the figure over
    those of `beside` where it is another; without any the documents of its first ten that are still there and RBO."""
    judged = bool(over)
    names = tuple(
        Name(title(variant), role="strong" if row == AS_IT_IS else "text") for row, variant in enumerate(variants)
    )
    group = "first 10 still there, RBO"
    if judged:
        group = f"nDCG@10 and its change, over {named(over)} judgments"  # whose, the line below says, too
    columns = []
    for system, label in enumerate(labels):
        worst = _worst(system, len(variants), cells, judged=judged)
        both = any(differs(cell) for (of, _), cell in cells.items() if of == system)
        columns.append(
            Column(
                head=shorten_notation(label, LABEL),
                cells=tuple(
                    _failed()
                    if system in failed
                    else _cell(system, row, cells, row in worst, beside if both else None, judged=judged)
                    for row in range(len(variants))
                ),
                group=group,
            )
        )
    return Table("variant", names, tuple(columns))


def _failed() -> tuple[Piece, ...]:
    return (("failed", "error"),)


def _cell(
    system: int, row: int, cells: Cells, worst: bool, beside: Sequence[AnySource] | None, *, judged: bool
) -> tuple[Piece, ...]:
    """`◂` marks the variant that loses most, in the query's own list. `beside`: the sources whose figure stands beside
    where it is another; None where it is the same in the whole column."""
    found, own = cells.get((system, row)), cells.get((system, AS_IT_IS))
    if found is None or own is None:
        return (("…", "muted"),)
    mark: Piece = (" ◂" if worst else "  ", "down")
    if judged and found.ndcg is not None and own.ndcg is not None:
        by = ("     ", "plain") if row == AS_IT_IS else change(found.ndcg - own.ndcg)
        cell = (short_value(found.ndcg), "strong"), (" ", "plain"), (f"{by[0]:>5}", by[1]), mark
        if beside is None:
            return cell
        other = "".join(text for text, _ in other_value(found.ndcg, found.beside, beside))
        return ((f"{other.strip():<6}", "faint"), *cell)
    if row == AS_IT_IS:
        return (("10 of itself" if own.overlap == 10 else f"{own.overlap} found", "muted"), mark)
    return ((f"{found.overlap:>2}", "strong"), (f"  {short_value(found.rbo)}", "muted"), mark)


def _worst(system: int, rows: int, cells: Cells, *, judged: bool) -> set[int]:
    """The rows with the largest loss of a system, once all are there; none where nothing is lost."""
    own = cells.get((system, AS_IT_IS))
    found = [cells.get((system, row)) for row in range(rows)]
    if own is None or None in found:
        return set()
    values = [_value(cell, judged=judged) for cell in found if cell is not None]
    lowest = min(values)
    return {row for row, value in enumerate(values) if value == lowest} if lowest < values[AS_IT_IS] else set()


def _value(cell: VariantMeasured, *, judged: bool) -> float:
    return cell.ndcg if judged and cell.ndcg is not None else cell.rbo
