"""A grid of terminal cells: text, and braille dots where no text stands."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len as width_of
from rich.cells import get_character_cell_size

from zsr_tui.text import one_line

Span = tuple[str, str]  # text and the name of its style
Line = list[Span]

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row and column inside a cell (Unicode 2800)


def clip(text: str, width: int) -> str:
    """On one line, at most `width` cells, with an ellipsis where it was cut."""
    text = one_line(text)
    if width_of(text) <= width:
        return text
    if width <= 0:
        return ""
    kept, used = "", 0
    for character in text:
        used += get_character_cell_size(character)
        if used > width - 1:
            break
        kept += character
    return f"{kept.rstrip()}…"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces; longer words are cut."""
    lines: list[str] = []
    for word in one_line(text).split():
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(clip(word, width))
    return lines


class Canvas:
    """`width` × `height` cells, each with 2 × 4 dots. What is put outside of it is left out."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._text: dict[tuple[int, int], Span] = {}
        self._dots: dict[tuple[int, int], tuple[int, str]] = {}

    def dot(self, x: int, y: int, style: str) -> None:
        """`x` and `y` in dots, from the top left."""
        column, row = x // 2, y // 4
        if 0 <= column < self.width and 0 <= row < self.height:
            mask = self._dots.get((row, column), (0, ""))[0]
            self._dots[row, column] = (mask | _DOTS[y % 4][x % 2], style)

    def line(self, x0: int, y0: int, x1: int, y1: int, style: str) -> None:
        """A straight line of dots."""
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(steps + 1):
            self.dot(round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps), style)

    def put(self, row: int, column: int, text: str, style: str) -> None:
        """Text over whatever is there."""
        if not 0 <= row < self.height:
            return
        for character in text:
            size = get_character_cell_size(character)
            if size and column >= 0 and column + size <= self.width:
                self._text[row, column] = (character, style)
                if size == 2:
                    self._text[row, column + 1] = ("", style)
            column += size

    def free(self, row: int, column: int, width: int) -> bool:
        """No text stands in these cells or right beside them."""
        return (
            0 <= row < self.height
            and column >= 0
            and column + width <= self.width
            and all((row, each) not in self._text for each in range(column - 1, column + width + 1))
        )

    def dotted(self, row: int, column: int, width: int) -> int:
        """How many of these cells hold dots."""
        return sum((row, each) in self._dots for each in range(column, column + width))

    def lines(self) -> list[Line]:
        """Every line has exactly `width` cells."""
        return [self._row(row) for row in range(self.height)]

    def _row(self, row: int) -> Line:
        cells = (self._cell(row, column) for column in range(self.width))
        return [("".join(text for text, _ in same), style) for style, same in groupby(cells, key=itemgetter(1))]

    def _cell(self, row: int, column: int) -> Span:
        if text := self._text.get((row, column)):
            return text
        mask, style = self._dots.get((row, column), (0, ""))
        return (chr(0x2800 + mask), style) if mask else (" ", "")
