"""Lists that follow the query line while it is typed."""

from __future__ import annotations

from msgspec.structs import replace

from tests.waiting import until
from zsr_tui.api.events import SearchFinished
from zsr_tui.ui.compare.lists import Phase
from zsr_tui.ui.compare.messages import LiveChanged
from zsr_tui.ui.compare.session import QUICK, SearchSession

from ..fake.engine import BM25, DENSE, RERANKED, SYSTEMS, FakeEngine
from .app import CompareApp
from .screen import compare, finished, rows, text
from .test_search_session import ranking, started


async def test_at_a_pause_quick_lists_are_asked_and_enter_asks_all() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42", live=True)
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        reranked = [row.doc_id for row in compare(pilot).session.lists[2].rows]
        await pilot.press("slash", *"statin")
        await until(pilot, lambda: compare(pilot).session.query == "statin")
        await finished(pilot)
        assert [request.systems for request in engine.requests[1:]] == [(BM25, DENSE)] * (len(engine.requests) - 1)
        assert compare(pilot).query_line.input.has_focus
        assert "of the query before; enter asks" in compare(pilot).rankings.panes[2].head.text
        assert [row.doc_id for row in compare(pilot).session.lists[2].rows] == reranked
        assert "Statin therapy" in rows(compare(pilot).rankings.panes[0].ranking)[0]
        assert compare(pilot).history == []
        before = len(engine.requests)
        await pilot.press("space")  # the same query
        await pilot.press("enter")
        await until(pilot, lambda: compare(pilot).session.lists[2].phase is Phase.DONE)
        await finished(pilot)
        assert [request.systems for request in engine.requests[before:]] == [SYSTEMS]
        assert compare(pilot).history == ["statin"]
        assert not compare(pilot).query_line.input.has_focus


async def test_an_overtaken_search_is_cancelled_and_rows_stay_until_new_ones_come() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, (BM25, DENSE), qid="42", live=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        old = rows(compare(pilot).rankings.panes[0].ranking)
        gate = engine.hold("list", system=0)
        await pilot.press("slash", "s")
        await gate.reached()
        await until(pilot, lambda: compare(pilot).session.query == "s")
        first = engine.requests[-1].id
        await pilot.pause()
        assert [line[1:] for line in rows(compare(pilot).rankings.panes[0].ranking)] == [line[1:] for line in old]
        assert compare(pilot).query_line.input.value == "s"  # what is typed is never held up
        await pilot.press("t")
        await until(pilot, lambda: first in engine.abandoned)
        gate.release()
        await until(pilot, lambda: compare(pilot).session.query == "st" and not compare(pilot).session.running)
        assert compare(pilot).query_line.input.value == "st"
        assert all(request.query != "s" or request.id == first for request in engine.requests[1:])


async def test_escape_goes_back_to_the_query_that_was_asked_and_half_typed_ones_are_no_steps() -> None:
    app = CompareApp(FakeEngine(), qid="42", live=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        judged = compare(pilot).session.query
        await pilot.press("slash", "end", "x")
        await until(pilot, lambda: compare(pilot).session.query == f"{judged}x")
        await finished(pilot)
        assert "a change of qid 42" in text(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: compare(pilot).session.query == judged)
        await finished(pilot)
        assert compare(pilot).query_line.input.value == judged
        assert not compare(pilot).changes.line.display
        version = compare(pilot).session.version
        assert version is not None
        assert version.next is None
        assert "BEHIND" not in [each.phase.name for each in compare(pilot).session.lists]


async def test_it_is_off_until_a_key_or_the_settings_say_so() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await finished(pilot)
        await pilot.press("slash", *"statin", "escape")
        await pilot.press("L")
        await until(pilot, lambda: "The lists follow the query line while you type" in text(pilot))
        assert len(engine.requests) == 1
        assert [said.on for said in app.said if isinstance(said, LiveChanged)] == [True]
        await pilot.press("slash", *"statin")
        await until(pilot, lambda: compare(pilot).session.query == "statin")
        await finished(pilot)
        await pilot.press("escape", "L")
        await until(pilot, lambda: "The lists wait for Enter." in text(pilot))


def test_a_reranker_follows_when_it_was_quick_and_its_events_find_their_list() -> None:
    session = SearchSession("demo", (RERANKED, BM25, RERANKED))
    session.begin("folate", None)
    session.apply(started(session, None))
    for system, took in ((0, QUICK), (1, 5.0), (2, QUICK - 1)):
        assert session.request is not None
        session.apply(replace(ranking(session.request.id, "a", system=system, final=True), elapsed_ms=took))
    session.apply(SearchFinished(request=session.request.id, elapsed_ms=1.0))
    request = session.follow("folate acid")
    assert request is not None
    assert request.systems == (BM25, RERANKED)
    assert session.follow("folate acid") is None
    session.apply(started(session, None))
    session.apply(ranking(request.id, "b", system=1, final=True))
    assert [[row.doc_id for row in each.rows] for each in session.lists] == [["a"], ["a"], ["b"]]
    assert [each.phase for each in session.lists] == [Phase.BEHIND, Phase.WAITING, Phase.DONE]
    assert SearchSession("demo", (RERANKED,)).follow("folate") is None
