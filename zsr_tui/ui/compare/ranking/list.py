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
from zsr_tui.ui.compare.session import Phase, SystemList
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.wrapping import wrapped_lines

LINES, COMPACT = 2, 1  # of a row
_PLACEHOLDERS = {  # where there is no row, on as many lines as they need
    Phase.IDLE: "Type a query and press Enter, or press Escape, then n for the dataset's first one.",
    Phase.DONE: "No document was found.",
    Phase.STOPPED: "Stopped before there was a row.",
    Phase.PREPARING: "The query is asked again once what it needs is there.",
}


class RankingList(CursorView):
    """Shows rows, has a cursor. While rows change the cursor stays on its document, once the user has moved it."""

    HELP = (
        "This list\n"
        "A row has rank, the dataset's judgment, your own, movement against the reference list, score and title; "
        "below it what of the text is about the query. Scores are to be compared within a list, never between lists. "
        "Enter, or two clicks, open the document."
    )
    DEFAULT_CSS = "RankingList { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", "Document", show=False)]

    @dataclass
    class CursorMoved(Message):
        """The cursor is on another document, by the user or because the rows changed."""

        ranking: RankingList

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RankingList.CursorMoved) and message.ranking is self.ranking

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()
        self._places: Mapping[str, int] = {}
        self._heads: Mapping[str, DocHead] = {}
        self._reference: Mapping[str, int] | None = None
        self._absent = ""
        self._marks: Mapping[str, list[Piece]] = {}
        self._columns = Columns.of((), moves=False)
        self._placeholder = ""
        self._moved = False  # the user chose the document under the cursor
        self._linked: str | None = None
        self._active = False
        self.lines = LINES

    def on_mount(self) -> None:
        if isinstance(self.app, KeyedApp):
            self.watch(self.app, "compact", self._space)

    def _space(self, compact: bool) -> None:
        """Rows have a snippet, or they have not. What stood on top stays there."""
        lines = COMPACT if compact else LINES
        if lines != self.lines:
            first = self.scroll_offset.y // self.lines
            self.lines = lines
            self._strips.clear()
            self.set_line_count(len(self._rows) * lines)
            self.scroll_to_line(first * lines)
            self._reveal()
            self.refresh()

    @property
    def doc_id(self) -> str | None:
        """The document under the cursor."""
        return self._rows[self.cursor].doc_id if self.cursor < len(self._rows) else None

    def show(
        self,
        system: SystemList,
        heads: Mapping[str, DocHead],
        reference: Mapping[str, int] | None,
        *,
        moves: bool,
        absent: str = "×",
        marks: Mapping[str, list[Piece]] | None = None,
    ) -> None:
        """Replace the rows by those that the system has now. `reference` has the places of the list to compare with
        (None: not there yet), `moves` says whether there is a movement column, `absent` marks in it what is not in that
        list. `marks` are those of documents that the user has judged or noted."""
        rows, places = system.rows, system.places
        kept = self.doc_id if self._moved else None
        offset = self.cursor * self.lines - self.scroll_offset.y
        before = self.doc_id
        self._rows, self._places, self._heads = rows, places, heads
        self._reference, self._absent = reference, absent
        self._placeholder = _PLACEHOLDERS.get(system.phase, "")
        self._marks = marks or {}
        self._columns, self.places = Columns.of(rows, moves=moves, kept=marks), len(rows)
        self._strips.clear()
        self.set_line_count(len(rows) * self.lines)
        if not rows:
            self.reset()
        elif kept is not None and kept in places:
            self.cursor = places[kept]
            self._hold(offset)
        else:
            self.cursor = min(self.cursor, len(rows) - 1) if self._moved else 0
        self.refresh()
        if self.doc_id != before:
            self.post_message(self.CursorMoved(self))

    def reset(self) -> None:
        """Another query: back to the top, and the cursor is nobody's choice again."""
        self.cursor, self._moved = 0, False
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
            self.refresh_cursor()

    def go_to(self, place: int, *, at_line: int | None = None) -> None:
        """Put the cursor on a row and the row on the screen; `at_line` is the wanted line of the view."""
        if not self._rows:
            return
        place = max(0, min(place, len(self._rows) - 1))
        before, changed = self.cursor, place != self.cursor
        self.cursor, self._moved = place, True
        if at_line is None:
            self._reveal()
        else:
            self.scroll_to_line(max(0, place * self.lines - at_line))
        if changed:
            self._refresh_row(before)
            self._refresh_row(place)
            self.post_message(self.CursorMoved(self))

    @property
    def cursor_line(self) -> int:
        """The line of the view on which the cursor's row begins."""
        return self.cursor * self.lines - self.scroll_offset.y

    def _refresh_row(self, place: int | None) -> None:
        if place is not None:
            self.refresh_lines(place * self.lines, self.lines)

    def _hold(self, offset: int) -> None:
        """The view stays where it is if the cursor's row is in it; else the row stays at its line of the view."""
        if not self.size.height:  # hidden: `on_resize` sees to it when it is shown
            return
        line = self.cursor * self.lines - self.scroll_offset.y
        last = max(0, self.size.height - self.lines)
        if not 0 <= line <= last:  # nor was it, where the view was about to scroll there
            self.scroll_to_line(max(0, self.cursor * self.lines - max(0, min(offset, last))))

    def _reveal(self) -> None:
        self.reveal(self.cursor * self.lines, self.cursor * self.lines + self.lines - 1)

    @property
    def page(self) -> int:
        return self.size.height // self.lines

    def action_open(self) -> None:
        if self.doc_id is not None:
            self.post_message(self.Opened())

    def place_at(self, event: events.Click) -> int:
        return (event.y + self.scroll_offset.y) // self.lines

    def on_resize(self) -> None:
        self._strips.clear()
        self.set_line_count(len(self._rows) * self.lines)
        if self._moved:
            self._reveal()

    def refresh_cursor(self) -> None:
        self._refresh_row(self.cursor)

    def _placeholder_line(self, y: int, width: int) -> list[Piece]:
        lines = wrapped_lines(self._placeholder, max(10, width - 4)) if self._placeholder else []
        return [(f"  {lines[y - 1]}", "muted")] if 1 <= y <= len(lines) else []

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if not self._rows:
            return self._palette.strip(self._placeholder_line(y, width), width)
        place, line_number = divmod(y + self.scroll_offset.y, self.lines)
        if place >= len(self._rows):
            return self._palette.strip((), width)
        gutter, backdrop = " ", "plain"
        linked = self._rows[place].doc_id == self._linked
        if place == self.cursor:
            gutter = ">" if self._active else "»" if linked else "›"
            backdrop = "cursor" if self.has_focus else "linked" if linked else "cursor-blurred"
        elif linked:
            gutter, backdrop = "»", "linked"
        key = place, line_number, gutter, backdrop, width  # which a scroll bar changes
        strip = self._strips.get(key)
        if strip is None:
            row = self._rows[place]
            head = self._heads.get(row.doc_id)
            lines = row_lines(
                row,
                place,
                head,
                self._columns,
                width,
                gutter=gutter,
                reference=self._reference,
                absent=self._absent,
                kept=self._marks.get(row.doc_id, ()),
            )
            for number, pieces in enumerate(lines):
                self._strips[place, number, gutter, backdrop, width] = self._palette.strip(pieces, width, backdrop)
            strip = self._strips[key]
        return strip
