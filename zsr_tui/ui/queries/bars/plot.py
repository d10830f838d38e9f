"""Every query's difference to the baseline at once, as bars side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from zsr_tui.api.queries import Differences
from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece

UPWARD = " ▁▂▃▄▅▆▇█"
WIDEST_QUERY = 3  # cells of a bar
LEFT = 8  # cells of the labels


def bins(values: Sequence[float], width: int) -> list[list[int]]:
    """Places of `values` for every column of a plot `width` cells wide: each value has as many columns as there is
    room for, or shares one with its neighbours."""
    if not values:
        return []
    each = min(WIDEST_QUERY, width // len(values))
    if each:
        return [[place] for place in range(len(values)) for _ in range(each)]
    edges = [column * len(values) // width for column in range(width + 1)]
    return [list(range(low, high)) for low, high in zip(edges, edges[1:], strict=False)]


class DifferencePlot(PaintedWidget):
    """Every query's difference, in the order of the table; `▲` is below the query under the cursor."""

    DEFAULT_CSS = "DifferencePlot { height: 8; }"
    ALLOW_SELECT = False

    @dataclass
    class Clicked(Message):
        place: int  # in the sorted differences

    def __init__(self) -> None:
        super().__init__()
        self._found: Differences | None = None
        self._values: Sequence[float] = ()
        self.largest = 1.0  # difference, of either sign
        self._place: int | None = None
        self._drawn: tuple[tuple[int, int, int | None], list[list[Piece]]] | None = None  # for a size and a place

    def show(self, found: Differences | None) -> None:
        """None: they have not come yet."""
        if found is not self._found:
            self._found, self._drawn = found, None
            self._values = found.values if found is not None else ()
            self.largest = max(map(abs, self._values), default=0.0) or 1.0
            self.refresh()

    def mark(self, place: int | None) -> None:
        if place != self._place:
            self._place = place
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        columns = bins(self._values, self.size.width - LEFT)
        if 0 <= event.x - LEFT < len(columns):
            self.post_message(self.Clicked(columns[event.x - LEFT][0]))

    def lines_for(self, width: int) -> list[list[Piece]]:
        drawn_for = width, self.size.height, self._place
        if self._drawn is None or self._drawn[0] != drawn_for:
            self._drawn = drawn_for, self._draw(width)
        return self._drawn[1]

    def _draw(self, width: int) -> list[list[Piece]]:
        rows = (self.size.height - 2) // 2  # above the axis, and below it
        columns = bins(self._values, max(1, width - LEFT))
        means = [sum(self._values[place] for place in places) / len(places) for places in columns]
        labels = {0: f"+{self.largest:.2f}", rows: "0", 2 * rows: f"−{self.largest:.2f}"}
        lines: list[list[Piece]] = [[(f"{labels.get(y, ''):>7} ", "muted")] for y in range(2 * rows + 2)]
        for y, line in enumerate(lines[:-1] if columns else []):
            if y == rows:
                line.append(("─" * len(columns), "rule"))
            else:
                line += [(_cell(mean / self.largest * rows, rows - y), "up" if mean > 0 else "down") for mean in means]
        at = next((column for column, places in enumerate(columns) if self._place in places), None)
        lines[-1].append(("" if at is None else " " * at + "▲", "strong"))
        return lines


def _cell(length: float, level: int) -> str:
    """The bar of a signed length, in cells, at a level: 1 is the first above the axis, -1 the first below it."""
    if level > 0:
        part = length - (level - 1)
        least = 1 if length > 0 and level == 1 else 0  # a small difference is seen as well
        return UPWARD[max(least, min(8, round(part * 8)))]
    part = -length - (-level - 1)
    if length >= 0 or (part < 0.1 and level != -1):
        return " "
    return "█" if part > 0.75 else "▀" if part > 0.25 else "▔"
