"""Lines of the tables and pictures, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import FateView, ScatterPoint, StageLossesView, StepView
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.parts.pieces import Piece, width_of
from zsr_tui.ui.queries.bars.painter import BarPainter, bar
from zsr_tui.ui.queries.bars.plot import bins
from zsr_tui.ui.queries.choice import QueryChoice, parts
from zsr_tui.ui.queries.documents.paths import PathColumns, in_words, paths
from zsr_tui.ui.queries.documents.scatter import places
from zsr_tui.ui.queries.documents.verdict import verdict_lines
from zsr_tui.ui.queries.field import Axis, cells
from zsr_tui.ui.queries.scatter import diagonal, limits
from zsr_tui.ui.queries.table.columns import TablePainter

from ..fake.queries import StoredEngine, query_row


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


def sorted_by(sort: str, system: int) -> QueryChoice:
    return QueryChoice("e1", QuerySelection(system=system, sort=sort), agreements=True)


def of(systems: int) -> EvaluationItem:
    """An evaluation of so many systems."""
    (item,) = StoredEngine().evaluations()
    return msgspec.structs.replace(item, systems=tuple(map(str, range(systems))))


@pytest.mark.parametrize("width", [80, 118, 198])
@pytest.mark.parametrize("systems", [2, 10])
def test_a_line_of_the_table_fills_its_width_and_keeps_what_is_compared(width: int, systems: int) -> None:
    choice = sorted_by("text", system=systems - 1)
    painter = TablePainter(choice, of(systems))
    shown = {sort for column in painter.columns(width) for sort in column.sorts}
    assert {"text", "difference", "value:0", f"value:{systems - 1}"} <= shown
    assert width_of(painter.head(width)) == width
    assert width_of(painter.line(query_row(2, True), ">", width)) == width
    assert width_of(BarPainter(choice.selection).line(query_row(2, True), ">", width)) == width


def test_what_the_table_is_sorted_by_is_shown_however_narrow_it_is() -> None:
    for sort in ("length", "Judged@10", "value:7", "tau_ap"):
        painter = TablePainter(sorted_by(sort, system=1), of(10))
        assert any(sort in column.sorts for column in painter.columns(80))


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


@pytest.mark.parametrize(("width", "height"), [(72, 14), (112, 30), (12, 30), (10, 3)])
def test_equal_values_are_on_the_diagonal_and_losses_below_it(width: int, height: int) -> None:
    values = [0.0, 0.25, 0.5, 0.75, 1.0]
    line = diagonal(width, height)
    steps = max(1, width // height + 1)
    axes = Axis(0.0, 1.0, height), Axis(0.0, 1.0, width)
    for x, y in cells(values, values, *axes):
        assert min(abs(x - column) for column, there in line if abs(there - y) <= 1) <= steps
    assert (0, height - 1) in line
    assert (width - 1, 0) in line
    ((x, y),) = cells([0.2], [0.9], *axes)
    assert all(there < y for column, there in line if column >= x)
    assert limits([0.2, 7.5, -1.0]) == (-1.0, 7.5)
    assert limits([]) == (0.0, 1.0)


def fate(outcome: str, stage: str, before: int | None, final: int | None, doc: str = "d", **more: Any) -> FateView:
    return FateView(system=0, doc_id=doc, outcome=outcome, grade=1, stage=stage, before=before, final=final, **more)


def losses(*steps: StepView, at_fault: int | None, difference: float | None, verdict: str = "v") -> StageLossesView:
    return StageLossesView(
        query=0,
        system=2,
        baseline=0,
        measure="nDCG@10",
        steps=steps,
        at_fault=at_fault,
        difference=difference,
        verdict=verdict,
    )


def flat(lines: Sequence[Sequence[Piece]]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_the_verdict_shows_every_stage_and_what_it_changed() -> None:
    found = losses(
        StepView(name="bm25", value=0.63, change=0.0, baseline=True),
        StepView(name="dense M", value=0.4, change=-0.23),
        StepView(name="rrf", value=0.5, change=0.1, beside=(("b", 0.63),)),
        StepView(name="% 20", value=0.45, change=-0.05, cut=True),
        at_fault=1,
        difference=-0.18,
        verdict="at fault: dense M, −0.230",
    )
    assert flat(verdict_lines(found, 120)) == [
        " nDCG@10  bm25 (baseline) 0.630 · dense M 0.400 −0.230 → rrf 0.500 +0.100 (with b 0.630) → % 20 0.450 −0.050",
        " At fault: dense M, −0.230",
    ]
    first, second = verdict_lines(found, 120)
    assert [text for text, role in first if role == "warning"] == ["dense M ", "0.400"]
    assert second[-1][1] == "warning"


@pytest.mark.parametrize("width", [60, 78, 100])
def test_names_of_stages_give_way_to_the_figures(width: int) -> None:
    found = losses(
        StepView(name="bm25", value=0.63, change=0.0, baseline=True),
        StepView(name="a-very-long-name-of-a-reranker-model", value=0.4, change=-0.23),
        at_fault=1,
        difference=-0.23,
    )
    line, _ = flat(verdict_lines(found, width))
    assert len(line) <= width
    assert "bm25 (baseline) 0.630" in line
    assert "0.400 −0.230" in line


def test_a_long_way_gives_up_the_other_lists_and_the_changes_before_the_values() -> None:
    found = losses(
        StepView(name="bm25", value=0.63, change=0.0, baseline=True),
        StepView(name="rrf", value=0.5, change=-0.13, beside=(("dense all-MiniLM-L6-v2", 0.4),)),
        StepView(name="a-very-long-name-of-a-reranker-model", value=0.4, change=-0.1),
        at_fault=1,
        difference=-0.23,
    )
    wide, narrow, narrowest = (flat(verdict_lines(found, width))[0] for width in (140, 80, 60))
    assert "(with dense all-MiniLM-L6-v2 0.400) → a-very-long-name-of-a-reranker-model 0.400 −0.100" in wide
    assert "rrf 0.500 −0.130 → a-very" in narrow
    assert "rrf 0.500 → a-" in narrowest
    assert narrowest.endswith(" 0.400")


def test_a_verdict_without_stages_is_one_line_and_a_gain_is_no_warning() -> None:
    assert flat(verdict_lines(losses(at_fault=None, difference=None, verdict="nothing is judged relevant"), 80)) == [
        " Nothing is judged relevant"
    ]
    made_good = losses(
        StepView(name="bm25", value=0.5, change=0.0, baseline=True),
        StepView(name="a", value=0.9, change=0.4),
        StepView(name="b", value=0.7, change=-0.2),
        at_fault=2,
        difference=0.2,
    )
    assert verdict_lines(made_good, 80)[1][-1][1] == "text"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(fate("found", "", None, 3), "found", id="found"),
        pytest.param(fate("recovered", "reranker", 40, 2), "recovered by reranker", id="recovered"),
        pytest.param(fate("not retrieved", "bm25", None, None), "not retrieved by bm25", id="not retrieved"),
        pytest.param(
            fate("below the rerank depth", "bm25", 143, None),
            "too low in bm25 to be reranked",
            id="below the rerank depth",
        ),
        pytest.param(fate("demoted", "reranker", 3, 57), "demoted by reranker", id="demoted"),
        pytest.param(
            fate("demoted", "reranker", 3, None, ranks=(("bm25", 3), ("reranker", None))),
            "left out by reranker",
            id="left out",
        ),
        pytest.param(
            fate("demoted", "a", 3, None, ranks=(("bm25", 3), ("a", 15), ("b", None))),
            "demoted by a",
            id="demoted by the first of two",
        ),
        pytest.param(fate("pushed down", "reranker", 1, 5), "pushed down by reranker", id="pushed down"),
        pytest.param(fate("ranked low", "bm25", None, 31), "low in bm25", id="ranked low"),
        pytest.param(fate("ranked low", "reranker", 40, 31), "low in every stage", id="low everywhere"),
    ],
)
def test_the_stage_at_fault_is_named(given: FateView, words: str) -> None:
    assert in_words(given) == words


def test_documents_of_the_class_come_first_and_what_is_not_relevant_only_when_asked_for() -> None:
    fates = [
        fate("found", "", None, 1, "good"),
        fate("one family only", "", None, 1, "good"),
        fate("demoted", "reranker", 3, 57, "lost"),
        fate("unjudged", "", None, 2, "new"),
    ]
    assert [path.fate.doc_id for path in paths(fates, 0)] == ["lost", "good"]
    assert [path.fate.doc_id for path in paths(fates, 0, "unjudged")] == ["new", "lost", "good"]
    assert [path.fate.doc_id for path in paths(fates, 0, "one family only")] == ["good", "lost"]
    assert paths(fates, 1) == []


def test_on_a_win_what_was_gained_comes_first_with_the_baselines_rank_beside_its_own() -> None:
    fates = [
        fate("found", "", None, 1, "kept"),
        fate("ranked low", "bm25", None, 31, "lost"),
        fate("found", "", None, 4, "gained"),
        fate("found", "", None, 9, "new"),
    ]
    baseline = [
        msgspec.structs.replace(fate("found", "", None, 1, "kept"), system=1),
        msgspec.structs.replace(fate("found", "", None, 5, "lost"), system=1),
        msgspec.structs.replace(fate("ranked low", "", None, 40, "gained"), system=1),
        msgspec.structs.replace(fate("not retrieved", "bm25", None, None, "new"), system=1),
    ]
    won = paths([*fates, *baseline], 0, baseline=1, won=True)
    assert [path.fate.doc_id for path in won] == ["new", "gained", "lost", "kept"]
    assert [path.fate.doc_id for path in paths([*fates, *baseline], 0, baseline=1)] == ["lost", "kept", "gained", "new"]
    lines = flat([PathColumns.of(won, 80).line(path, " ") for path in won])
    assert [line.rstrip()[-5:].strip() for line in lines] == ["◆ –", "◆ 40", "◆ 5", "◆ 1"]
    assert [path.beside[1] for path in won] == ["up", "up", "down", "same"]
    assert all(path.beside[0] == "" for path in paths(baseline, 1, baseline=1))
