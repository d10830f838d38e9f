"""The sweep of a fused pair's weight, against the fusion itself and by hand."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from tests.unit.evaluation.made_up import queries, spec, stored
from zsr_tui import pipeline
from zsr_tui.domain import Problem, ScoredDoc
from zsr_tui.evaluation import store
from zsr_tui.evaluation.measures import measure_ranking
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.evaluation.plots.weights import by_weight, sentences
from zsr_tui.evaluation.results import EvaluatedSystem, Evaluation, RankedList, Stage
from zsr_tui.evaluation.sweep import WEIGHTS, _half, find, pairs, sweep
from zsr_tui.fusion import fused

from .made_up import append

STAGES = (
    Stage("bm25", "retrieve", depth=1000),
    Stage("dense(m)", "retrieve", "m", depth=1000),
    Stage("linear(bm25, dense(m); weights=[0.9, 0.1], norm=zscore)", "fuse", "", (0, 1), 1000),
)
SYSTEMS = (
    EvaluatedSystem("bm25", "bm25", "bm25", None, stages=(0,)),
    EvaluatedSystem("dense(m)", "dense M", "bi-encoder", 1, stages=(1,)),
    EvaluatedSystem(STAGES[2].notation, "fused", "linear", 1, stages=(0, 1, 2)),
)


def scored(ids: Sequence[str], scores: Sequence[float]) -> RankedList:
    order = sorted(zip(ids, scores, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return RankedList(tuple(doc_id for doc_id, _ in order), np.array([score for _, score in order]))


def evaluation(judgments: Sequence[Mapping[str, int]], lists: Sequence[tuple[RankedList, RankedList]]) -> Evaluation:
    one = store.create(spec("sweep", stages=STAGES, systems=SYSTEMS, measures=("nDCG@10",)), queries(*judgments))
    for number, (words, meaning) in enumerate(lists):
        append(one, number, {0: words, 1: meaning, 2: words})
    return one.evaluation()


@pytest.fixture
def drawn() -> tuple[Evaluation, list[tuple[RankedList, RankedList]]]:
    """Eight queries whose lists overlap in part, and tie."""
    chance = random.Random(7)
    lists = []
    for _ in range(8):
        two = [
            scored(chance.sample([f"d{n}" for n in range(40)], 25), [chance.randint(0, 30) / 2 for _ in range(25)])
            for _ in range(2)
        ]
        lists.append((two[0], two[1]))
    grades = [{f"d{chance.randint(0, 39)}": chance.randint(0, 2) for _ in range(6)} for _ in range(8)]
    return evaluation([each | {"d1": 1} for each in grades], lists), lists


@pytest.mark.parametrize(
    "notation",
    [
        pytest.param("linear(bm25, dense(m))", id="minmax"),
        pytest.param("linear(bm25, dense(m); norm=zscore)", id="zscore"),
        pytest.param("rrf(bm25 % 10, dense(m); k=5)", id="rrf of a cut list"),
    ],
)
def test_every_point_is_what_the_fusion_with_these_weights_is_worth(
    drawn: tuple[Evaluation, list[tuple[RankedList, RankedList]]], notation: str
) -> None:
    described, lists = drawn
    fusion = find(described, notation)
    found = sweep(described, fusion, "nDCG@10")
    measures = parse_measures(("nDCG@10",))

    def mean(weights: tuple[float, ...], way: pipeline.Rrf | pipeline.Linear) -> float:
        values = []
        for query, two in enumerate(lists):
            cut = [pipeline.cut_of(system) for system in fusion.systems]
            parts = [
                [ScoredDoc(*pair) for pair in zip(each.doc_ids[:most], each.scores.tolist()[:most], strict=True)]
                for each, most in zip(two, cut, strict=True)
            ]
            system = type(way)(way.systems, weights, *([way.k] if isinstance(way, pipeline.Rrf) else [way.norm]))
            ranking = fused(system, parts)
            values.append(measure_ranking(measures, ranking, described.queries[query].judgments)["nDCG@10"])
        return float(np.mean(values))

    for weight, value in zip(WEIGHTS, found.values, strict=True):
        assert value == pytest.approx(mean((weight, 1 - weight), fusion), abs=1e-9)
    assert found.rrf == pytest.approx(mean((1, 1), pipeline.Rrf(fusion.systems)), abs=1e-9)
    assert found.values[-1] != found.values[0]
    assert found.values[found.best] == max(found.values)
    assert found.crossed <= found.values[found.best] <= found.each
    assert found.queries == 8


def test_each_half_is_measured_with_the_weight_that_is_best_on_the_other() -> None:
    """Where words are right for one half of the queries and meaning for the other, what was learnt on one half is wrong
    on the other."""
    right, wrong = scored(["good", "x"], [2, 1]), scored(["bad", "good"], [2, 1])
    halves = [_half("made/up", f"q{number}") for number in range(1, 13)]
    assert {True, False} == set(halves)
    lists = [(right, wrong) if half else (wrong, right) for half in halves]
    found = sweep(
        evaluation([{"good": 1}] * 12, lists), pipeline.Linear((pipeline.Bm25(), pipeline.Dense("m"))), "nDCG@10"
    )

    assert found.each == 1
    assert found.crossed == pytest.approx(1 / math.log2(3))
    assert found.chosen[0] > 0.5 > found.chosen[1]
    assert "Cross-validated" in sentences(found)[1]


def test_one_query_has_no_other_half_and_says_so() -> None:
    found = sweep(
        evaluation([{"good": 1}], [(scored(["good"], [1]), scored(["bad"], [1]))]),
        pipeline.Linear((pipeline.Bm25(), pipeline.Dense("m"))),
        "nDCG@10",
    )

    assert math.isnan(found.crossed)
    assert found.each == 1
    assert "cannot be cross-validated" in " ".join(sentences(found))
    plot = by_weight(found, "made/up")
    assert [rule.name for rule in plot.rules] == ["best weight of each query", "rrf"]
    assert len(plot.series[0].points) == 21


def test_pairs_are_those_that_are_fused_or_else_every_two_retrievers() -> None:
    nothing = scored(["a"], [1])
    described = evaluation([{"a": 1}], [(nothing, nothing)])

    assert [str(each) for each in pairs(described)] == ["linear(bm25, dense(m); norm=zscore)"]
    assert sweep(described, pairs(described)[0], "nDCG@10").parts == ("bm25", "dense M")
    unfused = stored([{"a": 1}], [{0: nothing, 1: nothing}], "unfused").evaluation()
    assert [str(each) for each in pairs(unfused)] == ["linear(bm25, dense(m))"]


@pytest.mark.parametrize(
    ("notation", "sentence"),
    [
        pytest.param("bm25", "fuses no two systems", id="no fusion"),
        pytest.param("rrf(bm25, dense(m), bm25)", "fuses no two systems", id="three"),
        pytest.param("rrf(bm25, dense(other))", "has no lists of dense", id="not stored"),
    ],
)
def test_what_cannot_be_swept_is_said(notation: str, sentence: str) -> None:
    nothing = scored(["a"], [1])
    with pytest.raises(Problem, match=sentence):
        find(evaluation([{"a": 1}], [(nothing, nothing)]), notation)
