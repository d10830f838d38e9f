"""The routes of the scoring module for other programs, over the interfaces that vLLM, Infinity, Jina and OpenAI share.

    GET  /v1/models      the models on this machine, with their `capabilities` ("rerank", "embed")
    POST /v1/rerank      {query, documents, model?, top_n?, return_documents?, raw_scores?, priority?}
    POST /v1/embeddings  {input, model?, encoding_format?, dimensions?, input_type? or task?, priority?}

Requests wait in the same queue as everything else, and leave it when the client closes the connection. Without `model`
an embedded one answers. `priority` above 0 makes a request background work. Errors have OpenAI's shape: 400 for what is
asked wrongly, 413 for too much at once, 409 for what cannot be done now, 429 and 503 while too much is under way.
`usage` counts the tokens that the model read for the request, prompts and special tokens included: 0 where the cache
knew all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from zsr_tui import caller
from zsr_tui.domain import Problem
from zsr_tui.engine import bodies
from zsr_tui.engine.answers import CLOSED, PATIENCE_S, again_of, as_json, status_of
from zsr_tui.engine.bodies import Busy, Refused
from zsr_tui.engine.library import Library
from zsr_tui.engine.problems import problem_view
from zsr_tui.engine.threads import Threads
from zsr_tui.engine.v1 import answers
from zsr_tui.engine.v1.answers import EmbedRequest, RerankRequest
from zsr_tui.progress import Cancelled, CancelToken

METHODS = {"/v1/models": "GET", "/v1/rerank": "POST", "/v1/embeddings": "POST"}
LARGEST_BODY = 64 << 20  # bytes
_TEXTS = ("query", "documents", "input")  # of the web, where any character may stand
_KINDS = {
    **dict.fromkeys((409, 500, 503), "server_error"),
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}
Asked = TypeVar("Asked", RerankRequest, EmbedRequest)
_threads = Threads("requests of other programs", 256)


def routes(library: Library) -> list[Route]:
    """To be mounted beside the engine's own."""

    async def models(request: Request) -> Response:
        return await _answer(request, lambda _: answers.models(library))

    async def rerank(request: Request) -> Response:
        return await _asked(request, RerankRequest, partial(answers.rerank, library))

    async def embed(request: Request) -> Response:
        return await _asked(request, EmbedRequest, partial(answers.embed, library))

    async def nothing(request: Request) -> Response:
        method = METHODS.get(request.url.path)
        if method is None:
            return _error(f"there is no {request.url.path} here: ask one of {', '.join(METHODS)}.", 404)
        return _error(f"{request.url.path} takes {method} alone.", 405, {"allow": method})

    answering = {"/v1/models": models, "/v1/rerank": rerank, "/v1/embeddings": embed}
    return [
        *(Route(path, answer, methods=[METHODS[path]]) for path, answer in answering.items()),
        Route("/v1/{path:path}", nothing, methods=["DELETE", "GET", "PATCH", "POST", "PUT"]),
    ]


async def _asked(request: Request, kind: type[Asked], work: Callable[[Asked, CancelToken, str], object]) -> Response:
    try:
        asked = bodies.decoded(await bodies.read(request, LARGEST_BODY), kind, _TEXTS)
    except ClientDisconnect:
        return Response(status_code=CLOSED)
    except Refused as problem:
        return _refused(problem)
    owner = caller.owner("v1")  # who asks, for fairness
    return await _answer(request, lambda cancel: work(asked, cancel, owner))


async def _answer(request: Request, work: Callable[[CancelToken], object]) -> Response:
    """Runs `work` in a thread, and cancels it when the client goes away."""
    cancel = CancelToken()
    try:
        running = asyncio.wrap_future(_threads.submit(work, cancel))
    except Refused as problem:
        return _refused(problem)
    watcher = asyncio.create_task(_gone(request))
    try:
        either: tuple[asyncio.Future[Any], ...] = (running, watcher)
        await asyncio.wait(either, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            cancel.cancel()
            if not watcher.done():
                raise Busy(f"the engine found no answer in {PATIENCE_S:.0f} s: it has too much to do.", 503)
        return as_json(await running)
    except Cancelled:
        return Response(status_code=CLOSED)
    except Problem as problem:
        return _refused(problem)
    except Exception as error:  # noqa: BLE001 - the request's last frame: the client gets one sentence
        return _error(problem_view(error).message, 500)
    finally:
        cancel.cancel()
        watcher.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _refused(problem: Problem) -> Response:
    return _error(problem.message, status_of(problem), again_of(problem))


def _error(message: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return as_json(error_of(message, status), status, headers)


def error_of(message: str, status: int) -> dict[str, Any]:
    """In OpenAI's shape."""
    kind = _KINDS.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": status}}
