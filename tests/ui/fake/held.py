"""Answers that come when a test lets them."""

from __future__ import annotations

import asyncio
from typing import Any

from zsr_tui.api.questions import Question

from .engine import FakeEngine


def hold(engine: FakeEngine, kind: type[Question[Any]]) -> asyncio.Event:
    """No question of this kind is answered before the event is set."""
    gate, call = asyncio.Event(), engine.call

    async def held(question: Question[Any]) -> Any:
        if isinstance(question, kind):
            await gate.wait()
        return await call(question)

    engine.call = held  # type: ignore[method-assign]
    return gate
