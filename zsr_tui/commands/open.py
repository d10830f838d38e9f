"""zsr-tui and zsr-tui open: the application."""

from __future__ import annotations

import gc
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING

from zsr_tui import machine
from zsr_tui.domain import Problem
from zsr_tui.edge import INTERRUPTED
from zsr_tui.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from zsr_tui.ui.app import ZsrTuiApp

_SIGNALLED = 128  # what shells add to a signal's number for the exit code
MOST_SYSTEMS = 5  # that the screen holds side by side


def open_application(
    *,
    settings: Settings,
    dataset: str | None = None,
    systems: tuple[str, ...] = (),
    query: str | None = None,
    qid: str | None = None,
    depth: int | None = None,
    keep_self: bool = False,
    tour: bool = False,
    session: str | None = None,
    finding: Path | None = None,
) -> int:
    """Runs until the user quits; returns the exit code. Without a `tour` that begins it is offered at a first start.
    `session` is a log: Compare opens where it was left. A `finding` is a file: it is shown first."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Problem(
            "the application needs a terminal; in scripts use zsr-tui search or zsr-tui evaluate.", usage=True
        )
    if len(systems) > MOST_SYSTEMS:
        raise Problem(f"{len(systems)} systems were given and the screen holds five: leave some out.", usage=True)
    if tour:
        from zsr_tui.ui import memory

        dataset, systems = memory.DATASET, memory.SYSTEMS
    gc.disable()  # nothing of what the start makes is garbage, and looking for it takes a sixth of the start
    from zsr_tui.ui.parts.opening import NOTHING_ELSE, Opening

    if session is not None:
        from zsr_tui.commands.reopen import reopened

        opening = reopened(session)
        first = opening.first
        assert first is not None
        dataset, systems, depth, keep_self = first.dataset, first.systems, first.depth, not first.drop_self
    elif finding is not None:
        from zsr_tui.sessions.findings import read

        opening = Opening(finding=read(finding))
    else:
        opening = NOTHING_ELSE
    from zsr_tui.client.choosing import chosen_engine
    from zsr_tui.ui.app import ZsrTuiApp

    app = ZsrTuiApp(
        chosen_engine(),
        dataset=dataset,
        systems=systems,
        query=query or "",
        qid=qid,
        depth=depth,
        drop_self=not keep_self,
        settings=settings,
        tour="begin" if tour else "" if session or finding else "offer",
        opening=opening,
    )
    for number in (signal.SIGINT, signal.SIGTERM, machine.HANGS_UP):
        if number is not None:
            signal.signal(number, lambda number, _: _end(app, number))
    app.run()
    if app.return_code == INTERRUPTED:
        raise KeyboardInterrupt
    return app.return_code or 0


def _end(app: ZsrTuiApp, number: int) -> None:
    """Whoever interrupts it, ends it or closes its terminal ends it as its key does: what was asked last is kept, and
    the terminal is as it was. Ctrl-C itself is a key while the screen is there."""
    import asyncio

    code = _SIGNALLED + number
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # it has not begun, or is over
        raise KeyboardInterrupt if code == INTERRUPTED else SystemExit(code) from None
    loop.call_soon_threadsafe(partial(app.exit, return_code=code))
