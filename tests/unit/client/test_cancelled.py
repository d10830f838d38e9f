from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from zsr_tui.client.engine import Engine
from zsr_tui.client.route import Route


class Running:
    """A process of an engine that nobody asks."""

    private, pid, log, waits_s = True, None, "", 0.0
    route = Route(socket=Path("unused"))
    alive = False

    async def start(self) -> None:
        self.alive = True

    async def stop(self) -> None:
        self.alive = False


def test_what_is_cancelled_while_the_engine_sends_leaves_no_traceback(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def work() -> None:
        engine = Engine(Running())
        await engine.start()
        loop = asyncio.get_running_loop()
        ours, engines = socket.socketpair()
        waiting: asyncio.Future[None] = loop.create_future()
        loop.add_reader(ours, waiting.set_result, None)  # as anyio waits for a Unix socket
        engines.send(b"bytes")
        waiting.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        loop.remove_reader(ours)
        loop.call_soon(int, "a bug of ours")
        await asyncio.sleep(0)
        ours.close()
        engines.close()
        await engine.close()

    asyncio.run(work())
    assert "InvalidState" not in caplog.text + capfd.readouterr().err
    assert "a bug of ours" in caplog.text


def test_a_loop_that_has_its_own_handler_keeps_it() -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        engine = Engine(Running())
        await engine.start()
        loop.call_soon(int, "a bug of ours")
        await asyncio.sleep(0)
        await engine.close()

    told: list[Exception] = []
    asyncio.run(work())
    assert len(told) == 1
