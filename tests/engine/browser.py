"""Chromium without a window, driven through its debugging pipe: enough to open a file and look at it."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome", "headless_shell")


def find() -> str | None:
    """The browser named by ZSR_TUI_CHROMIUM, or one on the PATH."""
    named = os.environ.get("ZSR_TUI_CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Ended(Exception):
    """The browser, by itself; with what it said."""


class Page:
    """One tab. Every event that the browser reports is kept in `events`; `said` is where it writes its complaints."""

    def __init__(self, commands: int, answers: int, said: Path) -> None:
        self._commands, self._answers, self._said = commands, answers, said
        self._number = 0
        self._buffer = b""
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        os.close(self._commands)
        os.close(self._answers)

    def attach(self) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        try:
            os.write(self._commands, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise Ended(self._said.read_text(errors="replace")[-2000:]) from None
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def open(self, path: Path) -> None:
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives in the page (the debugger may ask, whether scripts are allowed or not)."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def requests(self) -> list[str]:
        return [event["params"]["request"]["url"] for event in self._of("Network.requestWillBeSent")]

    def complaints(self) -> list[dict[str, Any]]:
        """Console messages, log entries, and scripts that failed."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event["params"] for kind in kinds for event in self._of(kind)]

    def screenshot(self, path: Path) -> None:
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def _of(self, method: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("method") == method]

    def _read(self) -> dict[str, Any]:
        deadline = time.monotonic() + 600
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "the browser does not answer"
            if not (more := os.read(self._answers, 1 << 20)):
                raise Ended(self._said.read_text(errors="replace")[-2000:])
            self._buffer += more
        message, self._buffer = self._buffer.split(b"\0", 1)
        answer = json.loads(message)
        assert isinstance(answer, dict)
        return answer


# The browser reads commands from descriptor 3 and writes answers to 4, either of which the other may be at first.
_WITH_PIPES = """
import os, sys
os.dup2(int(sys.argv[1]), 50)
os.dup2(int(sys.argv[2]), 51)
os.dup2(50, 3)
os.dup2(51, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


@contextmanager
def browser(program: str, profile: Path) -> Iterator[Page]:
    """A browser with one empty tab; it ends with the block. One that ends by itself before it has a tab, as Chromium
    was seen to do on a busy machine, is started once more."""
    process, page = _started(program, profile)
    try:
        try:
            page.attach()
        except Ended:
            _end(process, page)
            process, page = _started(program, profile)
            page.attach()
        yield page
    finally:
        _end(process, page)


def _started(program: str, profile: Path) -> tuple[subprocess.Popen[bytes], Page]:
    read_commands, commands = os.pipe()
    answers, write_answers = os.pipe()
    flags = "--headless --remote-debugging-pipe --no-first-run --disable-gpu --hide-scrollbars".split()
    flags.append("--disable-dev-shm-usage")  # containers have little of it
    flags.append(f"--user-data-dir={profile}")
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses root without it
    said = profile.with_name(f"{profile.name}.txt")
    with said.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", _WITH_PIPES, str(read_commands), str(write_answers), program, *flags],
            pass_fds=(read_commands, write_answers),
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    os.close(read_commands)
    os.close(write_answers)
    return process, Page(commands, answers, said)


def _end(process: subprocess.Popen[bytes], page: Page) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    page.close()
