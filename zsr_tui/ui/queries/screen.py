"""From the average to the query: every query of an evaluation as a table, as bars, as points, and its documents."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.text import shorten_middle
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.parts.line_input import LineInput
from zsr_tui.ui.parts.pieces import Piece, bar
from zsr_tui.ui.parts.view_tabs import ViewTabs
from zsr_tui.ui.queries.asked import Shown
from zsr_tui.ui.queries.bars import BarPainter
from zsr_tui.ui.queries.order import in_order, remember
from zsr_tui.ui.queries.pictures import BARS, DOCUMENTS, PICTURES, SCATTER, TABLE, QueryPicturesScreen
from zsr_tui.ui.queries.table.columns import TablePainter
from zsr_tui.ui.queries.table.pages import QueryPages
from zsr_tui.ui.queries.table.view import Painter, QueryHead, QueryTable
from zsr_tui.ui.queries.work import Named, PageCame

WIDE = 100  # cells from which ids have more room
PANE_FROM = 34  # lines of the terminal from which the documents' paths are shown, unless the user said otherwise
DEBOUNCE = 0.12  # seconds after the last key in the filter line
AGAIN = 0.1  # seconds until it is asked again how far the reading of the rankings is
VIEWS = ("Table", "Bars", "Scatter", "Documents")


class EvaluationQueriesScreen(QueryPicturesScreen):
    """What the keys do is in `zsr_tui.ui.keys.bindings`; its handlers are the public methods here. `system`,
    `measure` and `baseline` are those of the table that it was opened from."""

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
        self._pages = QueryPages()
        self._seen = self.shown  # what they are of
        self._pending: QueryPages | None = None  # of another order or filter, until its first page is here
        self._read: int | None = None  # of how many queries the rankings were read for it
        self._reading: Timer | None = None
        self._pane_wanted: bool | None = None  # by the user; None: as there is room
        self._pause: Timer | None = None
        self._decided = False  # whether there are judgments
        self.tabs = ViewTabs(VIEWS)
        self.tabs.styles.width = sum(len(view) + 5 for view in VIEWS)
        self.filter = LineInput(id="filter", compact=True)
        self.head = QueryHead()

    def compose(self) -> ComposeResult:
        yield self.status_line
        yield self.legend
        with Horizontal(id="tools"):
            yield self.tabs
            yield self.filter
        yield self.notice
        yield self.chart
        yield self.head
        yield self.table
        yield self.scatter
        yield self.plot
        yield self.paths
        yield KeyBar()

    def on_mount(self) -> None:
        self.shown = self._seen = in_order(self.app, self.shown)
        self.show_view(TABLE)
        self._arrange()
        self._show()
        self.ask("item", self.work.name)
        if self.shown.measure:
            self._change(self.shown)  # what it is about, the first rows need not wait for

    @property
    def key_labels(self) -> dict[str, str]:
        labels = {} if self.focused is self._content() else {"queries_back": VIEWS[self.view - 1].lower()}
        idle = {TABLE: "", BARS: "left right", SCATTER: "left right paths", DOCUMENTS: "left right paths reverse"}
        return labels | {f"queries_{name}": "" for name in idle[self.view].split()}

    def on_descendant_focus(self) -> None:
        self.refresh_bindings()

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
        if known.system == known.baseline and known.sort in ("difference", "abs"):
            known = known.worst_first
        if known != self.shown or (self._pending is None and self._pages.matching is None):
            self._change(known)
        else:
            self._show()

    # what is asked for

    def _change(self, shown: Shown) -> None:
        """Ask for another order, filter or pair of systems; what is there stays until the answer comes."""
        if shown.compared != self.shown.compared:
            self._forget_differences()
        self.shown, self._pending, self._read = shown, QueryPages(), None
        remember(self.app, shown)
        self.workers.cancel_group(self, "page")
        self._load(shown, 0)
        self._show_counts()

    def _load(self, shown: Shown, offset: int) -> None:
        if self._reading is not None and offset == 0:
            self._reading.stop()
            self._reading = None

        self.ask("page", self.work.page, shown, offset, exclusive=False)

    def on_query_table_wanted(self, message: QueryTable.Wanted) -> None:
        message.stop()
        if self._pages.matching is not None:
            self._load(self._seen, message.offset)

    def on_page_came(self, message: PageCame) -> None:
        message.stop()
        if self._pending is not None and message.shown == self.shown:
            if message.rows.read is not None:
                self._wait(message)
                return
            self._pages, self._seen = self._pending, self.shown
            self._pending = self._read = None
        elif message.shown != self._seen or self._pages.matching is None:
            return
        self._pages.take(message.offset, message.rows)
        self._answered("page")
        rows = message.rows.rows
        if not self._decided and message.offset == 0 and rows:
            self._decided = True
            if not any(row.judged for row in rows):
                self.tell("These queries have no judgments: sorted by how much the two rankings differ.")
                self._change(self.shown.with_agreements(True))
        self._show()
        self._ask_differences()
        self._follow_query()
        if self.view == DOCUMENTS and message.offset == 0:
            self._ask_scatter()

    def _wait(self, message: PageCame) -> None:
        """The engine reads the rankings: what is there can be used meanwhile."""
        first, self._read = self._read is None, message.rows.read
        self._pages.total = message.rows.total
        self._reading = self.set_timer(AGAIN, lambda: self._load(message.shown, 0))
        if first:
            self.table.ask_again()  # what was on its way when the order was changed
        self._show()

    def _went_wrong(self, what: str) -> None:
        if what == "page" and self._pending is not None and self._pages.matching is None:
            self._pending = None
        if what == "differences":
            self._differences_of = None
        self._show()

    def reload(self) -> None:
        """Ask again for what did not come."""
        self._say("")
        if self.item is None:
            self.ask("item", self.work.name)
        elif self._pending is not None or self._pages.matching is None:
            self._change(self.shown)
        else:
            self.table.ask_again()
            self._settled()
            self._ask_differences()
            if self.view == DOCUMENTS:
                self._ask_scatter()

    # what keys do

    def show_view(self, number: int) -> None:
        """1 the table, 2 bars, 3 the queries in two systems, 4 the documents of the query in two systems."""
        self.view = number
        self.tabs.choose(number)
        self._arrange()
        self._content().focus()
        self.refresh_bindings()
        if number == DOCUMENTS:
            self._ask_scatter()
            return
        if number in PICTURES and self.item is not None:
            if self.shown.sort != "difference":
                self._follow = self.table.row.query if self.table.row is not None else None
                self._change(replace(self.shown, sort="difference", descending=False))
            elif self._pending is None:
                self._ask_differences()
        self._show()

    @on(ViewTabs.Chosen)
    def _tab_chosen(self, event: ViewTabs.Chosen) -> None:
        event.stop()
        self.show_view(event.number)

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
        if self.view == DOCUMENTS:
            self._ask_scatter()

    def reverse(self) -> None:
        if self.view != DOCUMENTS:
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
        if self.view == DOCUMENTS:
            self._ask_scatter()

    def toggle_agreements(self) -> None:
        if self.view in PICTURES:
            self.show_view(TABLE)
        self._change(self.shown.with_agreements(not self.shown.agreements))

    def toggle_paths(self) -> None:
        if self.table.display:
            self._pane_wanted = not self.paths.display
            self._arrange()
        else:
            self.tell("The documents' paths stand below the table and the bars.")

    def show_all(self) -> None:
        self._write_filter("")
        self._change(self.shown.unfiltered())

    def _write_filter(self, text: str) -> None:
        with self.filter.prevent(Input.Changed):
            self.filter.value = text

    def open_failures(self) -> None:
        from zsr_tui.ui.queries.failures.screen import EvaluationFailuresScreen

        self.app.push_screen(EvaluationFailuresScreen(self.engine, self.shown, self.item))

    def leave(self) -> None:
        """Out of the filter line or the documents' paths, or back to where the table was opened."""
        if self.focused is not self._content():
            self._content().focus()
        else:
            self.go_back()

    def _content(self) -> Widget:
        return {SCATTER: self.scatter, DOCUMENTS: self.plot}.get(self.view, self.table)

    def on_query_head_clicked(self, message: QueryHead.Clicked) -> None:
        message.stop()
        self._change(self.shown.sorted_by(message.sort))

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
        width = min(12 if self.size.width < WIDE else 20, max(5, self._pages.longest_id + 1))
        look = self._seen.look(self.item, self.largest, width)
        return BarPainter(look) if self.view == BARS else TablePainter(look)

    @property
    def _in_order(self) -> bool:
        return self._pending is None and self._seen == self.shown and self.shown.sort == "difference"

    def _show(self) -> None:
        painter = self._painter()
        self.table.show(self._pages, painter, self._placeholder())
        self.head.show(painter, int(self.table.show_vertical_scrollbar))
        self._show_counts()

    def on_query_table_scroll_bar_changed(self, message: QueryTable.ScrollBarChanged) -> None:
        message.stop()
        self.head.show(self._painter(), int(self.table.show_vertical_scrollbar))

    def _placeholder(self) -> list[list[Piece]]:
        if self._pages.matching is None:
            what = "Reading the queries ..." if self._read is None else "Reading the rankings ..."
            return [] if self.notice.display else [[(f" {what}", "muted")]]
        if self._pages.total == 0:
            return [[(" The evaluation has no queries.", "muted")]]
        return [[(" No query matches; u shows all of them.", "muted")]]

    def _show_counts(self) -> None:
        matching, total = self._pages.matching, self._pages.total
        if self._read is not None:
            self._show_names(f"reading the rankings {bar(self._read, total, 12)} {self._read:,} of {total:,}")
            return
        count = "" if matching is None else f"{matching:,} of {total:,} queries"
        filters = shorten_middle(" · ".join(self.shown.in_filter()), max(20, self.size.width - 52))
        self._show_names(" · ".join(filter(None, (filters, count))) if count else "")

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        wanted = self.size.height >= PANE_FROM if self._pane_wanted is None else self._pane_wanted
        before = self.paths.display
        words = "/ filters: words of the query" if self.size.width >= WIDE else "/ filter"
        self.filter.placeholder = f"{words}  words:3-8  relevant:2-"
        self.chart.display = self.view == BARS
        self.head.display = self.table.display = self.view in (TABLE, BARS)
        self.scatter.display = self.view == SCATTER
        self.plot.display = self.view == DOCUMENTS
        self.paths.display = wanted and self.table.display
        if self.paths.display and not before:
            self._show_paths()
            self._settled()
