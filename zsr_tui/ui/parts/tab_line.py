"""Tabs on one line: the views of a screen by their names, or what else is made for the width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len
from textual import events
from textual.message import Message

from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece, width_of

Tab = list[Piece]


class TabLine(PaintedWidget):
    """A click on a tab chooses it. `labels` name views, of which `choose` marks one; `show` takes tabs of any kind."""

    DEFAULT_CSS = "TabLine { height: 1; }"
    ALLOW_SELECT = False

    @dataclass
    class Chosen(Message):
        """A click on a tab; `number` counts from 1."""

        number: int

    def __init__(self, labels: tuple[str, ...] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._labels = labels
        self._tabs: Callable[[int], list[Tab]] = partial(_named, labels, 1)

    def choose(self, number: int) -> None:
        self.show(partial(_named, self._labels, number))

    def show(self, tabs: Callable[[int], list[Tab]]) -> None:
        """`tabs` makes them for the line's width in cells."""
        self._tabs = tabs
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        end = 0
        for number, tab in enumerate(self._tabs(self.size.width), 1):
            end += width_of(tab)
            if event.x < end:
                event.stop()
                self.post_message(self.Chosen(number))
                return

    def lines_for(self, width: int) -> list[list[Piece]]:
        return [[piece for tab in self._tabs(width) for piece in tab]]


def _named(labels: tuple[str, ...], active: int, width: int) -> list[Tab]:
    """As far apart as there is room for."""
    taken = sum(cell_len(label) + len(str(number)) + 2 for number, label in enumerate(labels, 1))
    gap = max(0, min(2, (width - taken) // max(1, len(labels))))
    return [
        [
            ("▶" if number == active else " ", "rule-active"),
            (f"{number} {label}{' ' * min(1, gap)}", "title-active" if number == active else "title"),
            (" " * (gap - 1), "plain"),
        ]
        for number, label in enumerate(labels, 1)
    ]
