"""The pairs of systems that can be compared without their names: all in turn, or one alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

from textual.app import App
from textual.content import Content

from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.messages import Duellists
from zsr_tui.ui.parts.picker import Found, Picker


class Pairs:
    """A `Source` of a picker. Which of a pair stands on which side is drawn by lot all the same."""

    title = "Which two systems are compared?"
    placeholder = "Part of a system's name"

    def __init__(self, wanted: Duellists) -> None:
        pairs = [replace(wanted, systems=pair) for pair in combinations(wanted.systems, 2)]
        self.each = () if wanted.evaluation else tuple(pairs)
        self._all = [wanted, *pairs]
        self.in_turn = len(self.each)  # how many pairs come now

    def choose(self, app: App[Any], then: Callable[[Duellists], object]) -> bool:
        """Lets the user choose; False where there is one pair alone."""
        if len(self.each) < 2:
            return False

        def chosen(pair: Duellists | None) -> None:
            if pair is not None:
                self.in_turn = 1 if len(pair.systems) == 2 else len(self.each)
                then(pair)

        app.push_screen(Picker(self), chosen)
        return True

    async def find(self, typed: str, offset: int) -> Found[Duellists]:
        words = typed.casefold().split()
        fit = [each for each in self._all if all(word in _name(each).casefold() for word in words)]
        return Found(fit[offset:], counted(len(fit), "choice") if fit else "No pair has that in its names.")

    def content(self, item: Duellists, *, compact: bool) -> Content:
        return Content(_name(item))

    def copyable(self, item: Duellists) -> Copyable:
        return Copyable("the pair", (Choice("x", "as text", _name(item)),))


def _name(pair: Duellists) -> str:
    if len(pair.systems) > 2:
        return "all pairs in turn"
    first, second = map(one_line, pair.systems)
    return f"{first}  and  {second}"
