"""The program's edge: whatever it is given and wherever it prints, one sentence and an exit code, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from zsr_tui.commands.table import print_json, table
from zsr_tui.edge import Printed, hand_over, say

HOSTILE = "a\x1b]0;owned\x07\x1b[31m\u202eb\x9bc\x7fd\ud800"


def shell(command: str, *arguments: str | bytes, **environment: str) -> subprocess.CompletedProcess[str]:
    """`zsr-tui` stands for the program; the exit code is the shell's, or what the command says."""
    program = f'zsr() {{ "{sys.executable}" -m zsr_tui.cli "$@"; }}; {command}'
    return subprocess.run(
        ["bash", "-c", program, "bash", *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        pytest.param("zsr locate >/dev/full", 1, "No space left on device", id="a full device"),
        pytest.param("zsr locate >&-", 1, "Bad file descriptor", id="stdout closed"),
        pytest.param("zsr --help >/dev/full", 1, "No space left on device", id="help to a full device"),
        pytest.param("zsr locate 2>&- >/dev/null", 0, "", id="stderr closed"),
        pytest.param("zsr nonsense 2>/dev/full", 2, "", id="messages to a full device"),
        pytest.param("zsr <&- >&-", 2, "needs a terminal", id="nothing to read and nothing to write"),
        pytest.param(r"zsr corpora $'\xff'", 2, "the argument '\\xff' is not UTF-8 text", id="a byte that is no text"),
        pytest.param(r"ZSR_TUI_HOME=$'/\xff' zsr locate", 2, "ZSR_TUI_HOME '/\\xff' is", id="a place that is no text"),
        pytest.param('zsr evaluate --dataset demo --run r --report "/$1.html"', 2, "longer name", id="too long a path"),
    ],
)
def test_the_exit_code_and_one_sentence(command: str, code: int, says: str) -> None:
    done = shell(command, "a" * 5000)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert bool(done.stderr) == bool(says)
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 700


def test_a_pipe_that_nobody_reads_is_no_error_and_no_success() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run([sys.executable, "-m", "zsr_tui.cli", "locate"], stdout=writing, stderr=-1, timeout=600)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_error_that_nobody_expects_is_a_sentence_and_its_traceback_is_in_the_log(tmp_path: Path) -> None:
    code = "import zsr_tui.edge as edge; raise SystemExit(edge.guarded(lambda _: 1 // 0))"
    environment = {**os.environ, "ZSR_TUI_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("zsr-tui: Something unexpected happened (ZeroDivisionError); details are in ")
    assert "ZeroDivisionError" in (tmp_path / "log" / "ui.log").read_text()
    (tmp_path / "log" / "ui.log").unlink()
    (tmp_path / "log").rmdir()
    (tmp_path / "log").touch()
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)
    assert "its details could not be written" in done.stderr


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "● ○ · … é 中 ␛[31m �".encode()),
        ("ascii", b"* o . . ? ?? ?[31m ?"),
        ("latin-1", b"* o \xb7 . \xe9 ?? ?[31m ?"),
    ],
    ids=["utf-8", "ascii", "latin-1"],
)
def test_what_a_terminal_obeys_or_lacks_is_written_as_something_else(
    tmp_path: Path, encoding: str, written: bytes
) -> None:
    with (tmp_path / "out").open("wb") as file:
        printed = Printed(SimpleNamespace(encoding=encoding), file.fileno())
        printed.write("● ○ · … é 中 \x1b[31m \ud800")
        printed.steer("\r\x1b[2K")  # of ours
        printed.flush()
    assert (tmp_path / "out").read_bytes() == written + b"\r\x1b[2K"


def test_what_a_program_reads_again_is_utf_8_in_a_file_whatever_the_terminal_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "out").open("wb") as file:
        printed = Printed(SimpleNamespace(encoding="cp1252"), file.fileno())
        monkeypatch.setattr(sys, "stdout", printed)
        print("é 中")
        hand_over("q1 Q0 é中\n")
        monkeypatch.setattr(Printed, "isatty", lambda _: True)
        hand_over("q1 Q0 é中\n")
        printed.flush()
    assert (tmp_path / "out").read_bytes() == b"\xe9 ??\n" + "q1 Q0 é中\n".encode() + b"q1 Q0 \xe9??\n"


def test_json_holds_the_text_as_it_is_and_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"text": HOSTILE})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"text": HOSTILE}
    assert printed.isprintable() or set(printed) - set(map(chr, range(0x20, 0x7F))) == {"\n"}


def test_a_message_is_no_flood_whatever_its_ids_are(capfd: pytest.CaptureFixture[str]) -> None:
    say(f"there is no document {'a b ' * 1_000_000} here.")
    said = capfd.readouterr().err
    assert said.startswith("zsr-tui: there is no document a b ")
    assert said.endswith(" a b here.\n") or said.endswith("a b  here.\n")
    assert len(said) < 4_100


def test_a_cell_of_a_table_is_one_line_of_what_can_be_shown() -> None:
    assert table(["a\nb", "c"], [["x\x1b[2J\nzsr-tui: fine", "1 "]]).splitlines() == [
        "a b                  c",
        "x␛[2J zsr-tui: fine  1",
    ]
