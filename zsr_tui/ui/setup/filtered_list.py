"""A line to type in above a list that it filters: what the corpus and the system choice of the setup share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from zsr_tui.text import one_line
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.line_input import EntryLine
from zsr_tui.ui.setup import fuzzy

MUTED = "$secondary"
INDENT = "  "


class FilteredList(Vertical):
    """Subclasses fill the list for what is typed (`options_for`). Posts `Entered` for a choice, and `Typed`.

    The arrow keys move the highlight while one types. Option ids name what is chosen; headings have none.
    """

    HELP = (
        "This list\n"
        "Typing filters it, up and down move in it, Enter chooses. With the focus on the list itself, letters "
        "move and copy."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('cursor_down')", show=False),
        Binding("up", "move('cursor_up')", show=False),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
    ]
    PLACEHOLDER = ""
    _shown_for = ""  # what was typed when the list was filled

    @dataclass
    class Entered(Message):
        """An option was chosen, or else Enter pressed on what is `typed`, with nothing to choose."""

        source: FilteredList
        option_id: str
        typed: str

        @property
        def control(self) -> FilteredList:
            return self.source

    class Typed(Message):
        """The line is another one."""

    def compose(self) -> ComposeResult:
        yield EntryLine(placeholder=self.PLACEHOLDER, compact=True, classes="filter")
        yield OptionList(compact=True, markup=False)

    @property
    def input(self) -> EntryLine:
        return self.query_one(EntryLine)

    @property
    def options(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def compact(self) -> bool:
        """One line for an option."""
        return isinstance(self.app, KeyedApp) and self.app.compact

    def on_mount(self) -> None:
        if isinstance(self.app, KeyedApp):
            self.watch(self.app, "compact", lambda: self.refill(keep_highlight=True), init=False)

    def copyable(self) -> Copyable | None:
        """The name of the option under the cursor."""
        option = self.options.highlighted_option
        name = self.named(option.id) if option is not None and option.id is not None else ""
        return Copyable(one_line(name), (Choice("n", "", name),)) if name else None

    # for subclasses

    def named(self, option_id: str) -> str:
        """What an option is called: a dataset, a model, a system."""
        return option_id.partition(":")[2] or option_id

    def options_for(self, typed: str) -> list[Option]:
        raise NotImplementedError

    def start_at(self, typed: str, enabled: list[int]) -> int | None:
        """The option that Enter chooses as long as the user has not moved; None for none."""
        return enabled[0] if enabled and typed else None

    # the rest

    def first_for(self, typed: str) -> str:
        """The id of the option that Enter would choose after typing this; "" for none."""
        options = [option for option in self.options_for(typed) if not option.disabled and option.id]
        return (options[0].id or "") if typed and options else ""

    def put_back(self, typed: str) -> None:
        """What was entered, to be mended; unless something else is being typed."""
        ahead = self.input.has_focus and getattr(self.app, "typed_ahead", False)  # and on its way here
        if not self.input.value and not ahead:
            self.input.put_back(typed)
            with self.prevent(OptionList.OptionHighlighted):  # nobody has moved
                self.refill()

    def clear(self) -> None:
        with self.prevent(Input.Changed):
            self.input.value = ""
        self.refill()

    @property
    def width(self) -> int:
        """Of an option, in cells."""
        return self.options.scrollable_content_region.width or 36

    def on_resize(self) -> None:
        self.call_after_refresh(self.refill, keep_highlight=True)

    def refill(self, *, keep_highlight: bool = False) -> None:
        options, typed = self.options, self.input.value.strip()
        self._shown_for = typed
        kept = options.highlighted if keep_highlight else None
        options.set_options(self.options_for(typed))
        enabled = [index for index, option in enumerate(options.options) if not option.disabled]
        if kept is not None and kept in enabled:
            options.highlighted = kept
        else:
            options.scroll_home(animate=False)
            options.highlighted = self.start_at(typed, enabled)

    def matching(self, typed: str, candidates: Iterable[tuple[str, tuple[str, ...], str]]) -> list[str]:
        """Of (key, names, description), the keys that fit what is typed, the best first: one that has this very name,
        then by how well it fits; a word counts half where only the description has it."""
        scored = [(self._fit(typed, names, about), key) for key, names, about in candidates]
        return [key for fit, key in sorted(scored, key=lambda pair: pair[0], reverse=True) if fit[1] > 0]

    @staticmethod
    def _fit(typed: str, names: tuple[str, ...], about: str) -> tuple[bool, float]:
        parts = [max(fuzzy.score(word, " ".join(names)), fuzzy.score(word, about) / 2) for word in typed.split()]
        return typed.casefold() in map(str.casefold, names), sum(parts) if all(parts) else 0.0

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.refill()
        self.post_message(self.Typed())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed, highlighted = event.value.strip(), self.options.highlighted_option
        if typed == self._shown_for:
            option_id = (highlighted.id or "") if highlighted is not None else ""
        else:
            option_id = self.first_for(typed)
        self._enter(option_id, typed)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            typed = self.input.value.strip()
            self.clear()
            self._enter(event.option_id, typed)

    def _enter(self, option_id: str, typed: str) -> None:
        self.refill()
        self.post_message(self.Entered(self, option_id, typed))

    def action_move(self, how: str) -> None:
        getattr(self.options, f"action_{how}")()


def below(text: str, width: int) -> Content:
    """A second line under a name, cut to the list's width."""
    return Content.styled(INDENT + text, MUTED).truncate(width, ellipsis=True)


def grouped(groups: Iterable[tuple[str, Iterable[Option]]]) -> list[Option]:
    """The options of each group that has any, below the group's title."""
    rows: list[Option] = []
    for title, members in groups:
        if found := list(members):
            rows += [Option(Content.styled(title, "bold $primary"), disabled=True), *found]
    return rows


def columns(width: int, left: str, *right: tuple[str, int], mark: str = " ") -> Content:
    """A mark and a name on the left, cut to what is left over; numbers in columns on the right."""
    room = max(4, width - 2 - sum(size + 1 for _, size in right))
    name = Content(left).truncate(room, ellipsis=True, pad=True)
    numbers = "".join(f" {text:>{size}}" for text, size in right)
    return Content.assemble((f"{mark} ", "bold $accent"), name, (numbers, MUTED))
