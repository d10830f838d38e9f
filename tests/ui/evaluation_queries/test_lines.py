"""Lines of the tables and pictures, as text."""

from __future__ import annotations

import pytest

from zsr_tui.api.evaluations import FateView, ScatterPoint
from zsr_tui.ui.render import width_of
from zsr_tui.ui.screens.evaluation_queries_asked import parts
from zsr_tui.ui.widgets.difference_bars import BarPainter, bar, bins
from zsr_tui.ui.widgets.failure_classes_paths import in_words, paths
from zsr_tui.ui.widgets.query_table_columns import Look, TablePainter, fitting
from zsr_tui.ui.widgets.scatter_plot import places

from .fake import query_row

RERANKED = "bm25 % 100 >> reranker"


@pytest.mark.parametrize(
    ("typed", "match", "length", "relevant"),
    [
        ("", "", "", ""),
        ("cold  water", "cold water", "", ""),
        ("cold words:3-8 water relevant:2-", "cold water", "3-8", "2-"),
        ("WORDS:5", "", "5", ""),
        ("words:- relevant:-1", "", "", "-1"),
        ("words:a-b keywords:3", "words:a-b keywords:3", "", ""),
    ],
)
def test_ranges_stand_anywhere_in_the_filter_line(typed: str, match: str, length: str, relevant: str) -> None:
    assert parts(typed) == (match, length, relevant)


@pytest.mark.parametrize("width", [80, 118, 198])
@pytest.mark.parametrize("systems", [2, 10])
def test_a_line_of_the_table_fills_its_width_and_keeps_what_is_compared(width: int, systems: int) -> None:
    look = Look(systems=systems, system=systems - 1, baseline=0, sort="text", agreements=True)
    painter = TablePainter(look)
    shown = {sort for column in fitting(look, width) for sort in column.sorts}
    assert {"text", "difference", "value:0", f"value:{systems - 1}"} <= shown
    assert width_of(painter.head(width)) == width
    assert width_of(painter.line(query_row(2, True), ">", width)) == width
    assert width_of(BarPainter(look).line(query_row(2, True), ">", width)) == width


def test_what_the_table_is_sorted_by_is_shown_however_narrow_it_is() -> None:
    for sort in ("length", "Judged@10", "value:7", "tau_ap"):
        look = Look(systems=10, sort=sort, agreements=True)
        assert any(sort in column.sorts for column in fitting(look, 80))


def test_bars_are_on_either_side_of_the_axis_and_never_wider_than_their_half() -> None:
    for value in (-1.0, -0.5, -0.001, 0.0, 0.001, 0.5, 1.0, 7.0):
        drawn = "".join(text for text, _ in bar(value, 1.0, 10))
        assert len(drawn) == 21
        left, right = drawn.split("│")
        assert bool(left.strip()) == (value < 0)
        assert bool(right.strip()) == (value > 0)


@pytest.mark.parametrize("count", [0, 1, 7, 100, 101, 10_000])
def test_every_query_has_a_place_in_the_chart(count: int) -> None:
    columns = bins([0.0] * count, 100)
    assert len(columns) <= 100
    assert sorted({place for column in columns for place in column}) == list(range(count))


def test_ranks_and_scores_put_what_is_good_to_the_top_and_right() -> None:
    def point(rank: int | None, baseline: int | None) -> ScatterPoint:
        def score(at: int | None) -> float | None:
            return None if at is None else -float(at)

        return ScatterPoint(
            doc_id="d",
            grade=None,
            rank=rank,
            score=score(rank),
            baseline_rank=baseline,
            baseline_score=score(baseline),
        )

    found = [point(1, 100), point(100, 1), point(None, 10), point(10, None)]
    for by in ("rank", "score"):
        first, second, third, fourth = places(found, by, 50, 20)  # type: ignore[arg-type]
        assert first == (0, 0)
        assert second == (49, 19)
        assert third[1] == 20  # below the field
        assert fourth[0] == -1  # left of it
    assert places([point(1, 1)], "rank", 50, 20) == [(49, 0)]


def fate(outcome: str, stage: str, before: int | None, final: int | None, doc: str = "d") -> FateView:
    return FateView(system=0, doc_id=doc, outcome=outcome, grade=1, stage=stage, before=before, final=final)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (fate("found", "", None, 3), "found"),
        (fate("recovered", RERANKED, 40, 2), "recovered by reranker"),
        (fate("not retrieved", "bm25", None, None), "not retrieved by bm25"),
        (fate("below the rerank depth", "bm25", 143, None), "too low in bm25 to be reranked"),
        (fate("demoted", RERANKED, 3, 57), "demoted by reranker"),
        (fate("demoted", RERANKED, 3, None), "left out by reranker"),
        (fate("judged low", "bm25", None, 31), "low in bm25"),
        (fate("judged low", RERANKED, 40, 31), "low in every stage"),
    ],
)
def test_the_stage_at_fault_is_named(given: FateView, words: str) -> None:
    assert in_words(given) == words


def test_documents_of_the_class_come_first_and_what_is_not_relevant_only_when_asked_for() -> None:
    fates = [
        fate("found", "", None, 1, "good"),
        fate("one family only", "", None, 1, "good"),
        fate("demoted", RERANKED, 3, 57, "lost"),
        fate("unjudged", "", None, 2, "new"),
    ]
    assert [path.fate.doc_id for path in paths(fates, 0)] == ["lost", "good"]
    assert [path.fate.doc_id for path in paths(fates, 0, "unjudged")] == ["new", "lost", "good"]
    assert [path.fate.doc_id for path in paths(fates, 0, "one family only")] == ["good", "lost"]
    assert paths(fates, 1) == []
