"""The columns of the query table, and its lines as pieces: what is shown in which width, no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import QueryRow
from zsr_tui.selection import QuerySelection
from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.parts.pieces import Piece, crop, width_of
from zsr_tui.ui.queries.choice import QueryChoice

NARROWEST_TEXT = 20  # cells
JUDGED = "Judged@10"
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """`sorts` are the orders that it stands for; `width` counts the space before it; None: what is left."""

    sorts: tuple[str, ...]
    head: str
    width: int | None
    write: Callable[[QueryRow], Piece]


def number(value: float | None) -> Piece:
    return (f"{value:z.3f}".replace("-", "−"), "score") if value is not None else (UNKNOWN, "muted")


def difference(value: float | None) -> Piece:
    """With its sign, so that gains and losses differ without colour."""
    if value is None:
        return UNKNOWN, "muted"
    if value == 0:
        return "0.000", "same"
    return f"{value:+.3f}".replace("-", "−"), "up" if value > 0 else "down"


def name_of(system: int, selection: QuerySelection) -> str:
    """A system's number, from 1; `◆` is the baseline, `▶` the system that is compared with it."""
    mark = "◆" if system == selection.baseline else "▶" if system == selection.system else ""
    return f"{mark}{system + 1}"


def columns(choice: QueryChoice, item: EvaluationItem | None, id_width: int) -> list[Column]:
    """All of them, in the order in which they stand side by side. Without an `item` nothing is known of the systems."""
    selection = choice.selection

    def value(system: int) -> Callable[[QueryRow], Piece]:
        return lambda row: number(row.values[system] if system < len(row.values) else None)

    def judged(row: QueryRow) -> Piece:
        known = selection.system < len(row.judged_at_10)
        share = row.judged_at_10[selection.system] if known else None
        return (f"{share:.1f}", "score") if share is not None else (UNKNOWN, "muted")

    found = [
        Column(("qid",), "id", id_width, lambda row: (one_line(row.qid), "muted")),
        Column(("text",), "query", None, lambda row: (one_line(row.text), "text")),
        Column(("length",), "words", 7, lambda row: (str(row.length), "muted")),
        Column(("relevant",), "rel.", 6, lambda row: (str(row.relevant), "score")),
    ]
    if selection.outcome:
        found.append(Column(("documents",), "docs", 6, lambda row: (str(row.documents or 0), "score")))
    if item is None or JUDGED in item.measures:
        found.append(Column((JUDGED,), "judged", 8, judged))
    for system in range(len(item.systems) if item is not None else 0):
        found.append(Column((f"value:{system}",), name_of(system, selection), 7, value(system)))
    head = "|diff.|" if selection.sort == "abs" else "diff."
    found.append(Column(("difference", "abs"), head, 9, lambda row: difference(row.difference)))
    if choice.agreements:
        found += [
            Column(("rbo",), "RBO", 7, lambda row: number(row.rbo)),
            Column(("jaccard",), "Jacc.", 7, lambda row: number(row.jaccard)),
            Column(("tau_ap",), "τAP", 7, lambda row: number(row.tau_ap)),
        ]
    return found


def sorts(choice: QueryChoice, item: EvaluationItem | None) -> list[str]:
    """Every order, from left to right."""
    return ["position", *(sort for column in columns(choice, item, 0) for sort in column.sorts)]


def fitting(every: Sequence[Column], selection: QuerySelection, width: int) -> list[Column]:
    """The columns that there is room for. The query's text keeps `NARROWEST_TEXT`; what the table is sorted by, the
    two systems that are compared and their difference stay longest."""
    pair = {f"value:{selection.system}", f"value:{selection.baseline}"}

    def rank(column: Column) -> int:
        if column.width is None or selection.sort in column.sorts:
            return 0
        if {"difference", "documents"} & set(column.sorts) or pair & set(column.sorts):
            return 1
        order = {"rbo": 2, "jaccard": 2, "tau_ap": 2, "relevant": 3, JUDGED: 4, "qid": 5, "length": 7}
        return order.get(column.sorts[0], 6)

    room = width - 1 - NARROWEST_TEXT
    kept = []
    for column in sorted(every, key=rank):
        needed = column.width or 0
        if needed <= room or column.width is None:
            kept.append(column)
            room -= needed
    return [column for column in every if column in kept]


class TablePainter:
    """Lines of the table at a width, the cursor's gutter included. `id_width` has a space in it."""

    def __init__(self, choice: QueryChoice, item: EvaluationItem | None, id_width: int = 11) -> None:
        self._selection = choice.selection
        self._columns = columns(choice, item, id_width)
        self._fitting: dict[int, list[Column]] = {}

    def columns(self, width: int) -> list[Column]:
        """Those that there is room for."""
        if width not in self._fitting:
            self._fitting[width] = fitting(self._columns, self._selection, width)
        return self._fitting[width]

    def head(self, width: int) -> list[Piece]:
        arrow = "▼" if self._selection.descending else "▲"
        cells: list[tuple[Column, Piece]] = []
        for column in self.columns(width):
            sorted_by = self._selection.sort in column.sorts
            text = column.head + (arrow if sorted_by else "")
            cells.append((column, (text, "title-active" if sorted_by else "muted")))
        return _line(" ", cells, width)

    def line(self, row: QueryRow, gutter: str, width: int) -> list[Piece]:
        return _line(gutter, [(column, column.write(row)) for column in self.columns(width)], width)

    def sort_at(self, x: int, width: int) -> str | None:
        """What a click on the head at `x` sorts by."""
        shown = self.columns(width)
        text = width - 1 - sum(column.width or 0 for column in shown)
        end = 1
        for column in shown:
            end += column.width if column.width is not None else text
            if x < end:
                return column.sorts[0]
        return None


def _line(gutter: str, cells: Sequence[tuple[Column, Piece]], width: int) -> list[Piece]:
    room = width - 1 - sum(column.width or 0 for column, _ in cells)
    pieces: list[Piece] = [(gutter, "strong")]
    for column, (text, role) in cells:
        left = column.sorts[0] in ("qid", "text")
        size = room if column.width is None else column.width
        if column.sorts[0] == "qid":
            text = shorten_middle(text, size - 1)  # the end of an id is what tells it from others
        pieces += padded(text, role, size, left=left)
    return pieces


def padded(text: str, role: str, size: int, *, left: bool = False) -> list[Piece]:
    """Text in exactly `size` cells, the last of them free on the left side, the first on the right."""
    cut = crop([(text, role)], max(0, size - 1))
    space = (" " * (size - width_of(cut)), "plain")
    return [*cut, space] if left else [space, *cut]
