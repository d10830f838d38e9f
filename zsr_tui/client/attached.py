"""The engine of another process, in place of a private one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from zsr_tui.client.process import NAP, START_LIMIT, accepts
from zsr_tui.client.route import Route
from zsr_tui.domain import Problem

FIRST_LIMIT = 3.0  # seconds that an engine may take to answer for the first time: it is not known to be there


class AttachedProcess:
    """What `Engine` needs of a process, for one that somebody else starts, starts again when it dies, and ends."""

    pid = None  # it is not ours to know
    log = ""

    def __init__(
        self,
        socket: Path,
        token: str = "",
        start: str = "start zsr-tui web again",
        first_s: float = 0.0,
        *,
        private: bool = True,
    ) -> None:
        """`start` is what to do where nobody listens. `first_s`: how long the first one may take, 0 for as long as any
        other. A `private` one sees the files of whoever attaches."""
        self.private = private
        self.route = Route(socket=socket, token=token)
        self._start, self._limit = start, first_s
        self.alive = False

    async def start(self) -> None:
        """Returns when it listens, which takes a moment where it has just died. Raises `Problem`."""
        assert self.route.socket is not None
        loop = asyncio.get_running_loop()
        until = loop.time() + (self._limit or START_LIMIT)
        while not accepts(self.route.socket):
            if loop.time() > until:
                raise Problem(f"the engine that others share ({self.route.socket}) does not answer: {self._start}.")
            await asyncio.sleep(NAP)
        self.alive, self._limit = True, 0.0

    async def stop(self) -> None:
        self.alive = False


class RemoteProcess:
    """As `AttachedProcess`, over TCP."""

    pid = None
    private = False
    log = ""

    def __init__(self, url: str, token: str) -> None:
        self.route = Route(url=url.rstrip("/"), token=token)
        self._limit = FIRST_LIMIT
        self.alive = False

    async def start(self) -> None:
        """Returns when it answers, which takes a moment where it has just died. Raises `Problem`."""
        import httpx

        loop, host = asyncio.get_running_loop(), urlsplit(self.route.url).netloc
        until = loop.time() + self._limit
        async with self.route.http() as http:
            while True:
                try:
                    answer = await http.get("/healthz")
                except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadError, httpx.RemoteProtocolError) as error:
                    if loop.time() > until or "CERTIFICATE" in str(error).upper():
                        raise _silent(self.route.url, error) from None
                    await asyncio.sleep(20 * NAP)
                    continue
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    raise _silent(self.route.url, error) from None
                if answer.status_code == 200:
                    break
                if answer.status_code != 503 or loop.time() > until:  # 503: it is being stopped
                    raise Problem(f"what answers at {host} is no engine of zsr-tui: check the address.", usage=True)
                await asyncio.sleep(20 * NAP)
        self.alive, self._limit = True, START_LIMIT

    async def stop(self) -> None:
        self.alive = False


def _silent(url: str, error: Exception) -> Problem:
    said = str(error)
    if "CERTIFICATE" in said.upper():
        return Problem(
            f"this machine does not trust the certificate of {url}: name the file of its authority in SSL_CERT_FILE, "
            "or check the address.",
            detail=said,
        )
    return Problem(f"no engine answers at {url}: start it with zsr-tui serve, or check the address.", detail=said)
