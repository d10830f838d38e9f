"""Many lists measured at once against trec_eval, and the bounds against every assignment."""

from __future__ import annotations

import itertools
import random
import shutil

import ir_measures
import numpy as np
import pytest
import pytrec_eval

from zsr_tui.domain import ScoredDoc
from zsr_tui.evaluation import bounds
from zsr_tui.evaluation.measures import Graded, measure_lists, parse_measures, trec_order

NAMES = {
    "nDCG@10": "ndcg_cut_10",
    "RR": "recip_rank",
    "AP": "map",
    "R@100": "recall_100",
    "R@1000": "recall_1000",
    "P@5": "P_5",
    "Rprec": "Rprec",
}


def made_up_runs(seed: int) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]]:
    """40 queries with grades from -1 to 3, some without a relevant document, with many tied scores."""
    rng = random.Random(seed)
    qrels, runs = {}, {}
    for number in range(40):
        docs = [f"d{n}" for n in range(rng.choice([3, 30, 300]))]
        judged = rng.sample(docs, k=min(len(docs), rng.choice([1, 5, 25])))
        grades = [0] if number % 8 == 0 else [-1, 0, 1, 1, 2, 3]
        qrels[str(number)] = {doc: rng.choice(grades) for doc in [*judged, "not retrieved"]}
        runs[str(number)] = {doc: rng.choice([0.5, 1.0, 1.5, 2.0, rng.random()]) for doc in docs}
    return qrels, runs


@pytest.mark.parametrize("seed", range(3))
def test_values_are_trec_evals_to_four_digits_ties_included(seed: int) -> None:
    qrels, runs = made_up_runs(seed)
    expected = pytrec_eval.RelevanceEvaluator(qrels, set(NAMES.values())).evaluate(runs)
    lists = [
        Graded.of([one.doc_id for one in trec_order(ScoredDoc(*pair) for pair in runs[qid].items())], qrels[qid])
        for qid in qrels
    ]
    values = measure_lists(parse_measures(NAMES), lists)
    for row, name in enumerate(NAMES.values()):
        theirs = [expected[qid][name] for qid in qrels]
        assert values[row] == pytest.approx(theirs, abs=5e-5), name


@pytest.mark.parametrize("name", ["ERR@10", "Bpref", "Compat", "infAP", "Judged@10", "SetF", "nDCG(dcg='exp-log2')@5"])
def test_every_provider_can_be_asked(name: str) -> None:
    """Against the same provider on the documents' own names, with scores that do not tie."""
    if name.startswith(("ERR", "nDCG(")) and shutil.which("perl") is None:
        pytest.skip("gdeval, which computes this measure, is a perl script, and perl is not here")
    judgments = {"a": 2, "b": 0, "c": 1, "missed": 1}
    order = ["x", "c", "b", "a", "y"]
    (measure,) = parse_measures([name])
    run = {"1": {doc: 10.0 - place for place, doc in enumerate(order)}}  # gdeval takes numbers only
    expected = ir_measures.calc_aggregate([measure], {"1": judgments}, run)[measure]
    lists = [Graded.of(order, judgments), Graded.of(order, judgments)]
    assert measure_lists([measure], lists)[0].tolist() == pytest.approx([expected, expected])


def test_queries_without_an_answer_count_as_zero_among_others() -> None:
    lists = [Graded((), (1,)), Graded((1,)), Graded((), ())]
    assert measure_lists(parse_measures(["nDCG@10", "AP", "Judged@10"]), lists).tolist() == [[0, 1, 0]] * 3


def test_a_cut_list_has_lost_its_documents_and_not_its_judgments() -> None:
    cut = Graded((1, None, 2, 0), (3,)).first(2)
    assert (cut.placed, sorted(cut.missing)) == ((1, None), [0, 2, 3])


@pytest.mark.parametrize("name", ["nDCG@5", "P@5", "R@5", "RR@5", "AP@5"])
def test_the_maximum_is_that_of_every_assignment(name: str) -> None:
    rng = random.Random(5)
    measures = parse_measures([name])
    for _ in range(12):
        placed = tuple(rng.choice([None, None, 0, 1, 2]) for _ in range(6))
        each = Graded(placed, tuple(rng.choice([1, 2]) for _ in range(rng.randrange(3))))
        best = max([1, *each.missing, *(grade for grade in placed if grade is not None)])
        free = [place for place, grade in enumerate(placed[:5]) if grade is None]
        tried = []
        for choice in itertools.product([None, best], repeat=len(free)):
            filled = list(placed)
            for place, grade in zip(free, choice, strict=True):
                filled[place] = grade
            tried.append(Graded(tuple(filled), each.missing))
        expected = measure_lists(measures, tried).max()
        assert bounds.maximum(measures, [each])[0, 0] == pytest.approx(expected)


def test_all_unjudged_relevant_is_not_the_best_case_of_ndcg() -> None:
    perfect = Graded((1, *(None,) * 9))
    measures = parse_measures(["nDCG@10"])
    everything = Graded((1, None, None, None, None, None, None, None, None, 1))
    assert measure_lists(measures, [everything])[0, 0] < 1.0
    assert bounds.maximum(measures, [perfect])[0, 0] == pytest.approx(1.0)


def test_the_condensed_list_has_no_unjudged_documents() -> None:
    values = bounds.condensed(parse_measures(["RR@10", "Judged@10"]), [Graded((None, None, 0, 1))])
    assert values[0, 0] == pytest.approx(0.5)
    assert np.isnan(values[1, 0])


def test_no_bound_is_claimed_for_deep_measures() -> None:
    values = bounds.maximum(parse_measures(["AP", "R@1000", "Judged@10", "P@20"]), [Graded((None, 1))])
    assert np.isnan(values[:3, 0]).all()
    assert values[3, 0] == pytest.approx(0.1)


def test_the_condensed_value_can_be_above_the_maximum_and_both_are_right() -> None:
    """What users take for a mistake: one moves documents up, the other keeps every document in its place."""
    measures = parse_measures(["nDCG@10"])
    each = Graded((*[0] * 9, None, 1))
    assert measure_lists(measures, [each])[0, 0] == 0.0
    moved_up = measure_lists(measures, [Graded((*[0] * 9, 1))])[0, 0]
    assert bounds.condensed(measures, [each])[0, 0] == pytest.approx(moved_up) == pytest.approx(0.2891, abs=1e-4)
    judged = measure_lists(measures, [Graded((*[0] * 9, 1, 1))])[0, 0]  # as if it had been judged relevant
    assert bounds.maximum(measures, [each])[0, 0] == pytest.approx(judged) == pytest.approx(0.1772, abs=1e-4)
