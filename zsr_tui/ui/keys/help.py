"""F1: the keys that apply now, what the marks mean, and the notation of systems."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from zsr_tui.ui.keys.action import ANYWHERE, Action
from zsr_tui.ui.keys.bindings import grouped
from zsr_tui.ui.memory import config_file
from zsr_tui.ui.parts.legend import MARKS, NOTATION
from zsr_tui.ui.parts.screen import BaseScreen


class HelpScreen(BaseScreen[None]):
    """`actions` are those that can be used on the screen below."""

    PLACE = "help"
    DIALOG = True
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,f1,q", "close", "Close")]

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = actions

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="help") as dialog:
            dialog.border_title = "Help"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            with VerticalScroll():
                here = [action for action in self._actions if action.where != ANYWHERE]
                if here:
                    yield Static("On this screen", classes="heading")
                    yield Table(_keys(here))
                yield Static("Everywhere", classes="heading")
                yield Table(_keys([action for action in self._actions if action.where == ANYWHERE]))
                yield Static("Marks", classes="heading")
                yield Table(MARKS)
                yield Static("Systems are written", classes="heading")
                yield Table(NOTATION)
                yield Static(f"Your own keys: [keys] in {config_file()}", classes="muted note", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()


def _keys(actions: Sequence[Action]) -> list[tuple[str, str]]:
    return [(keys, f"{title}. {action.help}") for keys, title, action in grouped(actions)]


class Table(Static):
    """Two columns; the text of the second is wrapped within it."""

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        super().__init__(markup=False)
        self._rows = rows

    def on_resize(self, event: events.Resize) -> None:
        left_width = max(len(left) for left, _ in self._rows) + 2
        lines = []
        for left, right in self._rows:
            first, *rest = textwrap.wrap(right, max(20, event.size.width - left_width)) or [""]
            lines.append(Content.assemble((f"{left:<{left_width}}", "$accent bold"), first))
            lines += [Content(" " * left_width + line) for line in rest]
        self.update(Content("\n").join(lines))
