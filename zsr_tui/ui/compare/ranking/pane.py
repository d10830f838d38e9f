"""A system's head, what went wrong with it, and its rows."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from zsr_tui.text import printable
from zsr_tui.ui.compare.lists import Phase
from zsr_tui.ui.compare.ranking.head import HeadView, RankingHead
from zsr_tui.ui.compare.ranking.list import RankingList
from zsr_tui.ui.parts import lacking
from zsr_tui.ui.parts.limited import Limited

WHY_NOT = 6  # lines


class RankingPane(Vertical):
    """One list with everything that belongs to it."""

    def __init__(self, view: HeadView) -> None:
        super().__init__()
        self.head = RankingHead(view)
        self.problem = Limited(WHY_NOT, classes="why-not")
        self.problem.display = False
        self._sentence = ""
        self.ranking = RankingList()

    def compose(self) -> ComposeResult:
        yield self.head
        yield self.problem
        yield self.ranking

    def show_head(self, view: HeadView) -> None:
        self.head.show(view)
        problem = view.system.problem if view.system.phase is not Phase.PREPARING else None
        sentence = lacking.sentence(view.system.lacking, view.keys[0]) or (problem.message if problem else "")
        if sentence != self._sentence:  # an update lays out the whole screen
            self._sentence = sentence
            self.problem.display = bool(sentence)
            self.problem.put(printable(sentence))
