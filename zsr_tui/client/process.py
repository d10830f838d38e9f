"""A private engine as a child process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from zsr_tui import machine, paths
from zsr_tui.client.places import SocketFolder, accepts
from zsr_tui.client.route import Route
from zsr_tui.domain import Problem

START_LIMIT = 120.0  # seconds that a new engine may take to listen: less than one, but where much else runs
ENGINE = (sys.executable, "-P", "-m", "zsr_tui.engine")  # -P: a uvicorn.py in the current folder is not the engine's
NAP = 0.01
TOLD_LIMIT = 0.5  # seconds from a connection's end to the news that its engine is dead


class EngineProcess:
    """`python -P -m zsr_tui.engine` on a Unix-domain socket in a folder that only this user can enter; where there are
    no such sockets, on loopback, with a key in that folder.

    The child holds the read end of a pipe as its standard input and ends when the pipe does, so it cannot outlive
    this process, even if that is killed. It takes the folder with it, unless that is given: then it is there for the
    next one.
    """

    def __init__(self, folder: SocketFolder | None = None) -> None:
        self._kept = folder
        self._folder: SocketFolder | None = folder
        self._process: asyncio.subprocess.Process | None = None

    private = True  # this program's alone
    waits_s = 0.0

    @property
    def route(self) -> Route:
        return Route(socket=self.socket)

    @property
    def log(self) -> str:
        """For the end of a sentence."""
        return paths.see_log()

    @property
    def socket(self) -> Path:
        assert self._folder is not None, "the engine has not been started"
        return self._folder.socket

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Returns when the engine listens; one that is killed before that is started once more. Raises `Problem` if it
        does not come up."""
        for attempt in (1, 2):
            await self.stop()
            await self._spawn()
            why, killed = await self._listening()
            if not why:
                return
            await self.stop()
            if attempt == 2 or not killed:
                raise Problem(f"the engine could not be started: {why}{paths.see_log()}.")

    async def how_it_ended(self) -> str:
        """ "ended by SIGKILL", of one that has just been lost; "" where it has not ended, or did so by itself."""
        if self._process is not None:
            with contextlib.suppress(TimeoutError):
                return in_words(await asyncio.wait_for(self._process.wait(), TOLD_LIMIT))
        return ""

    async def ended(self) -> None:
        """Returns when it is dead."""
        if self._process is not None:
            await self._process.wait()

    async def _spawn(self) -> None:
        try:
            self._folder = self._kept or SocketFolder()
            self.socket.unlink(missing_ok=True)
            self._process = await asyncio.create_subprocess_exec(
                *ENGINE,
                "--socket",
                str(self.socket),
                *(["--private"] if self._kept is None else []),
                "--log",
                str(paths.engine_log()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                **machine.apart(self._folder.lock),
            )
        except OSError as error:
            raise Problem(f"the engine cannot be started: {error}.") from error

    async def _listening(self) -> tuple[str, bool]:
        """When it does: why it never will, "" if it does, and whether it was killed."""
        assert self._process is not None
        loop = asyncio.get_running_loop()
        until = loop.time() + START_LIMIT
        while self._process.returncode is None and loop.time() < until:
            if self.socket.exists() and accepts(self.socket):
                return "", False
            await asyncio.sleep(NAP)
        code = self._process.returncode
        if code is None:
            return "it did not answer", False
        return f"it {in_words(code) or 'ended'} at once", code < 0

    async def stop(self) -> None:
        """End the engine, wait for its end, and remove its folder."""
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                code = await asyncio.wait_for(process.wait(), 1.0)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            else:
                if code:  # not by us, whether it was known before or not
                    _note(f"engine {process.pid} {in_words(code)}")
        folder, self._folder = self._folder, self._kept
        if folder is not None and folder is not self._kept:
            folder.remove()


def in_words(code: int) -> str:
    """Of an exit code: -9 -> "ended by SIGKILL", 1 -> "ended with exit code 1"; "" of 0."""
    if code >= 0:
        return f"ended with exit code {code}" if code else ""
    names = {each.value: each.name for each in signal.Signals}
    return f"ended by {names.get(-code, f'signal {-code}')}"


def _note(line: str) -> None:
    """In the log that the engine has begun: one that was killed could not write why."""
    log = paths.engine_log()
    with contextlib.suppress(OSError):  # an engine needs no log
        if log.exists():
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {line}\n")
