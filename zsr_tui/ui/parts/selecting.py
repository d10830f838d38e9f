"""Text that a drag of the mouse selects, in widgets that paint lines: where the mouse is, what is marked, what it says.

Textual finds the place under the mouse by marks in every painted piece; here it is asked only where the mouse is, so
that painting costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Protocol, runtime_checkable

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget


@runtime_checkable
class Painted(Protocol):
    """A widget whose lines are painted: which line of its text is at one of its own, and what that line says."""

    def line_at(self, y: int) -> int: ...

    def line_text(self, line: int) -> str: ...


def index_at(text: str, x: int) -> int:
    """The character at a cell; one that is two cells wide is at both."""
    if text.isascii():
        return min(x, len(text))
    ends = accumulate(map(get_character_cell_size, text))
    return next((index for index, end in enumerate(ends) if x < end), len(text))


def extract(selection: Selection, lines: Sequence[int], text_of: Callable[[int], str]) -> str:
    """What is selected of some lines, spaces at their ends left out."""
    found = []
    for line in lines:
        span = selection.get_span(line)
        if span is not None:
            text = text_of(line).rstrip()
            found.append(text[span[0] : None if span[1] == -1 else span[1]])
    return "\n".join(found)


def place_of(widget: Widget, x: int, y: int) -> Offset:
    """Character and line of the text at a cell of the widget."""
    gutter = widget.gutter
    x, y = max(0, x - gutter.left), max(0, y - gutter.top)
    assert isinstance(widget, Painted)
    line = widget.line_at(y)
    return Offset(index_at(widget.line_text(line), x), line)


def marked(widget: Widget, strips: list[Strip], first: int) -> list[Strip]:
    """The strips of a widget, the topmost of which is at `first`, with what of them is selected in another style."""
    selection = widget.text_selection
    if selection is None:
        return strips
    assert isinstance(widget, Painted)
    gutter, look = widget.gutter, _look(widget)
    return [
        _mark(strip, selection.get_span(widget.line_at(y - gutter.top)), gutter.left, look)
        for y, strip in enumerate(strips, first)
    ]


def _look(widget: Widget) -> Style:
    if widget.app.no_color:
        return Style(reverse=True)
    found = widget.screen.get_component_rich_style("screen--selection")
    return Style(color=found.color, bgcolor=found.bgcolor)


def _mark(strip: Strip, span: tuple[int, int] | None, left: int, look: Style) -> Strip:
    if span is None:
        return strip
    text = strip.text[left:]
    shown = text.rstrip()
    start, end = min(span[0], len(shown)), len(shown) if span[1] == -1 else min(span[1], len(shown))
    if start >= end:
        return strip
    before, after = left + cell_len(text[:start]), left + cell_len(text[:end])
    chosen = strip.crop(before, after)
    return Strip.join(
        [
            strip.crop(0, before),
            Strip([Segment(each.text, (each.style or Style()) + look) for each in chosen], after - before),
            strip.crop(after),
        ]
    )
