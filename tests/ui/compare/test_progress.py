"""A rerank as it settles, failures, and a lost engine."""

from __future__ import annotations

import re

from tests.waiting import until
from zsr_tui.api.events import EngineLost, Failed
from zsr_tui.api.questions import ReadStatus
from zsr_tui.api.requests import ProblemView
from zsr_tui.domain import NOT_KNOWN, Problem
from zsr_tui.ui.compare.messages import Received

from ..fake.engine import FakeEngine
from .app import CompareApp
from .screen import compare, finished, rows, text


async def test_lists_come_before_the_rerank_and_its_rows_settle_in() -> None:
    engine = FakeEngine()
    start = engine.hold("rerank", system=2, batch=0)
    half = engine.hold("rerank", system=2, batch=2)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        screen = compare(pilot)
        await start.reached()
        await until(pilot, lambda: "0.831" in text(pilot), "the first two lists")
        third = screen.rankings.panes[2].ranking
        await until(pilot, lambda: all("…  " in line for line in rows(third)[:20:2]), "rows without scores")
        await until(pilot, lambda: "0/100" in screen.rankings.panes[2].head.text)
        start.release()
        await half.reached()
        await until(pilot, lambda: "50/100" in screen.rankings.panes[2].head.text)
        assert "12/s" in screen.rankings.panes[2].head.text
        assert "searching" in text(pilot)
        await until(pilot, lambda: "6.840" in rows(third)[0])
        await pilot.press("alt+3", "end")
        assert "…" in rows(third)[-2]
        half.release()
        await finished(pilot)
        assert "0.920" in screen.rankings.panes[2].head.text
        assert "100/100" not in text(pilot)
        await until(pilot, lambda: "idle" in text(pilot))


async def test_the_cursor_stays_on_the_top_while_nobody_moved_it() -> None:
    engine = FakeEngine()
    gate = engine.hold("rerank", system=2, batch=0)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await gate.reached()
        await pilot.press("alt+3")
        before = compare(pilot).rankings.doc_id
        gate.release()
        await finished(pilot)
        assert compare(pilot).rankings.active_list.cursor == 0
        assert compare(pilot).rankings.doc_id != before


async def test_the_cursor_stays_on_its_document_once_it_was_moved() -> None:
    engine = FakeEngine()
    gate = engine.hold("rerank", system=2, batch=0)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await gate.reached()
        await until(pilot, lambda: compare(pilot).session.lists[2].rows)
        await pilot.press("alt+3", *["down"] * 40)
        await pilot.pause()
        ranking = compare(pilot).rankings.active_list
        doc_id, place = ranking.doc_id, ranking.cursor
        gate.release()
        await finished(pilot)
        assert ranking.doc_id == doc_id
        assert ranking.cursor != place
        assert any(line.startswith(">") for line in rows(ranking))


async def test_the_view_does_not_jump_while_the_document_stays_in_it() -> None:
    engine = FakeEngine()
    gate = engine.hold("rerank", system=2, batch=1)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await gate.reached()
        await until(pilot, lambda: compare(pilot).session.lists[2].ranking)
        await pilot.press("alt+3", "down")
        ranking = compare(pilot).rankings.active_list
        assert ranking.scroll_offset.y == 0
        gate.release()
        await finished(pilot)
        assert ranking.scroll_offset.y == 0 or any(line.startswith(">") for line in rows(ranking))


async def test_a_system_that_fails_says_so_in_its_list_only_and_keeps_its_rows() -> None:
    engine = FakeEngine()
    engine.fail[2] = ("The model needs 11.4 GB [b]of[/b] memory; choose a smaller one.", 1)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        panes = compare(pilot).rankings.panes
        assert "failed" in panes[2].head.text
        assert "11.4 GB [b]of[/b] memory" in text(pilot)
        assert "6.840" in rows(panes[2].ranking)[0]
        assert "failed" not in panes[0].head.text
        assert "0.831" in panes[1].head.text
        assert not compare(pilot).notice.display
        assert "failed · w asks again" in panes[2].head.text
        await pilot.press("alt+3", "end")
        await until(pilot, lambda: "(not scored)" in text(pilot))  # in the document's line, and never will be
        asked, engine.fail = len(engine.requests), {0: ("It is still too large.", -1)}  # of the only list that asks
        await pilot.press("alt+3")
        await until(pilot, lambda: "w ask again" in text(pilot).splitlines()[-1])
        await pilot.press("w")
        await until(pilot, lambda: "It is still too large." in text(pilot))
        assert len(engine.requests) == asked + 1
        engine.fail.clear()
        await pilot.press("w")
        await until(pilot, lambda: "920 ms" in panes[2].head.text)
        assert "asks again" not in panes[2].head.text


async def test_a_system_that_fails_at_once_leaves_the_others_alone() -> None:
    engine = FakeEngine()
    engine.fail[1] = ("The weights are not on this machine.", -1)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        assert "The weights are not on this" in text(pilot)
        assert "0.920" in text(pilot)
        await pilot.press("alt+2", "down", "enter", "a")  # an empty list is no trap
        assert compare(pilot).rankings.doc_id is None


async def test_a_lost_engine_is_told_and_what_was_there_stays() -> None:
    engine = FakeEngine()
    engine.lose = (6, True)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        assert "The engine stopped; restarted, repeating the query." in text(pilot)
        assert "0.613" in text(pilot)
        assert "0.920" in text(pilot)
        await pilot.press("n")
        await until(pilot, lambda: compare(pilot).session.qid == "57")
        assert "The engine stopped" not in text(pilot)


async def test_an_engine_lost_twice_keeps_the_rows_and_says_what_to_do() -> None:
    engine = FakeEngine()
    engine.lose = (3, False)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        assert "The engine stopped twice; its log says why." in text(pilot)
        assert "22.64" in rows(compare(pilot).rankings.panes[0].ranking)[0]
        assert "stopped" in compare(pilot).rankings.panes[2].head.text


async def test_escape_stops_a_search_and_the_rows_stay() -> None:
    engine = FakeEngine()
    gate = engine.hold("rerank", system=2, batch=2)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await gate.reached()
        await until(pilot, lambda: "50/100" in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: engine.abandoned, "the engine's stream was closed")
        assert "stopped at 50/100 · w asks again" in text(pilot)
        assert "6.840" in rows(compare(pilot).rankings.panes[2].ranking)[0]


async def test_a_new_query_ends_the_old_stream_and_its_late_events_change_nothing() -> None:
    engine = FakeEngine()
    gate = engine.hold("rerank", system=2, batch=2)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await gate.reached()
        gate.release()
        compare(pilot).search("statin therapy")
        await until(pilot, lambda: compare(pilot).session.query == "statin therapy")
        await finished(pilot)
        assert len(engine.requests) == 2
        assert "Statin therapy" in rows(compare(pilot).rankings.panes[2].ranking)[0]


async def test_old_rows_stay_until_new_ones_come_or_the_wait_becomes_long() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(160, 45)) as pilot:
        await finished(pilot)
        ranking = compare(pilot).rankings.panes[0].ranking
        before = rows(ranking)
        await pilot.press("alt+1", "end")
        gate = engine.hold("list", system=0)
        compare(pilot).search("statin therapy")
        await gate.reached()
        await until(pilot, lambda: compare(pilot).session.query == "statin therapy")
        await until(pilot, lambda: not any("22.64" in line for line in rows(ranking)), "the old rows go at last")
        gate.release()
        await finished(pilot)
        assert ranking.scroll_offset.y == 0
        assert rows(ranking) != before


async def test_what_was_asked_of_an_engine_that_was_away_is_asked_again_when_it_is_back() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        session = compare(pilot).session
        request = session.repeat()
        compare(pilot).post_message(Received(EngineLost(request=request.id, restarted=True, waits_s=120.0)))
        await until(pilot, lambda: "waiting for it, up to 120 s." in text(pilot))
        asked, gone = len(engine.requests), ProblemView(message="no engine answers at http://gpu-box.")
        engine.problems[ReadStatus] = Problem("your token is another.")
        engine.problems[ReadStatus].kind = NOT_KNOWN
        compare(pilot).post_message(Received(Failed(request=request.id, problem=gone)))
        compare(pilot)._look._look()
        await until(pilot, lambda: "the engine knows your token no more" in text(pilot))
        assert len(engine.requests) == asked
        del engine.problems[ReadStatus]
        compare(pilot)._look._look()
        await until(pilot, lambda: len(engine.requests) == asked + 1)
        await finished(pilot)


async def test_an_engine_that_died_while_idle_is_told() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        assert "engine had stopped" not in text(pilot)
        engine.restarts += 1
        await until(pilot, lambda: "The engine had stopped; a new one runs" in text(pilot))


async def test_the_reference_says_that_it_is_the_reference() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await finished(pilot)
        await pilot.press("alt+1", "r")
        await until(pilot, lambda: "This list is the reference already." in text(pilot))


async def test_a_refusal_keeps_what_is_on_the_screen() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        engine.refuse = Problem("the query has 12,000 characters and the limit is 10,000: shorten it.", usage=True)
        compare(pilot).search("x" * 12_000)
        await until(pilot, lambda: "shorten it" in text(pilot))
        assert "22.64" in text(pilot)
        assert re.search("not answered +xxxx", text(pilot))  # what is known of the query before is not said of this one
        await pilot.press("escape")
        assert "42 · 2 rel" in text(pilot)
        assert [asked.refused for asked in engine.preparing.asked] == [False]  # nothing is prepared for it


async def test_an_unexpected_error_becomes_a_sentence(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    engine = FakeEngine()
    engine.refuse = ValueError("boom")  # type: ignore[assignment]
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Something unexpected happened (ValueError)" in text(pilot))
        assert not compare(pilot).session.running


async def test_figures_that_a_score_must_be_read_with_are_in_the_head() -> None:
    app = CompareApp(FakeEngine(cut=4, ties=3, self_hits=1), qid="42")
    async with app.run_test(size=(240, 60)) as pilot:
        await finished(pilot)
        head = compare(pilot).rankings.panes[2].head.text
        for figure in ("33.4M", "920 ms", "cpu fp32", "4 inputs cut†", "3 ties", "1 self-hit dropped"):
            assert figure in head
        assert "†" in rows(compare(pilot).rankings.panes[2].ranking)[0]
        await pilot.press("X")
        await until(pilot, lambda: "self-hits kept" in text(pilot))
        await finished(pilot)
        assert "1 self-hit dropped" not in text(pilot)
