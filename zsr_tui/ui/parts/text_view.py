"""A long text with marked spans, wrapped once per width and painted line by line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.selection import Selection
from textual.strip import Strip

from zsr_tui.api.requests import Span
from zsr_tui.text import printable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.marks import marked
from zsr_tui.ui.parts.pieces import Piece, crop
from zsr_tui.wrapping import wrap

WIDEST = 110  # cells; longer lines are hard to read
Cut = tuple[int, str]  # where a rule stands in the text, in characters, and its label


def wrap_cut(text: str, width: int, cuts: Sequence[Cut]) -> tuple[list[Span], dict[int, str]]:
    """The lines of `wrap`, with a line for a rule at every cut; the rules' labels by their line."""
    lines: list[Span] = []
    labels: dict[int, str] = {}
    at = 0
    for offset, label in sorted(cuts):
        offset = max(at, min(offset, len(text)))
        before = text[at:offset].rstrip()
        lines += [(at + start, at + end) for start, end in wrap(before, width)] if before else []
        labels[len(lines)] = label
        lines.append((offset, offset))
        at = offset + len(text[offset:]) - len(text[offset:].lstrip())
    if at < len(text) or not lines:
        lines += [(at + start, at + end) for start, end in wrap(text[at:], width)]
    return lines, labels


class TextView(CursorView):
    """Keys scroll it: it has no cursor. Its text is shown as it is: no markup, control characters made visible."""

    HELP = (
        "This text\n"
        "The query's terms are marked. A rule across the text says where a model's input ended: what stands "
        "below it had no part in its score. A drag of the mouse selects."
    )
    DEFAULT_CSS = "TextView { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "page(1)", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._spans: Sequence[Span] = ()
        self._role = "text"
        self._cuts: Sequence[Cut] = ()
        self._lines: list[Span] = []
        self._labels: dict[int, str] = {}
        self._wrapped_to = 0

    def show(self, text: str, spans: Sequence[Span] = (), *, role: str = "text", cuts: Sequence[Cut] = ()) -> None:
        """`spans` are marked; at each of `cuts` a rule with its label goes across the text."""
        self.text, self._spans, self._role, self._cuts = printable(text), sorted(spans), role, cuts
        self._wrapped_to = 0
        self._wrap()
        self.scroll_to_line(0)
        self.refresh()

    @property
    def page(self) -> int:
        return self.size.height

    def action_move(self, by: int) -> None:
        self.scroll_to_line(max(0, min(self.scroll_offset.y + by, self.max_scroll_y)))

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """Of the text itself: where a line was wrapped is none of its own."""
        ends = []
        for place, otherwise in ((selection.start, 0), (selection.end, len(self.text))):
            if place is None or place.y >= len(self._lines):
                ends.append(otherwise)
            else:
                first, last = self._lines[place.y]
                ends.append(max(first, min(first + place.x - 1, last)))  # a space stands before each line
        return self.text[ends[0] : ends[1]], "\n"

    def cut_at(self, cuts: Sequence[Cut]) -> None:
        """Other rules across the same text, which stays where it is."""
        self._cuts = cuts
        self._wrap(again=True)

    def on_resize(self) -> None:
        self._wrap()

    def _wrap(self, *, again: bool = False) -> None:
        width = min(WIDEST, self.scrollable_content_region.width - 2)
        if width <= 0 or (width == self._wrapped_to and not again):
            return
        first = self._lines[self.scroll_offset.y][0] if self.scroll_offset.y < len(self._lines) else 0
        kept = self._wrapped_to > 0 and self.scroll_offset.y > 0
        self._lines, self._labels = wrap_cut(self.text, width, self._cuts)
        self._wrapped_to = width
        self.set_line_count(len(self._lines))
        if kept:  # another width: the line that was on top stays on top
            line = bisect_right(self._lines, first, key=lambda span: span[0]) - 1
            self.scroll_to_line(max(0, line))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        pieces: list[Piece] = []
        if number in self._labels:
            label = f" {printable(self._labels[number])} "
            rest = max(0, self._wrapped_to - cell_len(label) - 2)
            pieces = crop([(" ──", "rule"), (label, "warning"), ("─" * rest, "rule")], self._wrapped_to + 1)
        elif number < len(self._lines):
            start, end = self._lines[number]
            first = bisect_right(self._spans, start, key=lambda span: span[1])
            last = bisect_right(self._spans, end, key=lambda span: span[0])
            inside = [(max(0, a - start), b - start) for a, b in self._spans[first:last]]
            pieces = [(" ", "plain"), *marked(self.text[start:end], inside, self._role)]
        return self._palette.strip(pieces, self.scrollable_content_region.width)
