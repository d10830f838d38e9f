"""Any document of the corpus, by its id or by words that are in it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from zsr_tui.api.events import Failed, Heads, Ranking, SystemFailed
from zsr_tui.api.questions import ReadDocument
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.text import flat, one_line
from zsr_tui.ui.parts.line_input import LineInput
from zsr_tui.ui.parts.screen import BaseScreen

DEBOUNCE = 0.15  # seconds after the last key
FOUND = 10  # documents that BM25 offers


class DocumentPicker(BaseScreen[str]):
    """Dismissed with a document's id."""

    PLACE = "document-picker"
    DIALOG = True
    CSS_PATH = "picker.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("down", "highlight('cursor_down')", show=False),
        Binding("up", "highlight('cursor_up')", show=False),
    ]

    def __init__(self, engine: EngineApi, dataset: str, title: str, first: str = "") -> None:
        super().__init__()
        self._engine, self._dataset, self._title, self._first = engine, dataset, title, first
        self._ids: list[str] = []
        self._pause: Timer | None = None
        self._pick_when_found = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="documents"):
            yield Static(one_line(self._title), classes="dialog-title", markup=False)
            yield LineInput(value=self._first, placeholder="an id, or words of the document", id="match", compact=True)
            yield OptionList(id="found", compact=True, markup=False)
            yield Static("", id="said", classes="muted", markup=False)

    def on_mount(self) -> None:
        self.query_one("#match").focus()
        self._look()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._pick_when_found = False
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(DEBOUNCE, self._look)

    def _look(self) -> None:
        self._pause = None
        self.ask("documents", self._find, self.query_one("#match", Input).value.strip())

    async def _find(self, typed: str) -> None:
        titles: dict[str, str] = {}
        named = await self._named(typed) if typed else None
        if typed:
            if named is not None:
                titles[typed] = named
            titles |= await self._searched(typed)
        self._ids = list(titles)
        found = self.query_one("#found", OptionList)
        found.set_options([Option(Content.assemble((flat(one), "bold"), f"  {titles[one]}")) for one in titles])
        found.highlighted = 0 if titles else None
        nothing = "no document has this id or these words" if typed else "type an id, or words"
        self._say(f"{len(titles)} found · enter takes it · esc closes" if titles else nothing)
        if self._pick_when_found:
            self._pick_when_found = False
            if typed in titles and named is not None:
                self.dismiss(typed)
            elif titles:
                self._say("no document has this id; these have the words · enter takes the one that is marked")

    async def _named(self, doc_id: str) -> str | None:
        """The title of the document with this id."""
        try:
            view = await self._engine.call(ReadDocument(dataset=self._dataset, doc_id=doc_id, query=""))
        except Problem:  # there is none: the words are sought
            return None
        return one_line(view.doc.title)

    async def _searched(self, typed: str) -> dict[str, str]:
        """Titles by id, of what BM25 finds."""
        request = SearchRequest(
            id=f"document-{typed}", dataset=self._dataset, systems=("bm25",), query=typed, depth=FOUND, pane="documents"
        )
        titles: dict[str, str] = {}
        ids: list[str] = []
        async for event in self._engine.stream(request):
            match event:
                case Heads(heads=heads):
                    titles |= {doc_id: head.title or head.passage[:80] for doc_id, head in heads.items()}
                case Ranking(rows=rows):
                    ids = [row.doc_id for row in rows]
                case Failed(problem=problem) | SystemFailed(problem=problem):
                    self._say(problem.message)
        return {doc_id: titles.get(doc_id, "") for doc_id in ids}

    def _say(self, sentence: str) -> None:
        self.query_one("#said", Static).update(Content(one_line(sentence)))

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence)

    def action_highlight(self, how: str) -> None:
        getattr(self.query_one("#found", OptionList), f"action_{how}")()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._pause is not None or any(not worker.is_finished for worker in self.workers if worker.node is self):
            self._pick_when_found = True  # what is listed isn't yet what was typed: only an id that is one is taken
            if self._pause is not None:
                self._pause.stop()
                self._look()
        else:
            self._pick()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._ids[event.option_index])

    def _pick(self) -> None:
        highlighted = self.query_one("#found", OptionList).highlighted
        if highlighted is not None:
            self.dismiss(self._ids[highlighted])
