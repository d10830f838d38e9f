"""A timer whose moment passed while the process stood still."""

from __future__ import annotations

from itertools import count

import pytest
import textual.timer
from textual.app import App

from tests.ui.settling import settles
from tests.waiting import until
from zsr_tui.ui.timers import once

__all__ = ["settles"]


async def test_what_was_to_happen_while_the_process_stood_still_happens_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app, called = App[None](), list[bool]()
    async with app.run_test() as pilot:
        monkeypatch.setattr(textual.timer._time, "get_time", count(step=10.0).__next__)  # seconds from look to look
        once(app, 0.05, lambda: called.append(True))
        await until(pilot, lambda: bool(called))
    assert called == [True]
