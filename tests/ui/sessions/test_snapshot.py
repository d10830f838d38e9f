"""One picture of a finding that is shown again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from textual.pilot import Pilot

from tests.waiting import until
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.parts.opening import Opening

from ..fake.engine import FakeEngine
from .test_finding import made, shown


def test_finding_screen(snap_compare: Callable[..., bool]) -> None:
    finding = msgspec.structs.replace(asyncio.run(made()), made="2026-11-27T00:15:00Z")
    engine = FakeEngine()
    ranking = engine.ranking
    engine.ranking = lambda system, text: ranking(system, text)[system == "bm25" :]  # type: ignore[method-assign]
    app = ZsrTuiApp(engine, opening=Opening(finding=finding))

    async def before(pilot: Pilot[None]) -> None:
        screen = await shown(pilot)
        await until(pilot, lambda: "not kept here" in screen.since.text)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(140, 36), run_before=before)
