"""The engine as the screens see it: every call waits until it has been started.

Screens can so ask for what they need as soon as they are mounted, and the first paint does not wait for the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from zsr_tui.api.events import AnyEvent
from zsr_tui.api.requests import (
    DocumentView,
    EvaluateRequest,
    Health,
    PrepareRequest,
    QueryPage,
    SearchRequest,
    Status,
    SystemHead,
)
from zsr_tui.client.evaluations import Evaluations
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import CorpusInfo, ModelInfo, Preset


class StartedEngine(Evaluations):
    """An `EngineApi` around another one. If `start` fails, calls raise what it raised, until a later start succeeds."""

    def __init__(self, engine: EngineApi) -> None:
        self._engine = engine
        self._first: asyncio.Future[None] | None = None

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

    async def health(self) -> Health:
        await self._started()
        return await self._engine.health()

    async def status(self) -> Status:
        await self._started()
        return await self._engine.status()

    async def corpora(self) -> list[CorpusInfo]:
        await self._started()
        return await self._engine.corpora()

    async def dataset(self, name: str) -> str:
        await self._started()
        return await self._engine.dataset(name)

    async def models(self) -> list[ModelInfo]:
        await self._started()
        return await self._engine.models()

    async def presets(self, dataset: str) -> list[Preset]:
        await self._started()
        return await self._engine.presets(dataset)

    async def system(self, notation: str) -> SystemHead:
        await self._started()
        return await self._engine.system(notation)

    async def queries(self, dataset: str, *, match: str = "", offset: int = 0, limit: int = 50) -> QueryPage:
        await self._started()
        return await self._engine.queries(dataset, match=match, offset=offset, limit=limit)

    async def document(self, dataset: str, doc_id: str, query: str, models: tuple[str, ...] = ()) -> DocumentView:
        await self._started()
        return await self._engine.document(dataset, doc_id, query, models)

    def search(self, request: SearchRequest) -> AsyncGenerator[AnyEvent, None]:
        return self._stream(lambda: self._engine.search(request))

    def prepare(self, request: PrepareRequest) -> AsyncGenerator[AnyEvent, None]:
        return self._stream(lambda: self._engine.prepare(request))

    def evaluate(self, request: EvaluateRequest) -> AsyncGenerator[AnyEvent, None]:
        return self._stream(lambda: self._engine.evaluate(request))

    async def _call(self, method: str, path: str, kind: Any, /, **parameters: Any) -> Any:
        await self._started()
        return await self._engine._call(method, path, kind, **parameters)

    async def _stream(self, begin: Callable[[], AsyncGenerator[AnyEvent, None]]) -> AsyncGenerator[AnyEvent, None]:
        await self._started()
        async with aclosing(begin()) as events:
            async for event in events:
                yield event

    def _future(self) -> asyncio.Future[None]:
        if self._first is None:
            self._first = asyncio.get_running_loop().create_future()
        return self._first

    async def _started(self) -> None:
        await asyncio.shield(self._future())
