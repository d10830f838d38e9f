"""What the engine keeps of stored evaluations between two requests."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.unit.evaluation.made_up import append, measured, numbered, queries, ranked, spec, stored
from zsr_tui.api.queries import ReadQueries
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluation.queries import query_rows
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.selection import QuerySelection


@pytest.fixture
def shelf(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Nothing is stored yet."""
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    return Shelf(library)


LISTS = {0: ranked(*numbered(20)), 1: ranked("d3"), 2: ranked("d2", "d1")}


def texts(shelf: Shelf) -> list[str]:
    return [row.text for row in query_rows(shelf, ReadQueries(id="e1")).rows]


def test_a_page_does_not_read_the_queries_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    stored([{"d1": 1}], [LISTS])
    first = texts(shelf)
    monkeypatch.setattr(store, "find", lambda _: pytest.fail("the evaluation was read again"))
    assert texts(shelf) == first == ["query number 1"]


def test_what_was_stored_since_is_seen(shelf: Shelf) -> None:
    one = store.create(spec(), queries({"d1": 1}, {"d2": 1}))
    append(one, 0, LISTS)
    before = query_rows(shelf, ReadQueries(id="e1")).rows
    assert [math.isnan(row.values[0]) for row in before] == [False, True]
    append(one, 1, LISTS)
    assert [math.isnan(row.values[0]) for row in query_rows(shelf, ReadQueries(id="e1")).rows] == [False, False]
    measured(one, "AP")
    assert query_rows(shelf, ReadQueries(id="e1", selection=QuerySelection(measure="AP"))).rows[0].values[
        0
    ] == pytest.approx(1.0)


def test_an_evaluation_that_was_deleted_or_begun_anew_is_not_the_old_one(shelf: Shelf) -> None:
    stored([{"d1": 1}], [LISTS])
    assert texts(shelf) == ["query number 1"]
    store.delete("e1")
    with pytest.raises(Problem, match="no stored evaluation 'e1'"):
        texts(shelf)
    stored([{"d1": 1}, {"d2": 1}], [LISTS, LISTS])
    assert texts(shelf) == ["query number 1", "query number 2"]
