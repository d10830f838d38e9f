"""Reading the Compare screen as a user does: line by line."""

from __future__ import annotations

from textual.pilot import Pilot

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.ui.compare.ranking.list import RankingList
from zsr_tui.ui.compare.screen import CompareScreen

from .app import CompareApp

SIZES = [(80, 24), (120, 40), (200, 50)]


def compare(pilot: Pilot[None]) -> CompareScreen:
    app = pilot.app
    assert isinstance(app, CompareApp)
    return app.compare


def shown(pilot: Pilot[None]) -> list[str]:
    """Every line of the terminal."""
    return text(pilot).split("\n")


def text(pilot: Pilot[None]) -> str:
    return text_of(pilot.app)


def rows(ranking: RankingList) -> list[str]:
    """The visible lines of a list."""
    return [ranking.render_line(y).text for y in range(ranking.size.height)]


async def finished(pilot: Pilot[None]) -> None:
    """The search has ended and everything of it is painted."""
    screen = compare(pilot)
    await until(pilot, lambda: screen.session.started and not screen.session.running, "the end of the search")
    await pilot.pause()
    await pilot.pause()
