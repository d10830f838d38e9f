"""What is computed from a stored evaluation: comparison, query table, rerank depth, breakdowns, matrix."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from tests.unit.evaluation.made_up import append, numbered, queries, ranked, spec, stored
from zsr_tui.domain import Doc, Problem
from zsr_tui.evaluation import across, rerank_depth, significance, store
from zsr_tui.evaluation.breakdown import breakdowns, features
from zsr_tui.evaluation.comparison import member_mean, summary
from zsr_tui.evaluation.failures import Outcome
from zsr_tui.evaluation.query_table import QueryTable
from zsr_tui.evaluation.results import Evaluation, RankedList
from zsr_tui.selection import QuerySelection
from zsr_tui.text import Terms


@pytest.fixture
def evaluation() -> Evaluation:
    """12 queries; the one relevant document is at rank 3 for bm25, 1 for dense in the even ones and nowhere in the
    others, and the reranker lifts it by as many ranks as the query's number allows."""
    judgments = [{"d3": 1, "d4": 0} for _ in range(12)]
    lists: list[dict[int, RankedList]] = []
    for number in range(12):
        dense = ranked("d3", "y") if number % 2 == 0 else ranked("y", "z")
        order = numbered(20)
        order.insert(min(number, 2), order.pop(2))
        lists.append({0: ranked(*numbered(30)), 1: dense, 2: ranked(*order, cut=["d3"] if number < 4 else [])})
    return stored(judgments, lists).evaluation()


def test_the_summary_is_scipys(evaluation: Evaluation) -> None:
    table = summary(evaluation, baseline=0, test="t")
    base, dense, reranked = (evaluation.values[system, 0] for system in range(3))
    p = [stats.ttest_rel(dense, base).pvalue, stats.ttest_rel(reranked, base).pvalue]
    cells = [row.cells["nDCG@10"] for row in table.rows]
    assert cells[0].against is None
    assert [cell.mean for cell in cells] == pytest.approx([base.mean(), dense.mean(), reranked.mean()])
    for cell, theirs, adjusted, values in zip(
        cells[1:], p, significance.holm(np.array(p)), (dense, reranked), strict=True
    ):
        assert cell.against is not None
        assert cell.against.p == pytest.approx(theirs)
        assert cell.against.p_holm == pytest.approx(adjusted)
        assert cell.against.difference == pytest.approx((values - base).mean())
        assert cell.against.interval[0] <= cell.against.difference <= cell.against.interval[1]
    assert (cells[1].against.wins, cells[1].against.ties, cells[1].against.losses) == (6, 0, 6)  # type: ignore[union-attr]
    assert (cells[2].against.wins, cells[2].against.ties, cells[2].against.losses) == (2, 10, 0)  # type: ignore[union-attr]


def test_the_randomisation_test_is_used_when_it_is_asked_for(evaluation: Evaluation) -> None:
    table = summary(evaluation, baseline=1, test="randomisation")
    base, dense = evaluation.values[0, 0], evaluation.values[1, 0]
    expected = stats.permutation_test((base - dense,), np.mean, permutation_type="samples", n_resamples=10_000).pvalue
    against = table.rows[0].cells["nDCG@10"].against
    assert against is not None
    assert against.p == pytest.approx(expected, abs=1e-9)  # 2^12 changes of sign: exact
    assert table.rows[1].cells["nDCG@10"].against is None


def test_the_bounds_enclose_the_value(evaluation: Evaluation) -> None:
    for row in summary(evaluation).rows:
        cell = row.cells["nDCG@10"]
        assert cell.mean <= cell.maximum
        assert math.isnan(row.cells["Judged@10"].maximum)


def test_systems_on_different_queries_are_compared_on_those_that_both_have() -> None:
    one = store.create(spec(), queries({"d1": 1}, {"d1": 1}, {"d1": 1}))
    whole = {0: ranked("d1"), 1: ranked("x", "d1"), 2: ranked("d1")}
    append(one, 0, whole)
    append(one, 1, whole)
    append(one, 2, {0: ranked("x"), 1: ranked("d1")})
    table = summary(one.evaluation())
    reranked = table.rows[2].cells["RR@10"]
    assert table.rows[2].queries == 2
    assert reranked.mean == 1.0
    assert reranked.against is not None
    assert (reranked.against.queries, reranked.against.difference) == (2, 0.0)
    assert len(table.notes) == 1
    assert "not run the same queries" in table.notes[0]


def test_the_table_says_what_it_was_made_of(evaluation: Evaluation) -> None:
    table = summary(evaluation, baseline=1, test="randomisation")
    assert (table.baseline, table.test, table.notes) == (1, "randomisation", ())
    assert [row.system for row in table.rows] == [0, 1, 2]
    differences = (evaluation.values[[0, 2]] - evaluation.values[1])[:, 0].T
    for at, system in enumerate((0, 2)):
        cell = table.rows[system].cells["nDCG@10"]
        assert cell.against is not None
        assert cell.against.p == significance.randomisation(differences)[at]
        assert cell.against.effect == pytest.approx(significance.effect_size(differences)[at])
        assert cell.condensed == pytest.approx(evaluation.condensed[system, 0].mean())


def test_a_dataset_of_several_members_averages_their_means() -> None:
    members = ("cqa/a", "cqa/b")
    asked = [*queries({"d1": 1}, {"d1": 1}, {"d1": 1}, member="cqa/a"), *queries({"d1": 1}, member="cqa/b")]
    one = store.create(spec(members=members, measures=("RR@10", "NumRelRet")), asked)
    for number, doc in enumerate(["d1", "d1", "d1", "x"]):
        append(one, number, {0: ranked(doc), 1: ranked(doc), 2: ranked(doc)})
    evaluation = one.evaluation()
    assert member_mean(evaluation, "RR@10", evaluation.values[0, 0]) == 0.5
    assert member_mean(evaluation, "NumRelRet", evaluation.values[0, 1]) == 3  # added up over all of them
    only_second = np.array([np.nan, np.nan, np.nan, 0.25])
    assert member_mean(evaluation, "RR@10", only_second) == 0.25  # of the one that has run
    assert any("2 datasets" in note for note in summary(evaluation).notes)


def asked(**changed: object) -> QuerySelection:
    return QuerySelection(**{"measure": "nDCG@10", "system": 1, "baseline": 0, **changed})  # type: ignore[arg-type]


def test_the_query_table_sorts_by_every_column(evaluation: Evaluation) -> None:
    table = QueryTable(evaluation)
    even, odd = list(range(0, 12, 2)), list(range(1, 12, 2))
    assert table.rows(asked(sort="difference", descending=True)).tolist() == even + odd
    assert table.rows(asked(sort="difference")).tolist() == odd + even
    assert table.rows(asked(sort="value:1", descending=True)).tolist() == even + odd
    assert table.rows(asked(descending=True)).tolist() == list(range(11, -1, -1))
    assert table.rows(asked(sort="disagreement", descending=True)).tolist() == odd + even
    assert table.rows(asked(sort="qid")).tolist()[:4] == [0, 9, 10, 11]  # q1 q10 q11 q12
    for column in ("text", "length", "relevant", "judged", "Judged@10", "value", "abs", "rbo", "jaccard", "tau_ap"):
        assert sorted(table.rows(asked(sort=column)).tolist()) == list(range(12)), column
    with pytest.raises(Problem, match="cannot be sorted by 'colour'"):
        table.rows(asked(sort="colour"))
    with pytest.raises(Problem, match="no system 7"):
        table.rows(asked(sort="value:7"))


def test_the_query_table_is_filtered(evaluation: Evaluation) -> None:
    table = QueryTable(evaluation)
    assert table.rows(asked(sign="win")).tolist() == list(range(0, 12, 2))
    assert table.rows(asked(sign="loss", match="NUMBER 1")).tolist() == [9, 11]
    assert table.rows(asked(sign="tie")).tolist() == []
    assert table.rows(asked(outcome=Outcome.NOT_RETRIEVED.label)).tolist() == list(range(1, 12, 2))
    assert len(table.rows(asked(length="3", relevant="1-5"))) == 12
    assert len(table.rows(asked(length="4-9"))) == 0


def test_the_query_table_lists_the_queries_of_every_group_of_a_breakdown(evaluation: Evaluation) -> None:
    docs = {"d3": Doc("d3", "", "number " * 40)}
    known = dataclasses.replace(evaluation, documents=lambda _, ids: {one: docs[one] for one in ids if one in docs})
    table = QueryTable(known, lambda _, text: float(text.split()[-1]))
    found = breakdowns(known, "nDCG@10", known=table.features())
    assert {each.feature.name for each in found} >= {
        "rarity of the query's terms",
        "query terms in a relevant document",
    }
    for each in found:
        for number, group in enumerate(each.feature.groups):
            listed = table.rows(asked(feature=each.feature.name, group=number))
            assert listed.tolist() == list(group.queries), (each.feature.name, group.label)
    assert table.rows(
        asked(feature="rarity of the query's terms", group=3, sort="position", descending=True)
    ).tolist() == [*(11, 10, 9)]
    with pytest.raises(Problem, match="no group 4"):
        table.rows(asked(feature="rarity of the query's terms", group=4))
    with pytest.raises(Problem, match="cannot be grouped by 'colour'"):
        table.rows(asked(feature="colour"))


def test_the_depth_curve_ends_at_the_list_and_begins_before_reranking(evaluation: Evaluation) -> None:
    curve = rerank_depth.curve(evaluation, 2, "nDCG@10")
    assert list(curve) == [0, 10, 20]
    assert curve[0] == pytest.approx(evaluation.values[0, 0].mean())
    assert curve[20] == pytest.approx(evaluation.values[2, 0].mean())
    assert rerank_depth.curve(evaluation, 0, "nDCG@10") == {}
    assert list(rerank_depth.curves(evaluation, "nDCG@10")) == [2]


def test_reranking_fewer_is_what_a_shallower_system_returns() -> None:
    """The reranker turns the list round: with depth 10 the tenth comes first, and the eleventh stays where it was."""
    lists = {0: ranked(*numbered(30)), 1: ranked(), 2: ranked(*numbered(20)[::-1])}
    evaluation = stored([{"d10": 1}], [lists]).evaluation()
    means = rerank_depth.curve(evaluation, 2, "RR@10").values()
    assert list(means) == pytest.approx([1 / 10, 1.0, 0.0])


def test_breakdowns_count_every_query_once(evaluation: Evaluation) -> None:
    docs = {"d3": Doc("d3", "", "number " * 40)}
    known = dataclasses.replace(evaluation, documents=lambda _, ids: {one: docs[one] for one in ids if one in docs})
    found = {each.feature.name: each for each in breakdowns(known, "nDCG@10", lambda _, text: float(text.split()[-1]))}
    for each in found.values():
        assert sum(len(group.queries) for group in each.feature.groups) + each.feature.missing == 12, each.feature.name
    rarity = found["rarity of the query's terms"]
    assert [len(group.queries) for group in rarity.feature.groups] == [3, 3, 3, 3]
    assert [group.low for group in rarity.feature.groups] == [1.0, 4.0, 7.0, 10.0]
    overlap = found["query terms in a relevant document"]
    assert overlap.feature.groups[0].low == pytest.approx(1 / 3)  # "number", of query, number and the digit
    of_language = dataclasses.replace(known, terms=lambda *_: Terms.of("number elsewhere"))
    (overlap,) = [each for each in breakdowns(of_language, "nDCG@10") if each.feature.name == overlap.feature.name]
    assert overlap.feature.groups[0].low == 1 / 2  # "number", of two terms
    assert found["length of the relevant documents"].feature.groups[0].low == 40
    cut = found["relevant documents and the reranker's input"]
    assert [(group.label, len(group.queries)) for group in cut.feature.groups] == [
        ("all fitted", 8),
        ("some did not fit", 4),
    ]
    expected = evaluation.values[2, 0, :4].mean()
    assert cut.means[1][2] == pytest.approx(expected)


def test_of_several_relevant_documents_the_best_overlap_counts_and_any_cut() -> None:
    """A query with two relevant documents: one has all of its terms and was cut, the other fitted and has one of them;
    a second query whose documents all fitted, and a third whose reranked documents are not relevant."""
    docs = {"d1": Doc("d1", "", "query number 1 at last"), "d2": Doc("d2", "", "a number")}
    lists = {0: ranked("d1", "d2", "d3"), 1: ranked("d1"), 2: ranked("d2", "d1", "d3", cut=["d1", "d3"])}
    fitted = {0: ranked("d1", "d2"), 1: ranked("d1"), 2: ranked("d2", "d1")}
    made = stored([{"d1": 1, "d2": 1, "d3": 0}, {"d1": 1, "d2": 1}, {"d4": 1}], [lists, fitted, lists]).evaluation()
    known = dataclasses.replace(made, documents=lambda _, ids: {one: docs[one] for one in ids if one in docs})
    found = {each.feature.name: each.feature for each in breakdowns(known, "nDCG@10")}
    overlap = found["query terms in a relevant document"]
    assert [(group.low, group.high, group.queries.tolist()) for group in overlap.groups] == [
        (pytest.approx(2 / 3), 1.0, [0, 1])
    ]
    cut = found["relevant documents and the reranker's input"]
    assert [(group.label, group.queries.tolist()) for group in cut.groups] == [
        ("all fitted", [1]),
        ("some did not fit", [0]),
    ]
    assert (overlap.missing, cut.missing) == (1, 1)
    length = found["length of the relevant documents"]
    assert [(group.label, group.low, group.high) for group in length.groups] == [("3.50", 3.5, 3.5)]  # of 5 and 2 words
    assert [(each.name, each.unit) for each in found.values()] == [
        ("query length", "words"),
        ("query terms in a relevant document", "share, the best document's"),
        ("length of the relevant documents", "words, mean"),
        ("relevant documents and the reranker's input", ""),
    ]
    assert [(group.low, group.high) for group in cut.groups] == [(0.0, 0.0), (1.0, 1.0)]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ((100.1, 100.3, 250.0, 1234.0), ["100.1 to 100.3", "250", "1,234"]),
        ((0.5, 99.5, 100.4, 101.0), ["0.50 to 99.50", "100", "101"]),
        ((2.0, 2.0, 2.0, 2.0), ["2"]),
    ],
    ids=["equal but for decimals", "decimals below a hundred", "all the same"],
)
def test_groups_are_called_by_the_values_in_them(values: Sequence[float], labels: Sequence[str]) -> None:
    lists = {system: ranked("d3") for system in range(3)}
    made = stored([{"d3": 1}] * 4, [lists] * 4).evaluation()
    asked: list[tuple[str, str]] = []

    def rarity(dataset: str, text: str) -> float:
        asked.append((dataset, text))
        return values[int(text.split()[-1]) - 1]

    found = {each.feature.name: each for each in breakdowns(made, "nDCG@10", rarity)}["rarity of the query's terms"]
    assert [group.label for group in found.feature.groups] == labels
    assert found.title == "nDCG@10 by rarity of the query's terms (mean idf)"
    assert asked == [("made/up", f"query number {number}") for number in range(1, 5)]


def test_features_are_read_query_by_query() -> None:
    lists = {system: ranked("d3") for system in range(3)}
    made = stored([{"d3": 1}] * 3, [{}, lists, lists]).evaluation()
    members: list[str] = []
    known = dataclasses.replace(made, documents=lambda member, _: members.append(member) or {})
    read: list[int] = []
    found = features(known, read=read.append)
    assert (read, members) == ([1, 2, 3], ["made/up"] * 2)
    assert [group.queries.tolist() for group in found[0].groups] == [[1, 2]]  # the first has not run


def test_queries_that_have_not_run_yet_are_in_no_group() -> None:
    lists = {system: ranked("d3", "x") for system in range(3)}
    running = stored([{"d3": 1} for _ in range(5)], [lists] * 2).evaluation()
    for each in breakdowns(running, "nDCG@10"):
        assert sorted(number for group in each.feature.groups for number in group.queries) == [0, 1], each.feature.name
        assert each.feature.missing == 3


def test_features_that_cannot_be_told_are_left_out(evaluation: Evaluation) -> None:
    features = {each.feature.name for each in breakdowns(evaluation, "nDCG@10")}
    assert features == {"query length", "relevant documents and the reranker's input"}


def test_the_matrix_marks_the_best_and_averages_what_all_have() -> None:
    msmarco, scifact, nfcorpus = "beir/msmarco/dev", "beir/scifact/test", "beir/nfcorpus/test"
    means = {("bm25", msmarco): 0.23, ("bm25", scifact): 0.68, ("bm25", nfcorpus): 0.32}
    means |= {("dense", msmarco): 0.40, ("dense", scifact): 0.64}
    means |= {("large", msmarco): 0.39, ("large", scifact): 0.73, ("large", nfcorpus): 0.37}
    found = across.matrix("nDCG@10", means)
    assert found.common == (scifact,)
    assert found.averages == pytest.approx((0.68, 0.64, 0.73))
    assert found.best == ((1,), (2,), (2,))
    assert found.cells[1][2] is None
    # in domain bm25 < large < dense, zero-shot dense < bm25 < large: one pair of three agrees
    assert found.correlation == pytest.approx(-1 / 3)
    # a run file of one dataset more does not empty the averages: those with two datasets in common keep theirs
    more = across.matrix("nDCG@10", {**means, ("other.run", "demo"): 0.9})
    assert more.common == (scifact, nfcorpus)
    assert more.averages == (pytest.approx(0.5), None, pytest.approx(0.55), None)
    assert more.correlation is None  # of two systems
    # without the system that has one dataset only, both count
    both = across.matrix("nDCG@10", {place: mean for place, mean in means.items() if place[0] != "dense"})
    assert both.common == (scifact, nfcorpus)
    assert both.averages == pytest.approx((0.5, 0.55))
    apart = across.matrix("nDCG@10", {("bm25", scifact): 0.5, ("dense", nfcorpus): 0.4})
    assert (apart.common, apart.averages) == ((), (None, None))
    assert across.matrix("nDCG@10", {("bm25", "demo"): 0.5}).correlation is None
    assert across.matrix("nDCG@10", {}).systems == ()
