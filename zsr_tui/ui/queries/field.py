"""A field of points in cells: to the right and to the top is better."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zsr_tui.ui.parts.pieces import Piece

Cell = tuple[int, int]  # column, line


@dataclass(frozen=True, slots=True)
class Axis:
    """From values to `size` cells, `low` being the bad end. None, no value, is beyond it (-1)."""

    low: float
    high: float
    size: int

    def cell(self, value: float | None) -> int:
        """From 0, the bad end."""
        if value is None:
            return -1
        span = self.high - self.low
        return round((value - self.low) / span * (self.size - 1)) if span else self.size - 1


def cells(upwards: Sequence[float | None], rightwards: Sequence[float | None], y: Axis, x: Axis) -> list[Cell]:
    """Of every point. Line `y.size` and column -1 are for those that have no value."""
    return [(x.cell(right), y.size - 1 - y.cell(up)) for up, right in zip(upwards, rightwards, strict=True)]


def nearest(found: Iterable[Cell], x: int, y: int) -> Cell:
    """To a click; a cell is twice as high as it is wide."""
    return min(found, key=lambda cell: abs(cell[0] - x) + 2 * abs(cell[1] - y))


def cursor_mark(focused: bool) -> Piece:
    return ("◉" if focused else "◎"), "reference"
