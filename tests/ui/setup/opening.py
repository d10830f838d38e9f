"""Opening the setup, and typing faster than it answers."""

from __future__ import annotations

from typing import Any

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from zsr_tui.ui.setup.screen import SetupScreen

from ..shell import ShellApp, settle


async def open_setup(pilot: Pilot[Any]) -> SetupScreen:
    await settle(pilot)
    await pilot.press("s")
    await settle(pilot)
    assert isinstance(pilot.app.screen, SetupScreen)
    return pilot.app.screen


def burst(app: ShellApp, *keys: str) -> None:
    """All at once, as a slow terminal or a fast typist sends them."""
    for key in keys:
        app.post_message(Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else None))
