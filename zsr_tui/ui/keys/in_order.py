"""Keys one after the other: each comes to what has the focus once the one before it is handled.

Textual gives a key at once to what has the focus then. Keys that arrive together (over ssh, from a macro, by a quick
hand) all go to the old focus, and what is pasted right behind the key that opens a line is lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App
from textual.events import Key, Paste
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Input, TextArea

from zsr_tui.ui.timers import once

_MOST = 5  # rounds: what a key does may open a screen, which gives the focus to a line
_MOVING = "down up j k left right pagedown pageup shift+down shift+up ctrl+d ctrl+u backspace delete".split()
_HANGING = 0.5  # seconds; whoever has a key does not let go of it


class KeysInOrder:
    """`give` hands a key or what is pasted to what has the focus."""

    def __init__(self, app: App[Any], give: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app, self._give = app, give
        self._held: deque[Key | Paste] = deque()
        self._number, self._key = 0, ""  # of the key that is under way
        self._under_way = False

    @property
    def waiting(self) -> bool:
        """Whether more was typed than has come to anything yet."""
        return bool(self._held)

    async def come(self, event: Key | Paste) -> None:
        """One comes from the terminal."""
        self._held.append(event)
        if not self._under_way or (len(self._held) == 1 and self._repeats(event)):
            await self._next()
        elif len(self._held) == 1:
            self._watch()

    async def _next(self) -> None:
        """Give what is held, up to the first key that may bring the focus elsewhere."""
        self._under_way = False
        while self._held and (not self._under_way or self._repeats(self._held[0])):
            event, target = self._held.popleft(), self._target
            self._under_way, self._key = not _is_letter_of(target, event), getattr(event, "key", "")
            self._number += 1
            await self._give(event)
            if self._under_way:
                self._follow(target, self._number, _MOST)
        if self._held:
            self._watch()

    def _watch(self) -> None:
        """What is held does not wait for ever."""
        number = self._number
        once(self._app, _HANGING, lambda: self._done(number))

    def _repeats(self, event: Key | Paste) -> bool:
        """The key under way is held down: what it moves is painted once for all of them."""
        return isinstance(event, Key) and event.key == self._key and event.key in _MOVING

    @property
    def _target(self) -> Widget:
        return self._app.focused or self._app.screen

    def _follow(self, target: Widget, number: int, left: int) -> None:
        """Behind the key on its way up, from widget to widget to the application; what closes meanwhile is passed
        over. Twice at least: behind the key comes what it had somebody say."""
        way: list[MessagePump] = [*target.ancestors_with_self]

        def go_on() -> None:
            while way:
                if way.pop(0).call_later(go_on if way else arrived):
                    return

        async def arrived() -> None:
            if number != self._number or not self._under_way or not self._app.screen_stack:
                return
            now = self._target
            if left == _MOST or (now is not target and left > 0):
                self._follow(now, number, left - 1)
            else:
                await self._done(number)

        go_on()

    async def _done(self, number: int) -> None:
        if number == self._number and self._under_way:
            await self._next()


def _is_letter_of(target: Widget, event: Key | Paste) -> bool:
    """A line or an editor keeps it: whatever follows can come at once."""
    return isinstance(target, Input | TextArea) and (isinstance(event, Paste) or event.is_printable)
