"""An engine behind ssh, with a stand-in for ssh that forwards on this machine."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.serving import serving
from zsr_tui.api.questions import ReadHealth
from zsr_tui.caller import Bounds
from zsr_tui.client.choosing import chosen_engine
from zsr_tui.domain import Problem
from zsr_tui.engine.serving import listening
from zsr_tui.engine.serving.door import by_user


@pytest.fixture(autouse=True)
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    stand_in = tmp_path / "ssh"
    stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("ssh_stand_in.py")} "$@"\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZSR_TUI_ENGINE", "ssh://anna@gpu-box:2222")
    with tempfile.TemporaryDirectory(prefix="run-", dir="/tmp") as place:  # the path of a socket is short
        monkeypatch.setenv("XDG_RUNTIME_DIR", place)
        yield


async def test_the_engine_is_found_where_it_usually_listens_and_found_again_when_ssh_ends() -> None:
    listener, _ = listening.open_unix(None, 0o600)
    with serving(listener, by_user(Bounds())):
        engine = chosen_engine()
        assert (await engine.call(ReadHealth())).pid == os.getpid()
        first = engine.process.pid
        assert first is not None
        psutil.Process(first).kill()
        assert (await engine.call(ReadHealth())).pid == os.getpid()
        second, place = engine.process.pid, engine.process.route.socket
        assert second not in (None, first)
        assert place is not None
        await engine.close()
    assert not psutil.pid_exists(second)
    assert not place.parent.exists()


async def test_what_ssh_says_is_told_in_a_sentence_and_so_is_that_no_engine_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Problem, match=r"no engine listens at .*/zsr-tui/engine\.sock of anna@gpu-box: start it there"):
        await chosen_engine().start()
    monkeypatch.setenv("SSH_STAND_IN", "banner\nanna@gpu-box: Permission denied \x1b[31m(publickey).")
    with pytest.raises(
        Problem, match=r"failed \(anna@gpu-box: Permission denied .*\(publickey\)\): ssh anna@gpu-box must"
    ):
        await chosen_engine().start()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Problem, match="ssh cannot be started: No such file"):
        await chosen_engine().start()
