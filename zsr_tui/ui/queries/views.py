"""The four views of the queries, one of them shown: a place of the table is a place of the bars and of the points."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import ContentSwitcher

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.ui.queries.asker import EvaluationAsker
from zsr_tui.ui.queries.bars.painter import BarPainter
from zsr_tui.ui.queries.bars.plot import DifferencePlot
from zsr_tui.ui.queries.documents.scatter import DocumentScatter
from zsr_tui.ui.queries.listing import Listing
from zsr_tui.ui.queries.scatter import QueryScatter
from zsr_tui.ui.queries.table.columns import TablePainter
from zsr_tui.ui.queries.table.lines import QueryLines
from zsr_tui.ui.queries.table.view import QueryTable

WIDE = 100  # cells from which ids have more room
TABLE, BARS, SCATTER, DOCUMENTS = "table", "bars", "scatter", "documents"
VIEWS = (TABLE, BARS, SCATTER, DOCUMENTS)
LISTS, PICTURES = (TABLE, BARS), (BARS, SCATTER)  # pictures are in the order of the differences


class QueryViews(ContentSwitcher):
    DEFAULT_CSS = "QueryViews { height: 1fr; }"

    def __init__(self, ask: EvaluationAsker, listing: Listing) -> None:
        self._listing = listing
        self.plot = DifferencePlot()
        self.table, self.bars = QueryTable(id=TABLE), QueryTable(self.plot, id=BARS)
        self.scatter, self.documents = QueryScatter(listing, id=SCATTER), DocumentScatter(ask, id=DOCUMENTS)
        super().__init__(self.table, self.bars, self.scatter, self.documents, initial=TABLE)

    @property
    def shown(self) -> str:
        return self.current or TABLE

    @property
    def lines(self) -> QueryLines | None:
        """Of the table or the bars, where one of them is shown."""
        return {TABLE: self.table.lines, BARS: self.bars.lines}.get(self.shown)

    @property
    def content(self) -> Widget:
        """What of the view has the focus."""
        return self.lines or {SCATTER: self.scatter, DOCUMENTS: self.documents}[self.shown]

    def show(self, item: EvaluationItem | None, nothing: str) -> None:
        """`nothing` says why there are no rows."""
        pages, seen = self._listing.pages, self._listing.seen
        id_width = min(12 if self.size.width < WIDE else 20, max(5, pages.longest_id + 1))
        self.show_pictures()
        if self.shown == TABLE:
            self.table.show(pages, TablePainter(seen, item, id_width), nothing)
        elif self.shown == BARS:
            self.bars.show(pages, BarPainter(seen.selection, self.plot.largest, id_width), nothing)

    def show_pictures(self) -> None:
        self.plot.show(self._listing.differences)
        self.scatter.show()

    def mark(self) -> None:
        """The query under the cursor."""
        self.plot.mark(self._listing.place)
        self.scatter.refresh()
        if self.shown == DOCUMENTS:
            self.documents.look_at(self._listing.choice, self._listing.row)
