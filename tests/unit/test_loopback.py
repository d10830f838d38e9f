"""The engine on a port: who does not know the key hears nothing, and what listens there without it is not asked."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from zsr_tui import loopback, machine
from zsr_tui.client import places
from zsr_tui.client.route import Route
from zsr_tui.engine.connection import proven

ASKED = b"GET /health HTTP/1.1\r\nhost: engine\r\nuser-agent: somebody else\r\naccept: */*\r\n\r\n"


async def answering(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


@pytest.fixture(autouse=True)
def _without_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "UNIX_SOCKETS", False)


@asynccontextmanager
async def engine(place: Path) -> AsyncIterator[loopback.Port]:
    listener, key = loopback.listen(place)
    config = uvicorn.Config(answering, log_config=None, lifespan="off", ws="none")
    config.http = proven(key)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    yield loopback.port_at(place)  # who connects before it has started waits
    server.should_exit = True
    await running


async def said(port: int, *lines: bytes) -> bytes:
    """What comes back until the other end closes."""
    reader, writer = await asyncio.open_connection(loopback.HOST, port)
    for line in lines:
        writer.write(line)
        await writer.drain()
    found = await reader.read()
    writer.close()
    return found


async def test_whoever_has_the_file_is_answered_on_every_connection_and_nobody_else_is(tmp_path: Path) -> None:
    place = tmp_path / "engine.port"
    async with engine(place) as port:
        assert os.name == "nt" or stat.S_IMODE(place.stat().st_mode) == 0o600
        assert places.accepts(place)
        async with Route(socket=place).http() as http:
            answers = await asyncio.gather(*(http.get(f"/{number}") for number in range(5)))
            assert [each.text for each in answers] == [f"/{number}" for number in range(5)]
            assert (await http.post("/again", content=b"x" * 100_000)).text == "/again"
        for lines in ((ASKED,), (b"zsr-tui " + b"0" * 64 + b"\n", b"0" * 64 + b"\n" + ASKED), (b"\0" * 300,)):
            came = await said(port.number, *lines)
            assert b"HTTP" not in came
            assert port.key not in came
        client = loopback.Client(loopback.Port(port.number, b"f" * 64))
        _, writer = await asyncio.open_connection(loopback.HOST, port.number)
        writer.write(client.first)
        writer.close()
    assert not places.accepts(place)
    assert port.key.decode() not in repr(port)


async def test_what_listens_at_the_port_without_the_key_gets_no_question(tmp_path: Path) -> None:
    heard, done = list[bytes](), asyncio.Event()

    async def impostor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(4096))
        writer.write(b"0" * 64 + b" " + b"1" * 64 + b"\n")  # as an engine answers, with a proof of nothing
        heard.append(await reader.read())
        writer.close()
        done.set()

    server = await asyncio.start_server(impostor, loopback.HOST, 0)
    number = server.sockets[0].getsockname()[1]
    place = tmp_path / "engine.port"
    place.write_bytes(b"%d %s\n" % (number, b"a" * 64))
    async with Route(socket=place).http() as http:
        with pytest.raises(httpx.ConnectError, match="is not the engine"):
            await http.post("/call/X", content=b"a secret query")
    await done.wait()
    server.close()
    assert len(heard[0]) == loopback.ASKED
    assert heard[1] == b""
    assert b"a" * 64 not in heard[0]


@pytest.mark.parametrize(
    "written",
    [b"", b"x", b"80", b"-1 " + b"a" * 64, b"80 abc"],
    ids=["empty", "letters", "no key", "negative", "half a key"],
)
async def test_a_file_that_names_no_port_is_no_engine(tmp_path: Path, written: bytes) -> None:
    place = tmp_path / "engine.port"
    place.write_bytes(written)
    assert not places.accepts(place)
    async with Route(socket=place).http() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get("/")


def test_a_proof_counts_once_and_for_one_end() -> None:
    port = loopback.Port(1, b"k" * 64)
    client, server = loopback.Client(port), loopback.Engine(port.key)
    answer, rest = server.received(client.first[:30])
    assert (answer, rest) == (b"", None)  # it comes in pieces
    answer, rest = server.received(client.first[30:])
    proof = client.second(answer)
    assert server.received(proof + ASKED) == (b"", ASKED)
    again = loopback.Engine(port.key)
    again.received(client.first)
    with pytest.raises(loopback.NotProven):
        again.received(proof)
    with pytest.raises(loopback.NotProven):
        loopback.Client(port).second(answer)
    theirs, _, mac = answer.rstrip().partition(b" ")
    reflected = loopback.Engine(port.key)
    reflected.received(b"zsr-tui " + theirs + b"\n")
    with pytest.raises(loopback.NotProven):
        reflected.received(mac + b"\n")


def test_nobody_else_can_listen_where_the_engine_does(tmp_path: Path) -> None:
    listener, _ = loopback.listen(tmp_path / "engine.port")
    assert listener.getsockname()[0] == "127.0.0.1"
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(listener.getsockname())
    listener.close()
