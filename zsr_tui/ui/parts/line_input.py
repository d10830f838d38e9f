"""A line to type in."""

from __future__ import annotations

import os.path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Paste
from textual.widgets import Input

from zsr_tui.text import typed


def absolute(path: str) -> str:
    """A path that the user typed, for the engine: it may work in another folder than this program."""
    return os.path.abspath(os.path.expanduser(path))


class LineInput(Input):
    """Ctrl+U clears the whole line, wherever the cursor is: a line of a search is typed anew more often than mended.
    What is pasted in several lines is one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+u", "clear_line", "Clear the line", show=False)]

    def action_clear_line(self) -> None:
        self.value = ""

    def action_paste(self) -> None:
        self._put_in(self.app.clipboard)

    def _on_paste(self, event: Paste) -> None:
        event.prevent_default()  # Textual keeps the first line
        event.stop()
        self._put_in(event.text)

    def _put_in(self, text: str) -> None:
        if line := typed(text):
            self.replace(line, *self.selection)
