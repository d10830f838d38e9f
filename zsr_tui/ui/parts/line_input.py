"""A line to type in."""

from __future__ import annotations

import os.path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


def absolute(path: str) -> str:
    """A path that the user typed, for the engine: it may work in another folder than this program."""
    return os.path.abspath(os.path.expanduser(path))


class LineInput(Input):
    """Ctrl+U clears the whole line, wherever the cursor is: a line of a search is typed anew more often than mended."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+u", "clear_line", "Clear the line", show=False)]

    def action_clear_line(self) -> None:
        self.value = ""
