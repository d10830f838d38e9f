"""Ctrl+O: a letter on every pane of the screen; the letter, or a click on it, goes there."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Offset
from textual.widget import Widget
from textual.widgets import Static

from zsr_tui.ui.parts.screen import BaseScreen

LETTERS = "asdfhlqwertuiopzxcvbnm"  # without those that move and copy wherever the focus is


def jump(screen: BaseScreen[Any]) -> None:
    """To the pane that the user chooses."""

    def chosen(pane: Widget | None) -> None:
        if pane is not None:
            screen.set_focus(pane)

    panes = [pane for pane in screen.focus_chain if pane.region.area][: len(LETTERS)]
    if len(panes) < 2:
        screen.tell("There is nowhere else to go on this screen.")
    else:
        screen.app.push_screen(JumpScreen(panes), chosen)


class JumpScreen(BaseScreen[Widget]):
    """Dismissed with one of `panes`, which are those of the screen below."""

    PLACE = "jump"
    DIALOG = True
    DEFAULT_CSS = """
    JumpScreen { background: transparent; align: left top; }
    JumpScreen Static {
        position: absolute; width: 3; height: 1; background: $accent; color: $background; text-style: bold;
    }
    JumpScreen:ansi Static, JumpScreen:nocolor Static {
        background: ansi_default; color: ansi_default; text-style: bold reverse;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape,ctrl+o", "close", "Close")]

    def __init__(self, panes: list[Widget]) -> None:
        super().__init__()
        self._panes = panes
        for number, letter in enumerate(LETTERS[: len(panes)]):
            self._bindings.bind(letter, f"choose({number})", show=False)

    def compose(self) -> ComposeResult:
        for letter, pane in zip(LETTERS, self._panes, strict=False):
            label = Static(f" {letter} ", markup=False)
            label.styles.offset = Offset(*pane.region.offset)
            yield label

    def on_resize(self) -> None:
        if self._panes[0].screen.size != self.size:  # the panes are elsewhere now
            self.leave()

    async def on_click(self, event: events.Click) -> None:
        labels = list(self.query(Static))
        if isinstance(event.widget, Static):
            self.action_choose(labels.index(event.widget))

    def action_choose(self, number: int) -> None:
        self.dismiss(self._panes[number])

    def jump(self) -> None:
        self.leave()
