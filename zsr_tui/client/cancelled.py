"""What anyio tells of a wait that was cancelled: nothing that anybody need see."""

from __future__ import annotations

import asyncio
from typing import Any


def let_be() -> None:
    """For the loop that runs, unless it has a handler of its own. Who types on or interrupts cancels what waits for the
    engine's socket; where the engine's bytes or its end come in the same turn of the loop, anyio still tells the
    cancelled future of them, and asyncio would print a traceback."""
    loop = asyncio.get_running_loop()
    if loop.get_exception_handler() is None:
        loop.set_exception_handler(_unless_cancelled)


def _unless_cancelled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if not isinstance(context.get("exception"), asyncio.InvalidStateError):
        loop.default_exception_handler(context)
