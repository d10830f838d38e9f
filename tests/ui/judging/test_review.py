"""The list of all that was judged and noted: found by words, opened where it was seen, taken away and brought back."""

from __future__ import annotations

import pytest
from textual.events import Key

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui.api.judging import ClearJudgment
from zsr_tui.api.notes import CountTags, KeptRemark, Remark
from zsr_tui.domain import Problem
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.compare.screen import CompareScreen
from zsr_tui.ui.judging.review.screen import ReviewScreen
from zsr_tui.ui.parts.judging.note import NoteScreen

from ..fake.engine import BM25, DATASET, DENSE, FakeEngine
from ..shell import settle


def engine_with(*, notes: int = 1) -> FakeEngine:
    engine = FakeEngine()
    judged = engine.ranking(DENSE, engine.query_list[1].text)[2][0]
    engine.kept.put(engine.query_list[1].id, judged, 2)
    for number in range(notes):
        note = Remark(
            kind="note",
            query_id=engine.query_list[0].id,
            text=f"note [b]{number}[/b]",
            who="bob",
            when="2026-11-27T00:00:00Z",
        )
        engine.kept.remarks.append(KeptRemark(revision=100 + number, remark=note))
    return engine


async def test_entries_are_searched_opened_in_compare_taken_away_and_brought_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZSR_TUI_WHO", "ann")
    engine = engine_with()
    app = ZsrTuiApp(engine, dataset=DATASET, systems=(BM25, DENSE))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "R")
        await until(pilot, lambda: "1 judgment · 1 note" in text_of(app))
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        assert "note [b]0[/b]" in text_of(app)
        for key, letter in (("slash", "/"), *zip("note", "note", strict=True)):  # all at once: they are for the line
            app.post_message(Key(key, letter))
        await until(pilot, lambda: screen.match.value == "note")
        await pilot.press("ctrl+u", *"absent")
        await until(pilot, lambda: "Nothing has these words." in text_of(app))
        await pilot.press("ctrl+u", "enter", "2")
        await until(pilot, lambda: screen.list.places == 1)
        assert len(engine.asked_for(CountTags)) == 1  # those of all entries, whatever is searched
        await pilot.press("x")
        await until(pilot, lambda: not engine.kept.judged)
        assert len(engine.asked_for(ClearJudgment)) == 1
        await pilot.press("U")
        await until(pilot, lambda: len(engine.kept.judged) == 1)
        await until(pilot, lambda: screen.list.item is not None and "■2" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen is not app.compare)
        (_, doc_id) = next(iter(engine.kept.judged))
        await until(pilot, lambda: app.screen.rankings.doc_id == doc_id)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("1", "home", "N")
        await until(pilot, lambda: isinstance(app.screen, NoteScreen) and app.screen.is_current)
        await pilot.press(*"mine", "f5")
        await until(pilot, lambda: app.screen is screen)
        await until(pilot, lambda: "1 judgment · 2 notes" in text_of(app))


async def test_thousands_of_entries_come_in_pages_and_what_goes_wrong_is_said() -> None:
    engine = engine_with(notes=1500)
    app = ZsrTuiApp(engine, dataset=DATASET, systems=(BM25,))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "R")
        await until(pilot, lambda: "1,500 notes" in text_of(app))
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        await pilot.press("end")
        await until(pilot, lambda: screen.list.item is not None and screen.list.cursor == 1500)
        assert "■2" in text_of(app)
        engine.problems[ClearJudgment] = Problem("the disk is full, so this was not kept: free some space.")
        await pilot.press("delete")
        await until(pilot, lambda: "the disk is full, so this was not kept" in text_of(app))
        assert engine.kept.judged


async def test_compare_opens_with_the_weights_that_were_moved_in_the_list_that_was_judged() -> None:
    engine = FakeEngine()
    fused, weighed = (f"linear({BM25}, {DENSE}; weights=[{weights}])" for weights in ("0.7, 0.3", "0.65, 0.35"))
    app = ZsrTuiApp(engine, dataset=DATASET, systems=(BM25, fused), query=engine.query_list[1].text)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("alt+2", "minus")
        await until(pilot, lambda: app.compare.session.lists[1].head.notation == weighed)
        await pilot.press("2")
        await until(pilot, lambda: len(engine.kept.judged) == 1)
        await pilot.press("R")
        await until(pilot, lambda: "1 judgment" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen is not app.compare)
        await until(pilot, lambda: "▏ 0.65 " in text_of(app))
        assert isinstance(above := app.screen, CompareScreen)
        assert above.rankings.active == 1
        await pilot.press("ctrl+r")  # the weights that were chosen are known there, too
        await until(pilot, lambda: "▏ 0.70 " in text_of(app))
        assert app.compare.session.lists[1].head.notation == weighed


async def test_a_judgment_is_taken_back_on_whichever_screen_it_was_made() -> None:
    engine = FakeEngine()
    app = ZsrTuiApp(engine, dataset=DATASET, systems=(BM25, DENSE), query=engine.query_list[1].text)

    def said(sentence: str) -> int:
        return sum(sentence in each for each in notices(app))

    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("2")
        await until(pilot, lambda: "■2" in text_of(app))
        await pilot.press("R")
        await until(pilot, lambda: "1 judgment" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen is not app.compare)
        await until(pilot, lambda: "■2" in text_of(app))
        await pilot.press("U")
        await until(pilot, lambda: said("is taken back.") == 1)
        assert not engine.kept.judged
        await pilot.press("1")
        await until(pilot, lambda: "■1" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.compare and "■1" in text_of(app))
        await pilot.press("U")
        await until(pilot, lambda: "■" not in text_of(app).splitlines()[1])
        assert not engine.kept.judged
        await pilot.press("U")
        await until(pilot, lambda: said("There is no judgment of this window to take back.") == 1)
