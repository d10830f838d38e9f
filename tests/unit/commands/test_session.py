from __future__ import annotations

import asyncio
import socket

import pytest

from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.session import with_engine


def test_an_interrupt_while_the_engine_sends_leaves_no_traceback(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def work(_engine: EngineApi) -> None:
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

    with_engine(work)
    assert "InvalidState" not in caplog.text + capfd.readouterr().err
    assert "a bug of ours" in caplog.text
