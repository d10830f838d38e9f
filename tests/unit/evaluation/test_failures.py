"""The stage at fault, on lists where it is known."""

from __future__ import annotations

import pytest

from tests.unit.evaluation.made_up import numbered, ranked, stored
from zsr_tui.evaluation.failures import OUTCOMES, Fate, Outcome, counts, fates
from zsr_tui.evaluation.results import Evaluation

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
        (BM25, "d1", Outcome.FOUND, None, None, 1),
        (BM25, "d15", Outcome.LOW, 0, None, 15),
        (BM25, "nowhere", Outcome.NOT_RETRIEVED, 0, None, None),
        (RERANKED, "nowhere", Outcome.NOT_RETRIEVED, 0, None, None),
        (RERANKED, "d25", Outcome.BELOW_DEPTH, 0, 25, None),
        (RERANKED, "d1", Outcome.DEMOTED, 2, 1, 20),
        (RERANKED, "d20", Outcome.RECOVERED, 2, 20, 1),
        (RERANKED, "d15", Outcome.RECOVERED, 2, 15, 6),
        (DENSE, "x", Outcome.FOUND, None, None, 1),
        (BM25, "d2", Outcome.NOT_RELEVANT, None, None, 2),
        (BM25, "d3", Outcome.UNJUDGED, None, None, 3),
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
    assert table[:, :6, 0].sum(axis=1).tolist() == [6, 6, 6]
    # the first ten hold relevant documents, judged ones that are not, and unjudged ones
    assert table[BM25, OUTCOMES.index(Outcome.UNJUDGED), 0] == 8


def test_a_document_that_the_reranker_left_out_is_its_fault() -> None:
    lists = {0: ranked(*numbered(5)), 1: ranked(), 2: ranked("d1", "d3", "d4", "d5")}
    evaluation = stored([{"d2": 1}], [lists]).evaluation()
    fate = of(evaluation, RERANKED, "d2")
    assert (fate.outcome, fate.stage, fate.before) == (Outcome.DEMOTED, 2, 2)
    assert of(evaluation, DENSE, "d2").outcome is Outcome.NOT_RETRIEVED
