"""A few lines of pieces, each cut at the edge."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from zsr_tui.ui.parts.paint import Palette
from zsr_tui.ui.parts.pieces import Piece, crop


class Lines(Widget):
    """As high as it has lines."""

    DEFAULT_CSS = "Lines { padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._palette = Palette(self)
        self._lines: list[list[Piece]] = []
        self.styles.height = 0

    @property
    def text(self) -> str:
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show(self, lines: Sequence[Sequence[Piece]], most: int | None = None, key: str = "") -> None:
        """Of more than `most` the last line says how many are missing; `key` is the one that shows them all."""
        found = [list(line) for line in lines]
        if most is not None and len(found) > most:
            found = [*found[: most - 1], [(f"… and {len(found) - most + 1:,} more: {key} shows all", "muted")]]
        if found == self._lines:
            return
        grows = len(found) != len(self._lines)
        self._lines = found
        self.styles.height = len(found)
        self.refresh(layout=grows)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette.renew()

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else []
        return self._palette.strip(crop(line, self.size.width), self.size.width)
