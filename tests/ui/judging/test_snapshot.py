"""One picture of a document that is judged openly."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace
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
    app.pool.pooling = replace(app.pool.pooling, blind=False)

    async def before(pilot: Pilot[None]) -> None:
        first, second = (engine.docs[doc_id] for doc_id in list(engine.docs)[:2])
        await until(pilot, lambda: first.text[:40] in shown(pilot))
        await pilot.press("1")
        await until(pilot, lambda: second.text[:40] in shown(pilot))

    assert snap_compare(app, terminal_size=(120, 30), run_before=before)
