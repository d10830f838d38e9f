"""One picture of the Compare screen, in the middle of a rerank."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from tests.waiting import until
from zsr_tui.api.questions import ReadDocument
from zsr_tui.ui.themes import DEFAULT, OURS

from ..fake.engine import FakeEngine
from .app import CompareApp
from .screen import text


def test_compare_screen(snap_compare: Callable[..., bool]) -> None:
    engine = FakeEngine(cut=4, ties=3, self_hits=1)
    gate = engine.hold("rerank", system=2, batch=2)
    app = CompareApp(engine, qid="42")
    for theme in OURS:
        app.register_theme(theme)
    app.theme = DEFAULT

    async def before(pilot: Pilot[None]) -> None:
        await gate.reached()
        await until(pilot, lambda: "50/100" in text(pilot) and "2 models" in text(pilot))
        await pilot.press("down")
        read = app.compare.rankings.doc_id
        await until(pilot, lambda: read in [each.doc_id for each in engine.asked if isinstance(each, ReadDocument)])

    assert snap_compare(app, terminal_size=(160, 45), run_before=before)
