"""The tables of zsr-tui evaluate: what they hold, and that they fit."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from tests.ui.fake.evaluations import view
from zsr_tui.api.evaluations import CellView, EvaluationView, SystemView
from zsr_tui.commands import evaluate, table

CUT = "bm25 % 100 >> ms-marco-MiniLM-L-12-v2"
LONG = "rrf(bm25(k1=1.2, b=0.75), dense(sentence-transformers/msmarco-distilbert-base-tas-b), k=60) % 1000"
MEASURES = ["nDCG@10", "RR@10", "AP", "R@100", "R@1000", "Judged@10"]


def evaluated(*systems: str) -> EvaluationView:
    made = view(systems=systems, means=(0.6131, 0.6312, 0.9197)[: len(systems)])
    wider = [msgspec.structs.replace(one, source="system", **known(one)) for one in made.systems]
    return msgspec.structs.replace(made, systems=tuple(wider))


def known(one: SystemView) -> dict[str, Any]:
    cells = dict.fromkeys(MEASURES, one.cells["nDCG@10"])
    return cut(cells) if one.notation == CUT else {"cells": cells}


def cut(cells: dict[str, CellView]) -> dict[str, Any]:
    return {"depth": 100, "beyond": ("R@1000",), "cells": cells | {"R@1000": CellView(mean=None)}}


def printed(made: EvaluationView) -> str:
    options = evaluate.Options(
        dataset="demo", systems=(), runs=(), measures=(), baseline="1", test="t", subset="", limit=None, depth=1000,
        resume=True, reports=(), spreadsheet=False, explain=False,
        run_dir=None, force=False, keep_self=False, as_json=False,
    )  # fmt: skip
    return evaluate._as_text(options, made, MEASURES)


@pytest.mark.parametrize("columns", [80, 100, 132])
def test_it_fits_the_terminal_and_says_every_name_and_figure(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (table, evaluate):
        monkeypatch.setattr(module, "room", lambda: columns)
    text = printed(evaluated("bm25", LONG, LONG.replace("k=60", "k=90")))
    assert max(map(cell_len, text.splitlines())) <= columns
    flowing = " ".join(text.split())
    assert f"2 {LONG} 3 {LONG.replace('k=60', 'k=90')}" in flowing  # in full, once
    assert {*MEASURES, "precision", "queries", "ms/query", "pairs/s", "interval", "p", "d_z", "at"} <= set(text.split())
    assert text.count("0.6312") >= len(MEASURES)
    assert "…" in text


def test_a_system_that_failed_says_after_how_many_queries() -> None:
    made = evaluated("bm25", LONG)
    failed = msgspec.structs.replace(made.systems[1], failed="it is away.", queries=3, cells={
        name: CellView(mean=None) for name in MEASURES
    })  # fmt: skip
    text = printed(msgspec.structs.replace(made, systems=(made.systems[0], failed)))
    assert "failed after 3" in text
    assert "0.6312" not in text


def test_a_file_has_one_table_with_the_names_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (table, evaluate):
        monkeypatch.setattr(module, "room", lambda: None)
    lines = printed(evaluated("bm25", LONG)).splitlines()
    assert lines[1].split() == ["system", "precision", "queries", *MEASURES, "ms/query", "pairs/s"]
    assert lines[3].startswith(f"{LONG}  ")


def test_a_measure_that_looks_deeper_than_a_systems_lists_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (table, evaluate):
        monkeypatch.setattr(module, "room", lambda: None)
    both = printed(evaluated("bm25", CUT)).splitlines()
    assert [len(line.split("0.6")) - 1 for line in both[2:4]] == [len(MEASURES), len(MEASURES) - 1]
    assert both[3].split()[-5:-2] == ["0.6312", "–", "0.6312"]
    assert f"no R@1000 of {CUT}: its lists have 100 documents" in both
    alone = printed(evaluated(CUT))
    assert "R@1000 " not in alone.splitlines()[1]
    assert "R@100 " in alone.splitlines()[1]
