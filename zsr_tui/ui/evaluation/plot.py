"""A plot, drawn as lines of characters for the size that it has on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from zsr_tui.plots import terminal
from zsr_tui.plots.model import Plot
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
    """Draws a plot anew for each size, or says why there is none. `of` is what the plot is of; None without one."""

    DEFAULT_CSS = "PlotView { height: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.of: object = None
        self._palette = Palette(self)
        self._plot: Plot | None = None
        self._lines: list[list[Piece]] = []
        self._drawn_for: Size | None = None

    @property
    def text(self) -> str:
        return "\n".join("".join(text for text, _ in line) for line in self._shown())

    def show(self, plot: Plot, of: object) -> None:
        self.of, self._plot, self._drawn_for = of, plot, None
        self.refresh()

    def say(self, lines: Sequence[Sequence[Piece]]) -> None:
        """Why there is no plot."""
        self.of, self._plot = None, None
        self._lines = [list(line) for line in lines]
        self.refresh()

    def _shown(self) -> list[list[Piece]]:
        if self._plot is not None and self._drawn_for != self.size:
            self._lines = [pieces(line) for line in terminal.draw(self._plot, *self.size)]
            self._drawn_for = self.size
        return self._lines

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette.renew()

    def render_line(self, y: int) -> Strip:
        lines = self._shown()
        return self._palette.strip(lines[y] if y < len(lines) else [], self.size.width)
