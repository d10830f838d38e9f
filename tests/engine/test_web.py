"""zsr-tui web as its user starts and ends it, in a real browser where there is one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.engine import browser
from tests.waiting import DEADLINE, killed_if_wrong, wait_for

pytest.importorskip("textual_serve", reason="the extra web is not installed")


def test_a_browser_shows_the_application_loads_nothing_from_elsewhere_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "zsr_tui.cli", "web", "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with killed_if_wrong(subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env=environment)) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        program = browser.find()
        if program is not None:
            with browser.browser(program, tmp_path / "profile") as page:
                seen_by(page, address, server.pid)
        left = psutil.Process(server.pid).children(recursive=True)
        assert any("zsr_tui.engine" in command_of(each) for each in left)
        server.send_signal(signal.SIGINT)
        assert server.wait(DEADLINE) == 130
        assert "Traceback" not in server.stderr.read()
    wait_for(lambda: not any(each.is_running() for each in left), "the end of all its processes")


def command_of(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):  # nor a zombie, which is one
        return " ".join(process.cmdline())
    return ""


def seen_by(page: browser.Page, address: str, server: int) -> None:
    page.call("Page.navigate", url=address)
    focused = "document.activeElement ? document.activeElement.className : ''"
    wait_for(lambda: "xterm-helper" in page.value(focused), "a terminal that has the keyboard")
    tab = [each for each in psutil.Process(server).children() if "web.application" in command_of(each)]
    assert len(tab) == 1
    page.call("Input.insertText", text="x")
    sent = "Network.webSocketFrameSent"
    wait_for(
        lambda: (
            page.value("1") and any('["stdin","x"]' in str(each) for each in page.events if each.get("method") == sent)
        ),
        "a key that reaches the application",
    )
    asked = page.requests()
    assert address in asked
    assert all(url.startswith(address) for url in asked), asked
    kinds = [each.get("entry", {}).get("source") for each in page.complaints()]
    assert not {"security", "network"} & set(kinds), page.complaints()
    page.value("window.copied = []; navigator.clipboard.writeText = async (text) => { copied.push(text); }; 0")
    message = "new MessageEvent('message', {data: JSON.stringify(['copy', 'a title'])})"
    page.value(f"new WebSocket(location.href.replace('http', 'ws') + 'nowhere').dispatchEvent({message})")
    assert page.value("copied.join()") == "a title"
