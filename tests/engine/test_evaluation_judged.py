"""Stored evaluations over the judgments of any sources: what was run stays, and every number is over what counts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from msgspec.structs import replace

from tests.unit.evaluation.made_up import numbered, ranked, stored
from zsr_tui.api.evaluations import ReadEvaluation, ReadReport
from zsr_tui.api.judging import Judgment, judged_id
from zsr_tui.api.notes import Remark
from zsr_tui.api.queries import ReadBreakdowns, ReadFates, ReadQueries
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluation import judged
from zsr_tui.engine.evaluation.documents import fate_views
from zsr_tui.engine.evaluation.queries import breakdown_views, query_rows
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.evaluation.systems import evaluation_view, report
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import Library
from zsr_tui.evaluation.breakdown import TAGS
from zsr_tui.selection import QuerySelection

DATASET = "made/up"  # is not on this machine: the numbers need no documents
OWN = judged_id("e1", ("own", "dataset"))


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptShelf]:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    lists = {0: ranked(*numbered(20)), 1: ranked("d3"), 2: ranked("d2", "d1")}
    stored([{"d1": 1}, {"d2": 1, "d9": 0}], [lists, lists])
    shelf = KeptShelf(Library())
    yield shelf
    shelf.of_id(DATASET).file.close()


def judge(kept: KeptShelf, qid: str, doc_id: str, grade: int) -> None:
    judgment = Judgment(query_id=qid, doc_id=doc_id, grade=grade, who="ann")
    kept.of_id(DATASET).judgments.keep(judgment, over=True)


def test_both_values_are_there_as_soon_as_somebody_has_judged_and_follow_every_judgment(kept: KeptShelf) -> None:
    shelf = Shelf(Library(), kept)
    official = evaluation_view(shelf, ReadEvaluation(id="e1"))
    assert (official.counting, official.beside) == (("dataset",), ())
    measure = official.item.measures[0]
    judge(kept, "q1", "d2", 1)
    judge(kept, "not in the evaluation", "d2", 1)
    seen = evaluation_view(shelf, ReadEvaluation(id="e1"))
    with_own = evaluation_view(shelf, ReadEvaluation(id=OWN))
    assert (seen.beside, with_own.beside) == (("own", "dataset"), ("dataset",))
    assert with_own.judgments == {"own": 1, "dataset": 3}
    assert with_own.item.id == "e1"
    for one, other, before in zip(seen.systems, with_own.systems, official.systems, strict=True):
        cell, own = one.cells[measure], other.cells[measure]
        assert cell.mean == before.cells[measure].mean == own.beside
        assert cell.beside == own.mean
    assert any(each.cells[measure].mean != each.cells[measure].beside for each in with_own.systems)
    assert any("own, then the dataset's (1 own, 3 the dataset's)" in note for note in with_own.notes)
    judge(kept, "q1", "d2", 0)
    again = evaluation_view(shelf, ReadEvaluation(id=OWN))
    pairs = zip(again.systems, with_own.systems, strict=True)
    assert any(one.cells[measure].mean != other.cells[measure].mean for one, other in pairs)


def test_what_counts_is_made_once_for_each_choice_and_again_after_a_judgment(
    kept: KeptShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    unite = judged.unite
    monkeypatch.setattr(judged, "unite", lambda by_source, sources: made.append(sources) or unite(by_source, sources))
    shelf = Shelf(Library(), kept)
    judge(kept, "q1", "d2", 1)
    for _ in range(3):
        assert evaluation_view(shelf, ReadEvaluation(id=OWN)).judgments == {"own": 1, "dataset": 3}
    assert len(made) == 4  # two queries, over what counts and over the dataset's alone
    judge(kept, "q2", "d1", 1)
    assert evaluation_view(shelf, ReadEvaluation(id=OWN)).judgments == {"own": 2, "dataset": 3}
    assert len(made) == 6


def test_queries_and_classes_of_failure_are_over_what_counts_too(kept: KeptShelf) -> None:
    shelf = Shelf(Library(), kept)
    judge(kept, "q1", "d15", 1)
    assert [row.relevant for row in query_rows(shelf, ReadQueries(id=OWN)).rows] == [2, 1]
    assert [row.relevant for row in query_rows(shelf, ReadQueries(id="e1")).rows] == [1, 1]
    assert {fate.doc_id for fate in fate_views(shelf, ReadFates(id=OWN, query=0))} >= {"d15"}
    assert "d15" not in {fate.doc_id for fate in fate_views(shelf, ReadFates(id="e1", query=0))}


def test_a_query_that_has_no_judgment_left_has_no_value_and_counts_as_no_zero(kept: KeptShelf) -> None:
    shelf = Shelf(Library(), kept)
    judge(kept, "q2", "d2", 1)
    rows = query_rows(shelf, ReadQueries(id=judged_id("e1", ("own",)))).rows
    assert [math.isnan(row.values[0]) for row in rows] == [True, False]


def test_a_source_that_there_is_not_is_refused(kept: KeptShelf) -> None:
    with pytest.raises(Problem, match="there are no judgments of 'mine'"):
        query_rows(Shelf(Library(), kept), ReadQueries(id="e1~mine"))


def test_tags_are_counted_beside_what_goes_with_failure_and_their_queries_can_be_listed(kept: KeptShelf) -> None:
    shelf = Shelf(Library(), kept)
    assert TAGS not in {each.feature for each in breakdown_views(shelf, ReadBreakdowns(id="e1"))}
    for qid, tag, doc_id in (
        ("q1", "typo", ""),
        ("q2", "typo", "d2"),
        ("q2", "too short", ""),
        ("elsewhere", "typo", ""),
    ):
        remark = Remark(kind="tag", query_id=qid, doc_id=doc_id, text=tag, who="ann")
        kept.of_id(DATASET).remarks.keep(remark)
    first = breakdown_views(shelf, ReadBreakdowns(id="e1"))[0]
    assert [(first.feature, group.label, group.queries) for group in first.groups] == [
        (TAGS, "typo", 2),
        (TAGS, "too short", 1),
    ]
    of_tag = ReadQueries(id="e1", selection=QuerySelection(feature=TAGS, group=1))
    assert [row.qid for row in query_rows(shelf, of_tag).rows] == ["q2"]


@pytest.mark.parametrize("format", [".md", ".html"])
def test_what_was_judged_and_noted_of_its_queries_is_in_a_report_on_demand(
    kept: KeptShelf, format: Literal[".md", ".html"]
) -> None:
    shelf = Shelf(Library(), kept)
    judge(kept, "q1", "d15", 1)
    for qid, text in (("q2", "a <b>note</b>"), ("elsewhere", "not of these queries")):
        kept.of_id(DATASET).remarks.keep(Remark(kind="note", query_id=qid, text=text, who="ann"))
    asked = ReadReport(id="e1", format=format, kept=True)
    (made,) = report(shelf, asked)
    said = made.content.decode()
    assert "Judged and noted" in said
    assert "1 own judgment, 1 note" in said.replace("1 note, 1 own judgment", "1 own judgment, 1 note")
    assert "note" in said
    assert "<b>note</b>" not in said
    assert "not of these queries" not in said
    (without,) = report(shelf, replace(asked, kept=False))
    assert "Judged and noted" not in without.content.decode()
