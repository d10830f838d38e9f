"""The private engine: it comes up at once, answers only its owner, and never outlives it."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.waiting import DEADLINE, wait_for
from zsr_tui.api.events import EngineLost
from zsr_tui.api.questions import FindDataset, ReadHealth
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.client import process
from zsr_tui.client.engine import Engine
from zsr_tui.client.process import EngineProcess
from zsr_tui.domain import Problem


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


async def test_it_answers_and_is_private() -> None:
    engine = Engine()
    await engine.start()
    try:
        health = await engine.call(ReadHealth())
        assert health.pid == engine.process.pid
        socket = engine.process.socket
        assert stat.S_IMODE(socket.stat().st_mode) == 0o600
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    finally:
        await engine.close()
    assert not psutil.pid_exists(health.pid)
    assert not socket.parent.exists()


async def test_starting_twice_keeps_the_engine() -> None:
    engine = Engine()
    try:
        await asyncio.gather(engine.start(), engine.start())
        first = (await engine.call(ReadHealth())).pid
        await engine.start()
        assert (await engine.call(ReadHealth())).pid == first
    finally:
        await engine.close()


async def test_a_dead_engine_is_replaced_when_it_is_asked(home: Path) -> None:
    engine = Engine()
    try:
        first = (await engine.call(ReadHealth())).pid
        os.kill(first, signal.SIGKILL)
        await engine.process.ended()
        second = (await engine.call(ReadHealth())).pid
        assert second != first
        assert f"engine {first} ended by SIGKILL\n" in (home / "log" / "engine.log").read_text()
    finally:
        await engine.close()


async def test_an_engine_that_cannot_come_up_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "ENGINE", ("/bin/false",))
    with pytest.raises(Problem) as failure:
        await EngineProcess().start()
    assert failure.value.message == "the engine could not be started: it ended with exit code 1 at once."
    (home / "log").mkdir(parents=True)
    (home / "log" / "engine.log").touch()
    with pytest.raises(Problem, match=rf"its log is at {home}/log/engine\.log\.$"):
        await EngineProcess().start()


async def test_one_that_is_killed_before_it_listens_is_started_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, starts = tmp_path / "program", tmp_path / "starts"
    program.write_text(f"#!/bin/sh\necho >>{starts}\nkill -9 $$\n")
    program.chmod(0o700)
    monkeypatch.setattr(process, "ENGINE", (str(program),))
    with pytest.raises(Problem, match="it ended by SIGKILL at once"):
        await EngineProcess().start()
    assert starts.read_text() == "\n\n"


async def test_where_no_log_can_be_made_the_engine_runs_and_none_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "TOLD_LIMIT", DEADLINE)
    home.mkdir()
    (home / "log").write_text("a file where the folder should be")
    engine = Engine()
    try:
        await engine.call(ReadHealth())
        with pytest.raises(Problem) as failure:
            await engine.call(FindDataset(name="caf\udce9"))
        assert failure.value.message.startswith("'caf\\xe9' is not UTF-8 text")
        lost = [event async for event in killed_at_once(engine)]
        assert [(event.restarted, event.see_log, event.how) for event in lost] == [(True, "", " (ended by SIGKILL)")]
    finally:
        await engine.close()
    with pytest.raises(Problem, match="has been ended"):  # nothing starts one that nobody ends
        await engine.start()


async def killed_at_once(engine: Engine) -> AsyncIterator[EngineLost]:
    assert engine.process.pid is not None
    os.kill(engine.process.pid, signal.SIGKILL)
    async for event in engine.stream(PrepareRequest(id="1", dataset="no/such")):
        if isinstance(event, EngineLost):
            yield event


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_no_orphan_is_left_when_its_owner_is_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import asyncio\n"
            "from zsr_tui.api.questions import ReadHealth\n"
            "from zsr_tui.client.engine import Engine\n"
            "async def main():\n"
            "    engine = Engine()\n"
            "    print((await engine.call(ReadHealth())).pid, engine.process.socket, flush=True)\n"
            "    await asyncio.Event().wait()\n"
            "asyncio.run(main())\n",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    number, _, name = owner.stdout.readline().strip().partition(" ")
    engine, socket = int(number), Path(name)
    assert psutil.pid_exists(engine)
    assert socket.exists()
    owner.kill()
    owner.wait()
    wait_for(lambda: not alive(engine), "the engine does not outlive its owner")
    assert not socket.parent.exists()


async def test_an_engine_that_is_asked_to_end_leaves_no_folder() -> None:
    engine = Engine()
    try:
        pid = (await engine.call(ReadHealth())).pid
        folder = engine.process.socket.parent
        os.kill(pid, signal.SIGTERM)
        await asyncio.to_thread(wait_for, lambda: not folder.exists())
    finally:
        await engine.close()


def test_a_folder_that_is_not_its_own_stays(tmp_path: Path) -> None:
    socket = tmp_path / "mine" / "engine.sock"
    socket.parent.mkdir()
    command = [sys.executable, "-m", "zsr_tui.engine", "--socket", str(socket), "--log", str(tmp_path / "log")]
    subprocess.run(command, input=b"", timeout=600, check=True)
    assert socket.parent.exists()
