"""Tests of the screens on a machine that is at odds with them: widgets are slow in turns, threads late, and now and
then the whole process stands still, so that all its timers are due at once.

    DISORDER=7 python -m pytest -p tests.ui.disorder tests/ui

No part of the suite: a test that fails here reads its screen by luck.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump

_chance = random.Random(os.environ.get("DISORDER", "0"))
_dispatch = MessagePump._dispatch_message
_submit = ThreadPoolExecutor.submit


async def _late(pump: MessagePump, message: Message) -> None:
    for _ in range(_chance.choice((0, 0, 0, 1, 2, 5, 20))):
        await asyncio.sleep(0)
    if _chance.random() < 0.005:
        time.sleep(_chance.uniform(0.0, 0.3))
    await _dispatch(pump, message)


def _late_in_thread(pool: ThreadPoolExecutor, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
    before, after = _chance.uniform(0.0, 0.03), _chance.uniform(0.0, 0.03)

    def late() -> Any:
        time.sleep(before)
        try:
            return call(*arguments, **named)
        finally:
            time.sleep(after)

    return _submit(pool, late)


MessagePump._dispatch_message = _late  # type: ignore[method-assign]
ThreadPoolExecutor.submit = _late_in_thread  # type: ignore[method-assign, assignment]
