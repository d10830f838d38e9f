"""A scroll view whose number of lines changes often."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView


class LineView(ScrollView):
    """Another number of lines lays the screen out only where the scroll bar comes or goes: a layout repaints
    everything, which takes longer than painting the lines that have changed."""

    def set_line_count(self, count: int) -> None:
        size = Size(self.size.width, count)
        if size == self.virtual_size:
            return
        if (count > self.container_size.height) != self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        self.set_reactive(LineView.virtual_size, size)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = count
        self.scroll_to_line(min(self.scroll_offset.y, self.max_scroll_y))

    def scroll_to_line(self, y: int) -> None:
        """At once, also where the scroll bar will be there only after the next layout."""
        self.scroll_to(y=y, animate=False, force=True)

    def _watch_show_vertical_scrollbar(self, shown: bool) -> None:
        if shown:
            self.vertical_scrollbar.position = self.scroll_y
