"""Processes that judge are killed: the short form of `benchmarks/judging_kills.py`."""

from __future__ import annotations

from pathlib import Path

from benchmarks.judging_kills import run


def test_no_acknowledged_judgment_is_lost_when_whoever_judges_is_killed_at_any_moment(tmp_path: Path) -> None:
    acknowledged, problems = run(tmp_path / "kept.sqlite3", kills=5, writers=2, seed=7, longest=0.2)
    assert problems == []
    assert acknowledged > 5  # there was something to lose
