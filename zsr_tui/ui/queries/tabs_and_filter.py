"""The line with the tabs of the views and the filter line."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from zsr_tui.ui.parts.line_input import LineInput
from zsr_tui.ui.parts.tab_line import TabLine
from zsr_tui.ui.timers import once

WIDE = 100  # cells from which the filter line says more
DEBOUNCE = 0.12  # seconds after the last key in the filter line


class TabsAndFilter(Horizontal):
    DEFAULT_CSS = "TabsAndFilter { height: 1; }"

    @dataclass
    class Typed(Message):
        """Something else stands in the filter line; `entered`: the user has done with it."""

        entered: bool = False

    def __init__(self, views: tuple[str, ...]) -> None:
        super().__init__()
        self.tabs = TabLine(tuple(view.capitalize() for view in views))
        self.tabs.styles.width = sum(len(view) + 5 for view in views)
        self.filter = LineInput(id="filter", compact=True)
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self.tabs
        yield self.filter

    def on_resize(self, event: events.Resize) -> None:
        words = "/ filters: words of the query" if event.size.width >= WIDE else "/ filter"
        self.filter.placeholder = f"{words}  words:3-8  relevant:2-"

    def clear(self) -> None:
        with self.filter.prevent(Input.Changed):
            self.filter.value = ""

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._pause is not None:
            self._pause.stop()
        self._pause = once(self, DEBOUNCE, lambda: self.post_message(self.Typed()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Typed(entered=True))
