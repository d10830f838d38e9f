"""Processes that judge are killed: the short form of `benchmarks/judging_kills.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.judging_kills import run
from zsr_tui.api.judging import Judgment
from zsr_tui.judging.keeping import Judgments, KeptFile


def test_no_acknowledged_judgment_is_lost_when_whoever_judges_is_killed_at_any_moment(tmp_path: Path) -> None:
    acknowledged, problems = run(tmp_path / "kept.sqlite3", kills=5, writers=2, seed=7, longest=0.2)
    assert problems == []
    assert acknowledged > 5  # there was something to lose


FULL = """
import pathlib, resource, sys
from zsr_tui.api.judging import Judgment
from zsr_tui.domain import Problem
from zsr_tui.judging.keeping import Judgments, KeptFile
judgments = Judgments(KeptFile("demo", pathlib.Path(sys.argv[1])))
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
for number in range(500):
    try:
        judgments.keep(Judgment(query_id="q", doc_id=str(number), grade=1, why="w" * 900))
    except Problem as problem:
        print(number, problem.message)
        break
"""


def test_a_disk_that_takes_no_more_is_said_before_a_judgment_is_told_as_kept(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    number, _, sentence = done.stdout.partition(" ")
    assert "so this was not kept" in sentence
    assert 0 < int(number) < 500
    file = KeptFile("demo", path)
    stands = Judgments(file).grades(Judgment(query_id="q", doc_id="", grade=0), "own")
    file.close()
    assert set(stands) >= {str(kept) for kept in range(int(number))}
