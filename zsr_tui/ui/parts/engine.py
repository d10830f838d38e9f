"""The engine as the screens see it: every call waits until it has been started.

Screens can so ask for what they need as soon as they are mounted, and the first paint does not wait for the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from zsr_tui.api.events import AnyEvent
from zsr_tui.api.questions import Answer, Question
from zsr_tui.api.requests import Request
from zsr_tui.client.protocol import EngineApi


class StartedEngine:
    """An `EngineApi` around another one. If `start` fails, calls raise what it raised, until a later start succeeds."""

    def __init__(self, engine: EngineApi) -> None:
        self._engine = engine
        self._first: asyncio.Future[None] | None = None

    def through(self, wrapped: Callable[[EngineApi], EngineApi]) -> None:
        """Ask what is `wrapped` around the engine from now on."""
        self._engine = wrapped(self._engine)

    @property
    def ready(self) -> bool:
        first = self._first
        return first is not None and first.done() and first.exception() is None

    @property
    def restarts(self) -> int:
        return self._engine.restarts

    async def start(self) -> None:
        first = self._future()
        if first.done():
            first = self._first = asyncio.get_running_loop().create_future()
        try:
            await self._engine.start()
        except BaseException as error:
            if isinstance(error, Exception):
                first.set_exception(error)
                first.exception()  # seen: nobody may be waiting
            raise
        first.set_result(None)

    async def close(self) -> None:
        await self._engine.close()

    async def call(self, question: Question[Answer]) -> Answer:
        await self._started()
        return await self._engine.call(question)

    async def stream(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        await self._started()
        async with aclosing(self._engine.stream(request)) as events:
            async for event in events:
                yield event

    def _future(self) -> asyncio.Future[None]:
        if self._first is None:
            self._first = asyncio.get_running_loop().create_future()
        return self._first

    async def _started(self) -> None:
        await asyncio.shield(self._future())
