"""Many lists measured at once against trec_eval, and the bounds against every assignment."""

from __future__ import annotations

import itertools
import random
import shutil

import ir_measures
import numpy as np
import pytest
import pytrec_eval

from zsr_tui.evaluation import bounds
from zsr_tui.evaluation.measures import Graded, measure_lists
from zsr_tui.evaluation.naming import parse_measures

NAMES = {
    "nDCG@10": "ndcg_cut_10",
    "RR": "recip_rank",
    "AP": "map",
    "R@100": "recall_100",
    "R@1000": "recall_1000",
    "P@5": "P_5",
    "Rprec": "Rprec",
}


def needs_perl() -> None:
    if shutil.which("perl") is None:
        pytest.skip("gdeval, which computes this measure, is a perl script, and perl is not here")


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
def test_in_the_order_in_which_trec_eval_reads_a_run_values_are_its_own_to_four_digits(seed: int) -> None:
    qrels, runs = made_up_runs(seed)
    expected = pytrec_eval.RelevanceEvaluator(qrels, set(NAMES.values())).evaluate(runs)
    lists = [
        Graded.of([doc_id for _, doc_id in sorted(zip(run.values(), run, strict=True), reverse=True)], qrels[qid])
        for qid, run in runs.items()
    ]
    values = measure_lists(parse_measures(NAMES), lists)
    for row, name in enumerate(NAMES.values()):
        theirs = [expected[qid][name] for qid in qrels]
        assert values[row] == pytest.approx(theirs, abs=5e-5), name


@pytest.mark.parametrize("name", ["ERR@10", "Bpref", "Compat", "infAP", "Judged@10", "SetF", "nDCG(dcg='exp-log2')@5"])
def test_every_provider_can_be_asked(name: str) -> None:
    """Against the same provider on the documents' own names, with scores that do not tie."""
    if name.startswith(("ERR", "nDCG(")):
        needs_perl()
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


SCALES = ([0, 1], [0, 1, 2], [-1, 0, 1, 3], [0, 1, 2, 3, 4], [0, 4])
# where gains of 1, 2, 3 and of 1, 3, 7 have their best in different grades
TELLING = (Graded((1, 3, None, None), (1,)), Graded((1, 1, 3, None), (1, 1)))
BOUNDED = "nDCG@5 P@4 R@4 RR@4 AP@4 Success@4 P(rel=2)@4 AP(rel=2)@4 RR(rel=5)@3".split()


@pytest.mark.parametrize("name", [*BOUNDED, "nDCG(dcg='exp-log2')@4", "ERR@3"])
def test_the_maximum_is_that_of_every_assignment_of_grades(name: str) -> None:
    rng = random.Random(5)
    if by_gdeval := name not in BOUNDED:
        needs_perl()
    (measure,) = measures = parse_measures([name])
    cutoff = measure.params["cutoff"]
    lists, tried, owner = [], [], []
    for number in range(250 if name == "nDCG@5" else 60):
        scale = SCALES[number % len(SCALES)]
        placed = tuple(rng.choice([None, *scale]) for _ in range(rng.randrange(1, 8)))
        each = Graded(placed, tuple(rng.choice(scale) for _ in range(rng.randrange(6))))
        if number < len(TELLING):
            each = TELLING[number]
            placed = each.placed
        lists.append(each)
        highest = max([1, measure.params.get("rel", 1), *each.missing, *(g for g in placed if g is not None)])
        free = [place for place, grade in enumerate(placed[:cutoff]) if grade is None]
        for choice in itertools.product([None, *range(1, highest + 1)], repeat=len(free)):
            filled = list(placed)
            for place, grade in zip(free, choice, strict=True):
                filled[place] = grade
            tried.append(Graded(tuple(filled), each.missing))
            owner.append(number)
    expected = np.zeros(len(lists))
    np.maximum.at(expected, owner, measure_lists(measures, tried)[0])
    # gdeval prints five digits
    assert bounds.maximum(measures, lists)[0] == pytest.approx(expected, abs=2e-5 if by_gdeval else 1e-9)


def test_a_middle_grade_can_be_the_best_case() -> None:
    measures = parse_measures(["nDCG@10"])
    value = {filled: measure_lists(measures, [Graded((3, 1, filled), (1,))])[0, 0] for filled in (None, 1, 3)}
    assert value[1] == pytest.approx(bounds.maximum(measures, [Graded((3, 1, None), (1,))])[0, 0])
    assert value[1] == pytest.approx(max(value[None], value[3]) + 0.0245, abs=1e-4)


def test_no_bound_is_claimed_where_documents_below_the_cutoff_count_or_gains_are_given() -> None:
    names = ["nDCG(judged_only=True)@5", "Accuracy@5", "nDCG(gains={1:3})@5", "Bpref"]
    assert np.isnan(bounds.maximum(parse_measures(names), [Graded((None, 1, 0))])).all()


def test_all_unjudged_relevant_is_not_the_best_case_of_ndcg() -> None:
    perfect = Graded((1, *(None,) * 9))
    measures = parse_measures(["nDCG@10"])
    everything = Graded((1, None, None, None, None, None, None, None, None, 1))
    assert measure_lists(measures, [everything])[0, 0] < 1.0
    assert bounds.maximum(measures, [perfect])[0, 0] == pytest.approx(1.0)


def test_the_condensed_list_has_no_unjudged_documents() -> None:
    values = bounds.condensed(parse_measures(["RR@10", "Judged@10", "R@10"]), [Graded((None, None, 0, 1), (1, 1))])
    assert values[0, 0] == pytest.approx(0.5)
    assert np.isnan(values[1, 0])
    assert values[2, 0] == pytest.approx(1 / 3)  # those that it lacks are still to be found


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
