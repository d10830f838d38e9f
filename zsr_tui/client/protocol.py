"""What the screens and the command line need of an engine. `zsr_tui.client.engine.Engine` is the real one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from zsr_tui.api.events import AnyEvent
from zsr_tui.api.questions import Answer, Question
from zsr_tui.api.requests import Request


class EngineApi(Protocol):
    """`call` may raise `zsr_tui.domain.Problem`, whose message is fit for the screen.

    Streams end after an event of `zsr_tui.api.events.ENDS`; closing one (`aclose`, or cancelling the task that
    iterates) cancels the work in the engine. A broken connection inside a stream shows as `EngineLost`; the engine
    is restarted once and the request repeated, then `Failed`.
    """

    @property
    def restarts(self) -> int:
        """How many engines were found dead and replaced where no stream could tell it as `EngineLost`."""

    async def start(self) -> None: ...
    async def close(self) -> None: ...
    async def call(self, question: Question[Answer]) -> Answer: ...
    def stream(self, request: Request) -> AsyncGenerator[AnyEvent, None]: ...
