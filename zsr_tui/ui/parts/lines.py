"""A few lines of pieces, each cut at the edge."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece, crop


class Lines(PaintedWidget):
    """As high as it has lines."""

    DEFAULT_CSS = "Lines { padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[list[Piece]] = []
        self.styles.height = 0

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

    @property
    def text(self) -> str:
        """Also of what is cut."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def lines_for(self, width: int) -> list[list[Piece]]:
        return [crop(line, width) for line in self._lines]
