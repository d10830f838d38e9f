"""The rows of one list, painted line by line so that a thousand of them cost what the visible ones cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from zsr_tui.api.events import DocHead, Row
from zsr_tui.ui.compare.ranking.row import Columns, row_lines
from zsr_tui.ui.parts.line_view import LineView
from zsr_tui.ui.parts.paint import Palette
from zsr_tui.ui.parts.pieces import Piece

LINES = 2  # of a row


class RankingList(LineView, can_focus=True):
    """Shows rows, has a cursor. While rows change the cursor stays on its document, once the user has moved it."""

    DEFAULT_CSS = (
        "RankingList { height: 1fr; width: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "first", "First", show=False),
        Binding("end", "last", "Last", show=False),
        Binding("enter", "open", "Document", show=False),
    ]
    ALLOW_SELECT = False

    @dataclass
    class CursorMoved(Message):
        """The cursor is on another document, by the user or because the rows changed."""

        ranking: RankingList
        doc_id: str | None

        @property
        def control(self) -> RankingList:
            return self.ranking

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RankingList.CursorMoved) and message.ranking is self.ranking

    @dataclass
    class Opened(Message):
        """Enter or a double click on a row."""

        ranking: RankingList
        doc_id: str

        @property
        def control(self) -> RankingList:
            return self.ranking

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._palette = Palette(self)
        self._strips: dict[tuple[int, int, str, str], Strip] = {}
        self._rows: Sequence[Row] = ()
        self._places: Mapping[str, int] = {}
        self._heads: Mapping[str, DocHead] = {}
        self._reference: Mapping[str, int] | None = None
        self._columns = Columns.of((), moves=False)
        self._placeholder = ""
        self._cursor = 0
        self._moved = False  # the user chose the document under the cursor
        self._linked: str | None = None
        self._active = False

    @property
    def cursor(self) -> int:
        """The place of the cursor, from 0."""
        return self._cursor

    @property
    def doc_id(self) -> str | None:
        """The document under the cursor."""
        return self._rows[self._cursor].doc_id if self._cursor < len(self._rows) else None

    def show(
        self,
        rows: Sequence[Row],
        heads: Mapping[str, DocHead],
        places: Mapping[str, int],
        *,
        reference: Mapping[str, int] | None,
        moves: bool,
        placeholder: str = "",
    ) -> None:
        """Replace the rows. `places` are theirs, `reference` those of the list to compare with (None: not there
        yet), `moves` says whether there is a movement column. `placeholder` shows while there are no rows, on as many
        lines as it needs."""
        kept = self.doc_id if self._moved else None
        offset = self._cursor * LINES - self.scroll_offset.y
        before = self.doc_id
        self._rows, self._places, self._heads, self._reference = rows, places, heads, reference
        self._placeholder = placeholder
        self._columns = Columns.of(rows, moves=moves)
        self._strips.clear()
        self.set_line_count(len(rows) * LINES)
        if not rows:
            self._cursor, self._moved = 0, False
            self.scroll_to_line(0)
        elif kept is not None and kept in places:
            self._cursor = places[kept]
            self._hold(offset)
        else:
            self._cursor = min(self._cursor, len(rows) - 1) if self._moved else 0
        self.refresh()
        if self.doc_id != before:
            self.post_message(self.CursorMoved(self, self.doc_id))

    def reset(self) -> None:
        """Another query: back to the top, and the cursor is nobody's choice again."""
        self._cursor, self._moved = 0, False
        self.scroll_to_line(0)

    def link(self, doc_id: str | None) -> None:
        """Mark the document that another list has under its cursor."""
        before, self._linked = self._linked, doc_id
        if doc_id != before:
            for changed in (before, doc_id):
                self._refresh_row(self._places.get(changed) if changed is not None else None)

    def activate(self, active: bool) -> None:
        """Whether this is the one of several lists that keys go to."""
        if active != self._active:
            self._active = active
            self._refresh_row(self._cursor)

    def go_to(self, place: int, *, at_line: int | None = None) -> None:
        """Put the cursor on a row and the row on the screen; `at_line` is the wanted line of the view."""
        if not self._rows:
            return
        place = max(0, min(place, len(self._rows) - 1))
        before, changed = self._cursor, place != self._cursor
        self._cursor, self._moved = place, True
        if at_line is None:
            self.reveal()
        else:
            self.scroll_to_line(max(0, place * LINES - at_line))
        if changed:
            self._refresh_row(before)
            self._refresh_row(place)
            self.post_message(self.CursorMoved(self, self.doc_id))

    @property
    def cursor_line(self) -> int:
        """The line of the view on which the cursor's row begins."""
        return self._cursor * LINES - self.scroll_offset.y

    def _refresh_row(self, place: int | None) -> None:
        if place is not None:
            self.refresh_lines(place * LINES, LINES)

    def _hold(self, offset: int) -> None:
        """The view stays where it is if the cursor's row is in it; else the row stays at its line of the view."""
        if not self.size.height:  # hidden: `on_resize` sees to it when it is shown
            return
        line = self._cursor * LINES - self.scroll_offset.y
        last = max(0, self.size.height - LINES)
        if not 0 <= line <= last:  # nor was it, where the view was about to scroll there
            self.scroll_to_line(max(0, self._cursor * LINES - max(0, min(offset, last))))

    def reveal(self) -> None:
        """Scroll as little as it takes to see the cursor's row."""
        top, height = self.scroll_offset.y, self.size.height
        if not height:
            return
        line = self._cursor * LINES
        if line < top:
            self.scroll_to_line(line)
        elif line + LINES > top + height:
            self.scroll_to_line(line + LINES - height)

    def action_move(self, by: int) -> None:
        self.go_to(self._cursor + by)

    def action_page(self, direction: int) -> None:
        self.go_to(self._cursor + direction * max(1, self.size.height // LINES - 1))

    def action_first(self) -> None:
        self.go_to(0)

    def action_last(self) -> None:
        self.go_to(len(self._rows) - 1)

    def action_open(self) -> None:
        if self.doc_id is not None:
            self.post_message(self.Opened(self, self.doc_id))

    def on_click(self, event: events.Click) -> None:
        place = (event.y + self.scroll_offset.y) // LINES
        if place < len(self._rows):
            self.go_to(place)
            if event.chain == 2:
                self.action_open()

    def on_resize(self) -> None:
        self._strips.clear()
        self.set_line_count(len(self._rows) * LINES)
        if self._moved:
            self.reveal()

    def on_focus(self) -> None:
        self._refresh_row(self._cursor)

    def on_blur(self) -> None:
        self._refresh_row(self._cursor)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self._palette.renew():
            self._strips.clear()

    def _placeholder_line(self, y: int, width: int) -> list[Piece]:
        import textwrap  # not needed for the rows

        lines = textwrap.wrap(self._placeholder, max(10, width - 4))
        return [(f"  {lines[y - 1]}", "muted")] if 1 <= y <= len(lines) else []

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if not self._rows:
            return self._palette.strip(self._placeholder_line(y, width), width)
        place, line_number = divmod(y + self.scroll_offset.y, LINES)
        if place >= len(self._rows):
            return self._palette.strip((), width)
        gutter, backdrop = " ", "plain"
        linked = self._rows[place].doc_id == self._linked
        if place == self._cursor:
            gutter = ">" if self._active else "»" if linked else "›"
            backdrop = "cursor" if self.has_focus else "linked" if linked else "cursor-blurred"
        elif linked:
            gutter, backdrop = "»", "linked"
        key = place, line_number, gutter, backdrop
        strip = self._strips.get(key)
        if strip is None:
            row = self._rows[place]
            lines = row_lines(
                row,
                place,
                self._heads.get(row.doc_id),
                self._columns,
                width,
                gutter=gutter,
                reference=self._reference,
            )
            for number, pieces in enumerate(lines):
                self._strips[place, number, gutter, backdrop] = self._palette.strip(pieces, width, backdrop)
            strip = self._strips[key]
        return strip
