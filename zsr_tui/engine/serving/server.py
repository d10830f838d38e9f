"""uvicorn's server, which ends without breaking off what is under way."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from zsr_tui.api.requests import PATHS, EvaluateRequest, PrepareRequest
from zsr_tui.engine.app import create_app
from zsr_tui.engine.connection import Connection
from zsr_tui.engine.library import Library
from zsr_tui.engine.serving.door import Door
from zsr_tui.engine.serving.entrance import Entrance
from zsr_tui.engine.serving.limits import Limits

RESUMED = (PATHS[EvaluateRequest], PATHS[PrepareRequest])  # what the next engine goes on with where it was
_NAP = 0.05
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tls:
    certificate: Path
    key: Path


class Server(uvicorn.Server):
    """On SIGTERM and SIGINT nothing new is taken, and what is under way has `drain_s` seconds to end, except for what
    the next engine goes on with; a second SIGINT ends all at once."""

    def __init__(self, library: Library, door: Door, limits: Limits, tls: Tls | None, drain_s: int) -> None:
        self.entrance = Entrance(create_app(library), library, door, limits)
        self._drain_s, self._told = drain_s, 0
        super().__init__(
            uvicorn.Config(
                self.entrance,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                http=Connection,
                ssl_certfile=tls.certificate if tls else None,
                ssl_keyfile=tls.key if tls else None,
            )
        )

    def serve_on(self, listener: socket.socket) -> int:
        """Until it is told to end; by which signal."""
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: None)  # uvicorn raises it again when all is over
        self.run(sockets=[listener])
        return self._told

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.entrance.stopping:
            _log.info(
                "stopping: what is under way has %d s to end (Ctrl-C again: none); the next engine goes on with "
                "evaluations and preparations",
                self._drain_s,
            )
        self.entrance.stopping, self._told = True, self._told or sig
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Whoever asks meanwhile is told that it is being stopped. Clients whose connection is broken off ask again."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._drain_s
        while (at_work := self._at_work()) and not self.force_exit and loop.time() < until:
            for each in at_work:
                if each.scope["path"] in RESUMED:
                    each.transport.abort()
            await asyncio.sleep(_NAP)
        if at_work:
            _log.info("broken off: %d requests", len(at_work))
        for each in at_work:
            each.transport.abort()
        self.force_exit = True  # there is nothing left to wait for
        await super().shutdown(sockets)

    def _at_work(self) -> list[Connection]:
        connections = [each for each in self.server_state.connections if isinstance(each, Connection)]
        return [each for each in connections if each.cycle is not None and not each.cycle.response_complete]
