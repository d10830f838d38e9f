"""All queries of the table at once: bars of their differences, and points of their values in both systems."""

from __future__ import annotations

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import Differences, QueryRow
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.queries.asked import Shown
from zsr_tui.ui.queries.bars import DifferenceChart
from zsr_tui.ui.queries.documents.view import QueryDocumentsScreen
from zsr_tui.ui.queries.scatter import QueryScatter
from zsr_tui.ui.queries.table.columns import name_of
from zsr_tui.ui.queries.work import DifferencesCame

TABLE, BARS, SCATTER, DOCUMENTS = 1, 2, 3, 4
PICTURES = (BARS, SCATTER)  # of queries in the order of their differences, as the table has them then


class QueryPicturesScreen(QueryDocumentsScreen):
    """The table's cursor is the pictures': a place of one is the place of the other."""

    def __init__(self, engine: StartedEngine, shown: Shown, item: EvaluationItem | None) -> None:
        super().__init__(engine, shown, item)
        self.view = TABLE
        self.chart = DifferenceChart()
        self.scatter = QueryScatter()
        self._differences: Differences | None = None
        self._differences_of: Shown | None = None  # what they were asked for
        self._follow: int | None = None  # the query that the cursor goes to when its place is known

    @property
    def largest(self) -> float:
        """The longest bar's difference."""
        return max((abs(value) for value in (self._differences.values if self._differences else ())), default=0) or 1.0

    def _ask_differences(self) -> None:
        """Where a picture of other queries, or of nothing, is shown."""
        if self.view in PICTURES and self._differences_of != self.shown.compared:
            self._differences_of = self.shown.compared
            self.ask("differences", self.work.differences, self.shown)

    def on_differences_came(self, message: DifferencesCame) -> None:
        message.stop()
        if message.shown.compared != self.shown.compared:
            return
        self._answered("differences")
        self._differences = message.differences
        look = self.shown.look(self.item)
        self.chart.show(message.differences.values)
        self.scatter.show(
            message.differences,
            name_of(look.system, look),
            name_of(look.baseline, look),
            "No query matches." if self.shown.filtered else "There is no query with a value in both systems.",
        )
        self._show()
        self._follow_query()
        self._mark(self.table.row)

    def _forget_differences(self) -> None:
        self._differences = self._differences_of = None
        self.chart.show(())
        self.scatter.show(None, "", "", "Reading the queries ...")

    def _show(self) -> None:
        """Paint the table anew."""

    def _follow_query(self) -> None:
        """The cursor on the query that it was on before the order changed."""
        if self._follow is not None and self._differences is not None and self._in_order:
            if self._follow in self._differences.queries:
                self.table.go_to(self._differences.queries.index(self._follow))
            self._follow = None

    @property
    def _in_order(self) -> bool:
        """Whether the rows of the table are those of the differences."""
        raise NotImplementedError

    def _at(self, row: QueryRow | None) -> None:
        self._mark(row)

    def _mark(self, row: QueryRow | None) -> None:
        known = self._differences is not None and self._in_order and self.table.cursor < len(self._differences.queries)
        place = self.table.cursor if known else None
        self.chart.mark(place)
        self.scatter.mark(place, row)

    def on_query_scatter_moved(self, message: QueryScatter.Moved) -> None:
        message.stop()
        self.table.action_move(message.by)

    def on_query_scatter_clicked(self, message: QueryScatter.Clicked) -> None:
        message.stop()
        self.table.go_to(message.place)

    def on_difference_chart_clicked(self, message: DifferenceChart.Clicked) -> None:
        message.stop()
        self.table.go_to(message.place)
