"""The line for the query: what the shown one is, and where the next one is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from zsr_tui.text import one_line
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.pieces import Piece, crop, width_of
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.wrapped_input import WrappedInput

KEPT = 500  # queries
LABEL_SHARE = 4  # of the line is what stands before the query, at most


class QueryInput(WrappedInput):
    """A text field with a history: up is older, down is newer, and after the newest what was being typed. In a query of
    several rows they go to the row above or below first."""

    HELP = (
        "The query\n"
        "Enter searches. Up and down go through earlier queries, ctrl+u clears the line, escape leaves it. A "
        "query that equals one of the dataset gets its judgments."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", "Older query", show=False),
        Binding("down", "newer", "Newer query", show=False),
    ]

    def __init__(self, history: list[str]) -> None:
        super().__init__(placeholder="type a query")
        self._history = history
        self._at = len(history)
        self._draft = ""
        self._put: tuple[str, str] | None = None  # a query that was not typed here, and how it looks

    @property
    def put_here(self) -> str | None:
        """The query that was put here, control characters included, as long as nothing else is typed."""
        return self._put[0] if self._put is not None and self._put[1] == self.value else None

    @property
    def draft(self) -> str:
        """What is being typed and was not asked."""
        return self.value if self.put_here is None else ""

    def go_on(self, draft: str) -> None:
        """Where somebody was typing."""
        self.focus()
        if draft:
            self.value = draft
            self.cursor_position = len(draft)

    def remember(self, text: str) -> bool:
        """As the newest of the history; False where it is that already."""
        if self._history and self._history[-1] == text:
            return False
        self._history.append(text)
        del self._history[:-KEPT]
        return True

    def put(self, text: str) -> None:
        """Show a query that was not typed here. Control characters are made visible."""
        self.value = one_line(text)
        self._put = text, self.value
        self.cursor_position = len(self.value) if self.has_focus else 0
        self._at = len(self._history)

    def on_focus(self) -> None:
        """Runs before Textual's own, which selects all: a query to be replaced, but not one that is half typed."""
        self.select_on_focus = self.put_here is not None

    def on_blur(self) -> None:
        """A long query shows its beginning; but who comes back to the terminal finds the cursor where it was."""
        if self.app.app_focus:
            self.cursor_position = 0

    def action_older(self) -> None:
        if not self.at_first_row:
            self.step_row(-1)
            return
        if self._at == len(self._history):
            self._draft = self.value
        if self._go(self._at - 1):
            self.cursor_position = self.end_of_first_row()

    def action_newer(self) -> None:
        if not self.at_last_row:
            self.step_row(1)
        elif self._go(self._at + 1):
            self.cursor_position = len(self.value)

    def _go(self, at: int) -> bool:
        """False where there is none."""
        if not 0 <= at <= len(self._history):
            return False
        self._at = at
        self.value = one_line(self._history[at]) if at < len(self._history) else self._draft
        return True


class QueryLine(Horizontal):
    """What is known of the query, in at most a quarter of the width, and the text field, as high as the query needs."""

    def __init__(self, history: list[str]) -> None:
        super().__init__()
        self.label = Bar(id="query-label")
        self.input = QueryInput(history)
        self._about: Callable[[str | None, int], list[Piece]] = lambda typed, room: []
        self._settled: Callable[[], bool] = lambda: True

    def compose(self) -> ComposeResult:
        yield self.label
        yield self.input

    def on_mount(self) -> None:
        if isinstance(self.screen, BaseScreen):
            self.input.more = f" {self.screen.key_of('query')} more"

    def describe(self, about: Callable[[str | None, int], list[Piece]], settled: Callable[[], bool]) -> None:
        """What is known of the query whose lists are shown, or that another one is typed, in at most so many cells.
        `settled` is False while another one was asked: what is said meanwhile takes the room that there is, as what is
        typed does, since another width lays out the whole screen."""
        self._about, self._settled = about, settled
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def on_input_changed(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        room = max(1, self.size.width // LABEL_SHARE - 1)
        typed = self.input.value if self.input.put_here is None else None
        now = self.label.styles.width
        if now is not None and (typed is not None or not self._settled()):
            pieces = self._about(typed, min(room, int(now.value) - 1))
            if width_of(pieces) < now.value:
                self.label.show(crop(pieces, room))
                return
        pieces = crop(self._about(typed, room), room)
        if now is None or now.value != width_of(pieces) + 1:
            self.label.styles.width = width_of(pieces) + 1
        self.label.show(pieces)
