"""The document's text with heat: what spoke for the score, and what against it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from zsr_tui.explanation import Explanation, Part, Span
from zsr_tui.text import printable
from zsr_tui.ui.explain import heat
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.wrapping import wrap

WIDEST = 110  # cells; longer lines are hard to read


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the text as it is shown, with its heat; `of` is the span in the text as it was read."""

    start: int
    end: int
    level: int
    of: Span


def marked(text: str, parts: Sequence[Part]) -> tuple[str, list[Mark]]:
    """The text with a glyph before each marked span. Of spans that overlap the first wins, of equal ones the one that
    counts most."""
    most = heat.largest(parts)
    levels = ((span, heat.level(part.share, most)) for part in parts for span in part.spans)
    spans = sorted(levels, key=lambda each: (each[0], -abs(each[1])))
    shown, marks, at, length = [], [], 0, 0
    for span, level in spans:
        start, end = span
        if start < at or not level:
            continue
        lead = len(text[start:end]) - len(text[start:end].lstrip())
        before = text[at : start + lead]
        piece = heat.glyph(level) + text[start + lead : end].rstrip()
        shown += [before, piece]
        begins = length + len(before)
        marks.append(Mark(begins, begins + len(piece), level, span))
        length = begins + len(piece)
        at = start + len(text[start:end].rstrip())
    return printable("".join([*shown, text[at:]])), marks


def _titled(found: Explanation) -> str:
    """The text with its title on a line of its own; no character more or less."""
    text, title = found.text, found.title
    return f"{title}\n{text[len(title) + 1 :]}" if title and text.startswith(f"{title} ") else text


class HeatText(CursorView):
    """Keys scroll it. The spans under the table's cursor are bold and underlined."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._source = ("", ())  # type: tuple[str, Sequence[Part]]
        self.text = ""
        self._marks: list[Mark] = []
        self._chosen: Sequence[Span] = ()
        self._lines: list[Span] = []
        self._wrapped_to = 0

    def show(self, found: Explanation | None) -> None:
        source = (_titled(found), heat.placed(found)) if found else ("", ())
        if source == self._source:
            return
        other = source[0] != self._source[0]
        self._source = source
        self.text, self._marks = marked(*source)
        self._wrapped_to = 0
        self._wrap()
        if other:
            self.scroll_to_line(0)

    def choose(self, part: Part | None) -> None:
        """Mark the places of a part, and scroll to the first of them."""
        self._chosen = part.spans if part else ()
        first = next((mark.start for mark in self._marks if mark.of in self._chosen), None)
        if first is not None and self._lines:
            line = max(0, bisect_right(self._lines, first, key=lambda span: span[0]) - 1)
            self.reveal(line, line)
        self.refresh()

    def action_move(self, by: int) -> None:
        self.scroll_to_line(max(0, min(self.scroll_offset.y + by, self.max_scroll_y)))

    def on_resize(self) -> None:
        super().on_resize()
        self._wrap()

    def _wrap(self) -> None:
        width = min(WIDEST, self.scrollable_content_region.width - 2)
        if width <= 0 or width == self._wrapped_to:
            return
        self._wrapped_to = width
        self._lines = wrap(self.text, width)
        self.set_line_count(max(1, len(self._lines)))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        number = y + self.scroll_offset.y
        if number >= len(self._lines):
            return self._palette.strip((), width)
        start, end = self._lines[number]
        segments = self._palette.segments([(" ", "plain")])
        at = start
        first = bisect_right(self._marks, start, key=lambda mark: mark.end)
        for mark in self._marks[first:]:
            if mark.start >= end:
                break
            begins, ends = max(at, mark.start), min(end, mark.end)
            segments += self._palette.segments([(self.text[at:begins], "text")])
            role = "term" if mark.of in self._chosen else "text"
            segments.append(Segment(self.text[begins:ends], self._palette(role, heat.backdrop(mark.level))))
            at = ends
        segments += self._palette.segments([(self.text[at:end], "text")])
        return Strip(segments).adjust_cell_length(width, self._palette("plain"))
