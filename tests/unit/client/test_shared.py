"""One engine that several processes attach to, with a stand-in for the engine's process."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import psutil
import pytest

from zsr_tui.client import attached, process
from zsr_tui.client.attached import AttachedProcess
from zsr_tui.client.shared import SharedEngine
from zsr_tui.domain import Problem

# Listens, as the engine does, until its standard input ends.
LISTENER = """
import os, socket, sys
os.umask(0o177)
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[sys.argv.index("--socket") + 1])
listener.listen()
assert "--private" not in sys.argv
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.setattr(process, "ENGINE", (sys.executable, "-c", LISTENER))


async def test_it_is_started_again_at_the_same_place_and_ends_with_whoever_made_it() -> None:
    engine = SharedEngine()
    await engine.start()
    first, socket = engine.pid, engine.socket
    assert first is not None
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    client = AttachedProcess(socket)
    assert not client.alive
    await client.start()
    assert client.alive
    os.kill(first, signal.SIGKILL)
    await client.stop()  # as a client does whose connection breaks
    assert not client.alive
    await client.start()
    while engine.pid in (None, first):
        await asyncio.sleep(0.01)
    second = engine.pid
    assert engine.socket == socket
    await client.stop()
    assert psutil.pid_exists(second)  # a client that leaves ends nothing
    await engine.close()
    assert not psutil.pid_exists(second)
    assert not socket.parent.exists()


async def test_where_nobody_listens_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "START_LIMIT", 0.0)
    client = AttachedProcess(tmp_path / "engine.sock")
    with pytest.raises(Problem, match=r"that others share \(.*engine\.sock\) does not answer: start zsr-tui web"):
        await client.start()
    assert not client.alive
