"""Why a document has its score in a system: its way, what the score is made of, what the model saw, and the difference
to another document or system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.theme import Theme

from zsr_tui.api.events import AnyEvent
from zsr_tui.api.explanations import ExplainRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.explain import heat
from zsr_tui.ui.explain.asked import NOTHING, Asked, Known
from zsr_tui.ui.explain.copied import copied
from zsr_tui.ui.explain.keys import VERSUS, VIEWS, WHY, labels, opened
from zsr_tui.ui.explain.views import Views
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.held import HeldPaint
from zsr_tui.ui.parts.messages import Explainable
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.tab_line import TabLine

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

    def __init__(self, engine: EngineApi, about: Explainable = NOTHING) -> None:
        super().__init__()
        self.views = Views(self.key_of)
        self.table = self.views.table
        self._held = HeldPaint(self)
        self._restyle = True
        self._take_up(engine, about)

    def compose(self) -> ComposeResult:
        yield from self.views.compose()
        yield KeyBar()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)
        self.views.arrange(self.size)
        if self.asked.about is not NOTHING:
            self._start()

    def open(self, engine: EngineApi, about: Explainable) -> None:
        """Before the screen is pushed again: nothing of what it was about is left. What comes soon is painted with
        it."""
        self._take_up(engine, about)
        if self.is_mounted:
            self._held.hold()
            self.clear_selection()
            self.views.begin()
            self._start()

    def _take_up(self, engine: EngineApi, about: Explainable) -> None:
        self._engine = engine
        self.asked = Asked(about=about, system=about.system, doc_id=about.doc_id, against=about.against)
        self._known = Known(self.asked.request(compare=False))
        self._told_host = False

    def _start(self) -> None:
        if self.asked.against:
            self.show_view(VIEWS.index(VERSUS) + 1)
        else:
            self.views.choose(WHY)
            self.table.focus()
            self._begin()

    def on_screen_suspend(self) -> None:
        """Another one stands above it, or it is kept for the next time: then nothing goes on here."""
        if self not in self.app.screen_stack:
            self.workers.cancel_node(self)
            self._held.release()

    def _theme_changed(self, _theme: Theme) -> None:
        self._restyle = True

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Runs before Textual's own, which works out the styles of everything here again: they are others only where
        another theme was chosen meanwhile."""
        event.refresh_styles, self._restyle = self._restyle, False

    @property
    def shown(self) -> str:
        return self.views.shown

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
        self.views.notice.say("")
        self.ask("explain", self._explain, request)
        self._held.at_most(self._waited)
        if self.shown == VERSUS:
            self._show(top=True)

    def _waited(self) -> None:
        """For the engine's first word."""
        if self._known.explanation() is None:
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
        found = self._known.explanation()
        if self._known.finished or (found is not None and found.parts):
            self._held.release()
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
                self.views.notice.say(f"Nothing was sent: {self.key_of('explain_again')} asks again.")

        cost = f"The explanation costs {counted(requests, 'request')} to {one_line(host)}."
        self.app.push_screen(ConfirmScreen("Ask the server?", (cost, _FURTHER), "Send them", "Not now"), answered)

    def show_problem(self, sentence: str, group: str) -> None:
        self._known.finished, self._known.sentence = True, sentence
        self._show()
        self._held.release()
        self.refresh_bindings()

    # what the keys do

    def show_view(self, number: int) -> None:
        before = self.shown
        self.views.choose(VIEWS[number - 1])
        self.views.focus.focus()
        if self.shown == VERSUS and before != VERSUS:
            if not (self.asked.against or self.asked.opponent() or self.asked.against_system):
                self.asked = replace(self.asked, against_system=min(1, len(self.asked.about.systems) - 1))
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
        self.views.how.whole = not self.views.how.whole
        self._show()

    def toggle_special(self) -> None:
        self.views.how.special = not self.views.how.special
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
            self.views.text.choose(self.table.part)

    def _show(self, *, top: bool = False) -> None:
        self.views.show(self.asked, self._known, top=top)

    def on_resize(self) -> None:
        self.views.arrange(self.size)
        self._show()
