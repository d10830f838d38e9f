"""The benchmark of evaluations on a small one: what it makes up is what the program reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import evaluation


def test_what_is_made_up_is_measured_with_each_test_and_as_a_table_of_queries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluation, "QUERIES", 30)
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    evaluation.make_up(str(tmp_path))
    for task in ("t", "randomisation", "queries"):
        evaluation.timed(task)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(",")[0] for line in lines[:2]] == [
        "full table with the t test",
        "full table with the randomisation test",
    ]
    assert lines[2].startswith("opening the query table of 30 queries: ")
    assert lines[3].startswith("sorting and filtering it, the slowest column (by ")
