"""A screen that is painted when what it is to show is there, if that is soon."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

from textual.app import ScreenStackError
from textual.screen import Screen
from textual.timer import Timer

from zsr_tui.ui.timers import once

SOON = 0.05  # seconds: less than anyone sees


class HeldPaint:
    """What a screen shows is waited for, and told once if it is not there `SOON`."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._batch = ExitStack()
        self._timer: Timer | None = None

    def hold(self) -> None:
        """Nothing of the application is painted until `release`, and no longer than `SOON`."""
        self.release()
        self._batch.enter_context(self._screen.app.batch_update())
        self.at_most(lambda: None)

    def at_most(self, waited: Callable[[], object]) -> None:
        """`waited` is called, and then painted, if nothing was released `SOON`."""
        if self._timer is not None:
            self._timer.stop()

        def late() -> None:
            waited()
            self.release()

        self._timer = once(self._screen, SOON, late)

    def release(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._batch.close()
        with suppress(ScreenStackError):  # while the application ends
            self._screen.app.screen.check_idle()  # who is shown now: a batch that ends wakes nobody
