"""Time from process start to the first paint, next to bare Textual with the same kinds of widgets.

    .venv/bin/python benchmarks/first_paint.py

Goals: under 450 ms on two cores, and at most 1.5 times bare Textual. Both are started in turn, in a pseudo-terminal,
with all modules compiled, as an installation leaves them.
"""

from __future__ import annotations

import compileall
import statistics
import sys
import tempfile
from pathlib import Path

from terminal import Terminal, summary

import zsr_tui

RUNS = 10
BARE = Path(__file__).with_name("bare_textual.py")


def painted(text: str) -> bool:
    return "Query" in text


def main() -> None:
    compileall.compile_dir(Path(zsr_tui.__file__).parent, quiet=1)  # PYTHONDONTWRITEBYTECODE would do it at each start
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as home:
        for run in range(RUNS + 1):  # the first pair only warms the disk cache
            for times, command in (
                (ours, [sys.executable, "-m", "zsr_tui.cli"]),
                (bare, [sys.executable, str(BARE)]),
            ):
                with Terminal(command, env={"ZSR_TUI_HOME": home}) as terminal:
                    taken = (terminal.first(painted) - terminal.started) * 1000
                if run:
                    times.append(taken)
    print(summary("zsr-tui, process start to first paint", ours, "450 ms"))
    print(summary("bare Textual with the same kinds of widgets", bare))
    print(f"ratio of the medians: {statistics.median(ours) / statistics.median(bare):.2f} (goal <= 1.5)")


if __name__ == "__main__":
    main()
