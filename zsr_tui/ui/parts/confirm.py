"""A question with two answers, asked before something large is fetched or computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from zsr_tui.text import one_line
from zsr_tui.ui.parts.screen import BaseScreen


class ConfirmScreen(BaseScreen[bool]):
    """Dismissed with True for `yes`. `lines` say what would be done, as plain text. A `careful` question has `no` under
    the cursor: what it does cannot be undone."""

    PLACE = "confirm"
    DIALOG = True
    DEFAULT_CSS = """
    ConfirmScreen #lines { height: auto; }
    ConfirmScreen #lines Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "close", "No"),
        ("left", "app.focus_previous", ""),
        ("right", "app.focus_next", ""),
    ]

    def __init__(self, title: str, lines: Iterable[str], yes: str, no: str, *, careful: bool = False) -> None:
        super().__init__()
        self._first = "#no" if careful else "#yes"
        self._question, self._lines, self._yes, self._no = title, tuple(lines), yes, no

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(one_line(self._question), classes="dialog-title", markup=False)
            with VerticalScroll(id="lines", can_focus=False):
                mark = "• " if len(self._lines) > 1 else ""
                for line in self._lines:
                    yield Static(mark + one_line(line), markup=False)
            with Horizontal(classes="buttons"):
                yield Button(self._yes, id="yes", compact=True)
                yield Button(self._no, id="no", compact=True)

    def on_mount(self) -> None:
        self.query_one(self._first).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")
