"""A line to type in."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class LineInput(Input):
    """Ctrl+U clears the whole line, wherever the cursor is: a line of a search is typed anew more often than mended."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+u", "clear_line", "Clear the line", show=False)]

    def action_clear_line(self) -> None:
        self.value = ""
