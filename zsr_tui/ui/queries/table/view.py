"""The table of queries: a line that names the columns, and the rows below it."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.queries.table.lines import Painter, QueryLines
from zsr_tui.ui.queries.table.pages import QueryPages


class QueryHead(PaintedWidget):
    """The line above the rows; a click on a column sorts by it."""

    DEFAULT_CSS = "QueryHead { height: 1; }"
    ALLOW_SELECT = False

    @dataclass
    class Clicked(Message):
        sort: str

    def __init__(self, lines: QueryLines) -> None:
        super().__init__()
        self._lines = lines
        self._painter: Painter | None = None

    def on_mount(self) -> None:
        # lines have another width then
        self.watch(self._lines, "show_vertical_scrollbar", self._repaint, init=False)

    def _repaint(self) -> None:
        self.refresh()

    def show(self, painter: Painter) -> None:
        self._painter = painter
        self.refresh()

    @property
    def _width(self) -> int:
        return self.size.width - int(self._lines.show_vertical_scrollbar)

    def on_click(self, event: events.Click) -> None:
        sort = self._painter.sort_at(event.x, self._width) if self._painter is not None else None
        if sort is not None:
            self.post_message(self.Clicked(sort))

    def lines_for(self, width: int) -> list[list[Piece]]:
        return [self._painter.head(self._width)] if self._painter is not None else []


class QueryTable(Vertical):
    DEFAULT_CSS = "QueryTable { height: 1fr; }"

    def __init__(self, *above: Widget, id: str) -> None:
        super().__init__(id=id)
        self._above = above
        self.lines = QueryLines()
        self.head = QueryHead(self.lines)

    def compose(self) -> ComposeResult:
        yield from self._above
        yield self.head
        yield self.lines

    def show(self, pages: QueryPages, painter: Painter, nothing: str) -> None:
        self.lines.show(pages, painter, nothing)
        self.head.show(painter)
