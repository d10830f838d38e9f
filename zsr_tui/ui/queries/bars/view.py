"""The bars of all queries, above the same queries with a bar on each line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from zsr_tui.api.queries import Differences
from zsr_tui.ui.queries.bars.painter import BarPainter
from zsr_tui.ui.queries.bars.plot import DifferencePlot
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.table.pages import QueryPages
from zsr_tui.ui.queries.table.view import QueryTable


class QueryBars(Vertical):
    DEFAULT_CSS = "QueryBars { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.plot, self.table = DifferencePlot(), QueryTable()
        self._found: Differences | None = None
        self._largest = 1.0

    def compose(self) -> ComposeResult:
        yield self.plot
        yield self.table

    def show(self, pages: QueryPages, choice: QueryChoice, id_width: int, nothing: str) -> None:
        self.table.show(pages, BarPainter(choice.selection, self._largest, id_width), nothing)

    def show_differences(self, found: Differences | None) -> None:
        if found is not self._found:
            self._found = found
            values = found.values if found is not None else ()
            self._largest = max(map(abs, values), default=0.0) or 1.0
            self.plot.show(values)
