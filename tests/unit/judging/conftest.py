"""The server process that judges, one for all tests of this folder."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class JudgeServer:
    url: str

    def asked(self, text: str) -> list[dict[str, Any]]:
        """The requests whose passage holds this text."""
        with urllib.request.urlopen(f"{self.url.removesuffix('/v1')}/log") as answer:
            log: list[dict[str, Any]] = json.load(answer)
        return [each for each in log if text in each["body"]["messages"][-1]["content"]]


@pytest.fixture(scope="session")
def judge_server() -> Iterator[JudgeServer]:
    script = Path(__file__).with_name("judge_server.py")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield JudgeServer(f"http://127.0.0.1:{int(process.stdout.readline())}/v1")
        process.kill()
