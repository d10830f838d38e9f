"""The views of the evaluation screen as a line of tabs."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece, width_of


class ViewTabs(PaintedWidget):
    """One line with a tab for each view; a click chooses it."""

    DEFAULT_CSS = "ViewTabs { height: 1; }"
    ALLOW_SELECT = False

    @dataclass
    class Chosen(Message):
        """A click on a tab; `number` counts from 1."""

        number: int

    def __init__(self, labels: tuple[str, ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._labels = labels
        self._active = 0

    def choose(self, number: int) -> None:
        if number - 1 != self._active:
            self._active = number - 1
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        end = 0
        for number, tab in enumerate(self._tabs(), 1):
            end += width_of(tab)
            if event.x < end:
                self.post_message(self.Chosen(number))
                return

    def lines_for(self, width: int) -> list[list[Piece]]:
        return [[piece for tab in self._tabs() for piece in tab]]

    def _tabs(self) -> list[list[Piece]]:
        tabs: list[list[Piece]] = []
        for number, label in enumerate(self._labels):
            active = number == self._active
            role = "title-active" if active else "title"
            tabs.append([("▶" if active else " ", "rule-active"), (f"{number + 1} {label} ", role), (" ", "plain")])
        return tabs
