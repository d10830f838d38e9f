"""From the average to the query: every query of an evaluation as a table, as bars, and in two systems at once."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker

from zsr_tui.api.evaluations import EvaluationItem, QueryRow
from zsr_tui.ui.keybar import KeyBar
from zsr_tui.ui.render import Piece
from zsr_tui.ui.screens.evaluation_queries_asked import Shown
from zsr_tui.ui.screens.evaluation_queries_documents import QueryDocumentsScreen
from zsr_tui.ui.screens.evaluation_queries_work import (
    DifferencesCame,
    Named,
    PageCame,
)
from zsr_tui.ui.starting import StartedEngine
from zsr_tui.ui.widgets.difference_bars import BarPainter, DifferenceChart
from zsr_tui.ui.widgets.line_input import LineInput
from zsr_tui.ui.widgets.query_table import Painter, QueryHead, QueryTable
from zsr_tui.ui.widgets.query_table_columns import TablePainter
from zsr_tui.ui.widgets.query_table_pages import QueryPages

WIDE = 100  # cells from which ids have more room
PANE_FROM = 34  # lines of the terminal from which the documents' paths are shown, unless the user said otherwise
DEBOUNCE = 0.12  # seconds after the last key in the filter line
TABLE, BARS, SCATTER = 1, 2, 3


class EvaluationQueriesScreen(QueryDocumentsScreen):
    """What the keys do is in `zsr_tui.ui.actions`; its handlers are the public methods here. `system`, `measure` and
    `baseline` are those of the table that it was opened from."""

    PLACE = "evaluation_queries"

    def __init__(
        self,
        engine: StartedEngine,
        evaluation: str,
        system: int | None = None,
        measure: str = "",
        baseline: int = 0,
    ) -> None:
        chosen = system if system is not None and system != baseline else int(baseline == 0)
        super().__init__(engine, Shown(evaluation, measure, chosen, baseline), None)
        self.view = TABLE
        self._pages = QueryPages()
        self._pending: QueryPages | None = None  # of another order or filter, until its first page is here
        self._places: dict[int, int] = {}  # of a query among the sorted differences
        self._largest = 1.0
        self._follow: int | None = None  # the query that the cursor goes to when its place is known
        self._pane_wanted: bool | None = None  # by the user; None: as there is room
        self._pause: Timer | None = None
        self._decided = False  # whether there are judgments
        self.filter = LineInput(
            placeholder="/ filters: words of the query   words:3-8   relevant:2-", id="filter", compact=True
        )
        self.chart = DifferenceChart()
        self.head = QueryHead()

    def compose(self) -> ComposeResult:
        yield self.status_line
        yield self.legend
        yield self.filter
        yield self.notice
        yield self.chart
        yield self.head
        yield self.table
        yield self.plot
        yield self.paths
        yield KeyBar()

    def on_mount(self) -> None:
        self.show_view(TABLE)
        self._show()
        self._ask("item", self.work.name)
        if self.shown.measure:
            self._change(self.shown)  # what it is about, the first rows need not wait for

    def on_named(self, message: Named) -> None:
        message.stop()
        self.item: EvaluationItem | None = message.item
        measures, count = message.item.measures, len(message.item.systems)
        known = replace(
            self.shown,
            measure=self.shown.measure if self.shown.measure in measures else measures[0],
            baseline=min(self.shown.baseline, count - 1),
            system=min(self.shown.system, count - 1),
        )
        if known != self.shown or (self._pending is None and self._pages.matching is None):
            self._change(known)
        else:
            self._show()

    # what is asked for

    def _change(self, shown: Shown) -> None:
        """Ask for another order, filter or pair of systems; what is there stays until the answer comes."""
        pair = (shown.measure, shown.system, shown.baseline)
        if pair != (self.shown.measure, self.shown.system, self.shown.baseline):
            self._places = {}
        self.shown, self._pending = shown, QueryPages()
        self.workers.cancel_group(self, "page")
        self._load(0)
        if self.view == BARS and not self._places:
            self._ask("differences", self.work.differences, shown)
        self._show_counts()

    def _load(self, offset: int) -> None:
        shown = self.shown

        async def run() -> None:
            await self.work.page(shown, offset)

        _: Worker[None] = self.run_worker(run, group="page", exit_on_error=False)

    def on_query_table_wanted(self, message: QueryTable.Wanted) -> None:
        message.stop()
        if self._pending is None and self.item is not None:
            self._load(message.offset)

    def on_page_came(self, message: PageCame) -> None:
        message.stop()
        if message.shown != self.shown:
            return
        if self._pending is not None:
            self._pages, self._pending = self._pending, None
        self._pages.take(message.offset, message.rows)
        self._answered("page")
        rows = message.rows.rows
        if not self._decided and message.offset == 0 and rows:
            self._decided = True
            if not any(row.judged for row in rows):
                self._tell("These queries have no judgments: sorted by how much the two rankings differ.")
                self._change(self.shown.with_agreements(True))
        self._show()
        self._follow_query()

    def _went_wrong(self, what: str) -> None:
        if what == "page" and self._pending is not None and self._pages.matching is None:
            self._pending = None
        self._show()

    def reload(self) -> None:
        """Ask again for what did not come."""
        self._say("")
        if self.item is None:
            self._ask("item", self.work.name)
        elif self._pending is not None or self._pages.matching is None:
            self._change(self.shown)
        else:
            self.table.ask_again()
            self._settled()
            if self.view == SCATTER:
                self._ask_scatter()

    # what keys do

    def show_view(self, number: int) -> None:
        """1 the table, 2 bars, 3 the documents of the query in two systems."""
        self.view = number
        row = self.table.row
        self._arrange()
        if number == SCATTER:
            self._ask_scatter()
            self.plot.focus()
            return
        self.table.focus()
        if number == BARS and self.item is not None:
            self._follow = row.query if row is not None and not self.shown.filtered else None
            self._change(replace(self.shown, sort="difference", descending=True))
        self._show()

    def focus_filter(self) -> None:
        self.filter.focus()

    def step(self, by: int) -> None:
        """Sort by the next column of the table; in the pictures, the next query."""
        if self.view == TABLE:
            self._change(self.shown.next_sort(self.shown.look(self.item), by))
        else:
            self.next_query(by)

    def next_query(self, by: int) -> None:
        self.table.action_move(by)
        if self.view == SCATTER:
            self._ask_scatter()

    def reverse(self) -> None:
        if self.view == TABLE:
            self._change(replace(self.shown, descending=not self.shown.descending))

    def next_sign(self) -> None:
        self._change(self.shown.next_sign())

    def next_measure(self) -> None:
        if self.item is not None:
            self._change(self.shown.next_measure(self.item.measures))

    def next_system(self, by: int) -> None:
        if self.item is not None:
            self._compare_others(self.shown.next_system(len(self.item.systems), by))

    def next_baseline(self) -> None:
        if self.item is not None:
            self._compare_others(self.shown.next_baseline(len(self.item.systems)))

    def _compare_others(self, shown: Shown) -> None:
        self._change(shown)
        self._show_paths()
        if self.view == SCATTER:
            self._ask_scatter()

    def toggle_agreements(self) -> None:
        self._change(self.shown.with_agreements(not self.shown.agreements))

    def toggle_paths(self) -> None:
        self._pane_wanted = not self.paths.display
        self._arrange()

    def show_all(self) -> None:
        with self.filter.prevent(Input.Changed):
            self.filter.value = ""
        self._change(self.shown.unfiltered())

    def open_failures(self) -> None:
        from zsr_tui.ui.screens.evaluation_failures import EvaluationFailuresScreen

        self.app.push_screen(EvaluationFailuresScreen(self.engine, self.shown, self.item, self._chosen))

    def _chosen(self, system: int | None, outcome: str, words: str) -> None:
        """What the failures are looked at for: a class of a system, or queries of so many words."""
        shown = self.shown
        if system is not None:
            baseline = shown.system if system == shown.baseline else shown.baseline
            shown = replace(shown, system=system, baseline=baseline, outcome=outcome)
        if words:
            with self.filter.prevent(Input.Changed):
                self.filter.value = f"words:{words}"
            shown = replace(shown, typed=self.filter.value)
        if self.view == SCATTER:
            self.show_view(TABLE)
        self._compare_others(shown)

    def leave(self) -> None:
        """Out of the filter line, or back to where the table was opened."""
        if self.filter.has_focus:
            self._content().focus()
        else:
            self.go_back()

    def _content(self) -> Widget:
        return self.plot if self.view == SCATTER else self.table

    def on_query_head_clicked(self, message: QueryHead.Clicked) -> None:
        message.stop()
        self._change(self.shown.sorted_by(message.sort))

    def on_difference_chart_clicked(self, message: DifferenceChart.Clicked) -> None:
        message.stop()
        if not self.shown.filtered:
            self.table.go_to(message.place)

    # the filter line

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(DEBOUNCE, self._typed)

    def _typed(self) -> None:
        self._pause = None
        if self.filter.value != self.shown.typed:
            self._change(replace(self.shown, typed=self.filter.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._typed()
        self._content().focus()

    # what is seen

    def _painter(self) -> Painter:
        look = self.shown.look(self.item, self._largest, 11 if self.size.width < WIDE else 16)
        return BarPainter(look) if self.view == BARS else TablePainter(look)

    def _show(self) -> None:
        painter = self._painter()
        self.table.show(self._pages, painter, self._placeholder())
        self.head.show(painter, int(self.table.show_vertical_scrollbar))
        self._show_counts()

    def _placeholder(self) -> list[list[Piece]]:
        if self._pages.matching is None:
            return [] if self.notice.display else [[(" Reading the queries ...", "muted")]]
        if self._pages.total == 0:
            return [[(" The evaluation has no queries.", "muted")]]
        return [[(" No query matches; x shows all of them.", "muted")]]

    def _show_counts(self) -> None:
        matching, total = self._pages.matching, self._pages.total
        count = "" if matching is None else f"{matching:,} of {total:,} queries"
        self._show_names(" · ".join([*self.shown.in_filter(), count] if count else []))

    def _at(self, row: QueryRow | None) -> None:
        self.chart.mark(self._places.get(row.query) if row is not None else None)

    def on_differences_came(self, message: DifferencesCame) -> None:
        message.stop()
        found = message.differences
        if (found.measure, found.system, found.baseline) != (
            self.shown.measure,
            self.shown.system,
            self.shown.baseline,
        ):
            return
        self._places = {query: place for place, query in enumerate(found.queries)}
        self._largest = max((abs(value) for value in found.values), default=0.0) or 1.0
        self.chart.show(found.values)
        self._show()
        self._follow_query()

    def _follow_query(self) -> None:
        """The cursor on the query that it was on before the view changed."""
        if self._follow in self._places and self._pending is None and self._pages.matching is not None:
            self.table.go_to(self._places[self._follow])
            self._follow = None

    def _arrange(self) -> None:
        super()._arrange()
        wanted = self.size.height >= PANE_FROM if self._pane_wanted is None else self._pane_wanted
        before = self.paths.display
        self.chart.display = self.view == BARS
        self.head.display = self.table.display = self.view != SCATTER
        self.plot.display = self.view == SCATTER
        self.paths.display = wanted and self.view != SCATTER
        if self.paths.display and not before:
            self._show_paths()
            self._settled()
