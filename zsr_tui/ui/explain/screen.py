"""Why a document has its score in a system: its way, what the score is made of, what the model saw, and the difference
to another document or system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher

from zsr_tui.api.events import AnyEvent
from zsr_tui.api.explanations import ExplainRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.explain import heat
from zsr_tui.ui.explain.asked import Asked, Known
from zsr_tui.ui.explain.copied import copied
from zsr_tui.ui.explain.keys import SEEN, VERSUS, VIEWS, WHY, labels, opened
from zsr_tui.ui.explain.rows import sections
from zsr_tui.ui.explain.table import PartsTable
from zsr_tui.ui.explain.text import HeatText
from zsr_tui.ui.explain.tokens import TokenView
from zsr_tui.ui.explain.versus import keys_of, sections_of, sentence_of
from zsr_tui.ui.explain.words import lineage_lines, said_lines, score_lines, status
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.heights import LOW
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.messages import Explainable
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.tab_line import TabLine

WIDE = 120  # cells from which table and text stand side by side
_FURTHER = "What else you explain here by this system is sent unasked, until you leave this screen."


@dataclass
class Told(Message):
    """An event of an explanation's stream."""

    request: str
    event: AnyEvent


class ExplainScreen(BaseScreen[None]):
    """What the keys do is in `zsr_tui.ui.keys.table.explain`; its handlers are the public methods here."""

    PLACE = "explain"
    AUTO_FOCUS = ""
    CSS_PATH = "screen.tcss"
    COMPONENT_CLASSES: ClassVar[set[str]] = set(heat.COMPONENTS)
    DEFAULT_CSS = f"ExplainScreen {{ {heat.RULES} &:ansi {{ {heat.ANSI_RULES} }} }}"

    def __init__(self, engine: EngineApi, about: Explainable) -> None:
        super().__init__()
        self._engine = engine
        self.asked = Asked(about=about, system=about.system, doc_id=about.doc_id, against=about.against)
        self._known = Known(self.asked.request(compare=False))
        self._special = self._whole = False
        self._told_host = False
        self.status, self.notice = Bar(id="status"), Notice()
        self.tabs = TabLine(("Why", "What the model saw", "One against another"))
        self.lineage, self.score, self.said = Lines(id="lineage"), Lines(id="score"), Lines(id="said")
        self.table, self.text_view = PartsTable(id="parts"), HeatText(id="text")
        self.tokens, self.versus = TokenView(id=SEEN), PartsTable(id="differences")
        self.sentence, self.next = Lines(id="sentence"), Lines(id="next")
        self.views = ContentSwitcher(initial=WHY, classes="views")

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.tabs
        yield self.notice
        with self.views:
            with Vertical(id=WHY):
                yield self.lineage
                yield self.score
                yield self.said
                with Vertical(id="made-of"):
                    yield self.table
                    yield self.text_view
            yield self.tokens
            with Vertical(id=VERSUS):
                yield self.sentence
                yield self.next
                yield self.versus
        yield KeyBar()

    def on_mount(self) -> None:
        self._arrange()
        if self.asked.against:
            self.show_view(VIEWS.index(VERSUS) + 1)
        else:
            self.tabs.choose(1)
            self.table.focus()
            self._begin()

    @property
    def shown(self) -> str:
        return str(self.views.current)

    @property
    def key_labels(self) -> dict[str, str]:
        return labels(self.asked, self._known, self.shown)

    # asking

    def again(self) -> None:
        self._begin()

    def _ask(self, asked: Asked) -> None:
        self.asked, self._told_host = asked, False
        self._begin()

    def _begin(self) -> None:
        request = self.asked.request(compare=self.shown == VERSUS)
        self._known = Known(request)
        self.notice.say("")
        self.ask("explain", self._explain, request)
        self._show(top=True)

    async def _explain(self, request: ExplainRequest) -> None:
        """Cancelled, it closes its stream, which ends the work."""
        async for event in self._engine.stream(request):
            self.post_message(Told(request.id, event))

    @on(Told)
    def _take(self, message: Told) -> None:
        message.stop()
        if message.request != self._known.request.id:
            return
        self._known.take(message.event)
        self._show()
        if self._known.finished:
            self.refresh_bindings()
            self._ask_host()

    def _ask_host(self) -> None:
        """What a server would be sent, it is sent only if the user wants it."""
        requests, host = self._known.asks
        if not requests or self._told_host:
            return
        self._told_host = True
        from zsr_tui.ui.parts.confirm import ConfirmScreen

        def answered(yes: bool | None) -> None:
            if yes:
                self._ask(replace(self.asked, spend=True))
            else:
                self.notice.say(f"Nothing was sent: {self.key_of('explain_again')} asks again.")

        cost = f"The explanation costs {counted(requests, 'request')} to {one_line(host)}."
        self.app.push_screen(ConfirmScreen("Ask the server?", (cost, _FURTHER), "Send them", "Not now"), answered)

    def show_problem(self, sentence: str, group: str) -> None:
        self._known.finished, self._known.sentence = True, sentence
        self._show()
        self.refresh_bindings()

    # what the keys do

    def show_view(self, number: int) -> None:
        before, self.views.current = self.shown, VIEWS[number - 1]
        self.tabs.choose(number)
        {WHY: self.table, SEEN: self.tokens, VERSUS: self.versus}[self.shown].focus()
        if self.shown == VERSUS and before != VERSUS:
            opponent = self.asked.against or self.asked.opponent()
            if not opponent and not self.asked.against_system:
                self.asked = replace(self.asked, against_system=min(1, len(self.asked.about.systems) - 1))
            self.asked = replace(self.asked, against=opponent)
            self._begin()
        elif before == VERSUS and not self._known.finished:
            self._begin()
        self.refresh_bindings()
        self._show()

    @on(TabLine.Chosen)
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.show_view(event.number)

    @on(CursorView.Opened)
    def open_words(self) -> None:
        """Of the sentence under the cursor; or the duel with the document there."""
        what = opened(self.asked, self.shown, self._known.explanation(), self.table.part, self.key_of)
        if isinstance(what, str):
            self.tell(what)
        else:
            self._ask(what)

    def next_stage(self) -> None:
        """Of the document's way."""
        found = self._known.explanation()
        stages = [station.stage for station in found.lineage] if found else []
        if len(stages) < 2 or found is None:
            self.tell("This system has one stage.")
            return
        at = stages.index(found.stage) if found.stage in stages else -1
        self._ask(replace(self.asked, stage=stages[(at - 1) % len(stages)], sentence=None, rival="", gradient=False))

    def next_system(self, by: int) -> None:
        if len(self.asked.about.systems) < 2:
            self.tell("There is no other system: Compare has one list.")
        else:
            self._ask(self.asked.in_system(self.asked.system + by))

    def next_document(self, by: int) -> None:
        doc_id = self.asked.neighbour(by)
        if doc_id:
            self._ask(self.asked.of(doc_id))
        else:
            self.tell("This is the last document of the list." if by > 0 else "This is the first document of the list.")

    def pull_in(self) -> None:
        def picked(doc_id: str) -> None:
            self._ask(self.asked.of(doc_id))

        self._pick("Explain a document", picked)

    def choose_against(self) -> None:
        def picked(doc_id: str) -> None:
            if doc_id == self.asked.doc_id:
                self.tell("That is the document itself: choose another one.")
                return
            self.asked = replace(self.asked, against=doc_id, against_system=0)
            if self.shown == VERSUS:
                self._begin()
            else:
                self.show_view(3)

        self._pick("Against which document?", picked)

    def _pick(self, title: str, picked: Callable[[str], None]) -> None:
        from zsr_tui.ui.explain.documents import Documents, pick

        pick(self.app, Documents(self._engine, self.asked.about, title), picked)

    def against_system(self) -> None:
        """This document in this system and the next of the others; behind the last of them stands the other
        document."""
        if len(self.asked.about.systems) < 2:
            self.tell("There is no other system: Compare has one list.")
            return
        seen = self.shown == VERSUS
        following = self.asked.next_against if seen else 1
        self.asked, self._told_host = replace(self.asked, against_system=following, spend=False), False
        if seen:
            self._begin()
        else:
            self.show_view(3)

    def toggle_gradient(self) -> None:
        self._ask(replace(self.asked, gradient=not self.asked.gradient, sentence=None))

    def toggle_all(self) -> None:
        """All parts of both, or the heaviest."""
        self._whole = not self._whole
        self._show()

    def toggle_special(self) -> None:
        self._special = not self._special
        self._show()

    def stop(self) -> None:
        if not self._known.finished:
            self.workers.cancel_group(self, "explain")
            again = self.key_of("explain_again")
            self.show_problem(f"Stopped: what had come is shown. {again} explains it again.", "explain")

    def leave(self) -> None:
        if self.asked.sentence is not None:
            self._ask(replace(self.asked, sentence=None))
        else:
            self.dismiss()

    def copyable(self) -> Copyable | None:
        found, contrast = self._known.explanation(), self._known.contrast
        said = " ".join((contrast.sentence, *contrast.rests)) if contrast else ""
        return copied(found, self.table.part, said) if found else None

    # what is seen

    @on(CursorView.Moved)
    def _moved(self) -> None:
        if self.shown == WHY:
            self.text_view.choose(self.table.part)

    def _show(self, *, top: bool = False) -> None:
        known = self._known
        if known.sentence:
            self.notice.say(known.sentence)
        found = known.explanation()
        self.status.show(*status(self.asked, found))
        if self.shown == VERSUS:
            above = [*sentence_of(known, self.size.width - 2, self.key_of), keys_of(self.asked, self.key_of)]
            self.sentence.show([] if self._low else above[:-1])
            self.next.show([] if self._low else above[-1:])
            lead = above if self._low else ()
            self.versus.show(sections_of(known, self.key_of, whole=self._whole), lead=lead, top=top)
            return
        if found is None:
            if known.finished:
                self._clear()
            elif top:
                self.score.show([[("asking the engine …", "muted")]])
            return
        stage = known.stage()
        under_way: list[list[Piece]] = [[(f"{stage} …", "warning")]] if stage else []
        beside = self._low and self.size.width >= WIDE  # the text
        room = (self.size.width // 2 if beside else self.size.width) - 2
        way, said = lineage_lines(found.lineage, found.stage), said_lines(found, room)
        score = score_lines(found, stage, room) if found.unit else under_way
        for widget, lines in ((self.lineage, way), (self.score, score), (self.said, said)):
            widget.show([] if self._low else lines)
        self.table.show(sections(found), lead=[*way, *score, *said] if self._low else (), top=top)
        self.text_view.show(found)
        self.tokens.show(found.input, special=self._special)

    def _clear(self) -> None:
        """Nothing came, and nothing will: what is shown is of something else."""
        for each in (self.lineage, self.score, self.said):
            each.show([])
        self.table.show([], top=True)
        self.text_view.show(None)
        self.tokens.show(None, special=self._special)

    def on_resize(self) -> None:
        self._arrange()
        self._show()

    @property
    def _low(self) -> bool:
        """What stands above the tables scrolls with them."""
        return self.size.height < LOW

    def _arrange(self) -> None:
        made_of = self.query_one("#made-of")
        made_of.set_class(self.size.width >= WIDE, "wide")
        made_of.set_class(self._low, "low")
