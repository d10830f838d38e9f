"""One picture of a document that is judged openly."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from tests.waiting import until
from zsr_tui.ui.themes import DEFAULT, OURS

from ..fake.engine import FakeEngine
from ..fake.pool import FakePool
from .screen import PoolApp, shown


def test_pooled_judging(snap_compare: Callable[..., bool]) -> None:
    engine = FakeEngine()
    app = PoolApp(engine, FakePool(tuple(engine.docs)[:12]))
    for theme in OURS:
        app.register_theme(theme)
    app.theme = DEFAULT

    async def before(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "most relevant" in shown(pilot))
        await pilot.press("b")
        await until(pilot, lambda: "At stake" in shown(pilot))
        await pilot.press("1")
        await until(pilot, lambda: "11 left" in shown(pilot) and "is being read" not in shown(pilot))

    assert snap_compare(app, terminal_size=(120, 30), run_before=before)
