"""The engine as a process: streams that are closed, replaced and broken."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from tests.engine.conftest import BM25, DENSE, RERANKED
from tests.reranker import Reranker, reranking
from tests.ui.reading import text_of
from tests.waiting import DEADLINE, until
from zsr_tui import paths
from zsr_tui.api.events import AnyEvent, EngineLost, Failed, Measured, Ranking, SearchFinished
from zsr_tui.api.questions import ReadHealth, ReadStatus
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.engine import Engine
from zsr_tui.engine.library import Library
from zsr_tui.ui.explain.screen import ExplainScreen
from zsr_tui.ui.keys.action import ANYWHERE
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.parts.confirm import ConfirmScreen
from zsr_tui.ui.parts.messages import Explainable


def slow(reranker: Reranker) -> str:
    """Several requests."""
    return f"bm25 % 200 >> {reranker.url}"


@pytest.fixture
async def engine(library: Library) -> AsyncIterator[Engine]:
    """`library` has prepared the demo corpus, whose indexes this process shares."""
    engine = Engine()
    yield engine
    await engine.close()


def asked(number: int, *systems: str, pane: str = "", query: str = "water") -> SearchRequest:
    return SearchRequest(id=str(number), dataset="demo", systems=systems, query=query, pane=pane)


async def until_scored(events: AsyncIterator[AnyEvent]) -> None:
    async for event in events:
        if isinstance(event, Ranking) and event.scored:
            return
    raise AssertionError("the search ended first")


async def idle(engine: Engine) -> None:
    """Wait until the engine has no job left."""
    async with asyncio.timeout(DEADLINE):
        while (await engine.call(ReadStatus())).jobs:
            pass


async def test_closing_the_stream_stops_the_work(engine: Engine) -> None:
    with reranking(answers=1) as reranker:
        async with aclosing(engine.stream(asked(1, slow(reranker)))) as events:
            await until_scored(events)
            assert (await engine.call(ReadStatus())).jobs == ("search demo",)
        await idle(engine)  # though the reranker has not answered
    events = [event async for event in engine.stream(asked(2, BM25))]
    assert isinstance(events[-1], SearchFinished)


async def test_a_new_query_from_the_same_pane_replaces_the_old_one(engine: Engine) -> None:
    with reranking(answers=1) as reranker:
        async with aclosing(engine.stream(asked(1, slow(reranker), pane="left"))) as old:
            await until_scored(old)
            pid = (await engine.call(ReadHealth())).pid
            new = [event async for event in engine.stream(asked(2, BM25, pane="left"))]
            assert isinstance(new[-1], SearchFinished)
            rest = [event async for event in old]
            assert not [event for event in rest if isinstance(event, SearchFinished | EngineLost | Failed)], rest
            assert (await engine.call(ReadHealth())).pid == pid, "the engine was taken for dead"
        await idle(engine)


async def test_an_engine_that_dies_is_restarted_once_and_the_request_repeated(engine: Engine) -> None:
    seen: list[AnyEvent] = []
    killed = False
    with reranking(answers=1) as reranker:
        async for event in engine.stream(asked(1, BM25, slow(reranker))):
            seen.append(event)
            if isinstance(event, Ranking) and event.scored and event.system == 1 and not killed:
                killed = True
                assert engine.process.pid is not None
                os.kill(engine.process.pid, signal.SIGKILL)
                reranker.go_on.set()
    lost = [event for event in seen if isinstance(event, EngineLost)]
    told = paths.engine_log().read_text(errors="replace")[-2000:]  # why the next one was lost, if it was
    assert [event.restarted for event in lost] == [True], (lost, told)
    assert lost[0].see_log.endswith("engine.log")
    assert isinstance(seen[-1], SearchFinished)
    after = seen[seen.index(lost[0]) :]
    assert {event.system for event in after if isinstance(event, Ranking) and event.final} == {0, 1}


class ExplainApp(KeyedApp):
    """An explanation alone."""

    def __init__(self, engine: Engine, system: str) -> None:
        super().__init__()
        self.keys = KeyTable()
        self.keys.install(self, ANYWHERE)
        about = Explainable(dataset="demo", systems=(system,), system=0, doc_id="cooking-05", query="sugar syrup")
        self.explained = ExplainScreen(engine, about)

    def on_mount(self) -> None:
        self.push_screen(self.explained)


async def test_an_explanation_whose_engine_is_killed_in_the_middle_says_so_and_comes_about(engine: Engine) -> None:
    with reranking(answers=1) as reranker:
        app = ExplainApp(engine, f"bm25 % 6 >> {reranker.url}")
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            await pilot.press("enter")
            await until(pilot, lambda: len(reranker.asked) > 1)  # some of it is there, and no more comes
            assert "cost " not in app.explained.views.score.text
            assert engine.process.pid is not None
            os.kill(engine.process.pid, signal.SIGKILL)
            await until(pilot, lambda: "a new one runs and repeats the explanation" in text_of(app))
            reranker.go_on.set()
            await until(pilot, lambda: "cost " in app.explained.views.score.text)
            assert "score " in app.explained.views.score.text
            assert "Faithfulness" in app.explained.table.text


async def test_an_engine_that_dies_twice_is_given_up_in_one_sentence(engine: Engine) -> None:
    seen: list[AnyEvent] = []
    killed = set[int]()
    with reranking(answers=0) as reranker:
        async for event in engine.stream(asked(1, slow(reranker))):
            seen.append(event)
            pid = engine.process.pid
            if isinstance(event, Ranking) and pid is not None and pid not in killed:
                killed.add(pid)
                os.kill(pid, signal.SIGKILL)
    assert [event.restarted for event in seen if isinstance(event, EngineLost)] == [True, False]
    assert isinstance(seen[-1], Failed)
    assert "stopped twice" in seen[-1].problem.message


async def test_a_refused_request_is_a_sentence_and_not_a_lost_engine(engine: Engine) -> None:
    request = SearchRequest(id="1", dataset="beir/scifcat", systems=(BM25,), query="x")
    (event,) = [event async for event in engine.stream(request)]
    assert isinstance(event, Failed)
    assert event.problem.usage
    assert "scifact" in event.problem.message


async def test_lists_stream_over_the_socket(engine: Engine) -> None:
    events = [event async for event in engine.stream(asked(1, BM25, DENSE, RERANKED, query="q"))]
    final = [event.system for event in events if isinstance(event, Ranking) and event.final]
    assert sorted(final) == [0, 1, 2]
    assert not [event for event in events if isinstance(event, Measured)]


async def test_lines_with_odd_separators_survive_the_wire(engine: Engine) -> None:
    query = "a\u2028b\u0085c\x0bd"
    events = [event async for event in engine.stream(asked(1, BM25, query=query))]
    assert events[0].query == query  # type: ignore[union-attr]
