"""Timers that are not passed over."""

from __future__ import annotations

from textual.message_pump import MessagePump
from textual.timer import Timer, TimerCallback


def once(pump: MessagePump, seconds: float, callback: TimerCallback) -> Timer:
    """`callback` is called in its turn after so many seconds, or as soon as the process goes on. Textual (8.2) never
    calls one for whom the process stood still just then, as if another would follow soon."""
    timer = pump.set_timer(seconds, callback)
    timer._skip = False  # its task begins after this
    return timer
