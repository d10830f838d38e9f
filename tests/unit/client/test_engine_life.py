"""An engine that dies is found dead by several at once: by a stream, by calls, and by who starts the next one."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from zsr_tui.api.events import EngineLost, Failed, SearchFinished, StageProgress, encode
from zsr_tui.api.questions import ReadHealth
from zsr_tui.api.requests import Health, SearchRequest
from zsr_tui.client.engine import Engine
from zsr_tui.client.route import Route
from zsr_tui.domain import Problem

KILLS = 12  # benchmarks/engine_kills.py kills real engines, as often as wanted


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))  # in which there is no log


class Process:
    """`stopping` is set while an engine is being ended, which takes until `go`."""

    def __init__(self, folder: Path) -> None:
        self.route = Route(folder / "engine.sock")
        self.alive, self.started = False, 0
        self.stopping, self.go = asyncio.Event(), asyncio.Event()

    async def start(self) -> None:
        self.alive, self.started = True, self.started + 1

    async def stop(self) -> None:
        self.stopping.set()
        await self.go.wait()
        self.alive = False


async def test_a_new_engine_waits_for_the_end_of_the_dead_one_and_is_not_taken_for_it(tmp_path: Path) -> None:
    engine = Engine()
    engine.process = process = Process(tmp_path)  # type: ignore[assignment]
    dead = await engine._connection()
    first = asyncio.create_task(engine._bury(dead))
    await process.stopping.wait()
    second, new = asyncio.create_task(engine._bury(dead)), asyncio.create_task(engine._connection())
    await asyncio.sleep(0)
    assert process.started == 1
    process.go.set()
    assert await asyncio.gather(first, second) == [True, False]  # found dead once, and told once
    assert await new is not dead
    assert (process.alive, process.started) == (True, 2)
    assert not await engine._bury(dead)
    assert process.alive
    await engine.close()


def chunk(data: bytes) -> bytes:
    """As HTTP has it; an empty one is the end."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


class ServedProcess:
    """An engine inside this process: it answers over a real socket, a line a turn, and can be killed at any moment."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.started, self.alive = folder, 0, False
        self.used: set[int] = set()  # engines that somebody has asked something
        self.stopping, self.refused = False, asyncio.Event()  # whether it answers that it is being stopped, and has
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    log = ""
    private = True
    waits_s = 0.0

    @property
    def socket(self) -> Path:
        return self._folder / f"{self.started}.sock"

    @property
    def route(self) -> Route:
        return Route(self.socket)

    async def start(self) -> None:
        assert not self.alive, "two engines at once"
        self.started += 1
        self._server = await asyncio.start_unix_server(self._answer, self.socket)
        self.alive = True

    def kill(self) -> None:
        self.alive = False
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self.socket.unlink(missing_ok=True)

    async def stop(self) -> None:
        self.kill()
        await asyncio.sleep(0)  # as the end of a process takes its time

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError):  # killed, or the other side has gone
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(re.findall(r"content-length: (\d+)", head.lower())[0])
            asked = msgspec.json.decode(await reader.readexactly(length))
            self.used.add(self.started)
            if self.stopping:
                writer.write(
                    b"HTTP/1.1 503 Stopping\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\n{}"
                )
                await writer.drain()
                self.refused.set()
                return
            writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n")
            if head.startswith("POST /search"):
                for _ in range(5):
                    writer.write(chunk(encode(StageProgress(request=asked["id"], system=0, stage="at work"))))
                    await writer.drain()
                    await asyncio.sleep(0)
                writer.write(chunk(encode(SearchFinished(request=asked["id"], elapsed_ms=1))))
            else:
                writer.write(chunk(msgspec.json.encode(Health(version="1", pid=1, uptime_s=1.0))))
            writer.write(chunk(b""))
            await writer.drain()
        self._writers.discard(writer)
        writer.close()


async def test_an_engine_that_is_killed_at_any_moment_under_a_typing_user_is_told_and_replaced(tmp_path: Path) -> None:
    """Of the streams that the user reads to their end each ends as promised; what nobody could read is counted."""
    rnd, engine, ends, told = random.Random(7), Engine(), Counter[type](), 0
    engine.process = process = ServedProcess(tmp_path)  # type: ignore[assignment]

    async def search(number: int) -> None:
        nonlocal told
        request = SearchRequest(id=str(number), dataset="demo", systems=("bm25",), query="x", pane="p")
        async for event in engine.stream(request):
            told += isinstance(event, EngineLost)
            last = event
        ends[type(last)] += 1
        if isinstance(last, Failed):
            assert last.problem.message == "the engine stopped twice over this request."

    async def look() -> None:
        with suppress(Problem):  # killed twice
            assert (await engine.call(ReadHealth())).pid == 1

    typed: asyncio.Task[None] | None = None
    looks: list[asyncio.Task[None]] = []
    for number in range(KILLS):
        if typed is not None and rnd.random() < 0.5:
            typed.cancel()  # a new query replaces the old one
        elif typed is not None:
            await typed
        typed = asyncio.create_task(search(number))
        looks.append(asyncio.create_task(look()))
        for _ in range(rnd.randrange(60)):
            await asyncio.sleep(0)
        process.kill()
    await asyncio.gather(*looks)
    assert typed is not None
    await typed
    await look()
    assert process.alive
    assert set(ends) <= {SearchFinished, Failed}
    assert ends[SearchFinished] >= KILLS // 4
    assert told + engine.restarts >= len(process.used) - 1  # each that died has been spoken of
    await engine.close()
    assert not process.alive


@pytest.mark.parametrize(
    ("private", "kills", "end"),
    [
        pytest.param(True, 1, "", id="ours, stopped once"),
        pytest.param(True, 2, "the engine stopped twice over this request.", id="ours, stopped twice"),
        pytest.param(False, 3, "", id="one that others share, restarted three times"),
        pytest.param(
            False, 4, "the engine stopped four times over this request.", id="one that others share, too often"
        ),
    ],
)
async def test_a_request_is_repeated_more_often_where_others_stop_and_start_the_engine(
    tmp_path: Path, private: bool, kills: int, end: str
) -> None:
    engine = Engine()
    engine.process = process = ServedProcess(tmp_path)  # type: ignore[assignment]
    process.private = private
    request, again = SearchRequest(id="1", dataset="demo", systems=("bm25",), query="x", pane="p"), []
    async for event in engine.stream(request):
        if isinstance(event, StageProgress) and process.started <= kills:
            process.kill()
        if isinstance(event, EngineLost):
            again.append(event.restarted)
        last = event
    assert (last.problem.message if isinstance(last, Failed) else "") == end
    assert again == [True] * (kills - bool(end)) + [False] * bool(end)
    await engine.close()


@pytest.mark.parametrize("streams", [True, False], ids=["a stream", "a question"])
async def test_what_waits_for_an_engine_that_is_being_stopped_goes_on_with_the_next_one(
    tmp_path: Path, streams: bool
) -> None:
    """Though another request finds the engine's end first and closes the connection."""
    engine = Engine()
    engine.process = process = ServedProcess(tmp_path)  # type: ignore[assignment]
    process.private, process.stopping = False, True

    async def ask() -> object:
        if not streams:
            return (await engine.call(ReadHealth())).pid
        request = SearchRequest(id="1", dataset="demo", systems=("bm25",), query="x", pane="p")
        return [type(event) async for event in engine.stream(request)][-1]

    waiting = asyncio.create_task(ask())
    await process.refused.wait()
    await asyncio.sleep(0.1)  # it has read that, and waits to ask again; it is right without this, too
    process.kill()
    process.stopping = False
    assert engine._http is not None
    await engine._bury(engine._http)
    assert await waiting == (SearchFinished if streams else 1)
    await engine.close()
