"""The axes of a terminal plot, and its legend."""

from __future__ import annotations

from zsr_tui.plots.canvas import Canvas, Line, clip, width_of
from zsr_tui.plots.model import Axis


def legend_lines(entries: list[tuple[str, str, str]], width: int) -> list[Line]:
    """(shape, name, style) of each, as many on a line as fit."""
    lines: list[Line] = [[]]
    used = 0
    for shape, name, style in entries:
        text = clip(name, width - 4)
        size = width_of(text) + 2 + 3
        if used and used + size - 3 > width:
            lines.append([])
            used = 0
        lines[-1] += [(f"{shape} ", style), (f"{text}   ", "")]
        used += size
    return lines


class Frame:
    """The part of a canvas inside the axes, and where a value stands in it."""

    def __init__(self, canvas: Canvas, x: Axis, y: Axis, left: int, top: int, bottom: int) -> None:
        self.canvas, self.x, self.y = canvas, x, y
        self.left, self.top, self.bottom = left, top, bottom  # the column of the y axis; the first and last row
        self.right = canvas.width - 2
        self.columns = self.right - left

    def dot(self, x: float, y: float) -> tuple[int, int]:
        across = (self.columns * 2 - 1) * self.x.inside(x)
        down = ((self.bottom - self.top + 1) * 4 - 1) * (1 - self.y.inside(y))
        return (self.left + 1) * 2 + round(across), self.top * 4 + round(down)

    def column(self, x: float) -> int:
        return self.dot(x, self.y.low)[0] // 2

    def row(self, y: float) -> int:
        return self.dot(self.x.low, y)[1] // 4

    def join(self, start: tuple[float, float], end: tuple[float, float], style: str) -> None:
        self.canvas.line(*self.dot(*start), *self.dot(*end), style)

    def axes(self) -> None:
        """The two lines, their ticks and labels. The x axis takes two rows: its ticks, and their labels with its name
        in the largest gap between them."""
        canvas = self.canvas
        self._y_axis()
        canvas.put(self.bottom + 1, self.left, "└" + "─" * self.columns, "axis")
        for tick in self.x.ticks:
            canvas.put(self.bottom + 1, self.column(tick.value), "┬", "axis")
        wanted = width_of(self.x.label) + 2
        for each in (1, 2, 3):  # fewer labels where the name has no room between them
            labels, gaps = self._x_labels(each)
            room, start = max(gaps)
            if room >= wanted or each == 3:
                break
        for column, text in labels:
            canvas.put(self.bottom + 2, column, text, "tick")
        name = clip(self.x.label, room - 2)
        canvas.put(self.bottom + 2, start + (room - width_of(name)) // 2, name, "muted")

    def _x_labels(self, each: int) -> tuple[list[tuple[int, str]], list[tuple[int, int]]]:
        """Every so many-th tick's (column, label), and the (cells, start) of the gaps before, between and after."""
        labels: list[tuple[int, str]] = []
        gaps: list[tuple[int, int]] = []
        end = self.left + 1
        for tick in self.x.ticks[::each]:
            size = width_of(tick.label)
            start = min(self.column(tick.value) - size // 2, self.canvas.width - size)
            if start > end or not labels:
                labels.append((start, tick.label))
                gaps.append((start - end, end))
                end = start + size
        return labels, [*gaps, (self.canvas.width - end, end)]

    def _y_axis(self) -> None:
        for row in range(self.top, self.bottom + 1):
            self.canvas.put(row, self.left, "│", "axis")
        rows: set[int] = set()
        for tick in sorted(self.y.ticks, key=lambda tick: tick.value != 0):  # 0 first: it is never crowded out
            row = self.row(tick.value)
            if not rows & {row - 1, row, row + 1} or (row not in rows and self.bottom - self.top > 12):
                self.canvas.put(row, self.left, "┤", "axis")
                self.canvas.put(row, self.left - 1 - width_of(tick.label), tick.label, "tick")
                rows.add(row)
