"""A key is handled before the next one is pressed, however busy the machine is.

Textual's Pilot goes on when the process seems to rest, which on a machine that gives it no time it does at once: keys
then came to what had the focus before, and screens were read before they stood. Here a message follows each key the
way that it takes, from widget to widget up to the application, and what that has queued everywhere is waited for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
import textual.app
from textual._wait import wait_for_idle
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.notifications import Notification
from textual.pilot import Pilot
from textual.widget import Widget

_SENT = 4  # turns of the loop until what a driver sends is in the application's queue
_ROUNDS = 10  # screens that open one another
_SECONDS = 30.0  # as long as Textual waits for a screen: somebody may be at work who waits for the test


class Follower(Message, bubble=True):
    """Comes behind a key wherever that comes."""

    def __init__(self, app: App[Any], arrived: asyncio.Event) -> None:
        super().__init__()
        self._app, self._arrived = app, arrived

    def _bubble_to(self, widget: MessagePump) -> None:
        if widget is self._app:
            self._app.call_later(self._arrived.set)
        else:
            super()._bubble_to(widget)


async def settled(app: App[Any]) -> None:
    """What was sent to the application is handled, and what came of that on the screens that are shown."""
    for _ in range(_SENT):
        await asyncio.sleep(0)
    until = time.monotonic() + _SECONDS
    await _done(until, [app])
    if not app.screen_stack:
        return
    target: Widget = app.focused or app.screen
    arrived = asyncio.Event()
    if target.post_message(Follower(app, arrived)):
        await _turns(until, lambda: arrived.is_set() or not (target.is_running and app.is_running))
    for _ in range(_ROUNDS):
        shown = app.screen_stack and app.screen
        await _done(until, [app, *(shown.walk_children(with_self=True) if shown else ())])
        if shown == (app.screen_stack and app.screen):
            break


async def _done(until: float, pumps: Sequence[MessagePump]) -> None:
    """Each has handled what it had to."""
    events = {pump: asyncio.Event() for pump in pumps}
    left = [pump for pump, event in events.items() if pump.call_later(event.set)]
    await _turns(until, lambda: not any(pump.is_running and not events[pump].is_set() for pump in left))


async def _turns(until: float, holds: Callable[[], bool]) -> None:
    while not holds() and time.monotonic() < until:
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def settles(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each key, and besides Textual's own way after the last one."""
    press, pause = App._press_keys, Pilot.pause

    async def at_once(*_: float) -> None: ...

    async def one_by_one(app: App[Any], keys: Iterable[str]) -> None:
        for key in keys:
            await press(app, [key])
            await settled(app)
        await wait_for_idle(0)

    async def paused(pilot: Pilot[Any], delay: float | None = None) -> None:
        await settled(pilot.app)
        await pause(pilot, delay)

    monkeypatch.setattr(textual.app, "wait_for_idle", at_once)
    monkeypatch.setattr(App, "_press_keys", one_by_one)
    monkeypatch.setattr(Pilot, "pause", paused)
    # a machine that is slow enough would read what is said for a moment after it has gone
    monkeypatch.setattr(Notification, "time_left", 1e6)
