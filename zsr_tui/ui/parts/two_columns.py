"""Names on the left, what is to be said of them on the right."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.widgets import Static

from zsr_tui.wrapping import wrapped_lines


class TwoColumns(Static):
    """The text of the second is wrapped within it."""

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        super().__init__(markup=False)
        self._rows = rows

    def on_resize(self, event: events.Resize) -> None:
        left_width = max(len(left) for left, _ in self._rows) + 2
        lines = []
        for left, right in self._rows:
            first, *rest = wrapped_lines(right, max(20, event.size.width - left_width))
            lines.append(Content.assemble((f"{left:<{left_width}}", "$accent bold"), first))
            lines += [Content(" " * left_width + line) for line in rest]
        self.update(Content("\n").join(lines))
