"""The entries, which come in pages around what is seen."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.strip import Strip

from zsr_tui.api.notes import ReviewPage
from zsr_tui.ui.judging.review.words import Item, copyable, lines
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.cursor_view import CursorView

LINES = 2  # of an entry
PAGE = 100  # entries that are asked for at once


class ReviewList(CursorView):
    """`wanted` is called with the place of the first entry of a page that is to be shown and is not there."""

    HELP = (
        "These entries\n"
        "What was judged, noted, tagged and bookmarked, the latest first: what it is about, where it was seen, "
        "by whom and when. Enter, or two clicks, open the query in Compare, with the cursor on the document."
    )
    lines = LINES
    DEFAULT_CSS = "ReviewList { height: 1fr; width: 1fr; }"

    def __init__(self, wanted: Callable[[int], object], *, id: str) -> None:
        super().__init__(id=id)
        self._wanted = wanted
        self._items: dict[int, Item] = {}
        self._asked: set[int] = set()
        self._nothing = ""

    @property
    def item(self) -> Item | None:
        """The entry under the cursor."""
        return self._items.get(self.cursor)

    def forget(self) -> None:
        """Other entries are wanted, or they have changed; the cursor stays in its place."""
        self._asked.clear()
        self._items.clear()
        self._look()

    def show(self, offset: int, page: ReviewPage, nothing: str) -> None:
        """A page of what matches; `nothing` is said where that is nothing."""
        self._items |= dict(enumerate(page.items, offset))
        self.places, self._nothing = page.matching, nothing
        self.cursor = max(0, min(self.cursor, self.places - 1))
        self.set_line_count(self.places * LINES)
        self.refresh()
        self.post_message(self.Moved())

    def copyable(self) -> Copyable | None:
        return copyable(self.item) if self.item is not None else None

    def show_cursor(self) -> None:
        self.reveal(self.cursor * LINES, self.cursor * LINES + LINES - 1)
        self._look()
        self.refresh()
        self.post_message(self.Moved())

    def place_at(self, event: events.Click) -> int | None:
        return (event.y + self.scroll_offset.y) // LINES

    @property
    def page(self) -> int:
        return self.size.height // LINES

    def action_open(self) -> None:
        self.post_message(self.Opened())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._look()

    def _look(self) -> None:
        """At the pages that are seen."""
        first = self.scroll_offset.y // LINES
        last = first + max(1, self.size.height // LINES)
        for page in {first // PAGE, last // PAGE, self.cursor // PAGE}:
            if page not in self._asked and (page == 0 or page * PAGE < self.places):
                self._asked.add(page)
                self._wanted(page * PAGE)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place, number = divmod(y + self.scroll_offset.y, LINES)
        if not self.places:
            return self._palette.strip([(f" {self._nothing}" if y == 1 else "", "muted")], width)
        if place >= self.places:
            return self._palette.strip((), width)
        gutter, backdrop = self.cursor_look(place == self.cursor)
        item = self._items.get(place)
        if item is None:
            return self._palette.strip([(f"{gutter}…" if number == 0 else "", "faint")], width, backdrop)
        return self._palette.strip(lines(item, gutter, width)[number], width, backdrop)
