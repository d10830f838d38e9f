"""Every query as a point: its value in the baseline to the right, in the system upwards, with the cursor on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from zsr_tui.api.queries import Differences, QueryRow
from zsr_tui.text import one_line
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, crop, width_of
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.table.columns import difference, name_of, number

LEFT = 7  # cells of the labels on the left, the axis among them
BELOW = 5  # lines that are not the field: one above it, two of the axis, two about the query
WIDEST = 4  # columns for a line of the field: a cell is twice as high as it is wide
MARKS = ((10, "█"), (2, "●"), (1, "•"))  # for so many queries in a place


def limits(values: Sequence[float]) -> tuple[float, float]:
    """Of both axes: most measures are from 0 to 1."""
    return min(0.0, *values, 0.0), max(1.0, *values, 1.0)


def cells(
    ours: Sequence[float], theirs: Sequence[float], ends: tuple[float, float], width: int, height: int
) -> list[tuple[int, int]]:
    """(column, line) of every point in a field whose axes have these `ends`: to the right and to the top is better."""
    low, high = ends

    def at(value: float, size: int) -> int:
        return round((value - low) / (high - low) * (size - 1))

    return [(at(x, width), height - 1 - at(y, height)) for y, x in zip(ours, theirs, strict=True)]


def diagonal(width: int, height: int) -> set[tuple[int, int]]:
    """Where both values are the same: one place on every line, or in every column of a narrow field."""
    steps = min(width, height) - 1
    if steps < 1:
        return set()
    return {(round(n / steps * (width - 1)), height - 1 - round(n / steps * (height - 1))) for n in range(steps + 1)}


class QueryScatter(CursorView):
    """Places are those of `Differences`, which are those of the table; the cursor is the table's."""

    DEFAULT_CSS = "QueryScatter { height: 1fr; }"

    @dataclass
    class Moved(Message):
        """A key: so many places further."""

        by: int

    @dataclass
    class Clicked(Message):
        place: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: Differences | None = None
        self._ours: list[float] = []
        self._limits = (0.0, 1.0)
        self._names = ("", "")
        self._place: int | None = None
        self._row: QueryRow | None = None
        self._placeholder = ""
        self._cells: list[tuple[int, int]] = []
        self._at: dict[tuple[int, int], list[int]] = {}
        self._equal: set[tuple[int, int]] = set()
        self._drawn_for = (0, 0)  # that they are of

    def show(self, found: Differences | None, choice: QueryChoice) -> None:
        """None: they have not come yet."""
        one = choice.selection
        names = name_of(one.system, one), name_of(one.baseline, one)
        placeholder = "No query matches." if choice.filtered else "There is no query with a value in both systems."
        if found is None:
            placeholder = "Reading the queries ..."
        if found is self._found and (names, placeholder) == (self._names, self._placeholder):
            return
        self._found, self._names, self._placeholder = found, names, placeholder
        self._ours = [a + b for a, b in zip(found.values, found.baseline_values, strict=True)] if found else []
        self._limits = limits([*self._ours, *found.baseline_values]) if found else (0.0, 1.0)
        self._drawn_for = (0, 0)
        self.refresh()

    def mark(self, place: int | None, row: QueryRow | None) -> None:
        """The query under the table's cursor, as far as it is known."""
        self._place, self._row = place, row
        self.refresh()

    def action_move(self, by: int) -> None:
        self.post_message(self.Moved(by))

    def action_page(self, direction: int) -> None:
        self.post_message(self.Moved(10 * direction))

    def _field_size(self) -> tuple[int, int]:
        lines = max(3, self.size.height - BELOW)
        return max(10, min(self.size.width - LEFT - 1, WIDEST * lines)), lines

    def _drawn(self) -> dict[tuple[int, int], list[int]]:
        """The queries in each cell."""
        size = self._field_size()
        if self._drawn_for != size and self._found is not None:
            self._drawn_for, self._at = size, {}
            self._cells = cells(self._ours, self._found.baseline_values, self._limits, *size)
            self._equal = diagonal(*size)
            for place, cell in enumerate(self._cells):
                self._at.setdefault(cell, []).append(place)
        return self._at

    def on_click(self, event: events.Click) -> None:
        if not self._ours:
            return
        x, y = event.x - LEFT, event.y - 1
        near = min(self._drawn().items(), key=lambda each: abs(each[0][0] - x) + 2 * abs(each[0][1] - y))
        if y < self._field_size()[1]:
            # A click on the place of the cursor goes on to the next query that is there too.
            own = near[1]
            on = own.index(self._place) + 1 if self._place in own and event.chain == 1 else 0
            if event.chain == 2:
                self.post_message(self.Opened())
            else:
                self.post_message(self.Clicked(own[on % len(own)]))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        columns, lines = self._field_size()
        if self._found is None or not self._ours:
            return self._palette.strip([(f" {self._placeholder}" if y == 1 else "", "muted")], width)
        if y == 0:
            return self._palette.strip(crop(self._head(width), width), width)
        if y <= lines:
            return self._palette.strip(self._field_line(y - 1), width)
        low, high = map(_label, self._limits)
        if y == lines + 1:
            return self._palette.strip([(f"{' ' * (LEFT - 1)}└{'─' * columns}", "rule")], width)
        if y == lines + 2:
            ends = f"{' ' * LEFT}{low}".ljust(LEFT + columns - len(high)) + high
            return self._palette.strip([(ends, "muted")], width)
        about = self._about()
        return self._palette.strip(crop(about[y - lines - 3], width) if y - lines - 3 < len(about) else (), width)

    def _head(self, width: int) -> list[Piece]:
        assert self._found is not None
        values = self._found.values
        gains, losses = sum(value > 0 for value in values), sum(value < 0 for value in values)
        system, baseline = self._names
        pieces: list[Piece] = [
            (f" {self._found.measure} · ", "muted"),
            (system, "reference"),
            (" upwards · ", "muted"),
            (baseline, "reference"),
            (" to the right · above ╱ ", "muted"),
            (f"{gains:,} better", "up"),
            (", below ", "muted"),
            (f"{losses:,} worse", "down"),
        ]
        equal = (f", {len(values) - gains - losses:,} equal", "muted")
        return [*pieces, equal] if width_of([*pieces, equal]) <= width else pieces

    def _field_line(self, line: int) -> list[Piece]:
        assert self._found is not None
        columns, lines = self._field_size()
        low, high = map(_label, self._limits)
        text = high if line == 0 else low if line == lines - 1 else ""
        pieces: list[Piece] = [(f"{text:>{LEFT - 2}} ", "muted"), ("│", "rule")]
        drawn = self._drawn()
        cursor = self._cells[self._place] if self._place is not None and self._place < len(self._cells) else None
        for column in range(columns):
            here = (column, line)
            own = drawn.get(here)
            if here == cursor:
                pieces.append(("◉" if self.has_focus else "◎", "reference"))
            elif own is not None:
                total = sum(self._found.values[place] for place in own)
                role = "up" if total > 0 else "down" if total < 0 else "same"
                pieces.append((next(mark for least, mark in MARKS if len(own) >= least), role))
            else:
                pieces.append(("╱", "rule") if here in self._equal else (" ", "plain"))
        return pieces

    def _about(self) -> list[list[Piece]]:
        """Two lines about the query under the cursor."""
        place, row = self._place, self._row
        if self._found is None or place is None:
            what = "has no value in one of the two systems" if row is not None else ""
            return [[(f" ◉ {one_line(row.qid)} " if row is not None else "", "strong"), (what, "muted")]]
        text = one_line(row.text) if row is not None else "…"
        besides = len(self._drawn().get(self._cells[place], ())) - 1 if self._cells else 0
        others = "" if besides < 1 else f" · {besides:,} other {'query' if besides == 1 else 'queries'} in this place"
        relevant = f" · {row.relevant} relevant" if row is not None else ""
        return [
            [(f" ◉ {one_line(self._found.qids[place])}  ", "strong"), (text, "text")],
            [
                (f"   {self._names[0]} ", "reference"),
                number(self._ours[place]),
                (f" · {self._names[1]} ", "reference"),
                number(self._found.baseline_values[place]),
                (" · ", "muted"),
                difference(self._found.values[place]),
                (f"{relevant}{others}", "muted"),
            ],
        ]


def _label(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
