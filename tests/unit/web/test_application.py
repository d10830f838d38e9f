"""The process of a tab: the application over textual-serve's protocol."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("textual_serve", reason="the extra web is not installed")

from textual.drivers.web_driver import WebDriver

from tests.waiting import DEADLINE, killed_if_wrong
from zsr_tui.web.driver import TabDriver
from zsr_tui.web.tab import DRIVER, Tab


def test_what_is_copied_goes_to_the_page_and_not_to_its_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []
    monkeypatch.setattr(TabDriver, "write_meta", lambda _, said: written.append(said))
    monkeypatch.setattr(WebDriver, "write", lambda _, data: written.append(data))
    driver = object.__new__(TabDriver)
    driver.write("\x1b[1mbold\x1b]52;c;w6kgbGE=\x07text")
    driver.write("\x1b]52;c;eA==\x07")
    driver.write("more")
    assert written == [
        {"type": "copy", "text": "é la"}, "\x1b[1mboldtext", {"type": "copy", "text": "x"}, "more"
    ]  # fmt: skip


async def test_a_tab_hands_it_on_to_the_page() -> None:
    sent: list[Any] = []

    async def send(text: str) -> None:
        sent.append(json.loads(text))

    tab = Tab(Path("x"), write_bytes=send, write_str=send, close=send, download_manager=None)
    await tab.on_meta(b'{"type": "copy", "text": "x"}')
    await tab.on_meta(b'{"type": "open_url", "url": "u", "new_tab": true}')
    assert sent == [["copy", "x"], ["open_url", {"url": "u", "new_tab": True}]]


def test_it_paints_before_the_engine_is_there_and_ends_where_the_server_has_gone(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "zsr_tui.web.application", str(tmp_path / "engine.sock")]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "TEXTUAL_DRIVER": DRIVER,
        "COLUMNS": "100",
        "ROWS": "30",
        "ZSR_TUI_HOME": str(tmp_path),
    }
    with killed_if_wrong(subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, env=environment)) as application:
        assert application.stdin is not None
        assert application.stdout is not None
        seen = b""
        while b"type a query" not in seen:
            more = os.read(application.stdout.fileno(), 1 << 16)
            assert more, seen
            seen += more
        assert seen.startswith(b"__GANGLION__\n")
        application.stdin.close()  # as the kernel does with a server that is killed
        while os.read(application.stdout.fileno(), 1 << 16):
            continue
        assert application.stderr is not None
        assert application.stderr.read() == b""
        assert application.wait(DEADLINE) == 0


@pytest.mark.parametrize(
    "engine", [Path("engine.sock"), None], ids=["the server's engine", "the engine that is chosen"]
)
async def test_a_tab_is_told_which_engine_it_asks(engine: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, ...]] = []

    async def start(*words: str, **_: Any) -> SimpleNamespace:
        started.append(words)
        return SimpleNamespace(stdin=None)

    monkeypatch.setattr("zsr_tui.web.tab.asyncio.create_subprocess_exec", start)
    await Tab(engine, write_bytes=None, write_str=None, close=None, download_manager=None)._open_app_process()
    assert started[0][3:] == ("zsr_tui.web.application", *([str(engine)] if engine else []))
