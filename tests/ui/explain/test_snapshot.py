"""One picture of an explanation, in the middle of it."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from tests.waiting import until
from zsr_tui.ui.themes import DEFAULT, OURS

from ..fake.engine import FakeEngine
from .screen import ExplainApp, shown


def test_explain_screen(snap_compare: Callable[..., bool]) -> None:
    app = ExplainApp(FakeEngine())
    for theme in OURS:
        app.register_theme(theme)
    app.theme = DEFAULT

    async def before(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("down", "down")
        await pilot.pause()

    assert snap_compare(app, terminal_size=(140, 36), run_before=before)
