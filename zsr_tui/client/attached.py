"""The engine of another process, in place of a private one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from zsr_tui.client.process import NAP, START_LIMIT, accepts
from zsr_tui.domain import Problem


class AttachedProcess:
    """What `Engine` needs of a process, for one that somebody else starts, starts again when it dies, and ends."""

    pid = None  # it is not ours to know

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.alive = False

    async def start(self) -> None:
        """Returns when it listens, which takes a moment where it has just died. Raises `Problem`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + START_LIMIT
        while not accepts(self.socket):
            if loop.time() > until:
                raise Problem(f"the engine that others share ({self.socket}) does not answer: start zsr-tui web again.")
            await asyncio.sleep(NAP)
        self.alive = True

    async def stop(self) -> None:
        self.alive = False
