from __future__ import annotations

import pytest

from zsr_tui.domain import ScoredDoc
from zsr_tui.retrieval.fusion import ranked, rrf


def docs(*ids: str) -> list[ScoredDoc]:
    return [ScoredDoc(doc_id, 100.0 - rank) for rank, doc_id in enumerate(ids)]


def test_the_formula_by_hand() -> None:
    fused = rrf([docs("a", "b"), docs("b", "c")])

    assert [doc.doc_id for doc in fused] == ["b", "a", "c"]
    assert [doc.score for doc in fused] == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62])


def test_scores_of_the_lists_do_not_matter_only_their_order() -> None:
    loud = [ScoredDoc("a", 1e9), ScoredDoc("b", -1e9)]

    assert rrf([loud, docs("c")]) == rrf([docs("a", "b"), docs("c")])


def test_ties_go_by_document_id_ascending_whatever_the_order_of_the_lists() -> None:
    lists = [docs("a", "x"), docs("b", "y"), docs("c", "z")]

    fused = rrf(lists)

    assert [doc.doc_id for doc in fused] == ["a", "b", "c", "x", "y", "z"]
    assert rrf(lists[::-1]) == fused


def test_a_document_counts_once_per_list_at_its_best_place() -> None:
    assert rrf([docs("a", "b", "a")]) == rrf([docs("a", "b")])


def test_k_sets_how_much_the_top_weighs() -> None:
    lists = [docs("a", "b", "c"), docs("x", "b", "c"), docs("y", "c", "b")]

    assert rrf(lists, k=0)[0].doc_id == "b"
    assert rrf([docs("a")], k=1)[0].score == 0.5


def test_nothing_to_fuse_is_an_empty_ranking() -> None:
    assert rrf([]) == rrf([[], []]) == []


def test_ranked_orders_by_score_and_then_by_id_ascending() -> None:
    assert ranked([ScoredDoc("a", 1.0), ScoredDoc("10", 2.0), ScoredDoc("b", 1.0)]) == [
        ScoredDoc("10", 2.0),
        ScoredDoc("a", 1.0),
        ScoredDoc("b", 1.0),
    ]
