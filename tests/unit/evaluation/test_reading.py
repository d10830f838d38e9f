"""What takes every ranking is computed once, in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.unit.evaluation.made_up import numbered, ranked, stored
from tests.waiting import DEADLINE, wait_for
from zsr_tui.domain import Problem
from zsr_tui.evaluation import reading
from zsr_tui.evaluation.failures import Outcome
from zsr_tui.evaluation.query_table import QueryTable
from zsr_tui.evaluation.reading import Readings
from zsr_tui.selection import QuerySelection

Read = Callable[[int], None]


def test_it_says_how_far_it_is_and_is_done_once_for_all_who_ask() -> None:
    go, begun = threading.Event(), []

    def work(read: Read) -> str:
        begun.append(1)
        read(3)
        go.wait(DEADLINE)
        return "done"

    readings = Readings()
    first = readings.of("key", work)
    wait_for(lambda: readings.of("key", work).done == 3)
    assert not first.ready(0)
    assert not readings.known("key")
    go.set()
    assert first.ready(DEADLINE)
    assert readings.of("key", work).result() == "done"
    assert readings.known("key")
    assert len(begun) == 1
    readings.forget("key")
    assert readings.of("key", work).result() == "done"
    assert len(begun) == 2


def test_what_failed_is_said_to_everybody_and_tried_again_later() -> None:
    broken = [True]

    def work(read: Read) -> int:
        if broken.pop():
            raise Problem("the lists are damaged.")
        return 7

    broken = [False, True]
    readings = Readings()
    first = readings.of("key", work)
    with pytest.raises(Problem, match="damaged"):
        first.result()
    assert first.ready(DEADLINE)
    assert readings.of("key", work).result() == 7


def test_it_is_given_up_when_nobody_asks_any_more_unless_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FORGOTTEN", 0.05)
    pause = threading.Event()
    reached = []

    def work(read: Read) -> str:
        for done in range(20):
            pause.wait(0.02)
            read(done)
            reached.append(done)
        return "done"

    readings = Readings()
    left = readings.of("key", work)
    while not left.future.done():
        pause.wait(0.02)
    assert len(reached) < 20
    monkeypatch.setattr(reading, "FORGOTTEN", DEADLINE)
    assert readings.of("key", work).result() == "done"  # begun anew, and waited for


def test_rows_that_need_rankings_wait_until_they_are_read() -> None:
    """The relevant document is where the number of the query says; the last lists are held back."""
    go = threading.Event()
    judgments = [{f"d{n + 1}": 1, "x": 1} for n in range(6)]
    evaluation = stored(
        judgments, [{0: ranked(*numbered(30)), 1: ranked(*numbered(30)), 2: ranked("d1")}] * 6
    ).evaluation()
    read = evaluation.lists

    def slowly(query: int) -> object:
        if query == 5:
            go.wait(DEADLINE)
        return read(query)

    object.__setattr__(evaluation, "lists", slowly)
    table = QueryTable(evaluation)
    plain = QuerySelection("nDCG@10", 1, 0)
    compared = QuerySelection("nDCG@10", 1, 0, sort="rbo")
    grouped = QuerySelection("nDCG@10", 2, 0, feature="query length")
    lost = QuerySelection("nDCG@10", 2, 0, outcome=Outcome.DEMOTED.label, sort="documents", descending=True)
    assert table.unread(plain, False, 0.05) is None
    wait_for(lambda: table.unread(plain, True, 0) == 5)
    for asked in (compared, grouped):
        wait_for(lambda asked=asked: table.unread(asked, False, 0) == 5)
    go.set()
    for asked in (compared, grouped, lost):
        assert table.unread(asked, True, DEADLINE) is None
    assert len(table.rows(grouped)) == 6
    counts = table.outcomes[2, list(Outcome).index(Outcome.DEMOTED)]
    rows = table.rows(lost).tolist()
    assert rows == sorted(rows, key=lambda query: -counts[query])
    assert {int(query) for query in counts.nonzero()[0]} == set(rows)
    with pytest.raises(Problem, match="cannot be sorted by 'documents'"):
        table.rows(QuerySelection("nDCG@10", 1, 0, sort="documents"))
