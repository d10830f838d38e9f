"""The Compare screen: one query, the lists of every system side by side, and the document under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from zsr_tui import paths
from zsr_tui.api.events import Failed
from zsr_tui.api.questions import FindQueries, ListCorpora, ReadSystem
from zsr_tui.api.requests import ProblemView, SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.ui.compare.around import AroundLists
from zsr_tui.ui.compare.changes.steps import QueryChanges
from zsr_tui.ui.compare.document.reader import DocumentReader
from zsr_tui.ui.compare.engine import EngineLook
from zsr_tui.ui.compare.judging import Judging
from zsr_tui.ui.compare.live import LiveLists
from zsr_tui.ui.compare.messages import Ended, HistoryChanged, Received
from zsr_tui.ui.compare.preparing import EVERY, Preparations
from zsr_tui.ui.compare.query.line import QueryLine
from zsr_tui.ui.compare.query.steps import QuerySteps
from zsr_tui.ui.compare.ranking.pacing import RankingsPainter
from zsr_tui.ui.compare.ranking.rankings import Rankings
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.compare.slider import WeightSlider
from zsr_tui.ui.compare.updates import Update
from zsr_tui.ui.compare.versions import Version, carried
from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.messages import Comparison, NothingToLeave
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.screen import BaseScreen


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
        self.session.weighed = list(first.weighed or first.systems)
        self._engine = engine
        self._look = EngineLook(self, engine, self._looked)
        self._steps = QuerySteps(self, engine, first.dataset, partial(self.search, later=True))

        self.query_line = QueryLine(self.history)
        self.notice = Notice()
        self.rankings = Rankings(self.session.lists, active=first.active, reference=first.reference, id="rankings")
        self.judging = Judging(self, engine, self.session, self.rankings, self._show_judged)
        self.reader = DocumentReader(self, engine, self.session, self.rankings, self.judging)
        self.slider = WeightSlider(self, engine, self.session, self.rankings, self._take, self.search)
        self.preparing = Preparations(self, engine, self.session, self.rankings, self._search, self._learn, self._take)
        self._around = AroundLists(self, self.session, self._look, self.preparing, self._steps, self.query_line)
        self.changes = QueryChanges(self, engine, self.session, self.rankings, self._ask)
        self.live = LiveLists(self, self.session, self.query_line.input, self._send, self._go_back, on=first.live)
        self._painter = RankingsPainter(self.session, self.rankings, self._show_around, first.doc_id)
        self.rankings.is_of_query = lambda number: not self._steps.looking and self._painter.is_of_query(number)

    def compose(self) -> ComposeResult:
        yield self._around.status_line
        yield self.query_line
        yield self.changes.line
        yield self.notice
        yield self.rankings
        yield self.reader.pane
        yield KeyBar()

    def on_mount(self) -> None:
        self._around.show()
        self._name_keys()
        self.reader.arrange()
        self._look.begin()
        self.set_interval(EVERY, self.preparing.look_if_at_work)
        self._begin()
        if self.first.query or self.first.qid:
            parent = Version(*change, own=change[1]) if (change := self.first.change_of) else None
            parent = carried(self.first.after, self.session.systems) or parent
            self.search(self.first.query, self.first.qid, parent)
        else:
            self.query_line.input.focus()
        if self.first.typing or self.first.draft:
            self.query_line.input.go_on(self.first.draft)  # behind what a search has asked for

    def applies(self, action: Action) -> bool:
        if action.handler.startswith("changes."):
            return super().applies(action) and self.changes.applies(action.id)
        if action.handler.startswith("judging."):
            return super().applies(action) and self.judging.applies(action)
        if action.handler == "next_list":
            return super().applies(action) and len(self.session.lists) > 1
        return super().applies(action) and (action.argument is None or action.argument <= len(self.session.lists))

    def why_not(self, action: Action) -> str:
        return self.judging.why_not(action) if action.handler == "judging.grade" else ""

    @property
    def key_labels(self) -> dict[str, str]:
        """What Escape and the key of a list that is prepared do, for the key bar."""
        labels = {**self.preparing.key_labels, **self.judging.key_labels, **self.slider.key_labels}
        if self.query_line.input.has_focus:
            return {**labels, "cancel": "lists"}
        if self.first.back:
            return {**labels, "cancel": "back"}
        return {**labels, "cancel": "stop"} if self.session.running else labels

    # what the keys do

    def search(self, text: str, qid: str | None = None, parent: Version | None = None, *, later: bool = False) -> None:
        """Ask the engine; an earlier search ends. `qid` names a dataset query, `text` is then what the line shows.
        `parent` is the query that this one is a change of. What is typed stays where the query comes `later`."""
        text = text.strip()
        if not text and qid is None:
            self.notice.say("The query is empty: type what you are looking for.", "query")
            return
        if self.session.request is not None and qid != self.session.request.qid:
            self._painter.sought = None
        if qid is None and self.query_line.input.remember(text):
            self.post_message(HistoryChanged(list(self.history)))
        self._ask(text, self.session.begin(text, qid, parent), later=later)

    def _ask(self, shown: str, request: SearchRequest, *, later: bool = False) -> None:
        self.preparing.forget()
        self.notice.say("")
        self.live.forget()
        line = self.query_line.input
        typing = later and line.has_focus and line.draft.strip() not in ("", shown.strip())
        if not typing:
            line.put(shown)
        self._send(request)
        self._around.show()
        self.refresh_bindings()
        if not typing and (line.has_focus or self.focused is None):
            self.rankings.active_list.focus()

    def next_query(self, by: int) -> None:
        self._steps.step(by)

    def focus_query(self) -> None:
        self.query_line.input.focus()

    def show_list(self, number: int) -> None:
        """`number` counts from 1; one that there is no list for changes nothing."""
        self.rankings.choose(number - 1)

    def next_list(self, by: int) -> None:
        self.rankings.choose((self.rankings.active + by) % len(self.session.lists))

    def choose_reference(self) -> None:
        if refusal := self.rankings.make_reference():
            self.tell(refusal)
        else:
            self.reader.show()

    def align_lists(self) -> None:
        if missing := self.rankings.align():
            self.tell(missing)

    def toggle_self_retrieval(self) -> None:
        """Drop or keep the document that is the query itself; what is shown is searched again."""
        session = self.session
        session.drop_self = not session.drop_self
        self.tell("Self-hits are dropped, as BEIR does." if session.drop_self else "Self-hits are kept.")
        if session.request is not None:
            self.search(*session.asked)
        self._around.show()

    def find_query(self) -> None:
        self._steps.find()

    def action_scroll_document(self, lines: int) -> None:
        self.reader.pane.body.scroll_relative(y=lines, animate=False)

    def cancel_search(self) -> None:
        """Leave the query line if the user is there; else the way back, where there is one; else stop the search."""
        if self.query_line.input.has_focus:
            if not self.live.leave():
                self._turn_back()
            self.rankings.active_list.focus()
        elif self.first.back:
            self.leave()
        elif self.session.running:
            self.workers.cancel_group(self, "search")
            self._take(self.session.stop())
            self._turn_back()
        else:
            self.post_message(NothingToLeave())

    def _turn_back(self) -> None:
        if self.session.started:
            self.query_line.input.put(self.session.turn_back())
            self._steps.stand_at(None if self.session.turns else self.session.position)
            self._around.show()

    # a search

    def _send(self, request: SearchRequest) -> None:
        self.ask("search", self._search, request)

    def _go_back(self, version: Version) -> None:
        self._ask(version.text, self.session.ask(version))

    async def _search(self, request: SearchRequest) -> None:
        """Cancelled, it closes its stream, which ends the work."""
        problem = None
        try:
            async for event in self._engine.stream(request):
                self.post_message(Received(event))
        except Problem as raised:
            problem = raised
        self.post_message(Ended(request.id, problem))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.live.typed()
        if self.query_line.input.put_here is None:  # another query than the one that something was wrong with
            self.notice.done("query")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.session.started and (query := self.query_line.input.put_here) is not None:
            self.search(query, self.session.qid if query == self.session.query else None)
        else:
            text = event.value.strip()
            self.search(text, parent=self.changes.changed_from(text))

    def on_received(self, message: Received) -> None:
        message.stop()
        self._take(self.preparing.again.apply(message.event) or self.session.apply(message.event))

    def on_ended(self, message: Ended) -> None:
        message.stop()
        if (ended := self.preparing.again.ended(message.request, message.problem)) is not None:
            self._take(ended)
        request = self.session.request
        if not self.session.running or request is None or request.id != message.request:
            return
        if (problem := message.problem) is None:
            self._take(self.session.stop())
            return
        self._take(self.session.apply(Failed(request=request.id, problem=ProblemView.of(problem))))
        if problem.usage and request.qid is None and not self.session.follows:
            self.notice.say(problem.message, "query")
            self.focus_query()  # it is to be mended

    def _take(self, update: Update) -> None:
        """Show what an event changed."""
        if update.query:
            self._steps.stand_at(self.session.position)
            if not self.query_line.input.has_focus and not self.query_line.input.draft:
                self.query_line.input.put(self.session.query)
        if update.notice:
            self.notice.say(update.notice)
        self._around.take(update)
        self._painter.take(update)
        self.judging.take(update)
        if update.ended and not self.session.follows:
            self.preparing.ended()
        if update.ended and self.session.problem is None and (missing := self._painter.give_up()):
            self.tell(missing)

    # the document under the cursor

    def on_rankings_document_changed(self) -> None:
        self.reader.cursor_moved()
        self.changes.painted()

    def on_cursor_view_opened(self) -> None:
        self.reader.open()

    # lines above and around the lists

    def _begin(self) -> None:
        self.ask("about", self._learn)
        self.preparing.begin()

    async def _learn(self) -> None:
        """The systems' labels and the dataset's counts. A search says what is wrong with them, so this does not."""
        session, call = self.session, self._engine.call
        with suppress(Problem):
            heads = [await call(ReadSystem(notation=notation)) for notation in session.systems]
            if not session.started:
                session.name(heads)
                self._painter.paint(set(range(len(session.lists))))
            corpora = await call(ListCorpora())
            self._around.docs = next((corpus.docs for corpus in corpora if corpus.id == session.dataset), None)
            self._steps.count = (await call(FindQueries(dataset=session.dataset, limit=1))).total
            self._around.show()
            await self.changes.learn_words()

    def _looked(self, another: bool) -> None:
        if not self.preparing.at_work:
            self.preparing.look()
        if another:
            self.notice.say(f"The engine had stopped; a new one runs{paths.see_log()}.")
        if self._look.status is not None and self.preparing.unreached:  # it is there now
            self.preparing.unreached = False
            self._begin()
        if self._look.status is not None and self.session.cut_off and not self.session.running:
            self._send(self.session.repeat())
        self._around.show()

    def _show_around(self) -> None:
        self.reader.show_behind()
        self.changes.painted()
        self._around.painted()

    def _show_judged(self) -> None:
        self.slider.forget_best()
        self._painter.again()
        self._around.show()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _name_keys(self) -> None:
        """The heads name keys as they work: in the query line they are letters."""
        out = "esc, " if self.query_line.input.has_focus else ""
        self.rankings.name_keys(out + self.key_of("pause_list"), self.key_of("stop_list"))

    def on_screen_resume(self) -> None:
        self.judging.read()

    def on_resize(self) -> None:
        self.reader.arrange()
        self.changes.painted()

    def show_problem(self, sentence: str, group: str) -> None:
        """A search that ended this way is over."""
        if group == "search":
            self._take(self.session.stop())
        self.notice.say(sentence)
