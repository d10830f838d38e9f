"""Questions and their answers: JSON in, JSON out, what went wrong as one sentence. See `zsr_tui.api.questions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from zsr_tui.api.questions import Question
from zsr_tui.api.requests import ProblemView
from zsr_tui.domain import Problem
from zsr_tui.engine.problems import problem_view

T = TypeVar("T")
Answers = Mapping[type[Question[Any]], Callable[[Any], object]]


def route(answers: Answers) -> Route:
    """Each question is answered in a thread."""
    known = {kind.__name__: (kind, answer) for kind, answer in answers.items()}

    async def handle(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in known:
            return not_known(f"question {name!r}")
        kind, answer = known[name]
        body = await request.body()
        try:
            return as_json(await run_in_threadpool(lambda: answer(decoded(body, kind))))
        except Problem as problem:
            return as_json(problem_view(problem), 400 if problem.usage else 409)
        except Exception as error:  # noqa: BLE001 - the request's last frame: the client gets one sentence
            return as_json(problem_view(error), 500)

    return Route("/call/{name}", handle, methods=["POST"])


def decoded(body: bytes, kind: type[T]) -> T:
    """Raises `Problem` for what is not a `kind`."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Problem(f"the request is not understood: {error}.", usage=True) from error


def not_known(what: str) -> Response:
    sentence = f"this engine knows no {what}: it may be of another version than the program that asks."
    return as_json(ProblemView(message=sentence, usage=True), 404)


def as_json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
