"""How long an evaluation will take, from what is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zsr_tui.domain import Problem
from zsr_tui.engine import forecast
from zsr_tui.engine.evaluation.plan import Plan
from zsr_tui.engine.forecast import Forecasting, Known, Reranked, Unknown
from zsr_tui.evaluation.results import Stage
from zsr_tui.progress import CancelToken, Progress, Report
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.models.families import COMPARING

if TYPE_CHECKING:
    from zsr_tui.scoring.service import ScoringService


def telling(
    scoring: ScoringService,
    plan: Plan,
    todo: Mapping[int, Sequence[int]],
    what: str,
    report: Report,
    cancel: CancelToken,
) -> Forecasting:
    """The report, with a forecast of what is left `todo`: before it begins where the figures of `zsr-tui bench` are
    there for all of it."""
    models = list(dict.fromkeys(stage.model for stage in plan.stored.spec.stages if stage.model))
    known = _known(scoring, plan, todo, report, cancel) if todo else forecast.NOTHING

    def where() -> str:
        return ", ".join(dict.fromkeys(filter(None, map(scoring.device_label, models)))) or "this machine"

    return Forecasting(report, what, where, known)


def _known(
    scoring: ScoringService, plan: Plan, todo: Mapping[int, Sequence[int]], report: Report, cancel: CancelToken
) -> Known | Unknown:
    spec = plan.stored.spec
    left = {
        stage for index in {index for each in todo.values() for index in each} for stage in spec.systems[index].stages
    }
    first, query = plan.queries[next(iter(todo))]
    queries = [query, *(plan.queries[number][1] for number in list(todo)[1 : forecast.ASKED])]
    work = reranked([stage for place, stage in enumerate(spec.stages) if place in left], first.corpus.doc_count())
    try:
        return forecast.evaluating(
            scoring, work, queries, first.corpus, cancel, lambda said: report(Progress(said, 0, None, ""))
        )
    except Problem:  # its system fails by itself, and says why
        return forecast.NOTHING


def reranked(stages: Sequence[Stage], documents: int) -> list[Reranked]:
    """What models do for a query; candidates that a model gets from one source at several depths are scored once."""
    deepest: dict[tuple[str, tuple[int, ...]], int] = {}
    for stage in stages:
        if stage.kind == "rerank":
            key = stage.model, stage.sources
            deepest[key] = max(deepest.get(key, 0), min(stage.depth, documents))
    found = []
    for (model, _), depth in deepest.items():
        compares = catalogue.describe(model).family in COMPARING
        found.append(Reranked(model, depth * (depth - 1) if compares else depth, compares))
    return found
