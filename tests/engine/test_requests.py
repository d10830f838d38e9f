"""Requests of clients that mean no good, or wait for something: everybody else is answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path

import httpx
import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette

from tests.waiting import DEADLINE
from zsr_tui import machine
from zsr_tui.api.events import SearchFinished
from zsr_tui.api.questions import FindDataset, ReadHealth, ReadStatus
from zsr_tui.api.requests import EvaluateRequest, Health, PrepareRequest, Request, SearchRequest
from zsr_tui.domain import Problem
from zsr_tui.engine import answers, bodies, connection
from zsr_tui.engine.connection import Connection
from zsr_tui.engine.library import Library
from zsr_tui.engine.stream import Emit, Streams
from zsr_tui.engine.threads import Threads
from zsr_tui.progress import CancelToken


class Engine:
    """Made-up work behind the real routes: what is told to wait does, until it is let go."""

    def __init__(self) -> None:
        self.let_go, self.waiting = threading.Event(), threading.Semaphore(0)
        questions: answers.Answers = {
            ReadHealth: lambda _: Health(version="1", pid=1, uptime_s=0.0),
            ReadStatus: lambda _: "idle",
            FindDataset: lambda asked: self._wait(asked.name),
        }
        streams = Streams(dict.fromkeys((SearchRequest, PrepareRequest, EvaluateRequest), self._work))
        self.app = Starlette(routes=[*answers.routes(questions), *streams.routes()])
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app), base_url="http://engine", timeout=DEADLINE
        )

    def _wait(self, name: str) -> str:
        if name == "waits":
            self.waiting.release()
            self.let_go.wait()
        return name

    def _work(self, request: Request, emit: Emit, cancel: CancelToken) -> None:
        self._wait(request.dataset)
        emit(SearchFinished(request=request.id, elapsed_ms=0.0))

    def ask(self, path: str, count: int, **asked: object) -> list[asyncio.Task[httpx.Response]]:
        """The requests, when every one of them waits."""
        return [asyncio.create_task(self.http.post(path, json=asked)) for _ in range(count)]

    async def all_wait(self, count: int) -> None:
        for _ in range(count):
            await asyncio.to_thread(self.waiting.acquire)


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    yield engine
    engine.let_go.set()
    await engine.http.aclose()


HELD_UP = {
    "preparations": ("/prepare", {"id": "p", "dataset": "waits"}),
    "questions": ("/call/FindDataset", {"name": "waits"}),
    "evaluations": ("/evaluate", {"id": "e", "dataset": "waits", "systems": []}),
}


@pytest.mark.parametrize("kind", HELD_UP)
async def test_what_waits_holds_up_neither_the_status_nor_a_search(engine: Engine, kind: str) -> None:
    path, asked = HELD_UP[kind]
    waiting = engine.ask(path, 64, **asked)
    await engine.all_wait(64)
    for vital in ("/status", "/health"):
        assert (await engine.http.get(vital)).status_code == 200
    search = await engine.http.post("/search", json={"id": "s", "dataset": "d", "systems": []})
    assert "search_finished" in search.text
    more = await engine.http.post(path, json=asked)
    assert more.status_code == 503
    assert f"64 {kind}" in more.json()["message"]
    engine.let_go.set()
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
    assert (await engine.http.post(path, json={**asked, **dict.fromkeys(("name", "dataset"), "d")})).status_code != 503


def test_work_that_finds_no_thread_runs_where_it_is_asked_for() -> None:
    threads, let_go = Threads("systems", 1), threading.Event()
    first = threads.submit(let_go.wait)
    assert threads.submit_or_run(threading.get_ident).result() == threading.get_ident()
    failed: Future[float] = threads.submit_or_run(lambda: 1 / 0)
    assert isinstance(failed.exception(), ZeroDivisionError)
    let_go.set()
    assert first.result()


def test_a_corpus_that_takes_long_to_open_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    library, let_go, opening = Library(), threading.Event(), threading.Event()

    class Made:
        id = collection = "made"

    def opened(name: str) -> Made:
        if name == "slow":
            opening.set()
            let_go.wait()
        return Made()

    monkeypatch.setattr("zsr_tui.corpora.open_corpus", opened)
    monkeypatch.setattr("zsr_tui.corpora.normalise", str)
    slow = threading.Thread(target=library.corpus, args=("slow",))
    slow.start()
    assert opening.wait(DEADLINE)
    assert library.corpus("quick").id == "made"
    assert library.scoring.status() == ()
    let_go.set()
    slow.join(DEADLINE)
    library.scoring.close()


BODIES = {
    "no JSON": b"{",
    "bytes that are not UTF-8": b'{"name":"\xff"}',
    "a NUL": rb'{"name":"demo\u0000"}',
    "half a surrogate": rb'{"name":"\ud800"}',
    "deep nesting": b'{"name":"demo","z":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "another type": b'{"name":[]}',
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", ["/call/FindDataset", "/search"])
async def test_a_body_that_cannot_be_read_is_400_and_one_sentence(engine: Engine, path: str, body: str) -> None:
    answer = await engine.http.post(path, content=BODIES[body])
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("the request is not understood: ")
    assert "\n" not in answer.json()["message"]


def test_texts_of_documents_may_hold_a_nul() -> None:
    class Asked(msgspec.Struct):
        model: str
        documents: list[str]

    body = rb'{"model":"m","documents":["a\u0000b"]}'
    assert bodies.decoded(body, Asked, ("documents",)).documents == ["a\0b"]
    with pytest.raises(Problem, match="NUL"):
        bodies.decoded(body, Asked, ("model",))
    assert bodies.decoded(rb'{"model":"a\\u0000","documents":[]}', Asked).model == r"a\u0000"


@pytest.mark.parametrize("path", ["/call/FindDataset", "/search", "/evaluate"])
@pytest.mark.parametrize("told", [True, False], ids=["with its length", "in pieces"])
async def test_a_large_body_is_refused_before_it_is_held(engine: Engine, path: str, told: bool) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1
            yield b" " * (1 << 20)

    headers = {"content-length": str(64 << 20)} if told else {}
    answer = await engine.http.post(path, content=pieces(), headers=headers)
    assert answer.status_code == 413
    assert "larger than 16 MiB" in answer.json()["message"]
    assert sent == (0 if told else 17)


def test_bodies_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "TOGETHER", 10)
    reading = bodies.Reading()
    with reading.body(8) as first, reading.body(8) as second:
        first.add(b"123456")
        with pytest.raises(bodies.Refused, match="too many large requests") as refused:
            second.add(b"12345")
        assert refused.value.status == 503
    with reading.body(8) as third:  # what was held is given back
        third.add(b"12345678")


@pytest.fixture
async def served(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path | int]:
    """The engine on a socket, where there is none on a port."""
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    uds = "s" if machine.UNIX_SOCKETS else None
    config = uvicorn.Config(
        engine.app, uds=uds, port=0, log_config=None, access_log=False, lifespan="off", ws="none", http=Connection
    )
    server = uvicorn.Server(config)
    monkeypatch.setattr(server, "capture_signals", nullcontext)
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():
        await asyncio.sleep(0)
    yield Path(uds) if uds else server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
    await task


async def connected(served: Path | int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(served, Path):
        return await asyncio.open_unix_connection(served)
    return await asyncio.open_connection("127.0.0.1", served)


POST = b"POST /search HTTP/1.1\r\nHost: e\r\nContent-Length: 1000\r\n\r\n{"
GET = b"GET /health HTTP/1.1\r\nHost: e\r\n"
LARGE = b"POST /search HTTP/1.1\r\nHost: e\r\nContent-Length: 99999999\r\n\r\n{"
HALF = {  # what is sent, and the beginnings of the answers to it
    "nothing": (b"", []),
    "half a head": (GET, []),
    "half a body": (POST, []),
    "half a request behind a whole one": (GET + b"\r\n" + POST, [b"200 OK"]),
    "half of what is refused": (LARGE, [b"413 "]),
    "a large head": (GET + b"X: " + b"a" * 100_000, [b"400 "]),
    "a head that does not end": (GET + b"X: " + b"a" * 20_000_000, [b"400 "]),
    "no HTTP": (b"\x16\x03\x01\x02" * 100, [b"400 "]),
    "a body that is none": (GET.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", [b"400 "]),
    "no HTTP behind a whole request": (GET + b"\r\n" + b"\x16\x03\x01\x02" * 100, [b"200 OK", b"400 "]),
}


@pytest.mark.parametrize("half", HALF)
async def test_half_a_request_is_given_up(served: Path | int, half: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, answered = HALF[half]
    patience = 1.0 if answered else 0.05  # what is answered has to come before it is given up
    if half == "a head that does not end":  # it is taken to its end, which this test gives it
        patience = DEADLINE
    monkeypatch.setattr(connection, "PATIENCE_S", patience)
    reader, writer = await connected(served)
    writer.write(sent)
    answer = await asyncio.wait_for(reader.read(), DEADLINE)  # to the end: the engine closes the connection
    found = answer.split(b"HTTP/1.1 ")[1:]
    assert len(found) == len(answered)
    assert all(one.startswith(said) for one, said in zip(found, answered, strict=True))
    writer.close()


async def test_a_request_that_comes_in_pieces_is_waited_for(served: Path | int) -> None:
    body = b'{"id": "s", "dataset": "d", "systems": []' + b" " * 20_000 + b"}"
    reader, writer = await connected(served)
    head = f"POST /search HTTP/1.1\r\nHost: e\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    for piece in (head.encode(), body[:10_000], body[10_000:]):
        writer.write(piece)
        await asyncio.sleep(0)
    assert b"search_finished" in await asyncio.wait_for(reader.read(), DEADLINE)
    writer.close()


async def test_a_connection_is_used_again(served: Path | int) -> None:
    at = {"uds": str(served)} if isinstance(served, Path) else {}
    address = "http://e" if at else f"http://127.0.0.1:{served}"
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(**at), base_url=address, timeout=DEADLINE) as http:
        for _ in range(3):
            assert (await http.get("/health")).status_code == 200
