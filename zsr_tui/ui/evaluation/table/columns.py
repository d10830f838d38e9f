"""The table of an evaluation as data for a `Grid`: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from zsr_tui import numerals
from zsr_tui.api.evaluations import CellView, EvaluationView, Number, PublishedFigure, SystemView, Test
from zsr_tui.domain import DATASET_ONLY, LEVEL, AnySource
from zsr_tui.text import one_line
from zsr_tui.ui.parts.grid import NONE, Column, Name, Table, text
from zsr_tui.ui.parts.judging.marks import GLYPHS
from zsr_tui.ui.parts.pieces import Piece

UP, DOWN = "▲", "▼"  # significantly better, worse than the baseline
BEST = "*"
EQUAL = 5e-5  # values that are the same to four digits are equally good
TESTS: dict[Test, str] = {"t": "paired t-test", "randomisation": "randomisation test"}

Cell = tuple[Piece, ...]


def names(view: EvaluationView) -> list[str]:
    """Labels, or notations where two systems share a label."""
    labels = [system.label for system in view.systems]
    return [one_line(each.label if labels.count(each.label) == 1 else each.notation) for each in view.systems]


def system_table(view: EvaluationView, published: Iterable[PublishedFigure], measure: str) -> Table:
    """A row per system; everything against the baseline is about `measure`, which comes first."""
    by_place: dict[tuple[int, str], PublishedFigure] = {}
    for figure in published:
        by_place.setdefault((figure.system, figure.measure), figure)  # the closest comes first
    others = [name for name in view.item.measures if name != measure]
    baseline = names(view)[view.baseline]
    columns = (
        Column("params", _cells(view, lambda one: text(_size(one)))),
        _mean_column(view, measure),
        *_against(view, measure, f"against {baseline}"),
        *(_mean_column(view, name) for name in others),
        Column("ms/query", _cells(view, lambda one: text(_short(one.ms_per_query)))),
        Column("pairs/s", _cells(view, lambda one: text(_short(one.pairs_per_second)))),
        *_unjudged(view, measure),
        *_published(view, by_place, measure),
        Column("queries", _cells(view, lambda one: text(numerals.count(one.queries)))),
        Column("self-hits", _cells(view, lambda one: text(numerals.count(one.dropped_self)))),
    )
    return Table(
        "system",
        tuple(
            Name(
                name,
                ((f"{number} ", "muted"), ("◆ " if number - 1 == view.baseline else "  ", "reference")),
                whole=one_line(system.notation),
            )
            for number, (name, system) in enumerate(zip(names(view), view.systems, strict=True), start=1)
        ),
        columns,
    )


def _size(one: SystemView) -> str:
    """Parameters, and the precision in which the models ran: every figure of the row is of that."""
    return f"{numerals.parameters(one.parameters)} {one.precision}".strip()


def _against(view: EvaluationView, measure: str, group: str) -> list[Column]:
    def column(head: str, write: Callable[[CellView], Cell]) -> Column:
        def cell(one: SystemView) -> Cell:
            if one.system == view.baseline:
                return (("baseline", "reference"),) if head == "Δ" else NONE
            found = one.cells.get(measure)
            return NONE if found is None or found.difference is None else write(found)

        return Column(head, _cells(view, cell), group)

    return [
        column("Δ", lambda cell: ((signed(cell.difference), _sign(cell)),)),
        column("p (Holm)", lambda cell: ((_p(cell.p_holm), "strong" if mark(cell) else "text"),)),
        column("p", lambda cell: ((_p(cell.p), "muted"),)),
        column("effect d", lambda cell: text(signed(cell.effect, 2))),
        column("95 % interval", lambda cell: text(_interval(cell.low, cell.high))),
        column("win/tie/loss", lambda cell: text(f"{cell.wins}/{cell.ties}/{cell.losses}")),
    ]


def _mean_column(view: EvaluationView, measure: str) -> Column:
    """The measure with its marks: the best of the column, and significance."""
    judged = measure.startswith("Judged")  # says how much of a list was judged: more is no better
    firsts = set() if judged else best([_mean(one, measure) for one in view.systems])
    anything = not judged and any(mark(one.cells.get(measure)) for one in view.systems)

    means = [(found.mean, found.beside) for one in view.systems if (found := one.cells.get(measure)) is not None]
    besides = bool(view.beside) and any(differs(mean, other) for mean, other in means)

    def cell(one: SystemView) -> Cell:
        mean = _mean(one, measure)
        if mean is None:
            return NONE
        sign = mark(one.cells.get(measure)) if one.system != view.baseline else ""
        first = one.system in firsts
        pieces: Cell = ((f"{mean:.4f}", "strong" if first else "score"), (BEST if first else " ", "strong"))
        if besides:
            other = one.cells[measure].beside
            pieces = (beside(mean, other, view.beside), *pieces)
        return (*pieces, (sign or " ", "up" if sign == UP else "down")) if anything else pieces

    return Column(measure + ("  " if anything else " "), _cells(view, cell))


def beside(mean: Number, other: Number, sources: Sequence[AnySource]) -> Piece:
    """`●.4890`: the figure over the judgments of other sources, where it is another; blank where it is not."""
    glyph = GLYPHS["dataset" if tuple(sources) == DATASET_ONLY else "own"][0]
    said = "–" if other is None else f"{other:.4f}".replace("0.", ".", 1)
    return (f"{glyph}{said}" if differs(mean, other) else "").ljust(7), "faint"


def differs(mean: Number, other: Number) -> bool:
    return (mean is None) != (other is None) or (mean is not None and other is not None and abs(mean - other) >= EQUAL)


def _unjudged(view: EvaluationView, measure: str) -> list[Column]:
    def bounds(one: SystemView) -> Cell:
        found = one.cells.get(measure)
        if found is None or found.mean is None or found.maximum is None:
            return NONE
        return text(f"{found.mean:.4f}–{found.maximum:.4f}")

    def condensed(one: SystemView) -> Cell:
        found = one.cells.get(measure)
        return NONE if found is None or found.condensed is None else text(f"{found.condensed:.4f}")

    group = f"{measure} and unjudged"
    return [Column("judged only", _cells(view, condensed), group), Column("bounds", _cells(view, bounds), group)]


def _published(view: EvaluationView, by_place: Mapping[tuple[int, str], PublishedFigure], measure: str) -> list[Column]:
    if not any(name == measure for _, name in by_place):
        return []

    def figure(one: SystemView) -> Cell:
        found = by_place.get((one.system, measure))
        return NONE if found is None else text(published_value(found))

    def difference(one: SystemView) -> Cell:
        """Published figures are over all queries."""
        found, mean = by_place.get((one.system, measure)), _mean(one, measure)
        partial = view.item.done < view.item.queries or view.item.subset
        return NONE if found is None or mean is None or partial else text(signed(mean - found.value))

    group = f"{measure} published"
    return [Column("figure", _cells(view, figure), group), Column("difference", _cells(view, difference), group)]


def published_value(figure: PublishedFigure) -> str:
    """With the digits that were published; `≈` where it was read off a plot."""
    return f"{'≈' if figure.approximate else ''}{figure.value:.{figure.digits}f}"


def _cells(view: EvaluationView, write: Callable[[SystemView], Cell]) -> tuple[Cell, ...]:
    return tuple(write(one) for one in view.systems)


def _mean(system: SystemView, measure: str) -> Number:
    cell = system.cells.get(measure)
    return None if cell is None else cell.mean


def best(values: Sequence[Number]) -> set[int]:
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return set()
    return {row for row, value in enumerate(values) if value is not None and max(known) - value < EQUAL}


def mark(cell: CellView | None) -> str:
    """UP or DOWN where the difference is significant, "" elsewhere."""
    if cell is None or cell.p_holm is None or cell.difference is None or cell.p_holm >= LEVEL:
        return ""
    return UP if cell.difference > 0 else DOWN


def _sign(cell: CellView) -> str:
    sign = mark(cell)
    return "up" if sign == UP else "down" if sign else "text"


def _p(value: Number) -> str:
    return "–" if value is None else "<0.001" if value < 0.001 else f"{value:.3f}"


def _interval(low: Number, high: Number) -> str:
    return "–" if low is None or high is None else f"{signed(low)} {signed(high)}"


def signed(value: Number, digits: int = 4) -> str:
    """With its sign, a true minus; "–" for None."""
    return "–" if value is None else f"{value:+z.{digits}f}".replace("-", "−")


def _short(value: Number) -> str:
    return "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
