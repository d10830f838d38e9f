"""A private engine as a child process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from zsr_tui import paths
from zsr_tui.domain import Problem

START_LIMIT = 20.0  # seconds that a new engine may take to listen; it takes less than one
ENGINE = (sys.executable, "-P", "-m", "zsr_tui.engine")  # -P: a uvicorn.py in the current folder is not the engine's
_NAP = 0.01


class EngineProcess:
    """`python -P -m zsr_tui.engine` on a Unix-domain socket in a folder that only this user can enter.

    The child holds the read end of a pipe as its standard input and ends when the pipe does, so it cannot outlive
    this process, even if that is killed. It takes the folder with it.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def socket(self) -> Path:
        assert self._folder is not None, "the engine has not been started"
        return self._folder / "engine.sock"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Returns when the engine listens. Raises `Problem` if it does not come up."""
        await self.stop()
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="zsr-tui-"))  # mode 0700
            self._process = await asyncio.create_subprocess_exec(
                *ENGINE,
                "--socket",
                str(self.socket),
                "--private",
                "--log",
                str(paths.engine_log()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C in the terminal is for the screen
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        except OSError as error:
            raise Problem(f"the engine cannot be started: {error}.") from error
        await self._listening()

    async def _listening(self) -> None:
        assert self._process is not None
        loop = asyncio.get_running_loop()
        until = loop.time() + START_LIMIT
        while self._process.returncode is None and loop.time() < until:
            if self.socket.exists() and _accepts(self.socket):
                return
            await asyncio.sleep(_NAP)
        code = self._process.returncode
        await self.stop()
        why = f"it ended at once (exit code {code})" if code is not None else "it did not answer"
        raise Problem(f"the engine could not be started: {why}; see its log at {paths.engine_log()}.")

    async def stop(self) -> None:
        """End the engine, wait for its end, and remove its folder."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), 1.0)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
