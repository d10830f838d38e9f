"""From a query of an evaluation to Compare, and back."""

from __future__ import annotations

import pytest

from tests.waiting import until
from zsr_tui.api.judging import KeepJudgment
from zsr_tui.api.notes import ReadKept
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.compare.screen import CompareScreen
from zsr_tui.ui.queries.comparison import comparison

from ..fake.engine import BM25, DENSE, RERANKED
from ..fake.queries import StoredEngine
from .screen import app_on, opened, shows, text, told, under_cursor


async def test_enter_opens_the_query_with_the_evaluations_systems_and_escape_comes_back_to_its_row() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen))
        await until(pilot, lambda: engine.requests)
        assert engine.requests[-1].systems == (BM25, DENSE, RERANKED)
        assert engine.requests[-1].qid == "42"
        await shows(pilot, "qid 42")
        assert app.screen.rankings.active == 2  # the system that is looked at
        await pilot.press("alt+1")
        await until(pilot, lambda: app.screen.rankings.active == 0)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert "a deficiency of vitamin" in under_cursor(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_document_of_a_class_is_under_the_cursor_in_compare(size: tuple[int, int]) -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot)
        screen.change(screen.choice.of_class(2, "demoted"))
        await shows(pilot, "demoted · 3 of 60 queries")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen))
        lost = engine.demoted(0)
        await until(pilot, lambda: app.screen.rankings.active_list.doc_id == lost)
        assert app.screen.rankings.active == 2
        ranking = app.screen.rankings.active_list
        await until(pilot, lambda: not app.screen.session.running)
        await until(pilot, lambda: 0 <= ranking.cursor_line < ranking.size.height, "it is on the screen")


async def test_a_document_that_no_list_has_is_said() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await shows(pilot, "doc-far")
        await pilot.press("tab", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen))
        await told(pilot, "doc-far is in none of the lists.")


async def test_run_files_are_left_out_and_an_evaluation_of_nothing_else_says_so() -> None:
    engine = StoredEngine(run_files=(0,))
    item = engine.evaluations()[0]
    some = comparison(item, QuerySelection(system=0, baseline=2), engine.rows[0], "d", 400)
    assert some is not None
    assert (some.systems, some.active, some.depth) == ((DENSE, RERANKED), 0, 1000)
    app = app_on(StoredEngine(run_files=(0, 1, 2)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("enter")
        await told(pilot, "The evaluation holds run files only: there is no system that could be asked again.")
        assert not isinstance(app.screen, CompareScreen)
        assert "60 of 60" in text(pilot)


async def test_i_explains_the_document_under_the_cursor_and_escape_comes_back() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await shows(pilot, "doc-far")
        await pilot.press("tab", "down", "i")
        await until(pilot, lambda: app.screen is not screen)
        await until(pilot, lambda: engine.explained)
        assert engine.explained[-1].system == RERANKED
        assert engine.explained[-1].doc_id == screen.paths.path.fate.doc_id
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)


async def test_documents_are_judged_by_digits_while_their_pane_has_the_focus() -> None:
    engine = StoredEngine()
    app = app_on(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await until(pilot, lambda: screen.paths.path is not None)
        assert screen.paths.path is not None
        doc_id = screen.paths.path.fate.doc_id
        await pilot.press("tab")
        await until(pilot, lambda: screen.paths.has_focus)
        await until(pilot, lambda: bool(engine.asked_for(ReadKept)))
        await until(pilot, lambda: screen.paths._judging._kept is not None)
        await pilot.press("2")
        await shows(pilot, "■2")
        (judged,) = engine.asked_for(KeepJudgment)
        assert (judged.judgment.doc_id, judged.judgment.grade) == (doc_id, 2)
        assert judged.judgment.system in (BM25, DENSE, RERANKED)
        await pilot.press("U")
        await until(pilot, lambda: "■2" not in text(pilot))
        await pilot.press("7")
        await told(pilot, "The grades of demo go from 0 to 3.")
