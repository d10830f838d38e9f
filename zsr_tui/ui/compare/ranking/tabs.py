"""The lists as tabs, where the terminal is too narrow to show them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from zsr_tui.text import printable
from zsr_tui.ui.compare.ranking.head import HeadView
from zsr_tui.ui.compare.session import Phase
from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece, crop, shorten_notation, width_of

NDCG = "nDCG@10"


def tab_value(view: HeadView) -> Piece:
    """What says most of a list in few cells: its nDCG@10, or how far it is."""
    system = view.system
    if system.phase is Phase.FAILED:
        return " failed", "error"
    if system.phase is Phase.WORKING and system.ranking and system.ranking.total:
        return f" {100 * system.ranking.scored // system.ranking.total}%", "bar"
    if system.unfinished or system.phase is Phase.PREPARING:
        return " …", "muted"
    if view.judgments and system.measures and NDCG in system.measures:
        return f" {system.measures[NDCG]:.3f}", "strong"
    return "", "muted"


class TabStrip(PaintedWidget):
    """One line with a tab for each list; a click chooses it."""

    DEFAULT_CSS = "TabStrip { height: 1; }"
    ALLOW_SELECT = False

    @dataclass
    class Chosen(Message):
        """A click on a tab."""

        number: int

    def __init__(self) -> None:
        super().__init__()
        self._views: Sequence[HeadView] = ()

    def show(self, views: Sequence[HeadView]) -> None:
        self._views = list(views)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        end = 0
        for number, tab in enumerate(self._tabs(self.size.width), 1):
            end += width_of(tab)
            if event.x < end:
                self.post_message(self.Chosen(number))
                return

    def lines_for(self, width: int) -> list[list[Piece]]:
        return [[piece for tab in self._tabs(width) for piece in tab]]

    def _tabs(self, width: int) -> list[list[Piece]]:
        if not self._views:
            return []
        each = width // len(self._views)
        tabs = []
        for view in self._views:
            role = "title-active" if view.active else "title"
            value = tab_value(view)
            before: list[Piece] = [("▶" if view.active else " ", "rule-active"), (f"{view.number} ", role)]
            after: list[Piece] = [value, ("*" if view.reference else "", "reference")]
            room = each - width_of(before) - width_of(after) - 3
            label = view.system.head.label
            name = printable(label if len(label) <= room else shorten_notation(label, max(1, room)))
            tab = [*before, (name, role), *after]
            tabs.append(crop([*tab, (" " * (each - width_of(tab) - 1), "plain"), ("│", "rule")], each))
        return tabs
