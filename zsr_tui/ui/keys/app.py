"""An application whose keys are the table of actions."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from textual.app import App
from textual.events import Event, Key, Paste
from textual.reactive import Reactive
from textual.screen import Screen

from zsr_tui.ui.keys.action import ANYWHERE, HERE, Action
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.keys.in_order import KeysInOrder
from zsr_tui.ui.themes.in_use import ThemeInUse


class KeyedApp(App[None]):
    """Runs the actions of `keys`: bindings, key bar and palette come to `action_do`. A screen that has actions of its
    own has a `PLACE`, and methods `applies` and `applies_here` that say whether one can be used now."""

    keys: KeyTable
    themes: ThemeInUse
    compact: Reactive[bool] = Reactive(False)  # nothing is spent on space

    def __init__(self) -> None:
        super().__init__()
        self._in_order = KeysInOrder(self, super().on_event)

    @property
    def typed_ahead(self) -> bool:
        """Whether keys wait for the one before them."""
        return self._in_order.waiting

    def place(self, screen: Screen[Any] | None = None) -> str:
        """Where in the table of actions `screen` stands, or else the one that is shown."""
        return str(getattr(screen or self.screen, "PLACE", ""))

    def applies(self, action: Action, screen: Screen[Any] | None = None) -> bool:
        """Whether the action can be used on `screen`, or else on the one that is shown."""
        screen = screen or self.screen
        if action.where != ANYWHERE:
            own = getattr(screen, "applies_here" if action.where == HERE else "applies", None)
            return own is not None and bool(own(action))
        if action.id == "palette":
            from textual.command import CommandPalette

            return not isinstance(screen, CommandPalette)
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "do" or self.applies(self.keys[str(parameters[0])])

    async def on_event(self, event: Event) -> None:
        """A key, and what is pasted, wait for the key before."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._in_order.come(event)
        else:
            await super().on_event(event)

    async def action_do(self, action_id: str) -> None:
        """Run an action of the table on the screen that it belongs to."""
        action = self.keys[action_id]
        target = self if action.of_app or action.where == ANYWHERE else self.screen
        arguments = () if action.argument is None else (action.argument,)
        result = attrgetter(action.handler)(target)(*arguments)
        if hasattr(result, "__await__"):
            await result
