"""A line with something on its left and something on its right."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece, crop, width_of


class Bar(PaintedWidget):
    """One line; where both sides do not fit, the left one is cut. Has the class `empty` while it is."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left: list[Piece] = []
        self._right: list[Piece] = []
        self.add_class("empty")

    @property
    def text(self) -> str:
        return "".join(text for text, _ in (*self._left, *self._right))

    def show(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        if (self._left, self._right) == (list(left), list(right)):
            return
        self._left, self._right = list(left), list(right)
        self.set_class(not left and not right, "empty")
        self.refresh()

    def lines_for(self, width: int) -> list[list[Piece]]:
        most = max(width // 2, width - width_of(self._left[:1]) - 2)  # the first on the left stays in sight
        right = crop(self._right, most if self._left else width)
        left = crop(self._left, max(0, width - width_of(right) - (2 if right else 0)))
        gap = width - width_of(left) - width_of(right)
        return [[*left, (" " * gap, "plain"), *right]]
