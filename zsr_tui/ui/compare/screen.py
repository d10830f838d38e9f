"""The Compare screen: one query, the lists of every system side by side, and the document under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widgets import Input

from zsr_tui.api.requests import QueryItem, SearchRequest, Status
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.text import one_line, printable
from zsr_tui.ui.compare.document.reader import DocumentReader
from zsr_tui.ui.compare.messages import (
    DatasetCounted,
    DocumentRead,
    Ended,
    HistoryChanged,
    LookUpFailed,
    QueryLookedUp,
    Received,
    StatusKnown,
    SystemsKnown,
)
from zsr_tui.ui.compare.pacing import Pacer
from zsr_tui.ui.compare.query.line import QueryLine
from zsr_tui.ui.compare.questions import CompareQuestions
from zsr_tui.ui.compare.ranking.rankings import Rankings
from zsr_tui.ui.compare.session import NEEDS_PREPARATION, SearchSession, Update
from zsr_tui.ui.compare.status import dataset_pieces, engine_pieces, query_pieces
from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.messages import Comparison, PreparationWanted
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.screen import BaseScreen

PANE_FROM = 34  # lines of the terminal from which the document pane is shown, unless the user said otherwise
STATUS_EVERY = 2.0  # seconds
HISTORY = 500  # queries
PREPARING = "What the systems need is being prepared; the query is asked again then."
FIRST_ROWS = 0.1  # seconds that rows may take before the old ones go: most come within, and are painted once


class CompareScreen(BaseScreen[None]):
    """What the keys do is in `zsr_tui.ui.keys.table`; its handlers are the public methods here. `history` has the
    queries that were typed, the newest last."""

    PLACE = "compare"
    AUTO_FOCUS = ""  # on_mount decides
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+down", "scroll_document(3)", show=False),
        Binding("shift+up", "scroll_document(-3)", show=False),
    ]

    def __init__(self, engine: EngineApi, first: Comparison, history: Iterable[str] = ()) -> None:
        super().__init__()
        self.first = first
        self.history = list(history)
        self.session = SearchSession(first.dataset, first.systems, depth=first.depth, drop_self=first.drop_self)
        self._engine = engine
        self._questions = CompareQuestions(engine, first.dataset, self.post_message)
        self._sought = first.doc_id  # until its list has it, or another query is asked
        self._docs: int | None = None
        self._queries: int | None = None
        self._status: Status | None = None
        self._status_asked = False
        self._restarts = engine.restarts
        self._at = -1  # position of the last dataset query: steps count from it
        self._pane_wanted: bool | None = None  # by the user; None: as there is room
        self._pacer = Pacer()
        self._outdated: set[int] = set()  # lists that show the rows of the query before
        self._paint_timer: Timer | None = None
        self._refusal = ""  # why the last search was refused, while that is being mended
        self._mended: tuple[str, ...] = ()  # systems that were prepared because a search was refused
        self._waiting: tuple[str, str | None] | None = None  # the query and its id that are asked once all is there

        self.status_line = Bar(id="status")
        self.query_line = QueryLine(self.history)
        self.notice = Notice()
        self.rankings = Rankings(self.session.lists, active=first.active, id="rankings")
        self.reader = DocumentReader(self, self.session, self.rankings, self._questions)

    def compose(self) -> ComposeResult:
        yield self.status_line
        yield self.query_line
        yield self.notice
        yield self.rankings
        yield self.reader.pane
        yield KeyBar()

    def on_mount(self) -> None:
        self._show_status()
        self._arrange()
        self.ask("about", self._questions.learn, self.session.systems)
        self._ask_status()
        self.set_interval(STATUS_EVERY, self._ask_status)
        if self.first.query or self.first.qid:
            self.search(self.first.query, self.first.qid)
        else:
            self.query_line.input.focus()

    def applies(self, action: Action) -> bool:
        return super().applies(action) and (action.argument is None or action.argument <= len(self.session.lists))

    @property
    def asked(self) -> tuple[str, str | None]:
        """The query that was asked last and its id in the dataset; ("", None) before the first one."""
        request = self.session.request
        return (request.query or self.session.query, request.qid) if request is not None else ("", None)

    @property
    def key_labels(self) -> dict[str, str]:
        """What Escape does, for the key bar."""
        if self.query_line.input.has_focus:
            return {"cancel": "lists"}
        if self.first.back:
            return {"cancel": "back"}
        return {"cancel": "stop"} if self.session.running else {}

    # what the keys do

    def search(self, text: str, qid: str | None = None) -> None:
        """Ask the engine; an earlier search ends. `qid` names a dataset query, `text` is then what the line shows."""
        text, self._waiting = text.strip(), None
        if not text and qid is None:
            self.notice.say("The query is empty: type what you are looking for.")
            return
        self._refusal = ""
        self.notice.say("")
        if self.session.request is not None and qid != self.session.request.qid:
            self._sought = None
        if qid is None and (not self.history or self.history[-1] != text):
            self.history.append(text)
            del self.history[:-HISTORY]
            self.post_message(HistoryChanged(list(self.history)))
        self.query_line.input.put(text)
        request = self.session.begin(text, qid)
        self.ask("search", self._questions.search, request)
        self._show_status()
        self.refresh_bindings()
        if self.query_line.input.has_focus or self.focused is None:
            self.rankings.active_list.focus()

    def next_query(self) -> None:
        self._step(1)

    def previous_query(self) -> None:
        self._step(-1)

    def focus_query(self) -> None:
        self.query_line.input.focus()

    def show_list(self, number: int) -> None:
        """`number` counts from 1; one that there is no list for changes nothing."""
        self.rankings.choose(number - 1)

    def next_list(self) -> None:
        self.rankings.choose((self.rankings.active + 1) % len(self.session.lists))

    def previous_list(self) -> None:
        self.rankings.choose((self.rankings.active - 1) % len(self.session.lists))

    def choose_reference(self) -> None:
        if self.rankings.make_reference():
            self.reader.show()
        elif len(self.session.lists) > 1:
            self.tell("This list is the reference already.")
        else:
            self.tell("There is no other list to compare with.")

    def align_lists(self) -> None:
        missing = self.rankings.align()
        if missing:
            names = ", ".join(printable(self.session.lists[number].head.label) for number in missing)
            self.tell(f"This document is not in the list of {names}.")

    def toggle_document_pane(self) -> None:
        self._pane_wanted = not self.reader.pane.display
        self._arrange()

    def toggle_self_retrieval(self) -> None:
        """Drop or keep the document whose id is the query's; what is shown is searched again."""
        session = self.session
        session.drop_self = not session.drop_self
        self.tell("Self-hits are dropped, as BEIR does." if session.drop_self else "Self-hits are kept.")
        if session.request is not None:
            self.search(session.request.query or session.query, session.request.qid)
        self._show_status()

    def find_query(self) -> None:
        from zsr_tui.ui.compare.query.picker import QueryPicker

        def picked(item: QueryItem | None) -> None:
            if item is not None:
                self.search(item.text, item.id)

        self.app.push_screen(QueryPicker(self._engine, self.session.dataset), picked)

    def open_document(self) -> None:
        self.reader.open()

    def action_scroll_document(self, lines: int) -> None:
        self.reader.pane.body.scroll_relative(y=lines, animate=False)

    def cancel_search(self) -> None:
        """Leave the query line if the user is there; else the way back, where there is one; else stop the search."""
        if self.query_line.input.has_focus:
            if self.session.started:
                self.query_line.input.put(self.session.query)
            self.rankings.active_list.focus()
        elif self.first.back:
            self.leave()
        elif self.session.running:
            self.workers.cancel_group(self, "search")
            self._take(self.session.stop())

    # a search

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        session = self.session
        shown = self.query_line.input.shown
        if session.started and shown is not None and event.value == shown.value:
            # what was put there is asked again as it was, control characters included
            self.search(shown.query, session.qid if shown.query == session.query else None)
        else:
            self.search(event.value)

    def on_received(self, message: Received) -> None:
        message.stop()
        self._take(self.session.apply(message.event))

    def on_ended(self, message: Ended) -> None:
        message.stop()
        request = self.session.request
        if not self.session.running or request is None or request.id != message.request:
            return
        self._take(self.session.stop())
        if message.problem is not None:
            self._refused(request, message.problem)

    def _refused(self, request: SearchRequest, problem: Problem) -> None:
        self._say_why(problem.kind, problem.message)
        if problem.kind in NEEDS_PREPARATION:
            self._prepare(request.systems, problem.message)
        elif problem.usage and request.qid is None:
            self.focus_query()  # it is to be mended

    def _take(self, update: Update) -> None:
        """Show what an event changed, each list at most ten times a second."""
        if update.fresh:
            self._outdated = set(update.lists)
            self._pacer.hold(update.lists, FIRST_ROWS)
        if update.query:
            if self.session.position is not None:
                self._at = self.session.position
            if not self.query_line.input.has_focus:
                self.query_line.input.put(self.session.query)
        if update.notice:
            self._say_why(self.session.failure.kind if self.session.failure else "", update.notice)
        if update.query or update.ended:
            self._show_status()
        if update.ended:
            self.refresh_bindings()
        self._paint(self._pacer.changed(() if update.fresh else update.lists, urgent=update.urgent))
        systems, sentence = self.session.not_ready() if update.ended else ((), "")
        if systems:
            self._prepare(systems, sentence)
        if update.ended and self.session.failure is None:
            self._say_where_sought()

    def _paint(self, numbers: set[int]) -> None:
        if numbers:
            session = self.session
            self.rankings.reset(numbers & self._outdated)
            self._outdated -= numbers
            judgments = session.has_judgments if session.started else None
            self.rankings.show(numbers, session.lists, session.heads, judgments)
            if self._sought and self.first.active in numbers and self.rankings.seek(self.first.active, self._sought):
                self._sought = None
            self.reader.show()
        wait = self._pacer.wait()
        if wait is not None and self._paint_timer is None:
            self._paint_timer = self.set_timer(max(wait, 0.01), self._paint_held)  # a timer of 0 s is none

    def _paint_held(self) -> None:
        self._paint_timer = None
        self._paint(self._pacer.due())

    def _say_where_sought(self) -> None:
        """The document that the cursor was to go to, where its list will not have it."""
        lists = self.session.lists
        if self._sought is None or self._sought in lists[self.first.active].places:
            return
        sought, found = one_line(self._sought), [n for n, each in enumerate(lists, 1) if self._sought in each.places]
        self.tell(f"{sought} is in list {found[0]}, not here." if found else f"{sought} is in none of the lists.")
        self._sought = None

    # what a search needs and is not there yet

    def _prepare(self, refused: tuple[str, ...], sentence: str) -> None:
        """Have made what these systems need, and ask again; but not for ever if making it doesn't mend it."""
        if refused == self._mended:
            self._mended = ()
            self.give_up()
            self.notify(sentence, severity="error", timeout=20, markup=False)
            return

        def answered(ready: bool) -> None:
            if ready:
                self._mended = refused
                self.search_again()
            else:
                self.give_up()

        self._waiting = self.asked
        self.post_message(PreparationWanted(self.session.dataset, self.session.systems, answered))

    def type_ahead(self, character: str) -> None:
        """Who types a query while the corpus is prepared finds it in the query line, and after "\r" asked once all is
        there."""
        line = self.query_line.input
        if character != "\r":
            line.insert_text_at_cursor(character)
        elif line.value.strip():
            self._waiting = line.value, None

    def search_again(self) -> None:
        """All is there: ask what was refused, or typed meanwhile."""
        if self._waiting is not None:
            self.search(*self._waiting)

    def give_up(self) -> None:
        """What a search was refused for is not there, and nobody prepares it any more."""
        self._waiting = None
        self._take(self.session.give_up_preparing())
        if self._refusal:
            self.notice.say(self._refusal)

    # the dataset's own queries

    def _step(self, by: int) -> None:
        position = self._at + by
        if position < 0:
            self.tell("This is the first query of the dataset.")
        elif self._queries is not None and position >= self._queries:
            self.tell("This is the last query of the dataset." if self._queries else "The dataset has no queries.")
        else:
            self._at = position
            self.ask("step", self._questions.query_at, position)

    def on_query_looked_up(self, message: QueryLookedUp) -> None:
        message.stop()
        self._queries = message.page.total
        if message.page.items:
            item = message.page.items[0]
            self.search(item.text, item.id)
        else:
            self._at = message.page.total - 1
            self.tell("This is the last query of the dataset." if message.page.total else "The dataset has no queries.")

    def on_look_up_failed(self, message: LookUpFailed) -> None:
        message.stop()
        self.notice.say(message.sentence)

    # the document under the cursor

    def on_rankings_document_changed(self, message: Rankings.DocumentChanged) -> None:
        message.stop()
        self.reader.cursor_moved()

    def on_rankings_document_opened(self, message: Rankings.DocumentOpened) -> None:
        message.stop()
        self.reader.open()

    def on_document_read(self, message: DocumentRead) -> None:
        message.stop()
        self.reader.take(message)

    # lines above and around the lists

    def on_dataset_counted(self, message: DatasetCounted) -> None:
        message.stop()
        self._docs, self._queries = message.docs, message.queries
        self._show_status()

    def on_systems_known(self, message: SystemsKnown) -> None:
        message.stop()
        if not self.session.started:
            self.session.name(message.heads)
            self._paint(set(range(len(self.session.lists))))

    def on_status_known(self, message: StatusKnown) -> None:
        message.stop()
        self._status, self._status_asked = message.status, True
        if message.restarts > self._restarts:
            self._restarts = message.restarts
            self.notice.say("The engine had stopped; a new one runs (zsr-tui locate names its log).")
        self._show_status()

    def _ask_status(self) -> None:
        if self.is_current:
            self.ask("status", self._questions.status)

    def _show_status(self) -> None:
        self.status_line.show(
            dataset_pieces(self.session, self._docs, self._queries),
            engine_pieces(self._status, asked=self._status_asked, searching=self.session.running),
        )
        self.query_line.describe(query_pieces(self.session, self._queries))

    def _say_why(self, kind: str, sentence: str) -> None:
        """Why there is nothing to see: in the line, unless it is being mended."""
        self._refusal = sentence if kind in NEEDS_PREPARATION else ""
        self.notice.say(PREPARING if self._refusal else sentence)

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def _arrange(self) -> None:
        height = self.size.height
        shown = self.reader.pane.display
        self.reader.pane.display = height >= PANE_FROM if self._pane_wanted is None else self._pane_wanted
        if self.reader.pane.display and not shown:
            self.reader.show()
            self.reader.settled()

    def show_problem(self, sentence: str, group: str) -> None:
        """A search that ended this way is over."""
        if group == "search":
            self._take(self.session.stop())
        self.notice.say(sentence)
