"""Reading the Compare screen as a user does: line by line."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from zsr_tui.ui.compare.ranking.rows import RankingList
from zsr_tui.ui.compare.screen import CompareScreen

from .app import CompareApp

SIZES = [(80, 24), (120, 40), (200, 50)]


def compare(pilot: Pilot[None]) -> CompareScreen:
    app = pilot.app
    assert isinstance(app, CompareApp)
    return app.compare


def shown(pilot: Pilot[None]) -> list[str]:
    """Every line of the terminal."""
    screen = pilot.app.screen
    return [strip.text for strip in screen._compositor.render_strips()]


def text(pilot: Pilot[None]) -> str:
    return "\n".join(shown(pilot))


def rows(ranking: RankingList) -> list[str]:
    """The visible lines of a list."""
    return [ranking.render_line(y).text for y in range(ranking.size.height)]


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str = "") -> None:
    """Let the application work until the condition holds."""
    for _ in range(400):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"did not come about: {what}\n{text(pilot)}")


async def finished(pilot: Pilot[None]) -> None:
    """The search has ended and everything of it is painted."""
    screen = compare(pilot)
    await until(pilot, lambda: screen.session.started and not screen.session.running, "the end of the search")
    await pilot.pause()
    await pilot.pause()
