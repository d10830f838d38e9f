"""Processes that judge are killed at random moments: is every judgment that they were told is kept still there?

    python benchmarks/judging_kills.py --kills 200 --writers 2 --seed 7

Each writer keeps, changes, clears and takes back judgments and notes in one file, and prints each when it is told that
it is on the disk. Exits with 1 where one is lost, the file is damaged, or another one stands.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from zsr_tui.api.judging import Judgment
from zsr_tui.judging.keeping import Judgments, KeptFile

WRITER = """
import pathlib, random, sys
from zsr_tui.api.judging import Judgment
from zsr_tui.api.notes import Remark
from zsr_tui.judging.keeping import Judgments, KeptFile, Remarks
path, name, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
rnd = random.Random(seed)
file = KeptFile("demo", pathlib.Path(path))
judgments, remarks = Judgments(file), Remarks(file)
stands = judgments.grades(Judgment(query_id="q", doc_id="", grade=0), "own")

def did(what, doc, after, work):
    print("?", doc, after, flush=True)
    outcome = work()
    print("!", doc, after, flush=True)
    return outcome

print("ready", flush=True)
for number in range(10**9):
    doc = f"{name}-{rnd.randrange(20)}"
    grade, who = rnd.randrange(4), f"{name} {seed} {number}"
    judged = Judgment(query_id="q", query_text="a query", doc_id=doc, grade=grade, who=who)
    before = stands.get(doc)
    if rnd.random() < 0.2:
        remarks.keep(Remark(kind="note", doc_id=doc, text=str(number), who=name), over=True)
    if rnd.random() < 0.15:
        did("clear", doc, None, lambda: judgments.clear(judged, over=True))
        stands.pop(doc, None)
        continue
    done = did("keep", doc, grade, lambda: judgments.keep(judged, over=True))
    stands[doc] = grade
    if rnd.random() < 0.2:
        did("undo", doc, before, lambda: judgments.undo(done.revision))
        stands.pop(doc) if before is None else stands.update({doc: before})
"""


class Writer:
    """A process that judges; it says what it is about to do, and again when it is told that it is on the disk."""

    def __init__(self, path: Path, name: str, seed: int) -> None:
        command = [sys.executable, "-c", WRITER, str(path), name, str(seed)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.ready = threading.Event()  # something was acknowledged
        self._lines: list[str] = []
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):  # else it was killed while it said it
                self._lines.append(line.strip())
            if line.startswith("!"):
                self.ready.set()
        self.ready.set()

    def kill(self) -> list[list[str]]:
        """What it said, in order: "?" or "!", document, grade."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._reading.join()
        return [line.split() for line in self._lines[1:]]


def lost(path: Path, may_be: dict[str, set[str]]) -> list[str]:
    """Where another grade stands than one of those that may, by document."""
    file = KeptFile("demo", path)
    try:
        (check,) = file.rows("PRAGMA integrity_check")
        found = [] if check[0] == "ok" else [f"the file is damaged: {check[0]}"]
        stands = Judgments(file).grades(Judgment(query_id="q", doc_id="", grade=0), "own")
        for doc_id, grades in may_be.items():
            now = str(stands.get(doc_id))
            if now not in grades:
                found.append(f"{doc_id}: {now} stands, and not {' or '.join(sorted(grades))}")
            grades.clear()
            grades.add(now)  # whether what was not acknowledged came about is known now
        return found
    finally:
        file.close()


def run(path: Path, kills: int, writers: int, seed: int, longest: float = 0.5) -> tuple[int, list[str]]:
    """How many judgments were acknowledged, and what was lost of them."""
    rnd, acknowledged, problems = random.Random(seed), 0, list[str]()
    may_be: dict[str, set[str]] = {}
    for number in range(kills):
        at_work = [Writer(path, f"w{each}", rnd.randrange(10**6)) for each in range(writers)]
        for writer in at_work:
            writer.ready.wait()
        time.sleep(rnd.random() * longest)
        for writer in at_work:
            for sign, doc_id, grade in writer.kill():
                may_be[doc_id] = {grade} if sign == "!" else {*may_be.get(doc_id, {"None"}), grade}
                acknowledged += sign == "!"
        problems += [f"kill {number}: {each}" for each in lost(path, may_be)]
    return acknowledged, problems


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        count, wrong = run(Path(folder) / "kept.sqlite3", asked.kills, asked.writers, asked.seed)
    print(f"{asked.kills * asked.writers} kills, {count:,} judgments acknowledged, {len(wrong)} lost")
    print("\n".join(wrong[:20]))
    sys.exit(bool(wrong))
