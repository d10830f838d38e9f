"""Fusion by hand: the numbers here were computed on paper from the formulas of the papers that `fusion` names."""

from __future__ import annotations

import math

import pytest

from zsr_tui.domain import ScoredDoc
from zsr_tui.explain.fusion import explain
from zsr_tui.fusion import fused, normed, ranked
from zsr_tui.pipeline import Bm25, Dense, Linear, Norm, Rrf, parse, reweighted


def docs(*ids: str) -> list[ScoredDoc]:
    return [ScoredDoc(doc_id, 100.0 - rank) for rank, doc_id in enumerate(ids)]


def scored(**scores: float) -> list[ScoredDoc]:
    return [ScoredDoc(doc_id, score) for doc_id, score in scores.items()]


def rrf(lists: list[list[ScoredDoc]], k: int = 60, weights: tuple[float, ...] = ()) -> list[ScoredDoc]:
    return fused(Rrf((Bm25(),) * len(lists), weights, k), lists)


def linear(lists: list[list[ScoredDoc]], *weights: float, norm: Norm = "minmax") -> dict[str, float]:
    found = fused(Linear((Bm25(), Dense("m"), Dense("n"))[: len(lists)], weights, norm), lists)
    return {doc.doc_id: doc.score for doc in found}


def test_the_formula_by_hand() -> None:
    found = rrf([docs("a", "b"), docs("b", "c")])

    assert [doc.doc_id for doc in found] == ["b", "a", "c"]
    assert [doc.score for doc in found] == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62])


def test_a_weight_counts_a_list_so_many_times() -> None:
    lists = [docs("a", "b"), docs("b", "c"), docs("c")]

    assert rrf(lists, weights=(2, 1, 1)) == rrf([lists[0], *lists])
    assert [doc.doc_id for doc in rrf(lists, weights=(1, 0, 0))] == ["a", "b"]  # what only the others have is not there


def test_scores_of_the_lists_do_not_matter_only_their_order() -> None:
    loud = [ScoredDoc("a", 1e9), ScoredDoc("b", -1e9)]

    assert rrf([loud, docs("c")]) == rrf([docs("a", "b"), docs("c")])


def test_ties_go_by_document_id_ascending_whatever_the_order_of_the_lists() -> None:
    lists = [docs("a", "x"), docs("b", "y"), docs("c", "z")]

    found = rrf(lists)

    assert [doc.doc_id for doc in found] == ["a", "b", "c", "x", "y", "z"]
    assert rrf(lists[::-1]) == found
    assert list(linear([scored(b=3, d=1), scored(a=9, c=2)], 1, 1)) == ["a", "b", "c", "d"]


def test_a_document_counts_once_per_list_at_its_best_place() -> None:
    assert rrf([docs("a", "b", "a")]) == rrf([docs("a", "b")])
    assert linear([scored(a=4, b=2) + scored(a=0), docs("c")], 1, 1) == {"a": 1, "c": 1, "b": 0}


def test_k_sets_how_much_the_top_weighs() -> None:
    lists = [docs("a", "b", "c"), docs("x", "b", "c"), docs("y", "c", "b")]

    assert rrf(lists, k=0)[0].doc_id == "b"
    assert rrf([docs("a")], k=1)[0].score == 0.5


def test_nothing_to_fuse_is_an_empty_ranking() -> None:
    assert rrf([[], []]) == []
    assert linear([[], []]) == {}


@pytest.mark.parametrize(
    ("norm", "listed", "missing"),
    [
        pytest.param("minmax", {"a": 1, "b": 0.5, "c": 0}, 0, id="minmax"),
        pytest.param("sum", {"a": 2 / 3, "b": 1 / 3, "c": 0}, 0, id="sum"),
        pytest.param("zscore", {"a": math.sqrt(1.5), "b": 0, "c": -math.sqrt(1.5)}, -math.sqrt(1.5), id="zscore"),
    ],
)
@pytest.mark.parametrize("shift", [pytest.param(0, id="positive"), pytest.param(-100, id="negative scores")])
def test_what_a_list_gives(norm: Norm, listed: dict[str, float], missing: float, shift: float) -> None:
    found = normed(norm, {"a": 6 + shift, "b": 4 + shift, "c": 2 + shift})

    assert found.listed == pytest.approx(listed)
    assert found.missing == pytest.approx(missing)


@pytest.mark.parametrize(
    ("norm", "each"),
    [
        pytest.param("minmax", 1, id="minmax"),
        pytest.param("sum", 0.5, id="sum"),
        pytest.param("zscore", 0, id="zscore"),
    ],
)
def test_scores_that_are_all_the_same_do_not_divide_by_nothing(norm: Norm, each: float) -> None:
    found = normed(norm, {"a": 0.1, "b": 0.1})

    assert (found.listed, found.missing) == ({"a": each, "b": each}, 0)
    assert normed(norm, {"a": -3}).listed == {"a": each * 2 if norm == "sum" else each}


def test_a_weighted_sum_by_hand() -> None:
    words, meaning = scored(a=10, b=6, c=2), scored(c=0.9, d=0.8, a=0.7)

    assert linear([words, meaning], 0.7, 0.3) == pytest.approx({"a": 0.7, "b": 0.35, "c": 0.3, "d": 0.15})
    assert list(linear([words, meaning], 0.7, 0.3)) == ["a", "b", "c", "d"]
    by_z = linear([words, meaning], 1, 1, norm="zscore")
    z = math.sqrt(1.5)
    assert by_z == pytest.approx({"a": 0, "c": 0, "b": -z, "d": -z})  # 0 for what is missing would put d above c


def test_a_list_without_weight_has_no_say_and_the_others_keep_their_own_order() -> None:
    words, meaning = scored(a=10, b=6, c=2), scored(c=0.9, d=0.8)

    assert list(linear([words, meaning], 1, 0)) == ["a", "b", "c"]
    assert list(linear([words, meaning], 0, 1)) == ["c", "d"]


def test_ranked_orders_by_score_and_then_by_id_ascending() -> None:
    assert ranked([ScoredDoc("a", 1.0), ScoredDoc("10", 2.0), ScoredDoc("b", 1.0)]) == [
        ScoredDoc("10", 2.0),
        ScoredDoc("a", 1.0),
        ScoredDoc("b", 1.0),
    ]


@pytest.mark.parametrize("fusion", [Rrf((Bm25(), Dense("m"))), Linear((Bm25(), Dense("m")))], ids=["rrf", "linear"])
@pytest.mark.parametrize("weights", [(1.0, 1.0), (0.2, 1.8)], ids=["as asked", "moved"])
def test_an_explanation_adds_up_to_the_score_of_the_row(fusion: Rrf | Linear, weights: tuple[float, ...]) -> None:
    lists = [docs("a", "b"), docs("b", "c")]
    system = parse(str(reweighted(fusion, weights)))  # as the screen hands it on
    assert isinstance(system, Rrf | Linear)

    for row in fused(system, lists):
        assert explain(system, lists, row.doc_id).sum == pytest.approx(row.score)
