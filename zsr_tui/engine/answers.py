"""Questions and their answers: JSON in, JSON out, what went wrong as one sentence. See `zsr_tui.api.questions`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from zsr_tui.api.questions import Question, ReadHealth, ReadStatus
from zsr_tui.api.requests import ProblemView
from zsr_tui.api.wire import encoded
from zsr_tui.caller import NotPermitted
from zsr_tui.domain import Problem
from zsr_tui.engine import bodies
from zsr_tui.engine.problems import problem_view
from zsr_tui.engine.threads import Threads

Answers = Mapping[type[Question[Any]], Callable[[Any], object]]
CLOSED = 499  # nginx's status for a client that went away; nobody reads it
ALWAYS: dict[str, type[Question[Any]]] = {"/health": ReadHealth, "/status": ReadStatus}  # whatever else is asked
PATIENCE_S = 600.0  # for an answer; the longest makes a report of a large evaluation
FORBIDDEN = 403
_questions = Threads("questions", 64)
_vital = Threads("questions of how it is", 8)


def routes(answers: Answers, own: Callable[[], Answers] | None = None) -> list[Route]:
    """Each question is answered in a thread. Those of ALWAYS have threads and a path of their own besides. `own` gives
    the table of whoever asks, where they differ."""
    known = {kind.__name__: kind for kind in answers}
    table = own or (lambda: answers)

    async def asked(request: Request) -> Response:
        name = request.path_params["name"]
        return await answered(request, known[name]) if name in known else not_known(f"question {name!r}")

    async def answered(request: Request, kind: type[Question[Any]]) -> Response:
        threads = _vital if kind in ALWAYS.values() else _questions
        try:
            question = bodies.decoded(await bodies.read(request) or b"{}", kind)
            async with asyncio.timeout(PATIENCE_S):
                return as_json(await asyncio.wrap_future(threads.submit(table()[kind], question)))
        except ClientDisconnect:
            return Response(status_code=CLOSED)
        except TimeoutError:
            return refused(Problem(f"the engine found no answer in {PATIENCE_S:.0f} s: it has too much to do."))
        except Problem as problem:
            return refused(problem)
        except Exception as error:  # noqa: BLE001 - the request's last frame: the client gets one sentence
            return as_json(problem_view(error), 500)

    always = [
        Route(path, partial(answered, kind=kind), methods=["GET"])
        for path, kind in ALWAYS.items()
        if kind in known.values()
    ]
    return [Route("/call/{name}", asked, methods=["POST"]), *always]


def refused(problem: Problem) -> Response:
    return as_json(problem_view(problem), status_of(problem), again_of(problem))


def again_of(problem: Problem) -> dict[str, str]:
    """The header that says when to ask again, where that helps."""
    return {"retry-after": str(problem.AGAIN_S)} if isinstance(problem, bodies.Busy) else {}


def status_of(problem: Problem) -> int:
    if isinstance(problem, bodies.Refused):
        return problem.status
    if isinstance(problem, NotPermitted):
        return FORBIDDEN
    return 400 if problem.usage else 409


def not_known(what: str) -> Response:
    sentence = f"this engine knows no {what}: it may be of another version than the program that asks."
    return as_json(ProblemView(message=sentence, usage=True), 404)


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encoded(value), status, headers, media_type="application/json")
