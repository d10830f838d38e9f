"""A window that asks which judgments count, and which of them first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from itertools import permutations
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from zsr_tui import numerals
from zsr_tui.api.agreement import Between
from zsr_tui.api.judging import PRECEDENCE, AnySource
from zsr_tui.api.merging import Standing
from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.parts.judging.marks import GLYPHS, named
from zsr_tui.ui.parts.screen import BaseScreen

UNIONS: tuple[tuple[AnySource, ...], ...] = tuple(
    union for count in (1, 2, 3) for union in permutations(PRECEDENCE, count)
)


def trust(found: Between) -> str:
    """How far a model agrees with people, before its judgments count."""
    model = one_line(found.second)
    if not found.shared:
        return f"{model}: people have judged nothing that it has, so how far it agrees is not known"
    both = counted(found.shared, "document")
    if found.kappa is None:
        return f"{model}: one grade alone over {both} that people have judged, so kappa is not defined"
    return (
        f"{model}: kappa {numerals.value(found.kappa, 2)} with people, {numerals.value(found.relevant, 2)} relevant or "
        f"not ({both})"
    )


def choose(
    screen: Screen[Any],
    counting: tuple[AnySource, ...],
    counts: Mapping[str, int],
    then: Callable[[tuple[AnySource, ...]], object],
    standing: Callable[[], Awaitable[Standing]] | None = None,
) -> None:
    """`then` is called with what was chosen; `standing` asks how far models can be trusted."""

    def chosen(sources: tuple[AnySource, ...] | None) -> None:
        if sources is not None:
            then(sources)

    screen.app.push_screen(CountingScreen(counting, counts, standing), chosen)


class CountingScreen(BaseScreen[tuple[AnySource, ...]]):
    """Dismissed with sources, the one that counts first in front. `counts`: the judgments of what
    is shown that come from each. `standing` is asked for how far each model agrees with people."""

    PLACE = "counting"
    DIALOG = True
    DEFAULT_CSS = """
    CountingScreen #trust { max-height: 4; }
    CountingScreen OptionList { height: auto; max-height: 50vh; border: none; background: $surface; }
    CountingScreen OptionList:ansi { background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]

    def __init__(
        self,
        counting: tuple[AnySource, ...],
        counts: Mapping[str, int],
        standing: Callable[[], Awaitable[Standing]] | None = None,
    ) -> None:
        super().__init__()
        self._counting, self._standing = counting, standing
        self._said = " · ".join(
            f"{GLYPHS[source][0]} {counts[source]} {source}" for source in PRECEDENCE if source in counts
        )

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Which judgments count, the first of two that differ in front", classes="dialog-title")
            yield Static(f"There are {self._said}", classes="muted", markup=False)
            yield Static(id="trust", classes="muted", markup=False)
            yield OptionList(*(Option(self._line(union)) for union in UNIONS), compact=True, markup=False)

    def on_mount(self) -> None:
        found = self.query_one(OptionList)
        found.highlighted = UNIONS.index(self._counting)
        found.focus()
        if self._standing is not None:
            self.ask("standing", self._ask_standing, self._standing)

    async def _ask_standing(self, standing: Callable[[], Awaitable[Standing]]) -> None:
        models = sorted((await standing()).models, key=lambda found: -found.shared)
        self.query_one("#trust", Static).update("\n".join(map(trust, models)))

    def _line(self, union: tuple[AnySource, ...]) -> str:
        sign = "▶ " if union == self._counting else "  "
        return f"{sign}{' '.join(GLYPHS[source][0] for source in union):<6} {named(union)}"

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(UNIONS[event.option_index])
