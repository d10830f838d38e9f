"""A plot that the engine drew as lines of characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from zsr_tui.api.evaluations import Drawn
from zsr_tui.ui.parts.paint import Palette
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.screen import BaseScreen

# The renderer's styles as roles. Every series has a shape of its own, so two may share a colour.
_ROLES = {
    "": "text",
    "title": "strong",
    "axis": "rule",
    "tick": "muted",
    "muted": "muted",
    "rule": "reference",
    "cursor": "warning",
    "win": "up",
    "loss": "down",
}
_COLOURS = ("primary", "accent", "success", "error", "secondary", "foreground", "text-primary", "text-warning")
_RULES = "".join(f".paint--series-{number} {{ color: ${colour}; }}\n" for number, colour in enumerate(_COLOURS))
_ANSI = ("blue", "yellow", "green", "red", "cyan", "magenta", "bright_blue", "bright_green")
_ANSI_RULES = "".join(f".paint--series-{number} {{ color: ansi_{colour}; }}\n" for number, colour in enumerate(_ANSI))


class PlotScreen(BaseScreen[None]):
    """A screen that has the styles of a plot's series as well."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"paint--series-{number}" for number in range(len(_COLOURS))}
    DEFAULT_CSS = f"PlotScreen {{ {_RULES} &:ansi {{ {_ANSI_RULES} }} }}"


def pieces(line: Sequence[tuple[str, str]]) -> list[Piece]:
    """A drawn line with roles in place of the renderer's style names."""
    return [(text, style if style.startswith("series-") else _ROLES.get(style, "text")) for text, style in line]


class PlotView(Widget, can_focus=True):
    """Shows what was drawn for its size; for another size it asks for another drawing."""

    DEFAULT_CSS = "PlotView { height: 1fr; }"
    ALLOW_SELECT = False

    @dataclass
    class Resized(Message):
        """What is drawn should have this size."""

        width: int
        height: int

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, PlotView.Resized)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._palette = Palette(self)
        self._lines: list[list[Piece]] = []

    @property
    def text(self) -> str:
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show(self, drawn: Drawn) -> None:
        self._lines = [pieces(line) for line in drawn]
        self.refresh()

    def say(self, lines: Sequence[Sequence[Piece]]) -> None:
        """Why there is no plot."""
        self._lines = [list(line) for line in lines]
        self.refresh()

    def on_resize(self) -> None:
        if self.size.width and self.size.height:
            self.post_message(self.Resized(self.size.width, self.size.height))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette.renew()

    def render_line(self, y: int) -> Strip:
        return self._palette.strip(self._lines[y] if y < len(self._lines) else [], self.size.width)
