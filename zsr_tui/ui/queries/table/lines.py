"""Ten thousand queries on a few lines: rows come in pages around the cursor and are painted line by line."""

from __future__ import annotations

from typing import Protocol

from textual import events
from textual.strip import Strip

from zsr_tui.api.queries import QueryRow
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.queries.table.pages import QueryPages


class Painter(Protocol):
    """How a query looks on a line, `gutter` being its first cell; and the line above all of them."""

    def head(self, width: int) -> list[Piece]: ...
    def line(self, row: QueryRow, gutter: str, width: int) -> list[Piece]: ...
    def sort_at(self, x: int, width: int) -> str | None: ...


class QueryLines(CursorView):
    """Shows what `QueryPages` holds; its cursor is theirs."""

    HELP = (
        "These queries\n"
        "A line is a query with its value in each system and the difference between the two that are "
        "compared. A click on the name of a column sorts by it. Enter, or two clicks, open the query in "
        "Compare."
    )
    DEFAULT_CSS = "QueryLines { height: 1fr; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._painter: Painter | None = None
        self._pages = QueryPages(lambda offset: None)
        self._nothing = ""
        self._at = 0  # where the cursor was last seen

    def show(self, pages: QueryPages, painter: Painter, nothing: str) -> None:
        """Paint anew; `nothing` says why there are no rows."""
        if pages is not self._pages:
            self._pages = pages
            self._at = 0
            self.scroll_to_line(0)
        self._painter, self._nothing = painter, nothing
        self.places = pages.matching or 0
        self.set_line_count(self.places)
        if pages.cursor != self._at:
            self._reveal()
        self.refresh()
        self._look()

    def go_to(self, place: int) -> None:
        before = self._pages.cursor
        if self._pages.go_to(place):
            self._reveal()
            self.refresh_lines(before, 1)
            self.refresh_lines(self._at, 1)
            self.post_message(self.Moved())

    def _reveal(self) -> None:
        self._at = self._pages.cursor
        self.reveal(self._at, self._at)

    def _look(self) -> None:
        """A screenful beyond what is seen, so that scrolling finds its rows."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        self._pages.look_at(top - height, top + 2 * height)
        self._pages.look_at(self._pages.cursor, self._pages.cursor)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._look()

    def action_move(self, by: int) -> None:
        self.go_to(self._pages.cursor + by)

    def place_at(self, event: events.Click) -> int | None:
        return event.y + self.scroll_offset.y

    def on_show(self) -> None:
        self._reveal()

    def on_resize(self) -> None:
        self._reveal()
        self._look()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y
        if not self._pages.matching or self._painter is None:
            return self._palette.strip([(f" {self._nothing}" if y == 0 else "", "muted")], width)
        if place >= self._pages.matching:
            return self._palette.strip((), width)
        gutter, backdrop = self.cursor_look(place == self._pages.cursor)
        row = self._pages.row(place)
        if row is None:
            return self._palette.strip([(f"{gutter}…", "faint")], width, backdrop)
        return self._palette.strip(self._painter.line(row, gutter, width), width, backdrop)
