"""One engine for several processes, which attach to its socket."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from zsr_tui.client.places import SocketFolder
from zsr_tui.client.process import EngineProcess
from zsr_tui.domain import Problem


class SharedEngine:
    """It is started again at the same place when it dies, and ends with `close` or with this process. Only this user
    can enter the folder of its socket."""

    def __init__(self) -> None:
        """Raises `Problem` where there is no place for a socket, and OSError."""
        self._folder = SocketFolder()
        self._process = EngineProcess(self._folder)
        self._watch: asyncio.Task[None] | None = None

    @property
    def socket(self) -> Path:
        return self._folder.socket

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def start(self) -> None:
        """Returns when it listens. Raises `Problem` if it does not come up."""
        await self._process.start()
        self._watch = asyncio.create_task(self._keep_up())

    async def _keep_up(self) -> None:
        while True:
            await self._process.ended()
            try:
                await self._process.start()
            except Problem as problem:  # whoever attaches next is told that nothing answers
                logging.getLogger(__name__).error(problem.message)
                return

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._process.stop()
        self._folder.remove()
