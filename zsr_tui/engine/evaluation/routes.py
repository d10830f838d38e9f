"""The routes of stored evaluations. zsr_tui.api.evaluations says what each takes and gives."""

from __future__ import annotations

from pathlib import Path

import msgspec
from starlette.routing import Route

from zsr_tui.api.evaluations import QueriesAsked
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluation import jobs as evaluation_jobs
from zsr_tui.engine.evaluation.views import Views
from zsr_tui.engine.json_routes import Asked, get, handler, number, post
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store


def routes(library: Library) -> list[Route]:
    views = Views(library)

    def delete(asked: Asked) -> bool:
        if evaluation_jobs.state(asked.get("id", "")):
            raise Problem("the evaluation is running: stop it before it is deleted.")
        store.delete(asked.get("id", ""))
        return True

    def pause(asked: Asked) -> bool:
        evaluation_jobs.pause(asked.get("id", ""), asked.get("paused", "true") != "false")
        return True

    def stop(asked: Asked) -> bool:
        evaluation_jobs.stop(asked.get("id", ""))
        return True

    def report(asked: Asked) -> str:
        return views.report(
            asked.get("id", ""),
            Path(asked.get("path", "")).expanduser(),
            number(asked, "baseline") or 0,
            asked.get("test", "t"),
            asked.get("measure", ""),
        )

    return [
        get("/evaluations", lambda _: views.items()),
        Route(
            "/evaluation",
            handler(
                {
                    "GET": lambda asked: views.evaluation(
                        asked.get("id", ""), number(asked, "baseline") or 0, asked.get("test", "t")
                    ),
                    "DELETE": delete,
                }
            ),
            methods=["GET", "DELETE"],
        ),
        post("/evaluation/pause", pause),
        post("/evaluation/stop", stop),
        post("/evaluation/report", report),
        get("/evaluation/queries", lambda asked: views.queries(_queries_asked(asked))),
        get("/evaluation/differences", lambda asked: views.differences(_queries_asked(asked))),
        get(
            "/evaluation/scatter",
            lambda asked: views.scatter(
                asked.get("id", ""),
                number(asked, "query") or 0,
                number(asked, "system"),
                number(asked, "baseline") or 0,
            ),
        ),
        get("/evaluation/outcomes", lambda asked: views.outcomes(asked.get("id", ""))),
        get("/evaluation/fates", lambda asked: views.fates(asked.get("id", ""), number(asked, "query") or 0)),
        get(
            "/evaluation/losses",
            lambda asked: views.losses(
                asked.get("id", ""),
                number(asked, "query") or 0,
                asked.get("measure", ""),
                number(asked, "system"),
                number(asked, "baseline") or 0,
            ),
        ),
        get("/evaluation/depth", lambda asked: views.depth(asked.get("id", ""), number(asked, "system") or 0)),
        get("/evaluation/breakdowns", lambda asked: views.breakdowns(asked.get("id", ""), asked.get("measure", ""))),
        get("/evaluation/matrix", lambda asked: views.matrix(asked.get("measure", "nDCG@10"))),
    ]


def _queries_asked(asked: Asked) -> QueriesAsked:
    try:
        return msgspec.convert(dict(asked), QueriesAsked, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(f"the query table cannot be shown like this: {error}.", usage=True) from error
