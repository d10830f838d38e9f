"""The Compare screen: one query, the lists of every system side by side, and the document under the cursor."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from zsr_tui.api.requests import SearchRequest, Status
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.text import printable
from zsr_tui.ui.compare.document.reading import ReadingScreen
from zsr_tui.ui.compare.messages import (
    DatasetCounted,
    Ended,
    FindQuery,
    HistoryChanged,
    LookUpFailed,
    QueryLookedUp,
    Received,
    StatusKnown,
    SystemsKnown,
    SystemsNotReady,
)
from zsr_tui.ui.compare.pacing import Pacer
from zsr_tui.ui.compare.query.line import QueryLine
from zsr_tui.ui.compare.session import NEEDS_PREPARATION, SearchSession, Update
from zsr_tui.ui.compare.status import dataset_pieces, engine_pieces, query_pieces
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.bar import Bar

__all__ = ["CompareScreen", "FindQuery", "HistoryChanged", "SystemsNotReady"]

PANE_FROM = 34  # lines of the terminal from which the document pane is shown, unless the user said otherwise
STATUS_EVERY = 2.0  # seconds
HISTORY = 500  # queries
PREPARING = "What the systems need is being prepared; the query is asked again then."
FIRST_ROWS = 0.1  # seconds that rows may take before the old ones go: most come within, and are painted once


class CompareScreen(ReadingScreen):
    """What the keys do is in `zsr_tui.ui.keys.bindings`; its handlers are the public methods here."""

    PLACE = "compare"
    AUTO_FOCUS = ""  # on_mount decides
    CSS_PATH = "screen.tcss"

    def __init__(
        self,
        engine: EngineApi,
        dataset: str,
        systems: tuple[str, ...],
        *,
        history: list[str] | None = None,
        initial_query: str = "",
        initial_qid: str | None = None,
        depth: int = 100,
    ) -> None:
        super().__init__(engine, SearchSession(dataset, systems, depth=depth))
        self.history: list[str] = list(history or [])
        self._initial = (initial_query, initial_qid)
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

        self.status_line = Bar(id="status")
        self.query_line = QueryLine(self.history)
        self.notice = Static(markup=False, id="notice")
        self.notice.display = False
        self._sentence = ""
        self._refusal = ""  # why the last search was refused, while that is being mended

    def compose(self) -> ComposeResult:
        yield self.status_line
        yield self.query_line
        yield self.notice
        yield self.rankings
        yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        self._show_status()
        self._arrange()
        self.ask("about", self._engine_work.learn, self.session.systems)
        self._ask_status()
        self.set_interval(STATUS_EVERY, self._ask_status)
        text, qid = self._initial
        if text or qid:
            self.search(text, qid)
        else:
            self.query_line.input.focus()

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
        return {"cancel": "stop"} if self.session.running else {}

    # what the keys do

    def search(self, text: str, qid: str | None = None) -> None:
        """Ask the engine; an earlier search ends. `qid` names a dataset query, `text` is then what the line shows."""
        text = text.strip()
        if not text and qid is None:
            self._notify_in_line("The query is empty: type what you are looking for.")
            return
        self._refusal = ""
        self._notify_in_line("")
        if qid is None and (not self.history or self.history[-1] != text):
            self.history.append(text)
            del self.history[:-HISTORY]
            self.post_message(HistoryChanged(list(self.history)))
        self.query_line.input.put(text)
        request = self.session.begin(text, qid)
        self.ask("search", self._engine_work.search, request)
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
            self._show_document()
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
        self._pane_wanted = not self.pane.display
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
        self.post_message(FindQuery())

    def cancel_search(self) -> None:
        """Leave the query line if the user is there; else stop the search."""
        if self.query_line.input.has_focus:
            if self.session.started:
                self.query_line.input.put(self.session.query)
            self.rankings.active_list.focus()
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
            self._not_ready(request, request.systems, problem.message)
        elif problem.usage and request.qid is None:
            self.focus_query()  # it is to be mended

    def _not_ready(self, request: SearchRequest, systems: tuple[str, ...], sentence: str) -> None:
        self.post_message(
            SystemsNotReady(self.session.dataset, systems, sentence, query=request.query, qid=request.qid)
        )

    def preparation_failed(self) -> None:
        """What a search was refused for is not there, and nobody prepares it any more."""
        self._take(self.session.give_up_preparing())
        if self._refusal:
            self._notify_in_line(self._refusal)

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
        if systems and self.session.request is not None:
            self._not_ready(self.session.request, systems, sentence)

    def _paint(self, numbers: set[int]) -> None:
        if numbers:
            session = self.session
            self.rankings.reset(numbers & self._outdated)
            self._outdated -= numbers
            judgments = session.has_judgments if session.started else None
            self.rankings.show(numbers, session.lists, session.heads, judgments)
            self._show_document()
        wait = self._pacer.wait()
        if wait is not None and self._paint_timer is None:
            self._paint_timer = self.set_timer(max(wait, 0.01), self._paint_held)  # a timer of 0 s is none

    def _paint_held(self) -> None:
        self._paint_timer = None
        self._paint(self._pacer.due())

    # the dataset's own queries

    def _step(self, by: int) -> None:
        position = self._at + by
        if position < 0:
            self.tell("This is the first query of the dataset.")
        elif self._queries is not None and position >= self._queries:
            self.tell("This is the last query of the dataset." if self._queries else "The dataset has no queries.")
        else:
            self._at = position
            self.ask("step", self._engine_work.query_at, position)

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
        self._notify_in_line(message.sentence)

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
            self._notify_in_line("The engine had stopped; a new one runs (zsr-tui locate names its log).")
        self._show_status()

    def _ask_status(self) -> None:
        if self.is_current:
            self.ask("status", self._engine_work.status)

    def _show_status(self) -> None:
        self.status_line.show(
            dataset_pieces(self.session, self._docs, self._queries),
            engine_pieces(self._status, asked=self._status_asked, searching=self.session.running),
        )
        self.query_line.describe(query_pieces(self.session, self._queries))

    def _say_why(self, kind: str, sentence: str) -> None:
        """Why there is nothing to see: in the line, unless it is being mended."""
        self._refusal = sentence if kind in NEEDS_PREPARATION else ""
        self._notify_in_line(PREPARING if self._refusal else sentence)

    def _notify_in_line(self, sentence: str) -> None:
        """A line that stays until the next search."""
        if sentence != self._sentence:  # an update lays out the whole screen
            self._sentence = sentence
            self.notice.display = bool(sentence)
            self.notice.update(Content(printable(sentence)))

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def _arrange(self) -> None:
        height = self.size.height
        shown = self.pane.display
        self.pane.display = height >= PANE_FROM if self._pane_wanted is None else self._pane_wanted
        if self.pane.display and not shown:
            self._show_document()
            self._settled()

    def show_problem(self, sentence: str, group: str) -> None:
        """A search that ended this way is over."""
        if group == "search":
            self._take(self.session.stop())
        self._notify_in_line(sentence)
