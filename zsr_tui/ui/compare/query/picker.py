"""Find one of the dataset's own queries by typing. Thousands are no burden: they come in pages as the list scrolls."""

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

from zsr_tui.api.questions import FindQueries
from zsr_tui.api.requests import QueryItem, QueryPage
from zsr_tui.client.protocol import EngineApi
from zsr_tui.text import one_line
from zsr_tui.ui.parts.copying import choice
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.screen import BaseScreen

PAGE = 50
DEBOUNCE = 0.12  # seconds after the last key
LONGEST = 400  # characters of a query that the list shows


class QueryPicker(BaseScreen[QueryItem]):
    """Dismissed with the query that was picked, or None."""

    PLACE = "picker"
    DIALOG = True
    CSS_PATH = "picker.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("down", "move('cursor_down')", show=False),
        Binding("up", "move('cursor_up')", show=False),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
    ]

    def __init__(self, engine: EngineApi, dataset: str) -> None:
        super().__init__()
        self._engine, self._dataset = engine, dataset
        self._items: list[QueryItem] = []
        self._matching: int | None = None  # None until the first page of this filter has come
        self._shown_match = ""
        self._pause: Timer | None = None
        self._pick_when_loaded = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="picker"):
            yield Static(f"Queries of {one_line(self._dataset)}", classes="dialog-title", markup=False)
            yield Input(placeholder="type to filter", id="match", compact=True)
            yield OptionList(id="queries", compact=True, markup=False)
            yield Static("loading ...", id="found", classes="muted", markup=False)

    def on_mount(self) -> None:
        self.query_one("#match").focus()
        self.watch(self._list, "scroll_y", self._more_if_near_the_end, init=False)
        self._load()

    @property
    def _list(self) -> OptionList:
        return self.query_one("#queries", OptionList)

    # loading

    @on(Input.Changed, "#match")
    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(DEBOUNCE, self._load)

    def _load(self) -> None:
        """The first page of what is typed now."""
        self._pause = None
        match = self.query_one("#match", Input).value.strip()
        self.ask("queries", self._first_page, match)

    async def _first_page(self, match: str) -> None:
        page = await self._page(match, 0)
        self._shown_match, self._matching, self._items = match, page.matching, list(page.items)
        queries = self._list
        queries.set_options([_option(item, compact=self.compact) for item in page.items])
        queries.highlighted = 0 if page.items else None
        queries.scroll_home(animate=False)
        if page.total == 0:
            found = "This dataset has no queries of its own."
        elif match:
            found = f"{page.matching:,} of {page.total:,} queries"
        else:
            found = f"{page.total:,} queries"
        self._say(f"{found} · enter picks · esc closes")
        if self._pick_when_loaded:
            self._pick()

    def _more_if_near_the_end(self) -> None:
        queries = self._list
        near = queries.scroll_y + 2 * queries.size.height >= queries.virtual_size.height
        highlighted = queries.highlighted or 0
        if not (near or highlighted >= len(self._items) - 5):
            return
        if self._matching is None or len(self._items) >= self._matching or self._pause is not None:
            return
        if not any(worker.group == "queries" and not worker.is_finished for worker in self.workers):
            self.ask("queries", self._next_page)

    async def _next_page(self) -> None:
        page = await self._page(self._shown_match, len(self._items))
        if not page.items:
            self._matching = len(self._items)
        self._items.extend(page.items)
        self._list.add_options([_option(item, compact=self.compact) for item in page.items])

    async def _page(self, match: str, offset: int) -> QueryPage:
        return await self._engine.call(FindQueries(dataset=self._dataset, match=match, offset=offset, limit=PAGE))

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence, problem=True)

    def _say(self, text: str, *, problem: bool = False) -> None:
        found = self.query_one("#found", Static)
        found.set_class(problem, "problem")
        found.update(Content(one_line(text)))

    def copyable(self) -> Copyable | None:
        at = self._list.highlighted
        return None if at is None else choice.query(self._items[at].id, self._items[at].text)

    # choosing

    def action_move(self, how: str) -> None:
        getattr(self._list, f"action_{how}")()
        self._more_if_near_the_end()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._more_if_near_the_end()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._pause is not None:  # what is listed isn't yet what was typed
            self._pause.stop()
            self._pick_when_loaded = True
            self._load()
        else:
            self._pick()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._items[event.option_index])

    def _pick(self) -> None:
        self._pick_when_loaded = False
        if self._list.highlighted is not None:
            self.dismiss(self._items[self._list.highlighted])


def _option(item: QueryItem, *, compact: bool) -> Option:
    text = one_line(item.text)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    about = f"{one_line(item.id)} · {item.relevant} relevant"
    if item.shows:
        about += f" · shows: {one_line(item.shows)}"
    return Option(Content.assemble(text, "   " if compact else "\n", (about, "$secondary")))
