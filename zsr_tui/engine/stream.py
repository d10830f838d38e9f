"""Requests whose answer is a stream: their work runs in a thread, and is cancelled when the other side goes away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from zsr_tui import caller
from zsr_tui.api.event import Event
from zsr_tui.api.events import ENDS, Failed, JobProgress, encode
from zsr_tui.api.explanations import AxiomsRequest, ExplainRequest
from zsr_tui.api.model_judging import ModelJudgeRequest
from zsr_tui.api.parity import ParityRequest
from zsr_tui.api.requests import PATHS, EvaluateRequest, PrepareRequest, Request, SearchRequest, VariantsRequest
from zsr_tui.domain import Problem
from zsr_tui.engine import bodies
from zsr_tui.engine.answers import CLOSED, refused
from zsr_tui.engine.problems import problem_view
from zsr_tui.engine.threads import Threads
from zsr_tui.progress import Cancelled, CancelToken, Progress

Emit = Callable[[Event], None]
Work = Callable[[Any, Emit, CancelToken], None]  # of a request

_threads: dict[type[Request], Threads] = {
    SearchRequest: Threads("searches", 256),
    PrepareRequest: Threads("preparations", 64),  # which may wait for a lock
    EvaluateRequest: Threads("evaluations", 64),
    ExplainRequest: Threads("explanations", 64),
    AxiomsRequest: Threads("axioms", 16),
    VariantsRequest: Threads("tables of variants", 16),
    ModelJudgeRequest: Threads("models that judge", 8),
    ParityRequest: Threads("comparisons of scorers", 8),
}


class Streams:
    """What each request's work is, and who is at work."""

    def __init__(self, works: Mapping[type[Request], Work]) -> None:
        self._works = works
        self._lock = threading.Lock()
        self._panes: dict[str, CancelToken] = {}  # of a kind: a new one cancels the one before
        self._jobs: dict[tuple[str, str], tuple[str, Progress | None]] = {}  # by the caller's name, and request id

    def at_work(self) -> tuple[list[tuple[str, Progress | None]], int]:
        """What is done for whoever asks, in words, and how far it is; and how many requests of others there are.
        Preparations and evaluations are not among it: they may outlive their stream."""
        name, jobs = caller.current().name, dict(self._jobs)
        mine = [job for (whose, _), job in jobs.items() if name in ("", whose)]
        return mine, len(jobs) - len(mine)

    def routes(self) -> list[Route]:
        return [Route(PATHS[kind], partial(self._begin, kind=kind), methods=["POST"]) for kind in self._works]

    async def _begin(self, asked: Asked, kind: type[Request]) -> ASGIApp:
        try:
            request = bodies.decoded(await bodies.read(asked), kind)
        except ClientDisconnect:
            return Response(status_code=CLOSED)
        except Problem as problem:
            return refused(problem)
        cancel = CancelToken()
        named = request.pane if isinstance(request, SearchRequest | ExplainRequest) else ""
        whose = caller.current().name
        pane = f"{PATHS[kind]} {whose} {named}" if named else ""
        if pane:
            with self._lock:
                before, self._panes[pane] = self._panes.get(pane), cancel
            if before is not None:
                before.cancel()
        what = f"{PATHS[kind].removeprefix('/')} {request.dataset}"
        if not isinstance(request, EvaluateRequest | PrepareRequest):
            self._jobs[whose, request.id] = what, None

        def done() -> None:
            self._jobs.pop((whose, request.id), None)
            with self._lock:  # in the thread of the work: the next one may come meanwhile
                if self._panes.get(pane) is cancel:
                    del self._panes[pane]

        def run(emit: Emit, token: CancelToken) -> None:
            def watched(event: Event) -> None:
                if isinstance(event, JobProgress) and (whose, request.id) in self._jobs:
                    self._jobs[whose, request.id] = what, event.progress
                emit(event)

            self._works[kind](request, watched, token)

        return EventStream(request.id, _threads[kind], run, cancel, done)


class EventStream:
    """Runs `work(emit, cancel)` in a thread and sends what it emits as NDJSON.

    When the client closes the stream, `cancel` is set and what is still emitted is dropped; the response ends only
    when the work has, so that whoever closed it does not race with what is left of it.
    """

    def __init__(
        self,
        request_id: str,
        threads: Threads,
        work: Callable[[Emit, CancelToken], None],
        cancel: CancelToken,
        done: Callable[[], None],
    ) -> None:
        self._id, self._threads, self._work, self._cancel, self._done = request_id, threads, work, cancel, done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()

        def put(event: Event | None) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, event)

        def run() -> None:
            try:
                self._work(put, self._cancel)
            except Cancelled:
                pass  # nobody listens any more; the stream just ends
            except BaseException as error:  # noqa: BLE001 - the thread's last frame: it must reach the client
                put(Failed(request=self._id, problem=problem_view(error)))
            finally:
                self._done()
                put(None)

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            self._cancel.cancel()

        try:
            self._threads.submit(run)
        except Problem as problem:
            self._done()
            await refused(problem)(scope, receive, send)
            return
        watcher = asyncio.create_task(watch())
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [(b"content-type", b"application/x-ndjson")],
                }
            )
            ended = False
            while (event := await queue.get()) is not None:
                if not self._cancel.cancelled and not ended:
                    ended = isinstance(event, ENDS)
                    await send({"type": "http.response.body", "body": encode(event), "more_body": True})
            if not watcher.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (OSError, asyncio.CancelledError):
            self._cancel.cancel()
            raise
        finally:
            watcher.cancel()
