"""The way of a request into a shared engine: who asks, within which limits; counted and logged when it is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from zsr_tui import caller
from zsr_tui.api.requests import PATHS
from zsr_tui.domain import NOT_KNOWN, Problem
from zsr_tui.engine.answers import again_of, as_json, refused, status_of
from zsr_tui.engine.bodies import Busy, Refused
from zsr_tui.engine.library import Library
from zsr_tui.engine.serving.door import Door
from zsr_tui.engine.serving.limits import Limits
from zsr_tui.engine.serving.log import Answered, TurnedAway
from zsr_tui.engine.serving.metrics import TYPE, Metrics, of_machine
from zsr_tui.engine.v1.routes import error_of

STREAMS: Collection[str] = frozenset(PATHS.values())
METRICS, QUESTIONS, FILES, OTHER = "/metrics", "/call/", "/files/{name}", "other"
STALLED_S = 60.0  # that a client may take nothing of its answer
MOMENT_S, _LOOK_S = 2.0, 0.05  # for a place among a caller's streams


class Entrance:
    """In front of the engine's application. `stopping`: what is under way is finished, and nothing else is begun."""

    def __init__(self, app: Starlette, library: Library, door: Door, limits: Limits) -> None:
        self._app, self._library, self._door, self._limits = app, library, door, limits
        self._metrics, self._turned = Metrics(), TurnedAway()
        self._known = {each.path for each in app.routes if isinstance(each, Route)} | {METRICS}
        self.stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/healthz":
            await self._health()(scope, receive, send)
            return
        began, asks = time.monotonic(), self._door(scope)
        answer = _Watched(send)
        try:
            await self._admit(scope, receive, answer, asks)
        except asyncio.CancelledError:
            if not self.stopping:
                raise
        finally:
            seconds, path = time.monotonic() - began, scope["path"]
            self._metrics.add(self._counted_as(scope, answer.status), answer.status, seconds, answer.sent)
            name = asks.name if asks else ""
            said = Answered(
                caller=name,
                method=scope["method"],
                path=path,
                status=answer.status,
                ms=round(1000 * seconds, 1),
                sent=answer.sent,
                address="" if asks else str((scope.get("client") or ("",))[0]),
            )
            said.log(often=not asks and self._turned.is_again(said.address))

    def _counted_as(self, scope: Scope, status: int) -> str:
        """What is not the path of anything, and what callers name in one, is theirs: others read what is counted, and
        there is no end of it."""
        path = scope["path"]
        if status in (401, 404, 405):
            return OTHER
        if path in self._known or ("endpoint" in scope and path.startswith(QUESTIONS)):
            return path
        return FILES if path.startswith("/files/") else OTHER

    def _health(self) -> Response:
        """For whoever looks whether it is there; nothing else is told without a token."""
        return as_json({"status": "stopping"}, 503) if self.stopping else as_json({"status": "ok"})

    async def _admit(self, scope: Scope, receive: Receive, answer: _Watched, asks: caller.Caller | None) -> None:
        path = scope["path"]
        if asks is None:
            await _turned_away(scope)(scope, receive, answer.send)
            return
        caller.become(asks)
        try:
            if self.stopping:
                raise Busy("this engine is being stopped: ask again when it is back.", 503)
            leave = await self._entered(asks.name, stream=path in STREAMS)
        except Busy as busy:
            await _refused(path, busy)(scope, receive, answer.send)
            return
        try:
            if path == METRICS:
                await (await self._metrics_now())(scope, receive, answer.send)
            else:
                await self._app(scope, receive, answer.send)
        finally:
            leave()

    async def _entered(self, name: str, *, stream: bool) -> Callable[[], None]:
        """A stream that its caller has closed counts until its work has ended, which is waited for a moment."""
        until = time.monotonic() + MOMENT_S
        while True:
            try:
                return self._limits.enter(name, stream=stream)
            except Busy as busy:
                if not stream or busy.status != 429 or time.monotonic() >= until:
                    raise
            with self._limits.waiting(name):
                await asyncio.sleep(_LOOK_S)

    async def _metrics_now(self) -> Response:
        lines = self._metrics.lines(self._limits.under_way)
        lines += await asyncio.to_thread(of_machine, self._library)
        return Response("\n".join(lines) + "\n", media_type=TYPE)


class _Watched:
    """An answer on its way, with its status and its bytes. A client that takes nothing of it has gone."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 499  # nginx's for a client that went away before there was an answer
        self.sent = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.sent += len(message.get("body", b""))
        try:
            async with asyncio.timeout(STALLED_S):
                await self._send(message)
        except TimeoutError as error:
            raise ConnectionAbortedError("the client takes nothing of its answer") from error


def _turned_away(scope: Scope) -> Response:
    if any(name == b"authorization" for name, _ in scope["headers"]):
        why = "this engine does not know your token: whoever runs it can give you another."
    else:
        why = (
            "this engine is shared and knows who asks: give your token with --token-file or ZSR_TUI_TOKEN (in a "
            "request of your own as Authorization: Bearer ...); whoever runs it has it."
        )
    refusal = Refused(why, 401)
    refusal.kind = NOT_KNOWN
    response = _refused(scope["path"], refusal)
    response.headers["www-authenticate"] = "Bearer"
    return response


def _refused(path: str, problem: Problem) -> Response:
    """In the shape that the path's answers have."""
    if path.startswith("/v1/"):
        status = status_of(problem)
        return as_json(error_of(problem.message, status), status, again_of(problem))
    return refused(problem)
