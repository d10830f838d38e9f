"""The process of a tab: the application over textual-serve's protocol."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("textual_serve", reason="the extra web is not installed")

from zsr_tui.web.tab import DRIVER


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
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, env=environment) as application:
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
        assert application.wait(60) == 0
