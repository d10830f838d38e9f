"""The real program in a real terminal: from its launch to an opened document, and to its end."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import sys
from pathlib import Path

import psutil
import pytest

from benchmarks.terminal import Terminal
from tests.waiting import DEADLINE, wait_for

QUERY = "what is sugar syrup cooked to 118 °C used for"
ANSWER = "Whipped whites set with syrup"


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40)])
def test_from_launch_to_an_opened_document(columns: int, lines: int, tmp_path: Path) -> None:
    # settings of its own (what was chosen last), the session's indexes
    environment = {"ZSR_TUI_HOME": str(tmp_path), "ZSR_TUI_INDEXES": f"{os.environ['ZSR_TUI_HOME']}/data/indexes"}
    environment["TMUX"] = ""  # what is copied goes to this terminal alone
    with Terminal([sys.executable, "-m", "zsr_tui.cli"], columns=columns, lines=lines, env=environment) as terminal:
        terminal.first(lambda text: "type a query" in text, limit=DEADLINE)
        wait_until_ready(terminal)
        terminal.send(f"{QUERY}\r")
        terminal.first(lambda text: ANSWER in text and "3 rel" in text, limit=DEADLINE)
        terminal.first(lambda text: "nDCG@10" in text, limit=DEADLINE)
        engine = children(terminal.pid)
        terminal.first(lambda text: re.search(r"> +1 ", text) is not None, limit=DEADLINE)  # a list has the keys
        terminal.send("\r")
        parts = ("esc back", "cooking-03", "relevant (2)", "stable")  # the last of the document's text
        terminal.first(lambda text: all(part in text for part in parts), limit=DEADLINE)
        terminal.send("yx")
        terminal.first(lambda _: b"\a" in terminal.received.partition(b"\x1b]52;c;")[2], limit=DEADLINE)
        copied = base64.b64decode(terminal.received.partition(b"\x1b]52;c;")[2].partition(b"\a")[0]).decode()
        assert copied.startswith("Of the three classic meringues, the Italian kind")
        terminal.send("\x1b")
        terminal.first(lambda text: "enter open" in text, limit=DEADLINE)  # "esc back" may be covered
        interrupted = columns == 120
        if interrupted:
            os.kill(terminal.pid, signal.SIGINT)
        else:
            terminal.send("q")
        wait_for_end(terminal, engine)
        assert terminal.exit_code() == (130 if interrupted else 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_was_asked_last_is_kept_when_the_program_is_ended(number: int, tmp_path: Path) -> None:
    environment = {"ZSR_TUI_HOME": str(tmp_path), "ZSR_TUI_INDEXES": f"{os.environ['ZSR_TUI_HOME']}/data/indexes"}
    with Terminal([sys.executable, "-m", "zsr_tui.cli", "open", "--system", "bm25"], env=environment) as terminal:
        terminal.first(lambda text: "type a query" in text, limit=DEADLINE)
        wait_until_ready(terminal)
        terminal.send(f"{QUERY}\r")
        terminal.first(lambda text: ANSWER in text, limit=DEADLINE)
        engine = children(terminal.pid)
        os.kill(terminal.pid, number)
        wait_for_end(terminal, engine)
        assert terminal.exit_code() == 128 + number
        assert terminal.received.count(b"\x1b[?1049l") == 1  # the terminal is as it was
        asked = json.loads((tmp_path / "config" / "memory.json").read_text())
        assert asked["query"] == QUERY


def wait_until_ready(terminal: Terminal) -> None:
    """The first start prepares the demo corpus."""

    def ready() -> bool:
        terminal.quiet()
        return (
            not any(word in terminal.text() for word in ("indexing", "encoding", "prepared"))
            and "idle" in terminal.text()
        )

    wait_for(ready, "a demo corpus that is ready")


def children(pid: int) -> list[psutil.Process]:
    found = [each for each in psutil.Process(pid).children() if "zsr_tui.engine" in " ".join(each.cmdline())]
    assert found, "the engine is a process of its own"
    return found


def wait_for_end(terminal: Terminal, engine: list[psutil.Process]) -> None:
    def ended() -> bool:
        terminal.quiet(0.1)  # a program whose output nobody reads cannot end
        pid = terminal.pid
        return (not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE) and not any(
            each.is_running() for each in engine
        )

    wait_for(ended, "the end of the program and of its engine")
    terminal.quiet(0.1)  # its last words
