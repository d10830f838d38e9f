"""The routes of stored evaluations. zsr_tui.api.evaluations says what each takes and gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from zsr_tui.api.evaluations import QueriesAsked
from zsr_tui.domain import Problem
from zsr_tui.engine import evaluation_jobs
from zsr_tui.engine.evaluation_views import Views
from zsr_tui.engine.faults import fault
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store

_Asked = Mapping[str, str]


def routes(library: Library) -> list[Route]:
    views = Views(library)

    def delete(asked: _Asked) -> bool:
        if evaluation_jobs.state(asked.get("id", "")):
            raise Problem("the evaluation is running: stop it before it is deleted.")
        store.delete(asked.get("id", ""))
        return True

    def pause(asked: _Asked) -> bool:
        evaluation_jobs.pause(asked.get("id", ""), asked.get("paused", "true") != "false")
        return True

    def stop(asked: _Asked) -> bool:
        evaluation_jobs.stop(asked.get("id", ""))
        return True

    def report(asked: _Asked) -> str:
        return views.report(
            asked.get("id", ""),
            Path(asked.get("path", "")).expanduser(),
            _number(asked, "baseline") or 0,
            asked.get("test", "t"),
            asked.get("measure", ""),
        )

    return [
        _get("/evaluations", lambda _: views.items()),
        Route(
            "/evaluation",
            _handler(
                {
                    "GET": lambda asked: views.evaluation(
                        asked.get("id", ""), _number(asked, "baseline") or 0, asked.get("test", "t")
                    ),
                    "DELETE": delete,
                }
            ),
            methods=["GET", "DELETE"],
        ),
        _post("/evaluation/pause", pause),
        _post("/evaluation/stop", stop),
        _post("/evaluation/report", report),
        _get("/evaluation/queries", lambda asked: views.queries(_queries_asked(asked))),
        _get(
            "/evaluation/differences",
            lambda asked: views.differences(
                asked.get("id", ""),
                asked.get("measure", ""),
                _number(asked, "system"),
                _number(asked, "baseline") or 0,
            ),
        ),
        _get(
            "/evaluation/scatter",
            lambda asked: views.scatter(
                asked.get("id", ""),
                _number(asked, "query") or 0,
                _number(asked, "system"),
                _number(asked, "baseline") or 0,
            ),
        ),
        _get("/evaluation/outcomes", lambda asked: views.outcomes(asked.get("id", ""))),
        _get("/evaluation/fates", lambda asked: views.fates(asked.get("id", ""), _number(asked, "query") or 0)),
        _get("/evaluation/depth", lambda asked: views.depth(asked.get("id", ""), _number(asked, "system") or 0)),
        _get("/evaluation/breakdowns", lambda asked: views.breakdowns(asked.get("id", ""), asked.get("measure", ""))),
        _get("/evaluation/matrix", lambda asked: views.matrix(asked.get("measure", "nDCG@10"))),
    ]


_Work = Callable[[_Asked], object]


def _get(path: str, work: _Work) -> Route:
    return Route(path, _handler({"GET": work}))


def _post(path: str, work: _Work) -> Route:
    return Route(path, _handler({"POST": work}), methods=["POST"])


def _handler(work: Mapping[str, _Work]) -> Callable[[Request], Awaitable[Response]]:
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


def _number(asked: _Asked, name: str) -> int | None:
    text = asked.get(name, "")
    if not text:
        return None
    if not text.isdigit():
        raise Problem(f"{name} must be a whole number.", usage=True)
    return int(text)


def _queries_asked(asked: _Asked) -> QueriesAsked:
    try:
        return msgspec.convert(dict(asked), QueriesAsked, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(f"the query table cannot be shown like this: {error}.", usage=True) from error
