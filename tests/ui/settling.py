"""The application of a test goes on until it has nothing left to do: no clock decides when its screen is read.

Textual's Pilot goes on when the process seems to rest, which on a machine that gives it no time it does at once: keys
then came to what had the focus before, and screens were read before they stood. Here a key, a pause and `until` end
when no callback of the loop is due, no thread works for it, and what is shown is laid out and painted. Timers are not
waited for: what comes by one needs `until`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import textual.app
from textual.app import App
from textual.notifications import Notification
from textual.pilot import Pilot
from textual.screen import Screen

_LIMIT = 300.0  # seconds; only against hanging
_ROUNDS = 3  # of the loop in a row without anything to do: what a selector has is taken in the second


class Threads:
    """How many calls work in threads for the loop of a test."""

    def __init__(self) -> None:
        self.busy = 0

    def submitted(self, submit: Any) -> Any:
        def counted(pool: ThreadPoolExecutor, /, *arguments: Any, **named: Any) -> Any:
            future = submit(pool, *arguments, **named)
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:  # from a thread: nothing of the application's
                return future
            self.busy += 1
            # it comes to the loop behind the answer, which was asked for first
            loop.call_soon(future.add_done_callback, lambda _: self._ended(loop))
            return future

        return counted

    def _ended(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(self._less)

    def _less(self) -> None:
        self.busy -= 1


_threads: Threads  # of the test that runs


async def at_rest(app: App[Any]) -> None:
    """Nothing is left to do until something comes from outside or a timer is due."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    limit = time.monotonic() + _LIMIT
    quiet = 0
    while quiet < _ROUNDS:
        await asyncio.sleep(0)
        if ready:
            quiet = 0
        elif _threads.busy:
            quiet = 0
            await asyncio.sleep(0.001)
        elif _painted(app):
            quiet += 1
        else:
            quiet = 0
        assert time.monotonic() < limit, "the application does not come to rest"


def _painted(app: App[Any]) -> bool:
    """Whether what is shown is as it was last laid out; if not, it is painted, as its timer would a little later."""
    if not app.screen_stack or not app.is_running:
        return True
    if app._resize_timer is not None:
        app._check_resize()
        return False
    screen: Screen[Any] = app.screen
    if not screen.is_running or not screen.is_current or app._batch_count:
        return True
    if (
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    ):
        screen._on_timer_update()
        return False
    return True


@pytest.fixture(autouse=True)
def settles(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each key, and in place of Textual's own pauses."""
    press = App._press_keys

    async def at_once(*_: float) -> None: ...

    async def one_by_one(app: App[Any], keys: Iterable[str]) -> None:
        for key in keys:
            await press(app, [key])
            await at_rest(app)
            await app.animator.wait_until_complete()
            await at_rest(app)

    async def paused(pilot: Pilot[Any], delay: float | None = None) -> None:
        if delay is not None:
            await asyncio.sleep(delay)
        await at_rest(pilot.app)

    global _threads
    _threads = Threads()
    monkeypatch.setattr(ThreadPoolExecutor, "submit", _threads.submitted(ThreadPoolExecutor.submit))
    monkeypatch.setattr(textual.app, "wait_for_idle", at_once)
    monkeypatch.setattr(App, "_press_keys", one_by_one)
    monkeypatch.setattr(Pilot, "pause", paused)
    monkeypatch.setattr(Pilot._wait_for_screen, "__defaults__", (_LIMIT,))
    # a machine that is slow enough would read what is said for a moment after it has gone
    monkeypatch.setattr(Notification, "time_left", 1e6)
