"""A line to type in above a list that it filters: what the corpus and the system choice of the setup share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from zsr_tui.ui.parts.line_input import LineInput
from zsr_tui.ui.setup import fuzzy

MUTED = "$secondary"
INDENT = "  "


class FilteredList(Vertical):
    """Subclasses fill the list for what is typed (`options_for`) and act on a choice (`choose`, `submit`).

    The arrow keys move the highlight while one types. Option ids name what is chosen; headings have none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('cursor_down')", show=False),
        Binding("up", "move('cursor_up')", show=False),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
    ]
    PLACEHOLDER = ""

    def compose(self) -> ComposeResult:
        yield LineInput(placeholder=self.PLACEHOLDER, compact=True, classes="filter")
        yield OptionList(compact=True, markup=False)

    @property
    def input(self) -> Input:
        return self.query_one(Input)

    @property
    def options(self) -> OptionList:
        return self.query_one(OptionList)

    # for subclasses

    def options_for(self, typed: str) -> list[Option]:
        raise NotImplementedError

    def start_at(self, typed: str, enabled: list[int]) -> int | None:
        """The option that Enter chooses as long as the user has not moved; None for `submit`."""
        return enabled[0] if enabled and typed else None

    def choose(self, option_id: str) -> None:
        raise NotImplementedError

    def submit(self, typed: str) -> None:
        """Enter, with nothing highlighted."""
        raise NotImplementedError

    # the rest

    @property
    def width(self) -> int:
        """Of an option, in cells."""
        return self.options.scrollable_content_region.width or 36

    def on_resize(self) -> None:
        self.call_after_refresh(self.refill, keep_highlight=True)

    def refill(self, *, keep_highlight: bool = False) -> None:
        options, typed = self.options, self.input.value.strip()
        kept = options.highlighted if keep_highlight else None
        options.set_options(self.options_for(typed))
        enabled = [index for index, option in enumerate(options.options) if not option.disabled]
        if kept is not None and kept in enabled:
            options.highlighted = kept
        else:
            options.scroll_home(animate=False)
            options.highlighted = self.start_at(typed, enabled)

    def matching(self, typed: str, candidates: Iterable[tuple[str, str]]) -> list[str]:
        """Of (key, text), the keys whose text fits what is typed, the best first."""
        scored = [(fuzzy.score(typed, text), key) for key, text in candidates]
        return [key for fit, key in sorted(scored, key=lambda pair: -pair[0]) if fit > 0]

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.refill()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        highlighted = self.options.highlighted_option
        if highlighted is not None and highlighted.id is not None:
            self.choose(highlighted.id)
        else:
            self.submit(event.value.strip())

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.choose(event.option_id)

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
