"""The key bar of the real screens: what matters at the moment is on it, and it ends with the way to the rest."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.compare.document.screen import DocumentScreen
from zsr_tui.ui.keys.bar import KeyBar

from ..evaluation.screen import app_with, opened
from ..fake.engine import DATASET, SYSTEMS, FakeEngine
from ..fake.evaluations import EvaluationEngine, view
from ..fake.queries import StoredEngine
from ..queries.screen import app_on
from ..queries.screen import opened as queries_opened
from ..shell import settle

SIZES = [(80, 24), (120, 40), (200, 50)]


def rest(size: tuple[int, int]) -> tuple[str, ...]:
    """How a bar may end that has more keys than such a screen has room for; 200 columns have room for those of some."""
    more = "esc back  ? more  ^p commands"
    return (more, "esc back  F1 help  ^p commands") if size[0] >= 200 else (more,)


def bar(pilot: Pilot[Any]) -> str:
    return text_of(pilot.app).splitlines()[-1].rstrip()


@pytest.mark.parametrize("size", SIZES)
async def test_compare(size: tuple[int, int]) -> None:
    async with ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=SYSTEMS).run_test(size=size) as pilot:
        await settle(pilot)
        assert bar(pilot).endswith("esc lists  F1 help  ^p commands")  # the query line has the focus
        assert "n next" not in bar(pilot)
        assert "/ query" not in bar(pilot)
        await pilot.press("escape")
        await settle(pilot)
        for key in ("/ query", "n next", "enter open", "i why", "e eval", "s setup"):
            assert key in bar(pilot), key
        if size[0] >= 120:
            for key in ("← → list", "f find", "p prev", "r ref", "a align"):
                assert key in bar(pilot), key
        if size[0] >= 200:
            for key in ("y copy", "E engine", "d pane", "q quit"):
                assert key in bar(pilot), key
        assert bar(pilot).endswith("? more  ^p commands")  # it has more keys than any screen has room for
        assert len(bar(pilot)) <= size[0]


async def test_escape_is_named_after_what_it_does() -> None:
    engine = FakeEngine()
    async with ZsrTuiApp(engine, dataset=DATASET, systems=SYSTEMS).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        gate = engine.hold("rerank")
        await pilot.press("escape", "n")
        await gate.reached()
        await until(pilot, lambda: "esc stop" in bar(pilot))
        gate.release()
        await until(pilot, lambda: "esc" not in bar(pilot))
        await pilot.press("slash")
        await until(pilot, lambda: "esc lists" in bar(pilot))


@pytest.mark.parametrize("size", SIZES)
async def test_evaluate(size: tuple[int, int]) -> None:
    engine = EvaluationEngine()
    engine.store(view(), view("e2", state="stopped", done=2))
    app = app_with(engine)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        for key in ("n new", "enter open", "1-8 view", "m measure"):
            assert key in bar(pilot), key
        if size[0] >= 120:
            for key in ("x report", "b base", "v test", "i about"):
                assert key in bar(pilot), key
        for key in ("p pause", "c stop", "r resume"):
            assert key not in bar(pilot), key  # it is complete
        assert bar(pilot).endswith(rest(size))
        await pilot.press("1", "down")
        await settle(pilot)
        assert "r resume" in bar(pilot)
        assert "b base" not in bar(pilot)  # there is no baseline to choose in the list


async def test_pause_and_stop_are_named_while_an_evaluation_runs() -> None:
    engine = EvaluationEngine()
    async with app_with(engine).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "pause" not in bar(pilot)
        gate = engine.hold("evaluate", batch=2)
        await pilot.press("n", "f5")
        await gate.reached()
        await until(pilot, lambda: "p pause" in bar(pilot) and "c stop" in bar(pilot))
        gate.release()
        await until(pilot, lambda: "p pause" not in bar(pilot) and "m measure" in bar(pilot))


@pytest.mark.parametrize("size", SIZES)
async def test_queries_of_an_evaluation(size: tuple[int, int]) -> None:
    async with app_on(StoredEngine()).run_test(size=size) as pilot:
        await queries_opened(pilot)
        await settle(pilot)
        for key in ("enter open", "← → sort", "r reverse", "d paths"):
            assert key in bar(pilot), key
        if size[0] >= 120:
            for key in ("1-4 view", "/ filter", "f why", "m measure"):
                assert key in bar(pilot), key
        if size[0] >= 200:
            for key in ("i explain", "o system", "b base", "w wins", "u all"):
                assert key in bar(pilot), key
        assert bar(pilot).endswith(rest(size))


async def test_a_query_of_an_evaluation_says_that_escape_goes_back() -> None:
    app = app_on(StoredEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await queries_opened(pilot)
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not screen and "esc back" in bar(pilot))
        await pilot.press("slash")
        await until(pilot, lambda: "esc lists" in bar(pilot))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is screen)


@pytest.mark.parametrize("size", SIZES)
async def test_a_document_on_the_whole_screen(size: tuple[int, int]) -> None:
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=SYSTEMS)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("escape", "n")
        await until(pilot, lambda: app.compare.rankings.doc_id is not None)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await settle(pilot)
        for key in ("← → document", "i why", "e what if", "0-3 judge", "esc back", "^p commands"):
            assert key in bar(pilot), key
        assert size[0] < 120 or "y copy" in bar(pilot)
        assert " q quit" not in bar(pilot)  # it closes the document
        doc_id = app.screen.doc_id
        await pilot.click(app.screen.query_one(KeyBar), offset=(bar(pilot).index("document"), 0))
        await settle(pilot)
        await pilot.press("right")
        await until(pilot, lambda: app.screen.doc_id != doc_id)
        await pilot.click(app.screen.query_one(KeyBar), offset=(bar(pilot).index("esc back"), 0))
        await until(pilot, lambda: app.screen is app.compare)
