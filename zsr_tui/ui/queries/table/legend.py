"""What the numbers of the systems stand for, on as many lines as it takes."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from zsr_tui.ui.parts.paint import Palette
from zsr_tui.ui.parts.pieces import Piece, flow

MOST_LINES = 4


class Legend(Widget):
    """Groups of pieces side by side."""

    DEFAULT_CSS = "Legend { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._palette = Palette(self)
        self._groups: list[list[Piece]] = []
        self._lines: list[list[Piece]] = [[]]

    @property
    def text(self) -> str:
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show(self, groups: Sequence[list[Piece]]) -> None:
        if list(groups) != self._groups:
            self._groups = list(groups)
            self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        self._lines = flow(self._groups, max(20, self.size.width - 2))[:MOST_LINES] or [[]]
        if self.styles.height is None or self.styles.height.value != len(self._lines):
            self.styles.height = len(self._lines)
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette.renew()

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else []
        return self._palette.strip([(" ", "plain"), *line], self.size.width)
