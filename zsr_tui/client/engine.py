"""`Engine`: the real implementation of `zsr_tui.client.protocol.EngineApi`, over a private child process or, attached,
over another process's engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from zsr_tui.api.events import ENDS, AnyEvent, EngineLost, Failed, decode
from zsr_tui.api.questions import Answer, Question, answer_type
from zsr_tui.api.requests import PATHS, ProblemView, Request
from zsr_tui.client import cancelled
from zsr_tui.client.busy import LONGEST_WAIT_S, STOPPING, WAITS, is_busy, problem_of, seconds
from zsr_tui.client.process import EngineProcess
from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Problem

if TYPE_CHECKING:
    import httpx

    from zsr_tui.client.route import Route

# How often a request is sent, where the engine stops over it: the request may be why. One that others share is stopped
# and started by people, too.
TRIES, TRIES_SHARED = 2, 4
_STOPPED = {
    TRIES: "the engine stopped twice over this request",
    TRIES_SHARED: "the engine stopped four times over this request",
}
Carried = TypeVar("Carried", bound=msgspec.Struct)


class Process(Protocol):
    """Where the engine runs. `private`: it is this program's, on this machine. `log`, for the end of a sentence: where
    its log is, "" where that is not to be known. `waits_s`: how long one that somebody else starts is waited for, 0 for
    one of ours."""

    @property
    def private(self) -> bool: ...
    @property
    def pid(self) -> int | None: ...
    @property
    def alive(self) -> bool: ...
    @property
    def route(self) -> Route: ...
    @property
    def log(self) -> str: ...
    @property
    def waits_s(self) -> float: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Engine:
    """Starts an engine when it is first needed, restarts it once for a request when it dies, and ends it on `close`,
    after which there is none any more; one that others share is attached to again up to three times. `_connection`,
    `_bury` and `close` are all that starts or ends one, one at a time."""

    def __init__(self, process: Process | None = None) -> None:
        self.process: Process = process or EngineProcess()
        self._http: httpx.AsyncClient | None = None
        self._life = asyncio.Lock()
        self._closed = False
        self.restarts = 0

    async def start(self) -> None:
        """Idempotent: a running engine is left alone, a dead one is replaced."""
        await self._connection()

    async def _connection(self) -> httpx.AsyncClient:
        async with self._life:
            if self._closed:
                raise Problem("the engine has been ended: start the program again.")
            if self.process.alive and self._http is not None:
                return self._http
            if self._http is not None:  # it ran, and died while nothing was asked of it
                self.restarts += 1
            cancelled.let_be()
            await self._forget_connection()
            importing = asyncio.to_thread(_import_httpx)  # while the process comes up
            await asyncio.gather(self.process.start(), importing)
            self._http = self.process.route.http()
            return self._http

    async def close(self) -> None:
        async with self._life:
            self._closed = True
            await self._forget_connection()
            await self.process.stop()

    async def _forget_connection(self) -> None:
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    @property
    def _tries(self) -> int:
        return TRIES if self.process.private else TRIES_SHARED

    async def call(self, question: Question[Answer]) -> Answer:
        httpx = _import_httpx()
        for attempt in range(1, self._tries + 1):
            http = await self._connection()
            try:
                path, body = f"/call/{type(question).__name__}", _as_json(await self._carried(http, question))
                response = await http.post(path, content=body)
                waits = WAITS
                while waits and is_busy(response):
                    waits -= 1
                    await asyncio.sleep(seconds(response))
                    response = await http.post(path, content=body)
            except (httpx.TransportError, RuntimeError) as error:
                if not _is_lost(error, http):
                    raise
                if attempt == self._tries:
                    raise Problem(f"the engine does not answer{self.process.log}.") from error
                await self._bury(http)
                continue
            if response.status_code != 200:
                raise problem_of(response.content)
            answer: Answer = json_decoder(answer_type(type(question))).decode(response.content)
            return answer
        raise AssertionError("unreachable")

    async def _carried(self, http: httpx.AsyncClient, asked: Carried) -> Carried:
        """With the files that it names, where the engine does not see those of this machine."""
        if self.process.private:
            return asked
        from zsr_tui.client.sending import carried

        return await carried(http, asked)

    async def _bury(self, broken: httpx.AsyncClient, *, told: bool = False) -> bool:
        """Make sure that the engine which broke this connection is gone, so that a new one is made. False: somebody
        else has found it dead before, and the engine that is there now is another one. `told`: a stream says it."""
        async with self._life:
            if self._http is not broken:
                return False
            self.restarts += not told  # before anything is waited for: whoever asks may be cancelled
            await self._forget_connection()
            await self.process.stop()
            return True

    async def stream(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        httpx = _import_httpx()
        http: Any = None
        for attempt in range(1, self._tries + 1):
            try:
                http = await self._connection()
                async with aclosing(_events(http, await self._carried(http, request))) as events:
                    async for event in events:
                        yield event
                        if isinstance(event, ENDS):
                            return
                return  # ended in good order without a result: a newer search of the same pane has taken its place
            except Problem as problem:
                yield Failed(request=request.id, problem=ProblemView.of(problem))
                return
            except (httpx.TransportError, RuntimeError) as error:
                if http is None or not _is_lost(error, http):
                    raise
                process = self.process
                how = await process.how_it_ended() if isinstance(process, EngineProcess) else ""
                lost = EngineLost(
                    request=request.id,
                    restarted=attempt < self._tries,
                    see_log=process.log,
                    waits_s=process.waits_s,
                    how=f" ({how})" if how else "",
                )
                yield lost
                await self._bury(http, told=True)
        stopped = f"{_STOPPED[self._tries]}{self.process.log}."
        yield Failed(request=request.id, problem=ProblemView(message=stopped))


def _is_lost(error: Exception, http: httpx.AsyncClient) -> bool:
    """Whether the engine went away under a request. Where another one finds that first, while this one waits to be sent
    again, the connection is closed, and httpx refuses to send."""
    return not isinstance(error, RuntimeError) or http.is_closed


async def _events(http: httpx.AsyncClient, request: Request) -> AsyncGenerator[AnyEvent, None]:
    path, body = PATHS[type(request)], _as_json(request)
    for wait in reversed(range(WAITS + 1)):
        async with http.stream("POST", path, content=body) as response:
            if wait and is_busy(response):
                said = problem_of(await response.aread()).message
                if response.status_code == STOPPING and wait == WAITS:  # said at once, whatever it takes
                    yield EngineLost(request=request.id, restarted=True, waits_s=WAITS * LONGEST_WAIT_S, said=said)
                await asyncio.sleep(seconds(response))
                continue
            if response.status_code != 200:
                raise problem_of(await response.aread())
            rest = b""
            async for chunk in response.aiter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield decode(line)
            return


def _as_json(asked: Question[Any] | Request) -> bytes:
    try:
        return msgspec.json.encode(asked)
    except UnicodeEncodeError as error:  # half a surrogate: a byte of a path that is none of a character
        shown = error.object[:200].encode("utf-8", "surrogateescape").decode(errors="backslashreplace")
        raise Problem(
            f"'{shown}' is not UTF-8 text: a file or folder with such a name must get another one.", usage=True
        ) from error


def _import_httpx() -> Any:
    import httpx

    return httpx
