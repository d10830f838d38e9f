"""Routes that answer with JSON: parameters in, a record out, a `Problem` as one sentence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from zsr_tui.domain import Problem
from zsr_tui.engine.problems import fault

Asked = Mapping[str, str]  # the address's parameters
Work = Callable[[Asked], object]


def get(path: str, work: Work) -> Route:
    return Route(path, handler({"GET": work}))


def post(path: str, work: Work) -> Route:
    return Route(path, handler({"POST": work}), methods=["POST"])


def handler(work: Mapping[str, Work]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            method = "GET" if request.method == "HEAD" else request.method
            answer = await run_in_threadpool(work[method], request.query_params)
            return _json(answer, 200)
        except Problem as problem:
            return _json(fault(problem), 400 if problem.usage else 409)
        except Exception as error:  # noqa: BLE001 - the request's last frame: the client gets one sentence
            return _json(fault(error), 500)

    return handle


def _json(value: Any, status: int) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def number(asked: Asked, name: str) -> int | None:
    """Raises `Problem` for anything but digits; None where it is not given."""
    text = asked.get(name, "")
    if not text:
        return None
    if not text.isdigit():
        raise Problem(f"{name} must be a whole number.", usage=True)
    return int(text)
