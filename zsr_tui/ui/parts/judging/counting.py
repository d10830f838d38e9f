"""A window that asks which judgments count, and which of them first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from zsr_tui.api.judging import AnySource
from zsr_tui.ui.parts.judging.marks import GLYPHS, named
from zsr_tui.ui.parts.screen import BaseScreen

SOURCES: tuple[AnySource, ...] = ("own", "dataset", "model")
UNIONS: tuple[tuple[AnySource, ...], ...] = tuple(
    union for count in (1, 2, 3) for union in permutations(SOURCES, count)
)


def choose(
    screen: Screen[Any],
    counting: tuple[AnySource, ...],
    counts: Mapping[str, int],
    then: Callable[[tuple[AnySource, ...]], object],
) -> None:
    """`then` is called with what was chosen."""

    def chosen(sources: tuple[AnySource, ...] | None) -> None:
        if sources is not None:
            then(sources)

    screen.app.push_screen(CountingScreen(counting, counts), chosen)


class CountingScreen(BaseScreen[tuple[AnySource, ...]]):
    """Dismissed with sources, the one that counts first in front. `counts`: the judgments of what
    is shown that come from each."""

    PLACE = "counting"
    DIALOG = True
    DEFAULT_CSS = """
    CountingScreen OptionList { height: auto; max-height: 16; border: none; background: $surface; }
    CountingScreen OptionList:ansi { background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]

    def __init__(self, counting: tuple[AnySource, ...], counts: Mapping[str, int]) -> None:
        super().__init__()
        self._counting = counting
        self._said = " · ".join(
            f"{GLYPHS[source][0]} {counts[source]} {source}" for source in SOURCES if source in counts
        )

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Which judgments count, the first of two that differ in front", classes="dialog-title")
            yield Static(f"There are {self._said}", classes="muted", markup=False)
            yield OptionList(*(Option(self._line(union)) for union in UNIONS), compact=True, markup=False)

    def on_mount(self) -> None:
        found = self.query_one(OptionList)
        found.highlighted = UNIONS.index(self._counting)
        found.focus()

    def _line(self, union: tuple[AnySource, ...]) -> str:
        sign = "▶ " if union == self._counting else "  "
        return f"{sign}{' '.join(GLYPHS[source][0] for source in union):<6} {named(union)}"

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(UNIONS[event.option_index])
