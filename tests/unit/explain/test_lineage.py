"""A document's way through the stages of a system."""

from __future__ import annotations

from zsr_tui.domain import ScoredDoc
from zsr_tui.explain.lineage import NO_TERM, Reached, lineage


def ranking(ids: str) -> list[ScoredDoc]:
    return [ScoredDoc(one, float(10 - place)) for place, one in enumerate(ids)]


BM25 = Reached(stage="bm25", kind="retrieve", ranking=ranking("abcd"), kept=2)


def reranked(ids: str, alone: tuple[float, int, bool] | None = None) -> Reached:
    return Reached(stage="bm25 % 2 >> m", kind="rerank", ranking=ranking(ids), before=(0,), alone=alone)


def test_rank_score_and_gain_by_stage() -> None:
    first, last = lineage([BM25, reranked("ba")], "b")
    assert (first.rank, first.of, first.score, first.gain, first.dropped) == (2, 4, 9.0, None, "")
    assert (last.rank, last.of, last.score, last.gain, last.dropped) == (1, 2, 10.0, 1, "")


def test_a_document_that_was_cut_off_says_by_which_cut_and_where_it_would_stand() -> None:
    first, last = lineage([BM25, reranked("ba", alone=(9.5, 2, False))], "c")
    assert (first.rank, first.would, first.dropped) == (3, False, "cut after 2")
    assert (last.rank, last.score, last.would, last.gain) == (2, 9.5, True, None)
    assert (first.place, last.place) == ("rank 3 of 4", "would be rank 2")
    assert last.dropped == "was not among its candidates"


def test_a_document_that_was_not_found_is_scored_on_demand() -> None:
    stage = Reached(stage="bm25", kind="retrieve", ranking=ranking("ab"), alone=(0.0, 3, True), stopped=NO_TERM)
    (only,) = lineage([stage], "z")
    assert (only.rank, only.at_least, only.would, only.score, only.dropped) == (3, True, True, 0.0, NO_TERM)
    assert only.place == "would be rank 3 or lower"
    (unknown,) = lineage([Reached(stage="dense(m)", kind="retrieve", ranking=ranking("ab"))], "z")
    assert (unknown.rank, unknown.dropped) == (None, "not in its first 2")
