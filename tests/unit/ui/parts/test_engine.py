from __future__ import annotations

import asyncio

import pytest

from tests.ui.fake.engine import FakeEngine
from zsr_tui.api.questions import ListCorpora, ListModels
from zsr_tui.api.requests import SearchRequest
from zsr_tui.domain import Problem
from zsr_tui.ui.parts.engine import StartedEngine


async def test_calls_wait_for_the_start() -> None:
    engine = StartedEngine(FakeEngine())
    asked = asyncio.create_task(engine.call(ListCorpora()))
    await asyncio.sleep(0)
    assert not asked.done()
    assert not engine.ready
    await engine.start()
    assert (await asked)[0].id == "demo"
    assert engine.ready


async def test_a_failed_start_reaches_everybody_who_waits_and_a_second_one_can_succeed() -> None:
    inner = FakeEngine()
    problems = [Problem("no Java")]

    async def start() -> None:
        if problems:
            raise problems.pop()

    inner.start = start  # type: ignore[method-assign]
    engine = StartedEngine(inner)
    waiting = asyncio.create_task(engine.call(ListModels()))
    await asyncio.sleep(0)
    with pytest.raises(Problem, match="no Java"):
        await engine.start()
    with pytest.raises(Problem, match="no Java"):
        await waiting
    with pytest.raises(Problem, match="no Java"):
        await engine.call(ListModels())
    await engine.start()
    assert await engine.call(ListModels())


async def test_somebody_who_stops_waiting_does_not_disturb_the_others() -> None:
    engine = StartedEngine(FakeEngine())
    first, second = asyncio.create_task(engine.call(ListModels())), asyncio.create_task(engine.call(ListModels()))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    await engine.start()
    assert await second


async def test_closing_a_stream_closes_the_engines() -> None:
    inner = FakeEngine()
    engine = StartedEngine(inner)
    await engine.start()
    stream = engine.stream(SearchRequest(id="r", dataset="demo", systems=("bm25",), query="vitamin"))
    await anext(stream)
    await stream.aclose()
    assert inner.abandoned == ["r"]
