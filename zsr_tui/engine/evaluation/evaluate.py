"""Runs an evaluation: chunk by chunk into the store, going on where an earlier run stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from zsr_tui.api.events import (
    EvaluateFinished,
    EvaluationStarted,
    JobProgress,
    QueryEvaluated,
    SystemFailed,
    SystemResult,
)
from zsr_tui.api.requests import EvaluateRequest, ProblemView
from zsr_tui.cluster import address
from zsr_tui.engine.evaluation import costing, running
from zsr_tui.engine.evaluation.chunk import run_chunk
from zsr_tui.engine.evaluation.plan import Plan, plan
from zsr_tui.engine.evaluation.resuming import missing
from zsr_tui.engine.evaluation.running import RunningEvaluation
from zsr_tui.engine.evaluation.telling import TellingLists
from zsr_tui.engine.library import Library
from zsr_tui.engine.stream import Emit
from zsr_tui.evaluation.comparison import member_mean
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.evaluation.stored import Writer
from zsr_tui.progress import CancelToken, Meter, Progress

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.service import ScoringService

CHUNK_SECONDS = 4.0  # what a kill costs at most, and how soon a pause is obeyed, where a query takes less
LARGEST_CHUNK = 128  # queries, for each job that keeps the devices busy


def evaluate(library: Library, request: EvaluateRequest, emit: Emit, cancel: CancelToken) -> None:
    """Means count every judged query the same, whether a system returned anything for it or not; a dataset of
    several members (CQADupStack) averages its members' means, as BEIR does.

    A system that cannot finish does not stop the others; if none can, its `Problem` is raised.
    """
    if request.on:
        address.parse(request.on)  # raises `Problem` before anything is stored
    prepared = plan(library, request, cancel)
    id, measures, work = prepared.stored.spec.id, prepared.measures, partial(_run, library, request, prepared)
    if request.background:
        running.in_background(id, measures, request.id, work, emit, cancel)
    else:
        with running.in_foreground(id, measures, emit, cancel) as one:
            work(one)


def _run(library: Library, request: EvaluateRequest, plan: Plan, one: RunningEvaluation) -> None:
    def show(progress: Progress) -> None:
        one.emit(JobProgress(request=request.id, progress=progress))

    with (
        library.scoring_on(request.on, show) as (scoring, report),
        plan.stored.writing(report, one.cancel, plan.measures) as writer,
    ):
        records = plan.stored.records()
        todo = missing(records)
        total = len(plan.queries)
        spec = plan.stored.spec
        one.emit(
            EvaluationStarted(
                request=request.id,
                evaluation=spec.id,
                systems=plan.heads,
                queries=total,
                done=total - len(todo),
                notes=(*spec.notes, *plan.left_out),
            )
        )
        _tell(plan, records, request, one.emit)  # what an earlier run had finished
        names = f"{len(spec.systems)} systems" if len(spec.systems) > 1 else spec.systems[0].label
        told = costing.telling(scoring, plan, todo, f"evaluating {names} on {spec.dataset}", report, one.cancel)
        meter = Meter(told, f"Evaluating {names} on {spec.dataset}", total, "queries", start=total - len(todo))
        lists = TellingLists(library, plan)
        failed = _chunks(library, scoring, request, plan, todo, writer, one, meter, lists)
        lists.end()
        plan.stored.set_failed({index: why.message for index, why in failed.items()})
        if failed and len(failed) == len(spec.systems):
            raise next(iter(failed.values())).problem
        found = results(plan.stored.evaluation(), plan.measures)  # before another program may change it
        told_of = plan.stored.told.notes
    one.emit(EvaluateFinished(request=request.id, results=found, evaluation=spec.id, notes=told_of))


def _chunks(
    library: Library,
    scoring: ScoringService,
    request: EvaluateRequest,
    plan: Plan,
    todo: dict[int, list[int]],
    writer: Writer,
    one: RunningEvaluation,
    meter: Meter,
    lists: TellingLists,
) -> dict[int, ProblemView]:
    """Runs what is left; the systems that failed."""
    failed: dict[int, ProblemView] = {}
    size = 1
    waiting = list(todo)
    while waiting:
        one.wait_while_paused()
        numbers = _next_chunk(plan, waiting, size)
        del waiting[: len(numbers)]
        left = {number: [index for index in todo[number] if index not in failed] for number in numbers}
        if not any(left.values()):
            continue  # they lack nothing but systems that failed
        began = time.monotonic()
        chunk = run_chunk(library, scoring, plan, left, request.drop_self, one.cancel)
        for index, why in chunk.failed.items():
            failed[index] = why
            one.emit(SystemFailed(request=request.id, system=index, problem=why))
        if waiting and len(waiting) + len(numbers) == len(todo):
            chunk.records["warm"] = 1  # the first of this run: what it took is the loading of indexes and models
        chunk.records["values"] = plan.stored.measured(chunk.lists, chunk.queries)
        writer.append(chunk.queries, chunk.lists, chunk.records)
        lists.add(chunk.told)
        _tell(plan, chunk.records, request, one.emit)
        meter.advance(len(numbers))
        took = time.monotonic() - began
        if took < CHUNK_SECONDS / 2:
            size = min(LARGEST_CHUNK * scoring.at_once, size * 2)
        elif took > CHUNK_SECONDS:
            size = max(1, size // 2)
    return failed


def _next_chunk(plan: Plan, waiting: list[int], size: int) -> list[int]:
    """Up to `size` queries of one corpus."""
    corpus = plan.queries[waiting[0]][0]
    return list(takewhile(lambda number: plan.queries[number][0] is corpus, waiting[:size]))


def _tell(plan: Plan, records: np.ndarray, request: EvaluateRequest, emit: Emit) -> None:
    """The values of every query and system that has run, where they were asked for."""
    import numpy as np

    if not request.per_query:
        return
    stored, names = plan.stored, plan.measures
    columns = [stored.spec.measures.index(name) for name in names]
    known = stored.known(records["values"])[:, :, columns, 0]
    for record, values in zip(records, known.tolist(), strict=True):
        number = int(record["query"])
        query = stored.queries[number]
        ran = np.flatnonzero(~np.isnan(record["ms"])).tolist()
        finals = stored.final_lists(number) if request.rankings and ran else []
        for index in ran:
            ranked = finals[index] if finals else None
            pairs = zip(ranked.doc_ids, ranked.scores.tolist(), strict=True) if ranked else ()
            emit(
                QueryEvaluated(
                    request=request.id,
                    dataset=query.member,
                    system=index,
                    qid=query.id,
                    values=dict(zip(names, values[index], strict=True)),
                    ranking=tuple(pairs),
                )
            )


def results(evaluation: Evaluation, names: Sequence[str]) -> tuple[SystemResult, ...]:
    """The means of every system by these measures."""
    import numpy as np

    rows = [(evaluation.measures.index(name), name) for name in names]
    found = []
    for index, system in enumerate(evaluation.systems):
        values, ran = evaluation.values[index], evaluation.ran[index]
        sound = ran.any() and not system.failed  # else these would be figures of whatever it got through
        by_member: dict[str, dict[str, float | None]] = {
            member: {name: member_mean(evaluation, name, np.where(inside, values[row], np.nan)) for row, name in rows}
            for place, member in enumerate(evaluation.members)
            if (inside := ran & (evaluation.member_of == place)).any()
        }
        found.append(
            SystemResult(
                system=system.notation,
                queries=int(ran.sum()),
                means={name: member_mean(evaluation, name, values[row]) for row, name in rows} if sound else {},
                seconds=(system.cost.ms_per_query or 0.0) * int(ran.sum()) / 1000,
                precision=system.precision,
                dropped_self=system.dropped_self,
                members=by_member if len(evaluation.members) > 1 and sound else {},
                failed=system.failed,
            )
        )
    return tuple(found)
