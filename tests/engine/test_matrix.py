"""Systems of several stored evaluations side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.evaluation.made_up import SYSTEMS, append, numbered, queries, ranked, spec
from zsr_tui.engine.evaluation.systems import matrix
from zsr_tui.evaluation import store


def test_the_same_model_in_another_precision_is_another_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    bm25, dense, _ = SYSTEMS
    for precision, first in (("fp32", "d1"), ("bf16", "d2")):
        made = store.create(
            spec(precision, systems=(bm25, replace(dense, precision=precision))), queries({"d1": 1}, {"d1": 1})
        )
        for number in range(2):
            append(made, number, {0: ranked(*numbered(3)), 1: ranked(first, "d1" if first == "d2" else "d2")})

    found = matrix("RR@10")

    rows = {system: row for system, (row,) in zip(found.systems, found.cells, strict=True)}
    assert rows == {"bm25": 1.0, "dense(m) fp32": 1.0, "dense(m) bf16": 0.5}
