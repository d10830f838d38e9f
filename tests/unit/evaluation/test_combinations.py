"""Retrievers by rerankers, from whatever systems an evaluation has."""

from __future__ import annotations

import pytest

from tests.unit.evaluation.made_up import queries, ranked, spec
from zsr_tui.evaluation import significance, store
from zsr_tui.evaluation.combinations import combinations
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.fused import combinations_table
from zsr_tui.evaluation.report.tables import report_tables
from zsr_tui.evaluation.results import EvaluatedSystem, Stage

from .made_up import append

NOTATIONS = (
    "bm25",
    "bm25 % 20 >> r",
    "dense(m)",
    "dense(m) % 20 >> r",
    "bm25 % 20 >> s",
    "dense(m) % 5 >> s",
    "x >> r",
)
STAGES = tuple(Stage(notation, "retrieve") for notation in NOTATIONS)
SYSTEMS = tuple(
    EvaluatedSystem(
        notation,
        notation.upper(),
        "",
        None,
        source="run file" if notation.startswith("x") else "system",
        stages=(place,),
    )
    for place, notation in enumerate(NOTATIONS)
)


def test_each_cell_is_against_its_retriever_alone_and_corrected_over_all_cells() -> None:
    one = store.create(
        spec("combined", stages=STAGES, systems=SYSTEMS, measures=("RR@10",)), queries(*[{"good": 1}] * 12)
    )
    places = (2, 1, 4, 4, 1, 1, 1)  # of the relevant document, by system
    for number in range(12):
        lists = [["bad1", "bad2", "bad3"] for _ in NOTATIONS]
        for each, place in zip(lists, places, strict=True):
            each.insert(place - 1 + (number == 0), "good")
        append(one, number, dict(enumerate(ranked(*each) for each in lists)))
    evaluation = one.evaluation()
    found = combinations(evaluation, "RR@10")

    assert found is not None
    assert found.rows == ("BM25", "DENSE(M)")
    assert found.columns == ("R, first 20", "S, first 20", "S, first 5")
    assert [cell.system for cell in found.alone if cell] == [0, 2]
    systems = [[cell.system if cell else None for cell in row] for row in found.cells]
    assert systems == [[1, 4, None], [3, None, 5]]
    first, same = found.cells[0][0], found.cells[1][0]
    assert first is not None
    assert first.against is not None
    assert first.against.difference == pytest.approx(float((evaluation.values[1] - evaluation.values[0]).mean()))
    assert first.against.significant
    assert same is not None
    assert same.against is not None
    assert same.against.difference == 0
    each = [cell.against for row in found.cells for cell in row if cell is not None and cell.against is not None]
    import numpy as np

    adjusted = significance.holm(np.array([against.p for against in each]))
    assert [against.p_holm for against in each] == pytest.approx(adjusted.tolist())

    contents = Contents(evaluation, measure="RR@10")
    table = combinations_table(found)
    assert table in report_tables(contents)
    texts = [[cell.text for cell in row] for row in table.rows]
    assert texts[0][1].startswith("0.4861")
    assert "(+" in texts[0][2]
    assert texts[0][4] == "–"
    assert table.rows[0][2].mark == "▲"


def test_nothing_that_is_reranked_is_no_table() -> None:
    one = store.create(spec("plain", stages=STAGES[:1], systems=SYSTEMS[:1], measures=("RR@10",)), queries({"a": 1}))
    append(one, 0, {0: ranked("a")})

    assert combinations(one.evaluation(), "RR@10") is None
