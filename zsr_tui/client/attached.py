"""The engine of another process, in place of a private one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from zsr_tui.client.places import accepts
from zsr_tui.client.process import NAP, START_LIMIT
from zsr_tui.client.route import Route
from zsr_tui.domain import Problem, Unreachable

FIRST_LIMIT = 3.0  # seconds that an engine may take to answer for the first time: it is not known to be there
STARTING_S = 15.0  # that whoever is told of it waits at first for one that may just be started again
SHARED_LIMIT = 120.0  # that one of somebody else's may take to come back: it ends what is under way before it goes
PATIENCE_S = 30.0  # for one answer about how it is
Tell = Callable[[str], None]  # a sentence of what is waited for, without its full stop


class AttachedProcess:
    """What `Engine` needs of a process, for one that somebody else starts, starts again when it dies, and ends."""

    pid = None  # it is not ours to know
    log = ""

    def __init__(
        self,
        socket: Path,
        token: str = "",
        start: str = "start zsr-tui web again",
        first_s: float | None = None,
        *,
        private: bool = True,
        tell: Tell | None = None,
    ) -> None:
        """`start` is what to do where nobody listens. `first_s`: how long the first one may take, as long as any other
        if not given. A `private` one sees the files of whoever attaches. `tell`: as of `listening`, of the first."""
        self.private = private
        self.waits_s = START_LIMIT if private else SHARED_LIMIT
        self.route = Route(socket=socket, token=token)
        self._start, self._limit, self._tell = start, first_s, tell
        self.alive = False

    async def start(self) -> None:
        """Returns when it listens, which takes a moment where it has just died. Raises `Problem`."""
        assert self.route.socket is not None
        silent = Unreachable(f"the engine that others share ({self.route.socket}) does not answer: {self._start}.")
        limit = self.waits_s if self._limit is None else self._limit
        if self.private:
            await _accepting(self.route.socket, limit, silent)
        else:
            await listening(self.route, limit, silent, self._tell)
        self.alive, self._limit, self._tell = True, None, None

    async def stop(self) -> None:
        self.alive = False


class RemoteProcess:
    """As `AttachedProcess`, over TCP."""

    pid = None
    private = False
    log = ""
    waits_s = SHARED_LIMIT

    def __init__(self, url: str, token: str, tell: Tell | None = None) -> None:
        self.route = Route(url=url.rstrip("/"), token=token)
        self._limit, self._tell = FIRST_LIMIT, tell
        self.alive = False

    async def start(self) -> None:
        """Returns when it answers, which takes a moment where it has just died. Raises `Problem`."""
        url = self.route.url
        silent = Unreachable(f"no engine answers at {url}: start it with zsr-tui serve, or check the address.")
        await listening(self.route, self._limit, silent, self._tell)
        self.alive, self._limit, self._tell = True, SHARED_LIMIT, None

    async def stop(self) -> None:
        self.alive = False


async def _accepting(socket: Path, limit: float, silent: Problem) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + limit
    while not accepts(socket):
        if loop.time() > until:
            raise silent
        await asyncio.sleep(NAP)


async def listening(route: Route, limit: float, silent: Problem, tell: Tell | None = None, place: str = "") -> None:
    """Returns when a shared engine answers and knows the token. Raises `Problem`: `silent` where nobody answers for
    `limit` seconds. Whoever can `tell` it waits longer for one that may be on its way: it is being stopped, its socket
    is there still, or it is just being started again. `place`: where it listens, if the route only leads there."""
    import httpx

    loop = asyncio.get_running_loop()
    until = loop.time() + limit
    async with route.http() as http:
        while True:
            stopping = broken = False
            try:
                answer = await http.get("/healthz", timeout=PATIENCE_S)
                if answer.status_code == 200:
                    answer = await http.get("/health", timeout=PATIENCE_S)
                if answer.status_code in (200, 429):  # 429: much of the caller's is under way
                    return
                if answer.status_code == 401:
                    from zsr_tui.client.busy import problem_of

                    raise problem_of(answer.content)
                if answer.status_code != 503:
                    raise _another(route.url)
                stopping = True
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadError, httpx.RemoteProtocolError) as error:
                if "SSL" in str(error).upper():
                    raise _untrusted(route.url, str(error)) from None
                silent.detail = str(error)
                broken = route.socket is None and isinstance(error, httpx.ReadError | httpx.RemoteProtocolError)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                silent.detail = str(error)
                raise silent from None
            if loop.time() > until and broken and route.url.startswith("http:"):
                raise _breaks_off(route.url, silent.detail)
            if loop.time() > until and tell is not None:
                what, longer = _awaited(route, place, stopping)
                tell(f"{what}: waiting for it, up to {longer:.0f} s")
                until, tell = until + longer, None
            elif loop.time() > until:
                raise _still_stopping(route.url) if stopping else silent
            await asyncio.sleep(20 * NAP)


def _awaited(route: Route, place: str, stopping: bool) -> tuple[str, float]:
    """What is not there yet, and how long it may take."""
    at = place or (route.url if route.socket is None else str(route.socket))
    if stopping:
        return f"the engine at {at} is being stopped, and the next one is not there yet", SHARED_LIMIT
    if not place and route.socket is not None and route.socket.is_socket():
        return f"the engine at {at} has ended, and the next one is not there yet", SHARED_LIMIT
    return f"no engine answers at {at} yet", STARTING_S


def _another(url: str) -> Problem:
    problem = Unreachable(f"what answers at {urlsplit(url).netloc} is no engine of zsr-tui: check the address.")
    problem.usage = True
    return problem


def _breaks_off(url: str, said: str) -> Problem:
    return Unreachable(
        f"what listens at {urlsplit(url).netloc} breaks off instead of answering: write https:// in place of http:// "
        "where it speaks TLS, or check the address.",
        detail=said,
    )


def _still_stopping(url: str) -> Problem:
    return Unreachable(f"the engine at {urlsplit(url).netloc} is being stopped: ask again when it is back.")


def _untrusted(url: str, said: str) -> Problem:
    if "CERTIFICATE" in said.upper():
        return Unreachable(
            f"this machine does not trust the certificate of {url}: name the file of its authority in SSL_CERT_FILE, "
            "or check the address.",
            detail=said,
        )
    return Unreachable(
        f"what answers at {url} does not speak TLS: write http:// in place of https://, or check the address.",
        detail=said,
    )
