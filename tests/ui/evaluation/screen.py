"""The evaluation screen as a user reaches it: with e from Compare."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from tests.ui.reading import text_of
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.evaluation.screen import EvaluationScreen

from ..fake.engine import SYSTEMS
from ..fake.evaluations import EvaluationEngine
from ..shell import settle

SIZES = [(80, 24), (120, 40), (200, 50)]


def app_with(engine: EvaluationEngine, systems: tuple[str, ...] = SYSTEMS) -> ZsrTuiApp:
    return ZsrTuiApp(engine, dataset="demo", systems=systems)


async def opened(pilot: Pilot[Any]) -> EvaluationScreen:
    """Press e on Compare."""
    await settle(pilot)
    await pilot.press("escape", "e")
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, EvaluationScreen)
    return screen


@asynccontextmanager
async def opened_on(
    engine: EvaluationEngine, systems: tuple[str, ...] = SYSTEMS, *, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[ZsrTuiApp, Pilot[Any], EvaluationScreen]]:
    """The application on an engine with the evaluation screen open."""
    app = app_with(engine, systems)
    async with app.run_test(size=size) as pilot:
        yield app, pilot, await opened(pilot)


def line_of(pilot: Pilot[Any], words: str) -> str:
    """The first line of the screen that holds the words."""
    lines = [line for line in text_of(pilot.app).split("\n") if words in line]
    assert lines, text_of(pilot.app)
    return lines[0]
