"""Every measure of ir_measures with its parameters: through the store and the table it is what ir_measures says."""

from __future__ import annotations

import itertools
import math
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ir_measures
import pytest
from ir_measures.providers.gdeval_provider import GdevalEvaluator

from tests.unit.evaluation import made_up
from zsr_tui.domain import Problem
from zsr_tui.evaluation import bounds, store
from zsr_tui.evaluation.comparison import summary
from zsr_tui.evaluation.measures import Graded, measure_lists
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.evaluation.results import EvaluatedQuery, Evaluation
from zsr_tui.evaluation.runs import read_run
from zsr_tui.evaluation.stored import Stored

PROVIDERS = ir_measures.DefaultPipeline.providers
TRIED: dict[str, tuple[object, ...]] = {
    "cutoff": (3, 30),
    "rel": (2,),
    "judged_only": (True,),
    "relative": (True,),
    "normalize": (False,),
    "dcg": ("exp-log2",),
    "gains": ({1: 3, 2: 1, 3: 10},),
    "beta": (0.5, 2.0),
    "p": (0.8,),
    "T": (2.0,),
    "alpha": (0.7,),
    "recall": (0.0, 0.1, 0.5),
    "max_rel": (4,),
    "min_rel": (1,),
}


needs_perl = pytest.mark.skipif(shutil.which("perl") is None, reason="gdeval is a perl script, and perl is not here")


def every_measure() -> Iterator[Any]:
    """With each combination of its parameters that are valid."""
    for measure in dict.fromkeys(ir_measures.measures.registry.values()):
        choices = [[(key, value) for value in (None, *TRIED[key])] for key in measure.SUPPORTED_PARAMS]
        for chosen in itertools.product(*choices):
            given = measure(**{key: value for key, value in chosen if value is not None})
            known = given.SUPPORTED_PARAMS.items()
            if all(
                spec.validate(given.params[key]) if key in given.params else not spec.required for key, spec in known
            ):
                yield given


def made_up_run() -> tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]]:
    """Most documents are unjudged; a query without an answer, one without a relevant document, no scores that tie."""
    rng = random.Random(7)
    qrels, run = {}, {}
    for number in range(1, 13):
        docs = [f"d{n:03}" for n in range(80)]
        grades = [0] if number == 3 else [-1, 0, 0, 1, 1, 2, 3, 4]
        qrels[str(number)] = {doc: rng.choice(grades) for doc in rng.sample(docs, 20)}
        found = rng.sample(docs, rng.choice([5, 20, 60])) if number != 5 else []
        run[str(number)] = {doc: 1000.0 - place for place, doc in enumerate(found)}
    return qrels, {qid: docs for qid, docs in run.items() if docs}


def evaluated(
    measures: tuple[str, ...], qrels: dict[str, dict[str, int]], *runs: dict[str, dict[str, float]]
) -> tuple[Stored, Evaluation]:
    """The runs as systems of a stored evaluation."""
    queries = [EvaluatedQuery(qid, f"text {qid}", "made/up", judged) for qid, judged in qrels.items()]
    stored = store.create(made_up.spec(measures=measures, systems=made_up.SYSTEMS[: len(runs)]), queries)
    ids = [
        [sorted(docs, key=docs.__getitem__, reverse=True) for docs in (run.get(qid, {}) for run in runs)]
        for qid in qrels
    ]
    lists = [{stage: made_up.ranked(*docs) for stage, docs in enumerate(each)} for each in ids]
    made_up.append_all(stored, range(len(queries)), lists)
    return stored, stored.evaluation()


def test_every_measure_is_what_ir_measures_says_of_the_same_run() -> None:
    qrels, run = made_up_run()
    known = {str(each): each for each in every_measure() if ir_measures.DefaultPipeline.supports(each)}
    assert len(known) > 90
    assert [str(each) for each in parse_measures(known)] == list(known)
    _, evaluation = evaluated(tuple(known), qrels, run)
    cells = summary(evaluation).rows[0].cells
    theirs = {name: ir_measures.calc_aggregate([measure], qrels, run)[measure] for name, measure in known.items()}
    wrong = {name: (cells[name].mean, value) for name, value in theirs.items() if abs(cells[name].mean - value) > 1e-9}
    assert wrong == {}
    assert (cells["NumQ"].mean, cells["NumRet"].mean) == (11, sum(map(len, run.values())))
    shown = [name for name in known if math.isfinite(cells[name].maximum)]
    assert {name.partition("@")[0].partition("(")[0] for name in shown} == bounds.BOUNDED & {
        measure.NAME for measure in known.values()
    }
    assert all(cells[name].mean <= cells[name].maximum + 1e-9 for name in shown)


def test_a_run_file_with_ties_has_the_values_that_ir_measures_gives_it(tmp_path: Path) -> None:
    """Read as trec_eval reads it: by what trec_eval computes as it stands, by others in trec_eval's order. It has a
    query that nobody judged, and lacks one; one list holds no judged document, and one query has no relevant one.
    Where nothing is left of a list, trec_eval divides 0 by 0."""
    qrels, _ = made_up_run()
    rng = random.Random(11)
    docs = [f"d{n:03}" for n in range(80)]
    scores = {
        qid: {doc: rng.choice([7.5, 7.5, 2.0, -1.0]) for doc in rng.sample(docs, 60) if qid != "7" or doc not in judged}
        for qid, judged in qrels.items()
        if qid != "5"
    } | {"nobody's": {"d001": 1.0}}
    lines = [f"{qid} Q0 {doc} 1 {score} t" for qid, docs in scores.items() for doc, score in docs.items()]
    (tmp_path / "tied.run").write_text("\n".join(lines), encoding="utf-8")
    run = read_run(tmp_path / "tied.run")
    ordered = {qid: run.ranking(qid, 100).doc_ids for qid in qrels}
    placed = {qid: {doc: 100.0 - at for at, doc in enumerate(ids)} for qid, ids in ordered.items() if ids}
    known = [each for each in every_measure() if ir_measures.DefaultPipeline.supports(each)]
    values = measure_lists(known, [Graded.of(ordered[qid], judged) for qid, judged in qrels.items()])
    rows = {measure: dict(zip(qrels, row.tolist(), strict=True)) for measure, row in zip(known, values, strict=True)}
    by_trec_eval = [each for each in known if PROVIDERS[1].supports(each)]
    assert len(by_trec_eval) > 60
    tried = 0
    for measures, as_given in ((by_trec_eval, scores), (known, placed)):
        for measure in measures:  # each by itself: pytrec_eval confuses parameters of one measure
            for metric in ir_measures.iter_calc([measure], qrels, as_given):
                theirs = 0.0 if math.isnan(metric.value) else metric.value
                assert rows[measure][metric.query_id] == pytest.approx(theirs), (measure, metric.query_id)
                tried += 1
    assert tried > 1000
    assert {rows[each]["5"] for each in known if each.NAME not in ("Accuracy", "NumQ", "NumRel")} == {0}


def test_what_no_provider_here_computes_is_refused_with_what_it_needs() -> None:
    refused = [each for each in every_measure() if not ir_measures.DefaultPipeline.supports(each)]
    assert len({each.NAME for each in refused}) > 10
    for measure in refused:
        with pytest.raises(Problem) as caught:
            parse_measures([str(measure)])
        said = caught.value.message
        able = [each for each in PROVIDERS if each.supports(measure)]
        assert caught.value.usage
        assert "\n" not in said
        assert (f"needs {able[0].NAME}, which is not installed" if able else "computes") in said or "needs a" in said


def test_a_count_is_added_up_and_compared_as_a_sum() -> None:
    qrels = {"1": {"a": 1, "b": 1}, "2": {"c": 1}, "3": {"d": 1}}
    one = {"1": {"a": 2.0, "x": 1.0}, "2": {"c": 1.0}, "3": {}}
    two = {"1": {"a": 3.0, "b": 2.0, "x": 1.0}, "2": {"c": 2.0, "y": 1.0}, "3": {"d": 1.0}}
    _, evaluation = evaluated(("NumRet", "P@1"), qrels, one, two)
    first, second = (row.cells for row in summary(evaluation).rows)
    assert (first["NumRet"].mean, first["P@1"].mean) == (3, pytest.approx(2 / 3))
    assert second["NumRet"].mean == 6
    against = second["NumRet"].against
    assert against is not None
    assert (against.difference, against.interval, against.wins) == (3, (3, 3), 3)


def test_queries_without_a_relevant_document_do_not_count_for_accuracy() -> None:
    """ir_measures' own ends with a division by zero where a list is relevant throughout."""
    qrels = {"1": {"a": 1}, "2": {"b": 1}, "3": {"c": 1}, "4": {"d": 1}}
    run = {"1": {"x": 2.0, "a": 1.0}, "2": {"b": 2.0, "y": 1.0}, "3": {"z": 1.0}, "4": {"d": 1.0}}
    _, evaluation = evaluated(("Accuracy", "RR"), qrels, run)
    table = summary(evaluation)
    assert table.rows[0].cells["Accuracy"].mean == 0.5  # the first two
    assert table.rows[0].queries == 4
    assert table.lacking["Accuracy"] in table.notes
    assert table.lacking["Accuracy"].startswith("Accuracy has no value for some system in 2 queries")
    assert table.rows[0].cells["RR"].mean == (0.5 + 1 + 0 + 1) / 4


@needs_perl
def test_a_provider_that_fails_takes_no_other_measure_along(monkeypatch: pytest.MonkeyPatch) -> None:
    qrels, run = {"1": {"a": 1}}, {"1": {"a": 2.0, "b": 1.0}}

    def broken(*_: object) -> Iterator[Any]:
        raise OSError("perl is gone")
        yield

    parse_measures(["ERR@10"])
    with monkeypatch.context() as patched:
        patched.setattr(GdevalEvaluator, "_iter_calc", broken)
        stored, evaluation = evaluated(("ERR@10", "nDCG@10"), qrels, run)
    table = summary(evaluation)
    assert math.isnan(table.rows[0].cells["ERR@10"].mean)
    assert table.rows[0].cells["nDCG@10"].mean == 1
    assert table.rows[0].queries == 1
    assert [note for note in table.notes if note.startswith("ERR@10 has no values: what computes it failed")]
    again = made_up.measured(stored, "ERR@10").evaluation()  # asked for again, and perl is back
    assert summary(again).rows[0].cells["ERR@10"].mean == pytest.approx(1 / 16, abs=1e-4)
    assert summary(again).rows[0].cells["nDCG@10"].mean == 1


@needs_perl
def test_a_grade_that_err_does_not_know_is_said_and_other_measures_go_on() -> None:
    qrels, run = {"1": {"a": 5}, "2": {"b": 1}}, {"1": {"a": 2.0}, "2": {"b": 1.0}}
    _, evaluation = evaluated(("ERR@10", "nDCG(dcg='exp-log2')@5", "nDCG@10"), qrels, run)
    table = summary(evaluation)
    assert [math.isnan(table.rows[0].cells[name].mean) for name in evaluation.measures] == [True, True, False]
    why = "is computed by gdeval, which takes grades up to 4, and the highest here is 5"
    assert [note.partition(": ")[0] for note in table.notes if why in note] == [
        f"{name} has no values" for name in evaluation.measures[:2]
    ]


def test_what_measures_is_not_confused_by_what_else_is_asked_for() -> None:
    """pytrec_eval gives `nDCG` the gains of another, where both are asked for at once."""
    names = ("nDCG(gains={1:9})@5", "nDCG@5", "NumRet", "P(judged_only=True)@5", "SetF(beta=2.0)", "SetF")
    lists = [Graded((1, None, 2, None), (1,))]
    together = measure_lists(parse_measures(names), lists)[:, 0].tolist()
    assert together == [measure_lists(parse_measures([name]), lists)[0, 0] for name in names]
    assert together[2] == 4
