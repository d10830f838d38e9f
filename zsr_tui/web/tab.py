"""A tab of the browser: the process that runs its application."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual_serve.app_service import AppService

from zsr_tui import machine
from zsr_tui.web import COPY

DRIVER = "zsr_tui.web.driver:TabDriver"
PATIENCE = 5.0  # seconds that an application may take to end


class Tab(AppService):
    """Started without a shell, in a session of its own, so that Ctrl-C in the server's terminal is for the server."""

    def __init__(self, engine: Path | None, **service: Any) -> None:
        super().__init__("", **service)
        self._engine = engine
        self._ending = asyncio.Lock()  # who closes the tab and who closes the server may do so at once

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "zsr_tui.web.application"),
            *([str(self._engine)] if self._engine else []),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height) | {"TEXTUAL_DRIVER": DRIVER, "TMUX": ""},
            **machine.apart(),
        )
        self._stdin = process.stdin
        return process

    async def on_meta(self, data: bytes) -> None:
        said = json.loads(data)
        if said["type"] == COPY:
            await self.remote_write_str(json.dumps([COPY, said["text"]]))
        else:
            await super().on_meta(data)

    async def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE), self._ending:
                    await super().stop()
        finally:
            process = self._process
            if process is not None and process.returncode is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), PATIENCE)
                if process.returncode is None:
                    process.kill()
                    await process.wait()
