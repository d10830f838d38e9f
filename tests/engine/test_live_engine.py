"""The engine as a process: streams that are closed, replaced and broken."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from tests.engine.conftest import BM25, DENSE, RERANKED
from tests.ui.reading import text_of
from tests.waiting import DEADLINE, until
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

SLOW = "bm25 % 200 >> ms-marco-minilm-l12-int8"


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
    async with aclosing(engine.stream(asked(1, SLOW))) as events:
        await until_scored(events)
        assert (await engine.call(ReadStatus())).jobs == ("search demo",)
    await idle(engine)
    events = [event async for event in engine.stream(asked(2, BM25))]
    assert isinstance(events[-1], SearchFinished)


async def test_a_new_query_from_the_same_pane_replaces_the_old_one(engine: Engine) -> None:
    async with aclosing(engine.stream(asked(1, SLOW, pane="left"))) as old:
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
    async for event in engine.stream(asked(1, BM25, SLOW)):
        seen.append(event)
        if isinstance(event, Ranking) and event.scored and event.system == 1 and not killed:
            killed = True
            assert engine.process.pid is not None
            os.kill(engine.process.pid, signal.SIGKILL)
    lost = [event for event in seen if isinstance(event, EngineLost)]
    assert [event.restarted for event in lost] == [True]
    assert lost[0].see_log.endswith("engine.log")
    assert isinstance(seen[-1], SearchFinished)
    after = seen[seen.index(lost[0]) :]
    assert {event.system for event in after if isinstance(event, Ranking) and event.final} == {0, 1}


class Holding(BaseHTTPRequestHandler):
    """A reranker that scores by length, and answers its first request at once, the others when it may."""

    asked: ClassVar[list[int]] = []
    may_answer: ClassVar[threading.Event] = threading.Event()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append(len(body["texts"]))
        if len(self.asked) > 1:
            self.may_answer.wait()
        answer = json.dumps([{"index": at, "score": len(text) / 100} for at, text in enumerate(body["texts"])]).encode()
        with suppress(OSError):  # who asked may have been killed
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


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
    with ThreadingHTTPServer(("127.0.0.1", 0), Holding) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        app = ExplainApp(engine, f"bm25 % 6 >> http://127.0.0.1:{server.server_port}/rerank")
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            await pilot.press("enter")
            await until(pilot, lambda: len(Holding.asked) > 1)  # some of it is there, and no more comes
            assert "cost " not in app.explained.views.score.text
            assert engine.process.pid is not None
            os.kill(engine.process.pid, signal.SIGKILL)
            await until(pilot, lambda: "a new one runs and repeats the explanation" in text_of(app))
            Holding.may_answer.set()
            await until(pilot, lambda: "cost " in app.explained.views.score.text)
            assert "score " in app.explained.views.score.text
            assert "Faithfulness" in app.explained.table.text
        server.shutdown()


async def test_an_engine_that_dies_twice_is_given_up_in_one_sentence(engine: Engine) -> None:
    seen: list[AnyEvent] = []
    async for event in engine.stream(asked(1, SLOW)):
        seen.append(event)
        if isinstance(event, Ranking) and engine.process.pid:
            os.kill(engine.process.pid, signal.SIGKILL)
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
