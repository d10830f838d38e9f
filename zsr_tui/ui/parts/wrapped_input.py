"""A line to type in that is shown on several rows where it is long."""

from __future__ import annotations

from bisect import bisect_right

from rich.text import Text
from textual import events
from textual.geometry import Offset
from textual.strip import Strip

from zsr_tui.api.requests import Span
from zsr_tui.ui.parts.heights import LOWEST
from zsr_tui.ui.parts.line_input import LineInput
from zsr_tui.ui.parts.pieces import cell_offsets, ended
from zsr_tui.wrapping import wrap

ROWS = 3  # without the focus
SHARE = 3  # with it, up to this part of the screen's height
ABOVE, BELOW = "↑", "…"  # in the last cell of a row: there is more above, below


class WrappedInput(LineInput):
    """As high as its text is long, within limits; with the focus the rows about the cursor are shown. `more` is said
    after the last row where there are further ones and it has no focus."""

    more = ""

    def __init__(self, *, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True)
        self._rows: list[Span] = [(0, 0)]
        self._wrapped: tuple[str, int] = ("", 0)
        self._top = 0
        self._pointed = 0  # the row under the mouse

    @property
    def content_width(self) -> int:
        """Nothing is scrolled sideways."""
        return max(1, self.size.width)

    @property
    def at_first_row(self) -> bool:
        return self._place(self.cursor_position)[0] == 0

    @property
    def at_last_row(self) -> bool:
        return self._place(self.cursor_position)[0] == len(self._rows) - 1

    def step_row(self, by: int) -> None:
        """The cursor to the row above (-1) or below (1)."""
        row, column = self._place(self.cursor_position)
        self.cursor_position = self._index(max(0, min(row + by, len(self._rows) - 1)), column)

    def end_of_first_row(self) -> int:
        """The place in the text."""
        self._fit()
        return self._rows[0][1]

    # how it lies

    def watch_value(self) -> None:
        self._fit()

    def watch_selection(self) -> None:
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._fit()

    def _fit(self) -> None:
        """Wrap the text, take the height that it needs, and show the row of the cursor."""
        width = self.size.width - 1  # the last cell is for the cursor behind the text, and for the signs
        if width < 1 or not self.is_mounted:
            return
        if (self.value, width) != self._wrapped:
            self._wrapped = self.value, width
            self._rows = wrap(self.value, width)
            self.refresh()
        rows = ROWS if self.screen.size.height >= LOWEST else 1
        most = max(rows, self.screen.size.height // SHARE) if self.has_focus else rows
        height = max(1, min(len(self._rows), most))
        row = self._place(self.cursor_position)[0] if self.has_focus else 0
        top = max(0, min(max(self._top, row - height + 1), row, len(self._rows) - height))
        if top != self._top:
            self._top = top
            self.refresh()
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height

    def _place(self, index: int) -> tuple[int, int]:
        """Row and cell of a place in the text."""
        row = max(0, bisect_right(self._rows, index, key=lambda span: span[0]) - 1)
        start, _ = self._rows[row]
        return row, min(cell_offsets(self.value[start:index])[-1], max(0, self.size.width - 1))

    def _index(self, row: int, cell: int) -> int:
        """The place in the text at a cell of a row, at its end where the row is shorter."""
        start, end = self._rows[row]
        return min(end, start + bisect_right(cell_offsets(self.value[start:end]), cell) - 1)

    # the mouse, and the cursor of the terminal

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pointed = event.get_content_offset_capture(self).y

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._pointed = event.get_content_offset_capture(self).y

    def _cell_offset_to_index(self, offset: int) -> int:
        return self._index(max(0, min(self._top + self._pointed, len(self._rows) - 1)), max(0, offset))

    @property
    def cursor_screen_offset(self) -> Offset:
        row, column = self._place(self.cursor_position)
        return self.content_region.offset + Offset(column, row - self._top)

    # what is seen

    def render_line(self, y: int) -> Strip:
        if not self.value:
            return super().render_line(y)
        width, row = self.size.width, self._top + y
        if row >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        start, end = self._rows[row]
        cut = y == self.size.height - 1 and row < len(self._rows) - 1
        sign = BELOW if cut else ABOVE if y == 0 and self._top else ""
        line = Text(self.value[start:end], no_wrap=True, end="")
        if self.has_focus:
            self._mark(line, row)
        elif cut:
            line, sign = Text(ended(self.value[start:], width - 1 - len(self.more)) + self.more, end=""), ""
        if sign:
            line.pad_right(max(0, width - 1 - line.cell_len))
            line.append(sign)
        return Strip(line.render(self.app.console)).adjust_cell_length(width).apply_style(self.rich_style)

    def _mark(self, line: Text, row: int) -> None:
        """The selection and the cursor."""
        start = self._rows[row][0]
        first, last = sorted(self.selection)
        if first != last:
            style = self.get_component_rich_style("input--selection")
            line.stylize(style, max(0, first - start), max(0, last - start))
        if self._cursor_visible and self._place(self.cursor_position)[0] == row:
            at = self.cursor_position - start
            if at >= len(line):
                at = len(line)
                line.pad_right(1)
            line.stylize(self.get_component_rich_style("input--cursor"), at, at + 1)
