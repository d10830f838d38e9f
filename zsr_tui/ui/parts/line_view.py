"""Scroll views whose number of lines changes often."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView


def set_line_count(view: ScrollView, count: int) -> None:
    """Another number of lines lays the screen out only where the scroll bar comes or goes: a layout repaints
    everything, which takes longer than painting the lines that have changed."""
    size = Size(view.size.width, count)
    if size == view.virtual_size:
        return
    if (count > view.container_size.height) != view.show_vertical_scrollbar:
        view.virtual_size = size
        return
    view.set_reactive(ScrollView.virtual_size, size)
    if view.show_vertical_scrollbar:
        view.vertical_scrollbar.window_virtual_size = count
    scroll_to_line(view, min(view.scroll_offset.y, view.max_scroll_y))


def scroll_to_line(view: ScrollView, y: int) -> None:
    """At once, also where the scroll bar will be there only after the next layout."""
    view.scroll_to(y=y, animate=False, force=True)


class LineView(ScrollView):
    def set_line_count(self, count: int) -> None:
        set_line_count(self, count)

    def scroll_to_line(self, y: int) -> None:
        scroll_to_line(self, y)

    def _watch_show_vertical_scrollbar(self, shown: bool) -> None:
        if shown:
            self.vertical_scrollbar.position = self.scroll_y
