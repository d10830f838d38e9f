"""Every query as a point: its value in the baseline to the right, in the system upwards, with the cursor on one."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.strip import Strip

from zsr_tui.api.queries import Differences
from zsr_tui.text import one_line
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, crop, width_of
from zsr_tui.ui.queries.field import Axis, Cell, cells, cursor_mark, nearest
from zsr_tui.ui.queries.listing import Listing
from zsr_tui.ui.queries.table.columns import difference, name_of, number

LEFT = 7  # cells of the labels on the left, the axis among them
BELOW = 5  # lines that are not the field: one above it, two of the axis, two about the query
WIDEST = 4  # columns for a line of the field: a cell is twice as high as it is wide
MARKS = ((10, "█"), (2, "●"), (1, "•"))  # for so many queries in a place


def limits(values: Sequence[float]) -> tuple[float, float]:
    """Of both axes: most measures are from 0 to 1."""
    return min(0.0, *values, 0.0), max(1.0, *values, 1.0)


def diagonal(width: int, height: int) -> set[Cell]:
    """Where both values are the same: one place on every line, or in every column of a narrow field."""
    steps = min(width, height) - 1
    if steps < 1:
        return set()
    return {(round(n / steps * (width - 1)), height - 1 - round(n / steps * (height - 1))) for n in range(steps + 1)}


class QueryScatter(CursorView):
    """Places are those of `Differences`, which are those of the table; the cursor is the table's."""

    HELP = (
        "This picture\n"
        "A point is a query: its value in the baseline to the right, in the system upwards; below the "
        "diagonal the system loses. A click goes to the nearest point."
    )
    DEFAULT_CSS = "QueryScatter { height: 1fr; }"

    def __init__(self, listing: Listing, *, id: str) -> None:
        super().__init__(id=id)
        self._listing = listing
        self._found: Differences | None = None
        self._ours: list[float] = []
        self._limits = (0.0, 1.0)
        self._cells: list[Cell] = []
        self._at: dict[Cell, list[int]] = {}
        self._equal: set[Cell] = set()
        self._drawn_for = (0, 0)  # that they are of

    def show(self) -> None:
        """Its differences, and the query under its cursor, as they are when they are painted."""
        found = self._listing.differences
        if found is not self._found:
            self._found = found
            self._ours = [a + b for a, b in zip(found.values, found.baseline_values, strict=True)] if found else []
            self._limits = limits([*self._ours, *found.baseline_values]) if found else (0.0, 1.0)
            self._drawn_for = (0, 0)
        self.places = len(self._ours)
        self.refresh()

    @property
    def _names(self) -> tuple[str, str]:
        """Of the system and of the baseline."""
        one = self._listing.choice.selection
        return name_of(one.system, one), name_of(one.baseline, one)

    def go_to(self, place: int) -> None:
        if self._listing.pages.go_to(place):
            self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        self.go_to(self._listing.pages.cursor + by)

    @property
    def page(self) -> int:
        return 11  # so that a page is ten further on

    def _field_size(self) -> tuple[int, int]:
        lines = max(3, self.size.height - BELOW)
        return max(10, min(self.size.width - LEFT - 1, WIDEST * lines)), lines

    def _drawn(self) -> dict[Cell, list[int]]:
        """The queries in each cell."""
        size = self._field_size()
        if self._drawn_for != size and self._found is not None:
            self._drawn_for, self._at = size, {}
            low, high = self._limits
            axes = Axis(low, high, size[1]), Axis(low, high, size[0])
            self._cells = cells(self._ours, self._found.baseline_values, *axes)
            self._equal = diagonal(*size)
            for place, cell in enumerate(self._cells):
                self._at.setdefault(cell, []).append(place)
        return self._at

    def place_at(self, event: events.Click) -> int | None:
        if not self._ours or event.y > self._field_size()[1]:
            return None
        drawn, place = self._drawn(), self._listing.place
        own = drawn[nearest(drawn, event.x - LEFT, event.y - 1)]
        if place not in own:
            return own[0]
        # A click on the place of the cursor goes on to the next query that is there too.
        return own[(own.index(place) + 1) % len(own)] if event.chain == 1 else place

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        return self._palette.strip(self._line(y, width), width)

    def _line(self, y: int, width: int) -> list[Piece]:
        columns, lines = self._field_size()
        if not self._ours:
            return [(f" {self._nothing()}" if y == 1 else "", "muted")]
        if y == 0:
            return crop(self._head(width), width)
        if y <= lines:
            return self._field_line(y - 1)
        if y == lines + 1:
            return [(f"{' ' * (LEFT - 1)}└{'─' * columns}", "rule")]
        if y == lines + 2:
            low, high = map(_label, self._limits)
            return [(f"{' ' * LEFT}{low}".ljust(LEFT + columns - len(high)) + high, "muted")]
        return crop(next(iter(self._about()[y - lines - 3 :]), []), width)

    def _nothing(self) -> str:
        """Why there are no points."""
        if self._found is None:
            return "Reading the queries ..."
        filtered = self._listing.choice.filtered
        return "No query matches." if filtered else "There is no query with a value in both systems."

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
        drawn, place = self._drawn(), self._listing.place
        cursor = self._cells[place] if place is not None and place < len(self._cells) else None
        for column in range(columns):
            here = (column, line)
            own = drawn.get(here)
            if here == cursor:
                pieces.append(cursor_mark(self.has_focus))
            elif own is not None:
                total = sum(self._found.values[place] for place in own)
                role = "up" if total > 0 else "down" if total < 0 else "same"
                pieces.append((next(mark for least, mark in MARKS if len(own) >= least), role))
            else:
                pieces.append(("╱", "rule") if here in self._equal else (" ", "plain"))
        return pieces

    def _about(self) -> list[list[Piece]]:
        """Two lines about the query under the cursor."""
        assert self._found is not None
        place, row = self._listing.place, self._listing.row
        if place is None:
            what = "has no value in one of the two systems" if row is not None else ""
            return [[(f" ◉ {one_line(row.qid)} " if row is not None else "", "strong"), (what, "muted")]]
        text = one_line(row.text) if row is not None else "…"
        besides = len(self._drawn()[self._cells[place]]) - 1
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
    return f"{value:z.2f}".replace("-", "−")
