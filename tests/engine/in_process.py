"""An engine in this process, over its routes, for commands that would start one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

import msgspec
from starlette.testclient import TestClient

from zsr_tui.api.events import AnyEvent, decode
from zsr_tui.api.questions import Answer, Question, answer_type
from zsr_tui.api.requests import PATHS, ProblemView, Request

T = TypeVar("T")


class InProcess:
    """As `EngineApi`."""

    restarts = 0

    def __init__(self, client: TestClient) -> None:
        self._client = client

    async def start(self) -> None: ...
    async def close(self) -> None: ...

    async def call(self, question: Question[Answer]) -> Answer:
        response = self._client.post(f"/call/{type(question).__name__}", content=msgspec.json.encode(question))
        if response.status_code != 200:
            raise msgspec.json.decode(response.content, type=ProblemView).problem
        answer: Answer = msgspec.json.decode(response.content, type=answer_type(type(question)))
        return answer

    async def stream(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        response = self._client.post(PATHS[type(request)], content=msgspec.json.encode(request))
        if response.status_code != 200:
            raise msgspec.json.decode(response.content, type=ProblemView).problem
        for line in response.content.splitlines():
            yield decode(line)


def instead_of_a_process(client: TestClient) -> Callable[[Callable[..., Awaitable[T]]], T]:
    """What stands for `zsr_tui.commands.session.with_engine`."""

    def with_engine(work: Callable[..., Awaitable[T]]) -> T:
        async def run() -> T:
            return await work(InProcess(client))

        return asyncio.run(run())

    return with_engine
