"""A text on a few lines, of which the last says where more is missing."""

from __future__ import annotations

from typing import Any

from textual.content import Content
from textual.widgets import Static

from zsr_tui.ui.parts.clipped import clipped


class Limited(Static):
    """As high as the text needs, and at most `most` lines, the last of them with an ellipsis then; the first one bold,
    where it is a `title`."""

    def __init__(self, most: int, *, title: bool = False, **more: Any) -> None:
        super().__init__(markup=False, **more)
        self._most, self._title = most, title
        self._whole = self._seen = ""

    def put(self, text: str) -> None:
        """Control characters are to be made visible before."""
        self._whole = text
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        width = self.content_size.width
        seen = clipped(self._whole, width, self._most) if width > 0 else self._whole
        if seen != self._seen:  # an update lays out the whole screen
            self._seen = seen
            first, line, rest = seen.partition("\n") if self._title and "\n" in seen else ("", "", seen)
            self.update(Content.assemble((first, "bold"), line, rest))
