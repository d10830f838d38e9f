"""Blocks as their reader would run them: in a shell, in a folder with the files that they name, with one engine.

The demo corpus is indexed and encoded in their home. What is marked `last` comes behind all other blocks:
judgments that it keeps would change what they print.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.terminal import Terminal
from tests.waiting import DEADLINE, wait_for
from zsr_tui.client.places import accepts

from .blocks import ROOT, Block
from .compare import LEFT_OUT, differences

READER = Path(__file__).parent / "reader"  # what lies in the folder where the reader stands
CHECKING = Path(__file__).parent / "example.py"
_PROGRESS = re.compile(r": [\d.,]+( \w+)? of [\d.,]+ \w+(, |$)")
LIMIT = 3 * DEADLINE  # for a block, which may have ten commands


@dataclass(frozen=True, slots=True)
class Reader:
    """Where the reader stands, and what their shell finds."""

    folder: Path
    environment: dict[str, str]
    seen: dict[str, str] = field(default_factory=dict)  # what each block has printed, by its place

    def shell(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{script}"],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )


@contextmanager
def reading(folder: Path, indexes: Path) -> Iterator[Reader]:
    """A reader with a home of their own, which has a copy of these indexes, and one engine for all that they run."""
    stands, home, programs = folder / "reader", folder / "home", folder / "bin"
    shutil.copytree(READER, stands)
    shutil.copytree(indexes, home / "data" / "indexes")
    programs.mkdir()
    for name, call in {"zsr-tui": '-m zsr_tui.cli "$@" $ALSO', "python": '"$@"'}.items():
        (programs / name).write_text(f"#!/bin/sh\nexec {sys.executable} {call}\n")
        (programs / name).chmod(0o755)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "ZSR_TUI_HOME": str(home),
        "ZSR_TUI_WHO": "Anna",
        "ALSO": "",
        "TMUX": "",
    }
    socket = folder / "engine.sock"
    engine = subprocess.Popen(
        [programs / "zsr-tui", "serve", "--socket", socket],
        cwd=stands,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "engine.txt").open("w"),
    )
    try:
        wait_for(lambda: accepts(socket) or engine.poll() is not None, "an engine that listens")
        assert engine.poll() is None, (folder / "engine.txt").read_text()
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), timeout=DEADLINE) as http:
            assert http.get("http://engine/healthz").status_code == 200  # a command would not wait for so long
        yield Reader(stands, {**environment, "ZSR_TUI_ENGINE": str(socket)})
    finally:
        engine.terminate()
        engine.wait()


def run(block: Block, reader: Reader) -> str:
    """What differs from what the document shows, or nothing."""
    if "prints" in block.marks:
        return _sample(block, reader, block.marks["prints"], block.text)
    if "screen" in block.marks:
        return _screen(block, reader)
    if block.language == "python":
        return _python(block, reader)
    if block.text.lstrip().startswith("$ "):
        return "\n".join(filter(None, (_sample(block, reader, *each) for each in samples(block.text))))
    done = reader.shell(block.text, ALSO=_also(block))
    return _code(block, done)


def samples(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a sample, with what it shows behind it."""
    command: list[str] = []
    printed: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield "\n".join(command), "\n".join(printed)
            command, printed = [line[2:]], []
        elif command[-1].endswith("\\") and not printed:
            command.append(line)
        else:
            printed.append(line)
    yield "\n".join(command), "\n".join(printed)


def _sample(block: Block, reader: Reader, command: str, shown: str) -> str:
    done = reader.shell(command, ALSO=_also(block))
    printed = _without_progress(done.stderr) if "stderr" in block.settings() else done.stdout
    reader.seen[block.place] = printed
    wrong = _code(block, done) or compared(block, shown, printed)
    return f"{wrong}\n  all of it:\n{printed}" if wrong else ""


def _without_progress(printed: str) -> str:
    """How far a job was when it ended is said only where there was time for it."""
    return "".join(line for line in printed.splitlines(keepends=True) if not _PROGRESS.search(line))


def shown_by(block: Block) -> str:
    """What a block shows, of several commands the last one."""
    if "screen" in block.marks:
        return f"{LEFT_OUT}\n{block.text}\n{LEFT_OUT}"
    return block.text if "prints" in block.marks else list(samples(block.text))[-1][1]


def compared(block: Block, shown: str, printed: str) -> str:
    """As near as the block says."""
    return differences(shown, printed, within=_within(block), columns=_columns(block))


def _screen(block: Block, reader: Reader) -> str:
    """`120x40; zsr-tui open ...`: the lines of the block, one below the other, are on the screen in the end."""
    size, _, command = block.marks["screen"].partition(";")
    columns, lines = map(int, size.split("x"))
    shown, found = shown_by(block), "nothing"
    call = ["bash", "-c", f"cd {reader.folder} && exec {command}"]
    with Terminal(call, columns=columns, lines=lines, env=reader.environment) as terminal:
        deadline = time.monotonic() + LIMIT
        while found and time.monotonic() < deadline:
            terminal.quiet()
            found = compared(block, shown, terminal.text())
        reader.seen[block.place] = terminal.text()
        return f"{found}\n  all of it:\n{terminal.text()}" if found else ""


def _python(block: Block, reader: Reader) -> str:
    """The comment behind an assignment is what the value is: `float32, (3, 384)`, or the value itself."""
    script = reader.folder / "example.py"
    script.write_text(block.text)
    done = reader.shell(f"python {CHECKING} {script} {_within(block)}")
    return _code(block, done)


def _code(block: Block, done: subprocess.CompletedProcess[str]) -> str:
    expected = next((int(each.split()[1]) for each in block.settings() if each.startswith("exit ")), 0)
    if done.returncode == expected:
        return ""
    return f"  exit code {done.returncode}, not {expected}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


def _within(block: Block) -> float:
    return next((float(each.split()[1]) for each in block.settings() if each.startswith("within ")), 0.0)


def _columns(block: Block) -> tuple[str, ...]:
    return tuple(each.removeprefix("without ").strip() for each in block.settings() if each.startswith("without "))


def _also(block: Block) -> str:
    return next((each.removeprefix("also ").strip() for each in block.settings() if each.startswith("also ")), "")
