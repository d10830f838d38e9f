"""The application on the queries of a stored evaluation."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.remembered import remember
from zsr_tui.ui.queries.screen import QueriesScreen

from ..fake.engine import BM25, FakeEngine
from ..fake.queries import ID


def app_on(engine: FakeEngine) -> ZsrTuiApp:
    return ZsrTuiApp(engine, dataset="demo", systems=(BM25,))  # type: ignore[arg-type]


def text(pilot: Pilot[Any]) -> str:
    """What the terminal shows."""
    return text_of(pilot.app)


def line_with(pilot: Pilot[Any], words: str) -> str:
    return next((line for line in text(pilot).splitlines() if words in line), "")


async def shows(pilot: Pilot[Any], words: str) -> None:
    await until(pilot, lambda: words in text(pilot), words)


async def told(pilot: Pilot[Any], sentence: str) -> None:
    """Until the sentence shows for a moment."""
    await until(pilot, lambda: sentence in notices(pilot.app), sentence)


async def opened(pilot: Pilot[Any], system: int = 2, first: str = " queries ", sort: str = "position") -> QueriesScreen:
    """The screen on the third system against the first, once it shows something. `sort`: "" for its own order."""
    app = pilot.app
    assert isinstance(app, ZsrTuiApp)
    await until(pilot, lambda: app.engine.ready)
    if sort:
        remember(app, QueryChoice(ID, QuerySelection(sort=sort)))
    screen = QueriesScreen(app.engine, ID, QuerySelection(measure="nDCG@10", system=system))
    app.push_screen(screen)
    await until(pilot, lambda: app.screen is screen)
    await shows(pilot, first)
    return screen


def under_cursor(pilot: Pilot[Any]) -> str:
    """The line of the table with the cursor."""
    return next(line for line in text(pilot).splitlines() if line.startswith((">", "›")))
