"""Whether the user agrees to what an evaluation has to download or to encode for long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App

from zsr_tui.api.preparing import BeginPreparing
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.text import one_line
from zsr_tui.ui.parts.confirm import ConfirmScreen


async def agreed(app: App[Any], engine: EngineApi, dataset: str, systems: Sequence[str]) -> bool:
    """Asks where there is something to ask, above whatever screen is shown; begins what is lacking. False after a no,
    and after saying what is wrong. To be used in a worker of `app`."""
    asked = BeginPreparing(dataset=dataset, systems=tuple(systems))
    try:
        found = await engine.call(asked)
        parts = [part for part in found.parts if part.asks]
        if not parts:
            return True
        steps = tuple(one_line(f"{part.asks[:1].upper()}{part.asks[1:]}") for part in parts)
        if not await app.push_screen_wait(ConfirmScreen(f"Prepare {dataset}?", steps, "Start", "Back")):
            return False
        agreed = tuple(part.id for part in parts)
        await engine.call(BeginPreparing(dataset=dataset, systems=tuple(systems), agreed=agreed))
    except Problem as problem:
        app.notify(problem.message, severity="error", timeout=20, markup=False)
        return False
    return True
