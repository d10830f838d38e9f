"""A window that finds one of many by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, Protocol, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from zsr_tui.text import one_line
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.line_input import LineInput
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.steps import Steps
from zsr_tui.ui.timers import once

DEBOUNCE = 0.12  # seconds after the last key
LOOK_EVERY = 0.5  # seconds between two looks whether what is listed is known otherwise
Picked = TypeVar("Picked")


@dataclass(frozen=True, slots=True)
class Found(Generic[Picked]):
    """A page of what fits what was typed; `more` are behind it. `said` says how many there are. `meant` is the one
    that Enter takes which was pressed before the page was there, None where `said` is the answer to it."""

    items: Sequence[Picked]
    said: str
    more: bool = False
    meant: Picked | None = None


class Source(Protocol[Picked]):
    """What is picked from."""

    title: str
    placeholder: str

    async def find(self, typed: str, offset: int) -> Found[Picked]:
        """A page, behind `offset` others. Raises `Problem`."""

    def content(self, item: Picked, *, compact: bool) -> Content:
        """How it is listed; `compact`: on one line."""

    def copyable(self, item: Picked) -> Copyable: ...


class Picker(BaseScreen[Picked]):
    """Dismissed with what was picked, or None. Thousands are no burden: they come in pages as the list scrolls. Enter
    takes the row under the cursor; where the answer to what is typed has yet to come, what is meant by it, and nothing
    else, whatever is typed or listed meanwhile. `changed` says now and then whether what is listed has become known
    otherwise."""

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

    def __init__(self, source: Source[Picked], changed: Callable[[], bool] | None = None) -> None:
        super().__init__()
        self._source, self._changed = source, changed
        self._items: list[Picked] = []
        self._more = False
        self._listed: str | None = None  # what was typed for the rows that stand there
        self._pause: Timer | None = None
        self._steps = Steps(self, partial(self._say, problem=True))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="picker"):
            yield Static(one_line(self._source.title), classes="dialog-title", markup=False)
            yield LineInput(placeholder=self._source.placeholder, id="match", compact=True)
            yield OptionList(id="rows", compact=True, markup=False)
            yield Static("loading ...", id="found", classes="muted", markup=False)

    def on_mount(self) -> None:
        self.query_one("#match").focus()
        self.watch(self._list, "scroll_y", self._more_if_near_the_end, init=False)
        if self._changed is not None:
            self.set_interval(LOOK_EVERY, self._look)
        self._load()

    @property
    def _list(self) -> OptionList:
        return self.query_one("#rows", OptionList)

    @property
    def _typed_now(self) -> str:
        return self.query_one("#match", LineInput).value.strip()

    # loading

    @on(LineInput.Changed, "#match")
    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = once(self, DEBOUNCE, self._load)

    def _load(self) -> None:
        """The first page of what is typed now."""
        self._pause = None
        self.ask("rows", self._first_page, self._typed_now)

    async def _first_page(self, typed: str) -> None:
        self._show(typed, await self._source.find(typed, 0))

    def _show(self, typed: str, found: Found[Picked]) -> None:
        self._listed, self._items, self._more = typed, list(found.items), found.more
        rows = self._list
        rows.set_options(self._options(found))
        rows.highlighted = 0 if found.items else None
        rows.scroll_home(animate=False)
        self._say(f"{found.said} · enter takes one · esc closes" if found.items else found.said)

    def _look(self) -> None:
        if self._changed is None or not self._changed():
            return
        for at, item in enumerate(self._items):
            self._list.replace_option_prompt_at_index(at, self._source.content(item, compact=self.compact))

    def _options(self, found: Found[Picked]) -> list[Option]:
        return [Option(self._source.content(item, compact=self.compact)) for item in found.items]

    def _more_if_near_the_end(self) -> None:
        rows = self._list
        near = rows.scroll_y + 2 * rows.size.height >= rows.virtual_size.height
        if not self._more or self._pause is not None or not (near or (rows.highlighted or 0) >= len(self._items) - 5):
            return
        if not any(worker.group == "rows" and not worker.is_finished for worker in self.workers):
            self.ask("rows", self._next_page)

    async def _next_page(self) -> None:
        found = await self._source.find(self._listed or "", len(self._items))
        self._items.extend(found.items)
        self._more = found.more
        self._list.add_options(self._options(found))

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence, problem=True)

    def _say(self, text: str, *, problem: bool = False) -> None:
        found = self.query_one("#found", Static)
        found.set_class(problem, "problem")
        found.update(Content(one_line(text)))

    def copyable(self) -> Copyable | None:
        at = self._list.highlighted
        return None if at is None else self._source.copyable(self._items[at])

    # choosing

    def action_move(self, how: str) -> None:
        getattr(self._list, f"action_{how}")()
        self._more_if_near_the_end()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._more_if_near_the_end()

    @on(LineInput.Submitted)
    def _submitted(self, event: LineInput.Submitted) -> None:
        typed, at = event.value.strip(), self._list.highlighted
        if typed != self._listed:
            if typed:
                self._steps.add(partial(self._take, typed))
        elif at is not None:
            self.dismiss(self._items[at])

    async def _take(self, typed: str) -> None:
        """What was meant by Enter, pressed before there was an answer to this."""
        if self._typed_now == typed:  # then this is the answer
            if self._pause is not None:
                self._pause.stop()
                self._pause = None
            self.workers.cancel_group(self, "rows")
        found = await self._source.find(typed, 0)
        if not self.is_current:
            return
        if found.meant is not None:
            self.dismiss(found.meant)
        elif self._typed_now == typed:
            self._show(typed, found)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._items[event.option_index])
