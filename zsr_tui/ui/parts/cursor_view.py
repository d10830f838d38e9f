"""A block of lines that scrolls, with a cursor that keys move: what lists, tables, pictures and long texts share."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from zsr_tui.ui.keys.table.here import FAR
from zsr_tui.ui.parts import selecting
from zsr_tui.ui.parts.paint import Palette


class CursorView(ScrollView, can_focus=True):
    """A subclass says how many `places` there are, which of them is at a click, and how the cursor is shown on one.

    `_strips` has lines that were painted, by whatever key a subclass likes, until the colours are others."""

    DEFAULT_CSS = "CursorView { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", f"move({-FAR})", "First", show=False),
        Binding("end", f"move({FAR})", "Last", show=False),
    ]
    FIXED: ClassVar[int] = 0  # lines that stay on top
    lines = 1  # of a place

    class Moved(Message):
        """The cursor is on another place."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, CursorView.Moved)

    class Opened(Message):
        """A double click on what the cursor stands on."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._palette = Palette(self)
        self._strips: dict[Any, Strip] = {}
        self._line_count: int | None = None
        self.places = 0
        self.cursor = 0  # a place, from 0

    def set_line_count(self, count: int) -> None:
        """Another number of lines lays the screen out only where the scroll bar comes or goes: a layout repaints
        everything, which takes longer than painting the lines that have changed."""
        self._line_count = count
        size = Size(self.size.width, count)
        if size == self.virtual_size:
            return
        if (count > self.container_size.height) != self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        self.set_reactive(ScrollView.virtual_size, size)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = count
        self.scroll_to_line(min(self.scroll_offset.y, self.max_scroll_y))

    def scroll_to_line(self, y: int) -> None:
        """At once, also where the scroll bar will be there only after the next layout."""
        self.scroll_to(y=y, animate=False, force=True)

    def _watch_show_vertical_scrollbar(self, shown: bool) -> None:
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def on_resize(self) -> None:
        if self._line_count is not None:
            self.set_line_count(self._line_count)

    def go_to(self, place: int) -> None:
        """Or to the one nearest to it."""
        if self.places:
            self.cursor = max(0, min(place, self.places - 1))
            self.show_cursor()

    def show_cursor(self) -> None:
        self.refresh()

    def action_move(self, by: int) -> None:
        self.go_to(self.cursor + by)

    def place_at(self, event: events.Click) -> int | None:
        """None, or one that there is not, where there is none."""
        return None

    def on_click(self, event: events.Click) -> None:
        place = self.place_at(event)
        if place is not None and 0 <= place < self.places:
            self.go_to(place)
            if event.chain == 2:
                self.post_message(self.Opened())

    @property
    def page(self) -> int:
        """Places that are seen at once."""
        return self.size.height - 1

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(1, self.page - 1))

    # what a drag selects

    def line_at(self, y: int) -> int:
        return y if y < self.FIXED else y + self.scroll_offset.y

    def line_text(self, line: int) -> str:
        y = line if line < self.FIXED else line - self.scroll_offset.y
        return "" if line >= self.FIXED > y else self.render_line(y).text  # "" below the lines that stay

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else self.virtual_size.height - 1
        lines = range(first, min(last, max(self.virtual_size.height, self.size.height) - 1) + 1)
        return selecting.extract(selection, lines, self.line_text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def text_select_all(self) -> None:
        """A double click opens."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return selecting.marked(self, super().render_lines(crop), crop.y)

    def reveal(self, first: int, last: int) -> None:
        """Scroll as little as it takes to see these lines; `first`, where not both fit."""
        top, height = self.scroll_offset.y, self.size.height
        if not height:
            return
        if last >= top + height:
            top = last - height + 1
        self.scroll_to_line(min(top, first))

    def cursor_look(self, here: bool) -> tuple[str, str]:
        """The first cell of a line and the role of its backdrop."""
        if not here:
            return " ", "plain"
        return (">", "cursor") if self.has_focus else ("›", "cursor-blurred")

    @property
    def below_cursor(self) -> int | None:
        """The line of the view below what the cursor stands on, while it has the focus; None where that is not seen."""
        marked = [y for y in range(self.size.height) if self.render_line(y).text.startswith(">")]
        return marked[-1] + self.lines if marked else None

    def refresh_cursor(self) -> None:
        """It looks different with the focus."""
        self.refresh()

    def on_focus(self) -> None:
        self.refresh_cursor()

    def on_blur(self) -> None:
        self.refresh_cursor()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self._palette.renew():
            self._strips.clear()
