"""The evaluation screen on the engine's real routes and a real store, in one process."""

from __future__ import annotations

from pathlib import Path

from tests.ui.reading import text_of
from tests.unit.evaluation.made_up import ranked, stored
from tests.waiting import until
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.ui.app import ZsrTuiApp

from ..fake.engine import SYSTEMS
from ..fake.routed import RoutedEngine
from ..shell import settle, type_in
from .screen import line_of, opened


async def test_a_stored_evaluation_is_read_drawn_reported_and_deleted(tmp_path: Path) -> None:
    first, second, both = ranked("d1", "d2", "d3"), ranked("d2", "d1", "d3"), ranked("d3", "d1", "d2")
    stored(
        [{"d1": 1, "d2": 0}, {"d2": 1}, {"d2": 2, "d1": 0}],
        [{0: first, 1: second, 2: both}] * 3,
    )
    app = ZsrTuiApp(RoutedEngine(Library()), dataset="made/up", systems=SYSTEMS)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        if app.screen is not app.compare:  # the dataset can be evaluated, and not opened
            await pilot.press("escape")
            await settle(pilot)
        screen = await opened(pilot)
        await until(pilot, lambda: screen.table.grid.places == 3)
        await settle(pilot)
        # nDCG@10 by hand: bm25 ranks the only relevant document 1st, 2nd, 2nd; dense 2nd, 1st, 1st
        assert "0.7540" in line_of(pilot, "◆ bm25")
        assert "0.8770*" in line_of(pilot, "dense m")
        assert "+0.1230" in line_of(pilot, "dense m")
        await until(pilot, lambda: "nDCG@10 by model size, made/up" in text_of(app))
        await pilot.press("5")
        await until(pilot, lambda: "nDCG@10 by rerank depth" in text_of(app))
        await pilot.press("4")
        await until(pilot, lambda: "made/up, the only dataset of these systems" in text_of(app))
        await pilot.press("6")
        await until(pilot, lambda: "average of 1" in text_of(app))
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("ctrl+u")
        report = tmp_path / "r.csv"
        await type_in(pilot, str(report))
        await pilot.press("enter")
        await until(pilot, report.exists)
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("left", "enter")
        await until(pilot, lambda: "No evaluation yet" in text_of(app) or screen.list.grid.places == 0)
        assert list(store.stored()) == []
