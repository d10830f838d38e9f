"""What of a finding is cut on its screen, in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from zsr_tui.ui.parts.screen import BaseScreen


class WholeScreen(BaseScreen[None]):
    """`sections` are titles and the lines below them."""

    PLACE = "finding-whole"
    DIALOG = True
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Close")]
    DEFAULT_CSS = """
    WholeScreen #whole { width: 100; max-width: 95%; height: auto; max-height: 90%; }
    WholeScreen VerticalScroll { height: auto; max-height: 100%; }
    WholeScreen Static { height: auto; }
    """

    def __init__(self, sections: Sequence[tuple[str, Sequence[str]]]) -> None:
        super().__init__()
        self._sections = sections

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="whole") as dialog:
            dialog.border_title = "The finding"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            with VerticalScroll():
                for title, lines in self._sections:
                    yield Static(title, classes="heading", markup=False)
                    yield Static(Content("\n").join(map(Content, lines)))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
