"""Two scorers on the same pairs, as `zsr-tui parity` has it: measured while the window is open."""

from __future__ import annotations

import os
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from zsr_tui.api.events import AnyEvent, Failed, JobProgress
from zsr_tui.api.parity import ParityFound, ParityRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.numerals import counted
from zsr_tui.parity import Pair, Parity
from zsr_tui.parity.words import HOW_READ, cost, cut_words, figures, number, read_words, scorer_words, verdict
from zsr_tui.text import flat, one_line
from zsr_tui.ui.parts.confirm import ConfirmScreen
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.text_view import TextView

SHOWN = 10  # pairs


class ParityScreen(BaseScreen[None]):
    """`a` and `b` are models. A server is sent nothing before the user has agreed to what it costs."""

    PLACE = "parity"
    DIALOG = True
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "close", "Close")]

    def __init__(self, engine: EngineApi, dataset: str, a: str, b: str) -> None:
        super().__init__()
        self._engine = engine
        self._request = ParityRequest(id=_id(), dataset=dataset, a=a, b=b)
        self._view = TextView()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="parity") as dialog:
            dialog.border_title = "Parity of two scorers"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            yield self._view
            yield Static(id="parity-state", classes="muted", markup=False)

    def on_mount(self) -> None:
        self._view.focus()
        self._view.show(f"A  {flat(self._request.a)}\nB  {flat(self._request.b)}")
        self._say("choosing pairs")
        self.ask("parity", self._follow, self._request)

    async def _follow(self, request: ParityRequest) -> None:
        """Closed, it ends the work."""
        async for event in self._engine.stream(request):
            self._take(event)

    def _take(self, event: AnyEvent) -> None:
        match event:
            case JobProgress():
                self._say(", ".join([flat(event.progress.task), *event.progress.numbers()]))
            case ParityFound():
                self._found(event)
            case Failed():
                self._say(event.problem.message, problem=True)

    def _found(self, event: ParityFound) -> None:
        if event.parity is None:
            self._ask(cost(event.asks, event.texts, event.hosts))
            return
        self._view.show(described(event.parity))
        self._say("On the command line, zsr-tui parity takes more queries, and writes all pairs (--out).")

    def _ask(self, costs: str) -> None:
        def answered(agreed: bool | None) -> None:
            if agreed:
                self._request = replace(self._request, id=_id(), spend=True)
                self.ask("parity", self._follow, self._request)
            else:
                self._say("Nothing was sent: without these requests there is no comparison.", problem=True)

        lines = [f"The comparison costs {costs}: they get queries and documents."]
        self.app.push_screen(ConfirmScreen("Send them?", lines, "Send", "Don't"), answered)

    def _say(self, sentence: str, *, problem: bool = False) -> None:
        state = self.query_one("#parity-state", Static)
        state.set_class(problem, "problem")
        state.update(Content(one_line(sentence)))

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence, problem=True)


def described(found: Parity) -> str:
    """All that is to be read, in paragraphs."""
    head = [f"{name}  {scorer_words(each)}" for name, each in zip("AB", found.scorers, strict=True)]
    queries, pairs = counted(found.queries, "query", "queries"), counted(len(found.pairs), "pair")
    blocks = [
        [*head, f"{queries} ({found.judged:,} judged), {pairs}"],
        [verdict(found)],
        [f"• {each.sentence}" for each in found.findings],
        [f"{name}: {said}" for name, said in figures(found)],
    ]
    if found.worst:
        blocks.append(["The pairs that are furthest off", HOW_READ, *map(_pair, found.worst[:SHOWN])])
    return "\n\n".join("\n".join(map(flat, block)) for block in blocks if block)


def _pair(pair: Pair) -> str:
    cut = f", cut: {cut_words(pair)}" if cut_words(pair) else ""
    reads = f"A reads {read_words(pair.read[0])}, B {read_words(pair.read[1])}"
    scores = f"A {number(pair.a)}, B {number(pair.b)}, off {number(pair.off)}"
    return f"{pair.qid} · {pair.doc_id}: {scores}; {pair.characters:,} characters, {reads}{cut}"


def _id() -> str:
    return f"parity-{os.urandom(4).hex()}"
