"""From the average to the query: every query of an evaluation as a table, as bars, as points, and its documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.worker import Worker, WorkerState

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import FateView, QueryRow, ReadFates
from zsr_tui.client.protocol import EngineApi
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.messages import CompareWanted, ExplanationWanted, FailuresWanted
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.tab_line import TabLine
from zsr_tui.ui.queries.asker import EvaluationAsker
from zsr_tui.ui.queries.bars.plot import DifferencePlot
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.comparison import comparison, explainable
from zsr_tui.ui.queries.copied import under_cursor
from zsr_tui.ui.queries.documents.judging import PathJudging
from zsr_tui.ui.queries.documents.pane import DocumentPaths
from zsr_tui.ui.queries.header import QueriesHeader
from zsr_tui.ui.queries.listing import Listing
from zsr_tui.ui.queries.remembered import in_order, remember
from zsr_tui.ui.queries.table.columns import sorts
from zsr_tui.ui.queries.table.view import QueryHead
from zsr_tui.ui.queries.tabs_and_filter import TabsAndFilter
from zsr_tui.ui.queries.views import BARS, DOCUMENTS, LISTS, PICTURES, SCATTER, TABLE, VIEWS, QueryViews

PANE_FROM = 34  # lines of the terminal from which the documents' paths are shown, unless the user said otherwise
# Actions that do nothing in a view.
IDLE = {
    TABLE: (),
    BARS: ("left", "right"),
    SCATTER: ("left", "right", "paths"),
    DOCUMENTS: ("left", "right", "paths", "reverse"),
}


class QueriesScreen(BaseScreen[None]):
    """What the keys do is in `zsr_tui.ui.keys.bindings`; its handlers are the public methods here. `selection` is what
    it was opened with: the systems and the measure of a table, or the queries of a class or group of failure. `group`
    is the name of that."""

    PLACE = "evaluation_queries"
    AUTO_FOCUS = ""
    CSS_PATH = "screen.tcss"

    def __init__(self, engine: EngineApi, evaluation: str, selection: QuerySelection, group: str = "") -> None:
        super().__init__()
        self._engine, self._ask = engine, EvaluationAsker(self, engine, evaluation)
        if selection.system == selection.baseline:
            selection = replace(selection, system=int(selection.baseline == 0))
        self.listing = Listing(self._ask, QueryChoice(evaluation, selection, group=group), self._came)
        self.item: EvaluationItem | None = None
        self._pane_wanted: bool | None = None  # by the user; None: as there is room
        self._judged: bool | None = None  # whether there are judgments
        self._order: tuple[str, bool] | None = None  # of the table, while pictures are in that of the differences
        self.header, self.top, self.notice = QueriesHeader(), TabsAndFilter(VIEWS), Notice()
        self.views = QueryViews(self._ask, self.listing)
        self.paths = DocumentPaths(self._ask, partial(PathJudging, self, engine, lambda: self.item))

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.top
        yield self.notice
        yield self.views
        yield self.paths
        yield KeyBar()

    def on_mount(self) -> None:
        self.listing.begin(in_order(self.app, self.choice))
        self.views.content.focus()
        self._arrange()
        self._show()
        self._ask.item(self._item_read)
        if self.choice.selection.measure:
            self.change(self.choice)  # what it is about, the first rows need not wait for

    @property
    def choice(self) -> QueryChoice:
        return self.listing.choice

    @property
    def key_labels(self) -> dict[str, str]:
        labels = {} if self.focused is self.views.content else {"queries_back": self.views.shown}
        return labels | {f"queries_{name}": "" for name in IDLE[self.views.shown]}

    def on_descendant_focus(self) -> None:
        self.refresh_bindings()

    # what is asked for, and what comes of it

    def change(self, choice: QueryChoice) -> None:
        """Another order, filter or pair of systems."""
        remember(self.app, self._in_table(choice))
        self.listing.change(choice)
        self.views.show_pictures()
        self._show_header()

    def _in_table(self, choice: QueryChoice) -> QueryChoice:
        """In the order that the table had before a picture was looked at, where that still can be."""
        if self._order is None or self._order[0] not in sorts(choice, self.item):
            return choice
        return choice.having(sort=self._order[0], descending=self._order[1])

    def _item_read(self, item: EvaluationItem) -> None:
        before, self.item = self.item, item
        known = self.choice.known_to(item.measures, len(item.systems))
        if known != self.choice or self.listing.empty:
            self.change(known)
        elif before is not None and before.done != item.done and not self.listing.waiting:
            self.listing.change(self.choice, follow=True)  # rows of queries that are done now
        self._show()

    def _came(self, rows: Sequence[QueryRow]) -> None:
        if self._judged is None and rows:
            self._judged = any(row.judged for row in rows)
            if not self._judged:
                self.tell("These queries have no judgments: sorted by how much the two rankings differ.")
                self.change(self.choice.with_agreements(True))
        if self.views.shown in PICTURES and not self.listing.waiting:
            self.listing.read_differences()
        self._show()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.SUCCESS:
            self.notice.done(event.worker.group)

    def show_problem(self, sentence: str, group: str) -> None:
        self.notice.say(sentence, group)
        self.listing.failed(group)
        self._show()

    def reload(self) -> None:
        """Ask again for what did not come."""
        self.notice.say("")
        if self.item is None:
            self._ask.item(self._item_read)
        elif self.listing.waiting or self.listing.empty:
            self.change(self.choice)
        else:
            self.listing.pages.forget_asked()
            if self.views.shown in PICTURES:
                self.listing.read_differences()
            self.paths.read()
            self.views.documents.forget()
            self._show()

    # what keys do

    def show_view(self, number: int) -> None:
        """1 the table, 2 bars, 3 the queries in two systems, 4 the documents of the query in two systems."""
        self.top.tabs.choose(number)
        self.views.current = VIEWS[number - 1]
        self._arrange()
        self.views.content.focus()
        self.refresh_bindings()
        if self.views.shown in PICTURES and self.item is not None:
            if self.choice.selection.sort != "difference":
                self._order = self.choice.selection.sort, self.choice.selection.descending
                self.listing.change(self.choice.having(sort="difference", descending=False), follow=True)
            elif not self.listing.waiting:
                self.listing.read_differences()
        elif self.views.shown == TABLE and self._order is not None:
            ordered, self._order = self._in_table(self.choice), None
            self.listing.change(ordered, follow=True)
        self._show()

    @on(TabLine.Chosen)
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.show_view(event.number)

    def focus_filter(self) -> None:
        self.top.filter.focus()

    def step(self, by: int) -> None:
        """Sort by the next column of the table; in the pictures, the next query."""
        if self.views.shown == TABLE:
            self.change(self.choice.next_sort(sorts(self.choice, self.item), by))
        else:
            self.next_query(by)

    def next_query(self, by: int) -> None:
        self.go_to(self.listing.pages.cursor + by)

    def reverse(self) -> None:
        if self.views.shown != DOCUMENTS:
            self.change(self.choice.reversed)

    def next_sign(self) -> None:
        self.change(self.choice.next_sign())

    def next_measure(self) -> None:
        if self.item is not None:
            self.change(self.choice.next_measure(self.item.measures))

    def next_system(self, by: int) -> None:
        if self.item is not None:
            self._compare_others(self.choice.next_system(len(self.item.systems), by))

    def next_baseline(self) -> None:
        if self.item is not None:
            self._compare_others(self.choice.next_baseline(len(self.item.systems)))

    def _compare_others(self, choice: QueryChoice) -> None:
        self.change(choice)
        self._look()

    def toggle_agreements(self) -> None:
        if self.views.shown in PICTURES:
            self.show_view(1)
        self.change(self.choice.with_agreements(not self.choice.agreements))

    def toggle_paths(self) -> None:
        if self.views.shown in LISTS:
            self._pane_wanted = not self.paths.display
            self._arrange()
        else:
            self.tell("The documents' paths stand below the table and the bars.")

    def toggle_axis(self) -> None:
        if self.views.shown == DOCUMENTS:
            self.views.documents.toggle_axis()
        else:
            self.tell("The axes are those of the documents' picture: 4 shows it.")

    def show_all(self) -> None:
        self.top.clear()
        self.change(self.choice.unfiltered)

    def open_failures(self) -> None:
        self.post_message(FailuresWanted(self._ask.id, self.choice.selection))

    def leave(self) -> None:
        """Out of the filter line or the documents' paths, or back to where the table was opened."""
        if self.focused is not self.views.content:
            self.views.content.focus()
        else:
            self.dismiss()

    @on(CursorView.Opened)
    def open_query(self) -> None:
        """The query under the cursor in Compare, and the document where one is chosen."""
        row, path, point = self.listing.row, self.paths.path, self.views.documents.point
        if row is None:
            self.tell("There is no query under the cursor.")
        elif self.views.documents.has_focus and point is not None:
            self._open(row, point.doc_id, point.rank)
        elif self.paths.has_focus and path is not None:
            self._open(row, path.fate.doc_id, path.fate.final)
        elif self.choice.selection.outcome:
            self._ask("open", ReadFates(id=self._ask.id, query=row.query), partial(self._open_class, row))
        else:
            self._open(row)

    def _open_class(self, row: QueryRow, fates: Sequence[FateView]) -> None:
        """At its first document of the class that the table is filtered by."""
        wanted = self.choice.selection.system, self.choice.selection.outcome
        own = [fate for fate in fates if (fate.system, fate.outcome) == wanted]
        fate = min(own, key=lambda each: each.final or 10**9, default=None)
        self._open(row, fate.doc_id if fate else None, fate.final if fate else None)

    def explain_document(self) -> None:
        """The document under the cursor of the paths or of the picture, or else the system's first for the query."""
        row, path, point = self.listing.row, self.paths.path, self.views.documents.point
        doc_id = point.doc_id if self.views.shown == DOCUMENTS and point else path.fate.doc_id if path else ""
        wanted = comparison(self.item, self.choice.selection, row, doc_id) if self.item and row and doc_id else None
        if wanted is None:
            self.tell(f"No document is chosen: {self.key_of('queries_paths')} shows the query's, tab goes there.")
        else:
            self.post_message(ExplanationWanted(explainable(wanted)))

    def _open(self, row: QueryRow, doc_id: str | None = None, rank: int | None = None) -> None:
        if self.item is None:
            return
        wanted = comparison(self.item, self.choice.selection, row, doc_id, rank)
        if wanted is None:
            self.tell("The evaluation holds run files only: there is no system that could be asked again.")
        else:
            self.post_message(CompareWanted(wanted))

    def on_document_paths_judged(self) -> None:
        """Where own judgments count, the numbers are others now."""
        if "own" in self._ask.id:
            self.change(self.choice)

    def on_query_head_clicked(self, message: QueryHead.Clicked) -> None:
        message.stop()
        self.change(self.choice.sorted_by(message.sort))

    def on_tabs_and_filter_typed(self, message: TabsAndFilter.Typed) -> None:
        message.stop()
        typed = self.choice.typed(self.top.filter.value)  # which may have been cleared since
        if typed != self.choice:
            self.change(typed)
        if message.entered:
            self.views.content.focus()

    def copyable(self) -> Copyable | None:
        return under_cursor(self._engine, self.listing, self.views, self.paths)

    # the cursor

    def go_to(self, place: int) -> None:
        """The query at a place of the table, which is its place in the pictures."""
        if self.views.lines is not None:
            self.views.lines.go_to(place)
        elif self.listing.pages.go_to(place):
            self._look()

    @on(DifferencePlot.Clicked)
    def _clicked(self, message: DifferencePlot.Clicked) -> None:
        message.stop()
        self.go_to(message.place)

    @on(CursorView.Moved)
    def _look(self) -> None:
        """What is shown of the query under the cursor."""
        self.paths.look_at(self.choice, self.listing.row)
        self.views.mark()
        if self.views.shown == DOCUMENTS:
            self._show_header()

    # what is seen

    def _show(self) -> None:
        self.views.show(self.item, "" if self.notice.display else self.listing.nothing(self.key_of("queries_all")))
        self._show_header()
        self._look()

    def _show_header(self) -> None:
        self.header.show(self.item, self.listing, self.listing.row if self.views.shown == DOCUMENTS else None)

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        wanted = self.size.height >= PANE_FROM if self._pane_wanted is None else self._pane_wanted
        self.paths.show_or_hide(wanted and self.views.shown in LISTS)
