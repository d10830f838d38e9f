"""The stage at fault, on lists where it is known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.unit.evaluation.made_up import append, numbered, queries, ranked, spec, standings_of, stored
from zsr_tui.domain import Problem
from zsr_tui.evaluation import store
from zsr_tui.evaluation.failures import FATES, OUTCOMES, Fate, Outcome, counts, fates, outcome_index
from zsr_tui.evaluation.results import EvaluatedSystem, Evaluation, RankedList, Stage

BM25, DENSE, RERANKED = 0, 1, 2


@pytest.fixture
def evaluation() -> Evaluation:
    """bm25 has d1 ... d30; the reranker gets d1 ... d20 and turns them round; dense has d30, d29 ... and x."""
    bm25 = numbered(30)
    lists = {0: ranked(*bm25), 1: ranked("x", *bm25[::-1]), 2: ranked(*bm25[19::-1])}
    judgments = {"d1": 1, "d15": 2, "d20": 1, "d25": 1, "nowhere": 1, "x": 1, "d2": 0}
    return stored([judgments], [lists]).evaluation()


def of(evaluation: Evaluation, system: int, doc_id: str) -> Fate:
    (found,) = [
        fate
        for fate in fates(evaluation, 0)
        if fate.system == system and fate.doc_id == doc_id and fate.outcome is not Outcome.ONE_FAMILY
    ]
    return found


@pytest.mark.parametrize(
    ("system", "doc_id", "outcome", "stage", "before", "final"),
    [
        pytest.param(BM25, "d1", Outcome.FOUND, None, None, 1, id="found"),
        pytest.param(BM25, "d15", Outcome.LOW, 0, None, 15, id="low in the first stage"),
        pytest.param(BM25, "nowhere", Outcome.NOT_RETRIEVED, 0, None, None, id="not retrieved"),
        pytest.param(RERANKED, "nowhere", Outcome.NOT_RETRIEVED, 0, None, None, id="not retrieved to be reranked"),
        pytest.param(RERANKED, "d25", Outcome.BELOW_DEPTH, 0, 25, None, id="below the rerank depth"),
        pytest.param(RERANKED, "d1", Outcome.DEMOTED, 2, 1, 20, id="demoted"),
        pytest.param(RERANKED, "d20", Outcome.RECOVERED, 2, 20, 1, id="recovered"),
        pytest.param(RERANKED, "d15", Outcome.RECOVERED, 2, 15, 6, id="recovered from the second page"),
        pytest.param(DENSE, "x", Outcome.FOUND, None, None, 1, id="found by dense"),
        pytest.param(BM25, "d2", Outcome.NOT_RELEVANT, None, None, 2, id="not relevant"),
        pytest.param(BM25, "d3", Outcome.UNJUDGED, None, None, 3, id="unjudged"),
    ],
)
def test_every_fate(
    evaluation: Evaluation,
    system: int,
    doc_id: str,
    outcome: Outcome,
    stage: int | None,
    before: int | None,
    final: int | None,
) -> None:
    fate = of(evaluation, system, doc_id)
    assert (fate.outcome, fate.stage, fate.before, fate.final) == (outcome, stage, before, final)


def test_what_one_family_alone_finds_is_said_besides(evaluation: Evaluation) -> None:
    alone = {(fate.system, fate.doc_id) for fate in fates(evaluation, 0) if fate.outcome is Outcome.ONE_FAMILY}
    assert alone == {(BM25, "d1"), (DENSE, "x"), (DENSE, "d25"), (RERANKED, "d20"), (RERANKED, "d15")}


def test_every_relevant_document_has_one_fate_in_every_system(evaluation: Evaluation) -> None:
    table = counts(evaluation)
    assert table.shape == (3, len(OUTCOMES), 1)
    assert table[:, : len(FATES), 0].sum(axis=1).tolist() == [6, 6, 6]
    # the first ten hold relevant documents, judged ones that are not, and unjudged ones
    assert table[BM25, OUTCOMES.index(Outcome.UNJUDGED), 0] == 8


def test_a_document_that_the_reranker_left_out_is_its_fault() -> None:
    lists = {0: ranked(*numbered(5)), 1: ranked(), 2: ranked("d1", "d3", "d4", "d5")}
    evaluation = stored([{"d2": 1}], [lists]).evaluation()
    fate = of(evaluation, RERANKED, "d2")
    assert (fate.outcome, fate.stage, fate.before) == (Outcome.DEMOTED, 2, 2)
    assert of(evaluation, DENSE, "d2").outcome is Outcome.NOT_RETRIEVED


def test_a_system_is_looked_at_as_deep_as_it_is_measured() -> None:
    """bm25 % 3: what stands below is not among its first ten, and not found."""
    systems = (EvaluatedSystem("bm25 % 3", "bm25 % 3", "bm25", None, stages=(0,), depth=3),)
    made = store.create(spec(systems=systems), queries({"d2": 2, "d3": 1, "d5": 1, "d6": 0, "d1": 0}))
    append(made, 0, {0: ranked(*numbered(20))})
    evaluation = made.evaluation()
    assert fates(evaluation, 0) == [
        Fate(0, "d2", Outcome.FOUND, 2, None, None, 2),
        Fate(0, "d3", Outcome.FOUND, 1, None, None, 3),
        Fate(0, "d5", Outcome.BELOW_DEPTH, 1, 0, 5, None),
        Fate(0, "d1", Outcome.NOT_RELEVANT, 0, None, None, 1),
    ]
    table = counts(evaluation)[0, :, 0]
    assert table[OUTCOMES.index(Outcome.UNJUDGED)] == 0
    assert table[OUTCOMES.index(Outcome.NOT_RELEVANT)] == 1


def test_two_run_files_are_two_families() -> None:
    stages = (Stage("run a", "run file"), Stage("run b", "run file"), Stage("bm25", "retrieve"))
    systems = (
        EvaluatedSystem("run a", "a.run", "", None, "run file", stages=(0,)),
        EvaluatedSystem("run b", "b.run", "", None, "run file", stages=(1,)),
    )
    made = store.create(spec(stages=stages, systems=systems), queries({"d1": 1, "x": 2}))
    append(made, 0, {0: ranked(*numbered(9), "x"), 1: ranked("d1", "d2")})
    alone = [fate for fate in fates(made.evaluation(), 0) if fate.outcome is Outcome.ONE_FAMILY]
    assert alone == [Fate(0, "x", Outcome.ONE_FAMILY, 2, None, None, 10)]
    assert counts(made.evaluation())[:, OUTCOMES.index(Outcome.ONE_FAMILY), 0].tolist() == [1, 0]


def test_two_systems_of_one_family_find_it_in_one_family() -> None:
    stages = (Stage("bm25", "retrieve"), Stage("bm25(k1=2, b=1)", "retrieve"), Stage("dense(m)", "retrieve", "m"))
    families = ("bm25", "bm25", "bi-encoder")
    systems = tuple(
        EvaluatedSystem(stage.notation, stage.notation, family, None, stages=(place,))
        for place, (stage, family) in enumerate(zip(stages, families, strict=True))
    )
    made = store.create(spec(stages=stages, systems=systems), queries({"d1": 1}))
    append(made, 0, {0: ranked("d1"), 1: ranked("d2", "d1"), 2: ranked("d2")})
    alone = [(fate.system, fate.final) for fate in fates(made.evaluation(), 0) if fate.outcome is Outcome.ONE_FAMILY]
    assert alone == [(0, 1), (1, 2)]


def test_an_outcome_that_there_is_not_names_those_that_there_are() -> None:
    with pytest.raises(Problem, match="no outcome 'lost': take one of found, recovered, not retrieved") as caught:
        outcome_index("lost")
    assert caught.value.usage


def pushed(before: Sequence[str], after: Sequence[str], **judgments: int) -> list[tuple[str, Outcome]]:
    """What became of the relevant documents of a list that was reranked."""
    lists = {0: ranked(*before), 1: ranked(), 2: ranked(*after)}
    evaluation = stored([judgments], [lists]).evaluation()
    found = [(fate.doc_id, fate.outcome) for fate in fates(evaluation, 0) if fate.system == RERANKED and fate.grade]
    return [each for each in found if each[1] is not Outcome.ONE_FAMILY]


def test_pushed_down_is_what_stands_below_more_documents_that_are_not_known_to_be_relevant() -> None:
    before = numbered(12)
    assert pushed(before, ["d2", "d3", "d4", "d5", "d1"], d1=1) == [("d1", Outcome.PUSHED_DOWN)]
    # d2 is judged, but not relevant
    assert pushed(before, ["d2", "d1"], d1=1, d2=0) == [("d1", Outcome.PUSHED_DOWN)]


def test_going_down_only_because_relevant_documents_came_up_is_no_fault() -> None:
    before = numbered(12)
    after = ["d3", "d11", "d1", "d2"]
    assert pushed(before, after, d1=1, d3=2, d11=1) == [
        ("d1", Outcome.FOUND),
        ("d3", Outcome.FOUND),
        ("d11", Outcome.RECOVERED),
    ]


def test_a_document_that_kept_its_place_was_not_pushed_down() -> None:
    # d1 was lost, so that one more document that is not relevant stands above d3: its place is the same
    after = ["d4", "d2", "d3", *numbered(8, start=5), "d1"]
    assert pushed(numbered(12), after, d1=1, d3=1) == [("d1", Outcome.DEMOTED), ("d3", Outcome.FOUND)]


CHAIN = (
    Stage("bm25", "retrieve", depth=1000),
    Stage("bm25 % 20 >> a", "rerank", "a", (0,), 20),
    Stage("bm25 % 20 >> a >> b", "rerank", "b", (1,), 1000),
)


def in_a_chain(*lists: RankedList) -> Fate:
    """Of d1, the only relevant document."""
    systems = (EvaluatedSystem("bm25 % 20 >> a >> b", "chain", "cross-encoder", None, stages=(0, 1, 2)),)
    made = store.create(spec(stages=CHAIN, systems=systems), queries({"d1": 1}))
    append(made, 0, dict(enumerate(lists)))
    (fate,) = [each for each in fates(made.evaluation(), 0) if each.doc_id == "d1"]
    return fate


def at(rank: int) -> RankedList:
    """d1 at a rank among twenty."""
    others = numbered(19, start=2)
    return ranked(*others[: rank - 1], "d1", *others[rank - 1 :])


@pytest.mark.parametrize(
    ("ranks", "outcome", "stage", "before"),
    [
        pytest.param((1, 5, 5), Outcome.PUSHED_DOWN, 1, 1, id="pushed down by the first"),
        pytest.param((1, 1, 5), Outcome.PUSHED_DOWN, 2, 1, id="pushed down by the second"),
        # the one that put most above it
        pytest.param((1, 2, 6), Outcome.PUSHED_DOWN, 2, 2, id="pushed down most by the second"),
        pytest.param((1, 4, 5), Outcome.PUSHED_DOWN, 1, 1, id="pushed down most by the first"),
        # the second one did not make good all of it
        pytest.param((1, 4, 3), Outcome.PUSHED_DOWN, 1, 1, id="partly made good"),
        pytest.param((1, 15, 5), Outcome.PUSHED_DOWN, 1, 1, id="mostly made good"),
        pytest.param((5, 15, 3), Outcome.RECOVERED, 2, 15, id="recovered by the second"),
        pytest.param((15, 2, 3), Outcome.PUSHED_DOWN, 2, 2, id="recovered then pushed down"),
        pytest.param((15, 3, 3), Outcome.RECOVERED, 1, 15, id="recovered by the first"),
        pytest.param((3, 5, 3), Outcome.FOUND, None, 5, id="made good"),
        pytest.param((4, 3, 2), Outcome.FOUND, None, 3, id="better at each stage"),
        pytest.param((1, 15, 18), Outcome.DEMOTED, 1, 1, id="demoted by the first"),
        pytest.param((15, 3, 18), Outcome.DEMOTED, 2, 3, id="demoted by the second"),
        pytest.param((15, 18, 12), Outcome.LOW, 2, 18, id="low in all stages"),
        pytest.param((10, 15, 18), Outcome.DEMOTED, 1, 10, id="demoted from the tenth place"),
        pytest.param((10, 10, 10), Outcome.FOUND, None, 10, id="the tenth throughout"),
        pytest.param((15, 12, 10), Outcome.RECOVERED, 2, 12, id="recovered to the tenth place"),
    ],
)
def test_every_stage_of_a_chain_counts(ranks: Sequence[int], outcome: Outcome, stage: int | None, before: int) -> None:
    fate = in_a_chain(*map(at, ranks))
    assert (fate.outcome, fate.stage, fate.before, fate.final) == (outcome, stage, before, ranks[-1])


def test_the_stage_of_a_chain_that_demoted_a_document_answers_for_it_though_a_later_one_left_it_out() -> None:
    fate = in_a_chain(at(1), at(15), ranked("d2", "d3"))
    assert (fate.outcome, fate.stage, fate.before, fate.final) == (Outcome.DEMOTED, 1, 1, None)
    fate = in_a_chain(at(15), at(14), ranked("d2", "d3"))
    assert (fate.outcome, fate.stage, fate.final) == (Outcome.LOW, 2, None)
    fate = in_a_chain(at(15), ranked("d2", "d3"), ranked("d3", "d2"))  # the first reranker left it out
    assert (fate.outcome, fate.stage, fate.before, fate.final) == (Outcome.LOW, 1, 15, None)


def test_counts_are_those_of_the_fates_and_read_the_same_from_disk_as_from_the_lists() -> None:
    """Random lists, some of them missing, short or empty."""
    drawn = random.Random(5)
    ids = numbered(60)
    lists, judgments = [], []
    for query in range(40):
        first, dense = drawn.sample(ids, drawn.choice([0, 3, 50])), drawn.sample(ids, 40)
        given = first[:20]
        drawn.shuffle(given)
        made = {0: ranked(*first), 1: ranked(*dense), 2: ranked(*given[: drawn.choice([5, 20])])}
        lists.append({stage: each for stage, each in made.items() if query % 7 or stage == 0})
        judgments.append(
            {doc_id: drawn.choice([-1, 0, 1, 2]) for doc_id in drawn.sample(ids, drawn.choice([0, 4, 30]))}
        )
    from_disk = stored(judgments, lists).evaluation()
    from_lists = replace(from_disk, standings=lambda query: standings_of(from_disk.lists(query)))
    table = counts(from_disk)
    read: list[int] = []
    assert (table == counts(from_lists, read.append)).all()
    assert read == list(range(1, 41))
    for query in range(40):
        found = fates(from_disk, query)
        assert found == fates(from_lists, query)
        for system in range(3):
            own = [fate.outcome for fate in found if fate.system == system]
            assert [own.count(outcome) for outcome in OUTCOMES] == table[system, :, query].tolist()
    assert (table.sum(axis=(0, 2)) > 0).all(), "every outcome was among them"
