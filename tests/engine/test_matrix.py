"""Systems of several stored evaluations side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.evaluation.made_up import SYSTEMS, append, numbered, queries, ranked, spec
from zsr_tui.api.evaluations import ReadMatrix
from zsr_tui.api.judging import Judgment
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.evaluation.systems import matrix, matrix_view
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import Library
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

    found = matrix(Shelf(Library()), "RR@10")

    rows = {system: row for system, (row,) in zip(found.systems, found.cells, strict=True)}
    assert rows == {"bm25": 1.0, "dense(m) fp32": 1.0, "dense(m) bf16": 0.5}


def test_figures_of_another_kind_stand_in_rows_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest of each kind: with a query's own document in the list it is another figure, and so is the average
    precision of a shorter list."""
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    bm25 = SYSTEMS[:1]
    provenance = spec().provenance
    kinds = {
        "old": (bm25, provenance, "d2"),
        "new": (bm25, provenance, "d1"),
        "kept": (bm25, replace(provenance, drop_self=False), "d2"),
        "short": ((replace(bm25[0], depth=2),), provenance, "d2"),
    }
    for date, (name, (systems, made_by, first)) in enumerate(kinds.items(), start=1):
        made_by = replace(made_by, date=f"2026-01-0{date}T00:00:00+00:00")
        made = store.create(
            spec(name, systems=systems, provenance=made_by, measures=("AP", "RR@10")), queries({"d1": 1})
        )
        append(made, 0, {0: ranked(*dict.fromkeys((first, "d1", "d3")))})

    def cells(measure: str) -> dict[str, float | None]:
        found = matrix(Shelf(Library()), measure)
        return {system: row for system, (row,) in zip(found.systems, found.cells, strict=True)}

    assert cells("AP") == {"bm25": 1.0, "bm25 with self-hits": 0.5, "bm25 cut at 2": 0.5}
    assert cells("RR@10") == {"bm25": 0.5, "bm25 with self-hits": 0.5}  # the newest one's


def test_own_judgments_count_in_it_and_both_values_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    made = store.create(spec("e1"), queries({"d1": 1}, {"d2": 1}))
    for number in range(2):
        append(made, number, {0: ranked("d2", "d1"), 1: ranked("d1", "d2"), 2: ranked("d3")})
    kept = KeptShelf(Library())
    shelf = Shelf(Library(), kept)
    official = matrix_view(shelf, ReadMatrix(measure="RR@10"))
    assert (official.cells, official.beside, official.cells_beside) == (((0.75,), (0.75,), (0.0,)), (), ())

    for qid, grade in (("q1", 1), ("elsewhere", 1)):
        judgment = Judgment(query_id=qid, doc_id="d3", grade=grade, who="ann")
        kept.of_id("made/up").judgments.keep(judgment)
    with_own = matrix_view(shelf, ReadMatrix(measure="RR@10", counting=("own", "dataset")))
    alone = matrix_view(shelf, ReadMatrix(measure="RR@10", counting=("own",)))
    kept.of_id("made/up").file.close()

    assert (with_own.cells, with_own.beside) == (((0.75,), (0.75,), (0.5,)), ("dataset",))
    assert with_own.cells_beside == official.cells
    assert alone.cells == ((0.0,), (0.0,), (1.0,))  # over the one query that the user has judged
