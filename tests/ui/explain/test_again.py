"""The screen is kept when it is left, and opened on something else: nothing of what it was about is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest
from textual import on

from tests.ui.fake.engine import FakeEngine
from tests.waiting import until
from zsr_tui.api.events import AnyEvent
from zsr_tui.api.explanations import ExplainRequest
from zsr_tui.ui.explain.screen import ExplainScreen
from zsr_tui.ui.keys.action import ANYWHERE
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.parts.messages import ExplanationWanted, WindowWanted
from zsr_tui.ui.windows import Windows

from .screen import ABOVE, BELOW, DOC, ExplainApp, line, lines, shown


class AgainApp(KeyedApp):
    """Opens explanations as the application does."""

    def __init__(self, engine: FakeEngine) -> None:
        super().__init__()
        self.keys = KeyTable()
        self.keys.install(self, ANYWHERE)
        self.engine = engine
        self.windows = Windows(cast(Any, self))
        self._about = ExplainApp(engine).explained.asked.about

    def explain(self, doc_id: str, **more: Any) -> None:
        about = replace(self._about, doc_id=doc_id, **more)
        self.post_message(ExplanationWanted(about))

    @on(WindowWanted)
    def open_window(self, message: WindowWanted) -> None:
        self.windows.open(message)


async def test_what_is_explained_next_begins_as_the_first_did() -> None:
    """Whatever was done on the screen before."""
    app = AgainApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        app.explain(DOC)
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot) and lines(pilot)[0].startswith(f" {DOC} "))
        first = shown(pilot)
        await pilot.press("down", "down", "2", "x", "3")
        await until(pilot, lambda: "above" in shown(pilot))
        await pilot.press("down", "escape")
        await until(pilot, lambda: not isinstance(app.screen, ExplainScreen))
        app.explain(DOC)
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await until(pilot, lambda: shown(pilot) == first)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ExplainScreen))
        app.explain(BELOW, system=0)
        await until(pilot, lambda: lines(pilot)[0].startswith(f" {BELOW} ") and "+5.25" in shown(pilot))
        assert "cost 4 inputs" not in shown(pilot)


async def test_what_was_made_ready_before_opens_on_each_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zsr_tui.ui.windows.READY", 0.0)
    app = AgainApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await app.windows.get_ready()
        for doc_id in (DOC, BELOW):
            app.explain(doc_id)
            await until(pilot, lambda doc_id=doc_id: lines(pilot)[0].startswith(f" {doc_id} "))
            await until(pilot, lambda: "cost 4 inputs" in shown(pilot) and "│" in line(pilot, "+0.50"))
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, ExplainScreen))


async def test_against_another_document_it_opens_on_the_two_each_time() -> None:
    app = AgainApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        for against in (ABOVE, BELOW):
            app.explain(DOC, against=against)
            await until(pilot, lambda against=against: f"puts {DOC} above {against}" in shown(pilot))
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, ExplainScreen))
        app.explain(ABOVE)
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        assert "▶1 Why" in line(pilot, "1 Why")


async def test_what_is_slow_shows_its_screen_before_it_comes_and_ends_when_that_is_left() -> None:
    engine = FakeEngine()
    app = AgainApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        app.explain(DOC)
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ExplainScreen))
        gate = engine.hold("explain")
        app.explain(ABOVE)
        await gate.reached()
        await until(pilot, lambda: "explaining 2 of 5" in shown(pilot) and "c stop" in lines(pilot)[-1])
        await pilot.press("escape")
        await until(pilot, lambda: engine.abandoned == [engine.explained[-1].id])


async def test_other_colours_and_another_size_hold_for_a_screen_that_was_left_before() -> None:
    app = AgainApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        app.explain(DOC)
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        before = app.screen.rich_style
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ExplainScreen))
        app.theme = "textual-light"
        await pilot.resize_terminal(80, 24)
        app.explain(DOC)
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot) and len(lines(pilot)) == 24)
        assert all(len(each) == 80 for each in lines(pilot))
        assert app.screen.rich_style != before
        table = cast(ExplainScreen, app.screen).table
        assert table.render_line(0)._segments[0].style.bgcolor == app.screen.rich_style.bgcolor


async def test_one_above_another_leaves_that_as_it_was() -> None:
    app = AgainApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        app.explain(DOC)
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        below = shown(pilot)
        app.explain(BELOW)
        await until(pilot, lambda: lines(pilot)[0].startswith(f" {BELOW} ") and "cost 4 inputs" in shown(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: shown(pilot) == below)


async def test_while_the_next_document_is_asked_for_nothing_of_the_last_stands_under_its_name() -> None:
    engine = FakeEngine()
    app = AgainApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        app.explain(DOC)
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        answer, gate = engine.streams[ExplainRequest], asyncio.Event()

        async def late(request: ExplainRequest) -> AsyncIterator[AnyEvent]:
            await gate.wait()
            async for event in answer(request):
                yield event

        engine.streams[ExplainRequest] = late
        await pilot.press("n")
        await until(pilot, lambda: "asking the engine" in shown(pilot))
        assert lines(pilot)[0].startswith(f" {BELOW} ")
        assert "Elevated serum" not in shown(pilot)
        assert "cost 4 inputs" not in shown(pilot)
        gate.set()
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        assert lines(pilot)[0].startswith(f" {BELOW} ")
