"""The server process that speaks each interface, one for all tests, and what asks it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.endpoints import served
from zsr_tui.scoring.endpoints.calling import Caller
from zsr_tui.scoring.endpoints.client import Client

_runs = count()


@dataclass
class Server:
    ports: list[int]

    def url(self, server: str, path: str = "", fault: str = "fine", model: str = "") -> str:
        """A base of its own, so that nothing that an earlier test learned is known of it."""
        base = f"http://127.0.0.1:{self.ports[0]}/{server}/{fault}/run{next(_runs)}"
        return base + path + (f"#{model}" if model else "")

    def asked(self, url: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._of_run("log", url)
        return found

    def let_go(self, url: str) -> None:
        self._of_run("go", url)

    def _of_run(self, what: str, url: str) -> Any:
        run = url.split("/run")[1].partition("/")[0].partition("#")[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[0]}/{what}/run{run}") as answer:
            return json.load(answer)

    def posted(self, url: str) -> list[dict[str, Any]]:
        return [request for request in self.asked(url) if request["method"] == "POST"]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    script = Path(__file__).with_name("endpoint_server.py")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Server([int(port) for port in process.stdout.readline().split()])
        process.kill()


@pytest.fixture(scope="module")
def service() -> Iterator[ScoringService]:
    service = ScoringService()
    yield service
    service.close()


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def call(naps: list[float]) -> Callable[..., Caller]:
    """Calls whose waiting takes no time, and is written down."""

    def caller(url: str, **how: Any) -> Caller:
        endpoint = served.find(url)
        return Caller(endpoint, Client(endpoint.address, sleep=naps.append), **how)

    return caller


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server counts as slow, however slow this machine is."""
    monkeypatch.setenv("ZSR_TUI_ENDPOINT_TIMEOUT", "3600")
