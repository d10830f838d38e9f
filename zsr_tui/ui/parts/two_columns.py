"""Names on the left, what is to be said of them on the right."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from zsr_tui.wrapping import wrapped_lines


class TwoColumns(Widget):
    """The text of the second is wrapped within it."""

    DEFAULT_CSS = "TwoColumns { height: auto; }"

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._rows = rows
        self._left_width = max(len(left) for left, _ in rows) + 2

    def render(self) -> Content:
        lines = []
        for left, right in self._rows:
            first, *rest = self._wrapped(right, self.content_size.width)
            lines.append(Content.assemble((f"{left:<{self._left_width}}", "$accent bold"), first))
            lines += [Content(" " * self._left_width + line) for line in rest]
        return Content("\n").join(lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return sum(len(self._wrapped(right, width)) for _, right in self._rows)

    def _wrapped(self, text: str, width: int) -> list[str]:
        return wrapped_lines(text, max(20, width - self._left_width))
