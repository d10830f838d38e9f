"""What every screen and dialog of ours stands on: its keys, the styles of what it paints, its workers and their end."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, ClassVar, TypeVar, TypeVarTuple

from textual import events
from textual.actions import SkipAction
from textual.errors import NoWidget
from textual.geometry import Offset
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from zsr_tui.numerals import counted
from zsr_tui.ui.keys.action import HERE, Action
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.names import key_display
from zsr_tui.ui.parts import moving, paint, problems, selecting
from zsr_tui.ui.parts.heights import SHORT

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class BaseScreen(Screen[Result]):
    """Has the keys of its `PLACE` in the table of actions, and the style of every role for the widgets on it.

    `DIALOG` makes it a window over the screen below. Below 30 lines, and where spacing is compact, it has the class
    "short": nothing is spent on space then. Dismissed with a `Result`, or with None.
    """

    PLACE: ClassVar[str] = ""
    DIALOG: ClassVar[bool] = False
    COMPONENT_CLASSES: ClassVar[set[str]] = set(paint.COMPONENTS)
    DEFAULT_CSS = f"BaseScreen {{ {paint.RULES} &:ansi {{ {paint.ANSI_RULES} }} }}"
    # Textual repaints all of a screen when the focus moves; here only what gains or loses it looks different.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self) -> None:
        super().__init__(classes="dialog-screen" if self.DIALOG else None)

    @property
    def is_modal(self) -> bool:
        return self.DIALOG

    def on_mount(self) -> None:
        """Runs after the `on_mount` of the screen's own class."""
        if isinstance(self.app, KeyedApp):
            self.app.keys.install(self, HERE)
            self.app.keys.install(self, self.PLACE)
            self.watch(self.app, "compact", self._fit, init=False)
        self._fit()

    def on_resize(self) -> None:
        """As `on_mount`."""
        self._fit()

    def _fit(self) -> None:
        self.set_class(
            self.compact or self.size.height < SHORT, "short"
        )  # not a breakpoint of Textual's, which styles all again

    async def on_click(self, event: events.Click) -> None:
        """Beside a dialog: what escape does."""
        if self.DIALOG and event.widget is self:
            for binding in self._bindings.key_to_bindings.get("escape", ()):
                await self.run_action(binding.action)

    def applies(self, action: Action) -> bool:
        """Whether an action of a place can be used here, now."""
        return action.where == self.PLACE

    def why_not(self, action: Action) -> str:
        """What is said where the key of an action is pressed that cannot be used here, now; "" for nothing."""
        return ""

    def on_key(self, event: events.Key) -> None:
        """One that nothing below has taken."""
        for action in self.app.keys if isinstance(self.app, KeyedApp) else ():
            here = event.key in action.keys and action.where == self.PLACE and not self.applies(action)
            if here and (said := self.why_not(action)):
                self.tell(said)

    def applies_here(self, action: Action) -> bool:
        """Whether an action can be used on what has the focus, now."""
        return action.id in ("copy", "jump") or moving.can_move(self.focused)

    def copy_focused(self) -> None:
        """What is selected, or what is under the cursor."""
        from zsr_tui.ui.parts.copying.screen import copy

        copy(self)

    def jump(self) -> None:
        """To another pane, by a letter."""
        from zsr_tui.ui.parts.jump import jump

        jump(self)

    def action_copy_text(self) -> None:
        """Ctrl+C: what is selected."""
        from zsr_tui.ui.parts.copying.screen import copy_selection

        if not copy_selection(self):
            raise SkipAction

    def on_text_selected(self) -> None:
        if text := self.get_selected_text():
            self.tell(
                f"{counted(len(text), 'character is', 'characters are')} selected; {self.key_of('copy')} copies them."
            )

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Where a selection begins or ends: a character of a line, for what paints lines."""
        with suppress(NoWidget):
            widget, region = self.get_widget_at(x, y)
            if isinstance(widget, selecting.Painted):
                return widget, selecting.place_of(widget, x - region.x, y - region.y)
        return super().get_widget_and_offset_at(x, y)

    def move_focused(self, by: int) -> None:
        """So many rows or lines."""
        if self.focused is not None:
            moving.move(self.focused, by)

    def move_half_page(self, direction: int) -> None:
        if self.focused is not None:
            moving.move(self.focused, direction * moving.half_page(self.focused))

    def key_of(self, action: str) -> str:
        """The key of an action of the table as it is shown; "" in an application without one."""
        return key_display(self.app.keys[action].keys[0]) if isinstance(self.app, KeyedApp) else ""

    def tell(self, sentence: str) -> None:
        """Something to know for a moment."""
        self.notify(sentence, timeout=4, markup=False)

    @property
    def compact(self) -> bool:
        """Whether nothing is spent on space."""
        return isinstance(self.app, KeyedApp) and self.app.compact

    def behind_paint(self, work: Callable[[], None]) -> None:
        """Do it once this screen is painted, or at once where another one is shown. Textual's `call_after_refresh` has
        another screen do it, where one is shown then: it is lost where that one is closed first."""
        self._invoke_later(work, self)

    def leave(self) -> None:
        self.dismiss(None)

    def action_close(self) -> None:
        self.leave()

    # workers

    def ask(
        self,
        group: str,
        work: Callable[[*Arguments], Coroutine[Any, Any, object]],
        *arguments: *Arguments,
        exclusive: bool = True,
    ) -> None:
        """Run it in the background. One of a group at a time: a new one cancels the one before, unless it is not
        `exclusive`. An error goes to `show_problem`."""

        async def run() -> None:  # not a coroutine: a worker that is cancelled early would never await it
            await work(*arguments)

        _: Worker[None] = self.run_worker(run, group=group, exclusive=exclusive, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            self.show_problem(problems.sentence(error), event.worker.group)

    def show_problem(self, sentence: str, group: str) -> None:
        """What became of the work of a group, in one sentence. A screen may have a place of its own for it."""
        self.notify(sentence, severity="error", timeout=20, markup=False)
