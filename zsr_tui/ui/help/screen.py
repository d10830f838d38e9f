"""The keys that apply now, what the marks and words on the screen mean, and the notation of systems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from zsr_tui.paths import config_file
from zsr_tui.ui.keys.action import ANYWHERE, Action
from zsr_tui.ui.keys.bindings import grouped
from zsr_tui.ui.parts.glossary import MARKS, NOTATION, WORDS
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.two_columns import TwoColumns


class HelpScreen(BaseScreen[None]):
    """`actions` are those that can be used on the screen below, whose `place` says which words are seen there."""

    PLACE = "help"
    DIALOG = True
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "close", "Close")]

    def __init__(self, actions: Sequence[Action], place: str = "") -> None:
        super().__init__()
        self._actions = actions
        self._words = WORDS.get(place, ())

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="help") as dialog:
            dialog.border_title = "Help"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            with VerticalScroll():
                here = [action for action in self._actions if action.where != ANYWHERE]
                if here:
                    yield Static("On this screen", classes="heading")
                    yield TwoColumns(_keys(here))
                if self._words:
                    yield Static("Words on this screen", classes="heading")
                    yield TwoColumns(self._words)
                yield Static("Everywhere", classes="heading")
                yield TwoColumns(_keys([action for action in self._actions if action.where == ANYWHERE]))
                yield Static("Marks", classes="heading")
                yield TwoColumns(MARKS)
                yield Static("Systems are written", classes="heading")
                yield TwoColumns(NOTATION)
                yield Static(f"Your own keys: [keys] in {config_file()}", classes="muted note", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()


def _keys(actions: Sequence[Action]) -> list[tuple[str, str]]:
    return [(keys or "^p", f"{title}. {action.help}") for keys, title, action in grouped(actions)]
