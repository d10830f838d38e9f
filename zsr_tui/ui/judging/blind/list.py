"""A list without a name: ranks, titles and snippets, and nothing that tells whose it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.strip import Strip

from zsr_tui.api.events import DocHead
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.marks import marked
from zsr_tui.ui.parts.pieces import Piece, crop
from zsr_tui.ui.parts.snippet import snippet

LINES = 2  # of a row
_RANK = 4  # cells


class BlindList(CursorView):
    HELP = (
        "This list\n"
        "One of two systems made it; which one stands on which side is drawn by lot. Scores, judgments and times are "
        "hidden, since they would tell."
    )
    lines = LINES
    DEFAULT_CSS = "BlindList { height: 1fr; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ids: Sequence[str] = ()
        self._heads: Mapping[str, DocHead] = {}
        self._placeholder = ""

    @property
    def doc_id(self) -> str | None:
        """The document under the cursor."""
        return self._ids[self.cursor] if self.cursor < len(self._ids) else None

    def show(
        self, ids: Sequence[str], heads: Mapping[str, DocHead], placeholder: str = "No document was found."
    ) -> None:
        """`placeholder` stands where there is no row."""
        self._ids, self._heads, self._placeholder = ids, heads, placeholder
        self.places, self.cursor = len(ids), 0
        self._strips.clear()
        self.set_line_count(len(ids) * LINES)
        self.scroll_to_line(0)
        self.refresh()

    def show_cursor(self) -> None:
        self.reveal(self.cursor * LINES, self.cursor * LINES + LINES - 1)
        self.refresh()
        self.post_message(self.Moved())

    def place_at(self, event: events.Click) -> int | None:
        return (event.y + self.scroll_offset.y) // LINES

    @property
    def page(self) -> int:
        return max(1, self.size.height // LINES)

    def render_line(self, y: int) -> Strip:
        place, line = divmod(y + self.scroll_offset.y, LINES)
        width = self.scrollable_content_region.width
        if place >= len(self._ids):
            said = self._placeholder if not self._ids and y == 1 else ""
            return self._palette.strip([(f"  {said}", "muted")], width)
        mark, role = self.cursor_look(place == self.cursor)
        return self._palette.strip(crop(self._pieces(place, line, mark, width), width), width, role)

    def _pieces(self, place: int, line: int, mark: str, width: int) -> list[Piece]:
        head = self._heads.get(self._ids[place])
        if line == 0:
            title = marked(head.title, head.title_terms, "text") if head is not None else []
            return [(mark, "strong"), (f"{place + 1:>{_RANK - 2}} ", "rank"), *(title or [("(no title)", "muted")])]
        passage = marked(*snippet(head.passage, head.matches, width - _RANK), "muted") if head is not None else []
        return [(" " * _RANK, "plain"), *passage]
