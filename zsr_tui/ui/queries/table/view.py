"""Ten thousand queries on a few lines: rows come in pages around the cursor and are painted line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from zsr_tui.api.queries import QueryRow
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.paint import Palette
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.queries.table.columns import Look, TablePainter
from zsr_tui.ui.queries.table.pages import QueryPages


class Painter(Protocol):
    """How a query looks on a line, `gutter` being its first cell; and the line above all of them."""

    def head(self, width: int) -> list[Piece]: ...
    def line(self, row: QueryRow, gutter: str, width: int) -> list[Piece]: ...
    def sort_at(self, x: int, width: int) -> str | None: ...


class QueryHead(Widget):
    """The line above the rows; a click on a column sorts by it."""

    DEFAULT_CSS = "QueryHead { height: 1; }"
    ALLOW_SELECT = False

    @dataclass
    class Clicked(Message):
        sort: str

    def __init__(self) -> None:
        super().__init__()
        self._palette = Palette(self)
        self.painter: Painter = TablePainter(Look())
        self.scrollbar = 0  # cells that the rows have less

    def show(self, painter: Painter, scrollbar: int) -> None:
        self.painter, self.scrollbar = painter, scrollbar
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette.renew()

    def on_click(self, event: events.Click) -> None:
        sort = self.painter.sort_at(event.x, self.size.width - self.scrollbar)
        if sort is not None:
            self.post_message(self.Clicked(sort))

    def render_line(self, y: int) -> Strip:
        return self._palette.strip(self.painter.head(self.size.width - self.scrollbar), self.size.width)


class QueryTable(CursorView):
    """Shows what `QueryPages` holds and asks for what it lacks."""

    DEFAULT_CSS = "QueryTable { height: 1fr; width: 1fr; }"

    @dataclass
    class CursorMoved(Message):
        """The cursor is on another query, or its row has come."""

        row: QueryRow | None

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, QueryTable.CursorMoved)

    @dataclass
    class Wanted(Message):
        """A page that is to be shown and is not here."""

        offset: int

    class Opened(Message):
        """A double click."""

    class ScrollBarChanged(Message):
        """It came or went: lines have another width."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._painter: Painter = TablePainter(Look())
        self._pages = QueryPages()
        self._asked: set[int] = set()
        self._placeholder: Sequence[Sequence[Piece]] = ()
        self._cursor = 0

    @property
    def cursor(self) -> int:
        """The place of the cursor, from 0."""
        return self._cursor

    @property
    def row(self) -> QueryRow | None:
        """The query under the cursor, once its page is here."""
        return self._pages.row(self._cursor)

    def show(self, pages: QueryPages, painter: Painter, placeholder: Sequence[Sequence[Piece]] = ()) -> None:
        """Paint anew. Other `pages` than before put the cursor on the first row."""
        if pages is not self._pages:
            self._pages, self._cursor = pages, 0
            self._asked.clear()
            self.scroll_to_line(0)
        self._painter, self._placeholder = painter, placeholder
        self._asked = {offset for offset in self._asked if pages.matching is None or pages.row(offset) is None}
        self.set_line_count(pages.matching or 0)
        self._cursor = min(self._cursor, max(0, (pages.matching or 0) - 1))
        self.refresh()
        self._ask()
        self.post_message(self.CursorMoved(self.row))

    def ask_again(self) -> None:
        """What was asked for and did not come."""
        self._asked.clear()
        self._ask()

    def go_to(self, place: int) -> None:
        count = self._pages.matching or 0
        if not count:
            return
        place = max(0, min(place, count - 1))
        before, self._cursor = self._cursor, place
        self.reveal(place, place)
        self._ask()
        if place != before:
            self.refresh_lines(before, 1)
            self.refresh_lines(place, 1)
            self.post_message(self.CursorMoved(self.row))

    def _ask(self) -> None:
        """A screenful beyond what is seen, so that scrolling finds its rows."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        near = self._pages.missing(top - height, top + 2 * height)
        for offset in dict.fromkeys([*near, *self._pages.missing(self._cursor, self._cursor)]):
            if offset not in self._asked:
                self._asked.add(offset)
                self.post_message(self.Wanted(offset))

    def watch_show_vertical_scrollbar(self) -> None:
        self.post_message(self.ScrollBarChanged())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    def action_move(self, by: int) -> None:
        self.go_to(self._cursor + by)

    def on_click(self, event: events.Click) -> None:
        place = event.y + self.scroll_offset.y
        if place < (self._pages.matching or 0):
            self.go_to(place)
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_show(self) -> None:
        self.reveal(self._cursor, self._cursor)

    def on_resize(self) -> None:
        self.set_line_count(self._pages.matching or 0)
        self.reveal(self._cursor, self._cursor)
        self._ask()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y
        if not self._pages.matching:
            return self._palette.strip(self._placeholder[y] if y < len(self._placeholder) else (), width)
        if place >= self._pages.matching:
            return self._palette.strip((), width)
        gutter, backdrop = self.cursor_look(place == self._cursor)
        row = self._pages.row(place)
        if row is None:
            return self._palette.strip([(f"{gutter}…", "faint")], width, backdrop)
        return self._palette.strip(self._painter.line(row, gutter, width), width, backdrop)
