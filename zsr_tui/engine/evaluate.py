"""Runs the judged queries of a dataset through systems and measures them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from zsr_tui import pipeline
from zsr_tui.api.events import EvaluateFinished, JobProgress, QueryEvaluated, SystemResult
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.domain import Problem, Query
from zsr_tui.engine.heads import head
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.prepare import members
from zsr_tui.engine.runner import Runner
from zsr_tui.engine.stream import Emit
from zsr_tui.evaluation.measures import mean, measure_ranking, parse_measures
from zsr_tui.progress import CancelToken, Meter

QUERIES_AT_ONCE = 32


def evaluate(library: Library, request: EvaluateRequest, emit: Emit, cancel: CancelToken) -> None:
    """Means count every judged query the same, whether a system returned anything for it or not; a dataset of
    several members (CQADupStack) averages its members' means, as BEIR does."""
    measures = parse_measures(request.measures)
    corpora = [library.corpus(dataset) for dataset in members(request.dataset)]
    queries = {corpus.id: corpus.judged_queries()[: request.limit] for corpus in corpora}
    empty = [corpus_id for corpus_id, chosen in queries.items() if not chosen]
    if empty:
        raise Problem(
            f"{empty[0]} has no judged queries, so nothing can be measured on it: choose a dataset or split with "
            "judgments (zsr-tui corpora lists them).",
            usage=True,
        )
    results = []
    for index, notation in enumerate(request.systems):
        system = pipeline.parse(head(library, notation).notation)
        meter = Meter(
            lambda progress: emit(JobProgress(request=request.id, progress=progress)),
            f"Evaluating {system}",
            sum(map(len, queries.values())),
            "queries",
        )
        began = time.perf_counter()
        by_corpus: dict[str, dict[str, float]] = {}
        dropped = 0
        for corpus in corpora:
            runner = Runner(library, corpus, cancel, drop_self=request.drop_self, interactive=False)
            values = []
            for event in _evaluated(runner, corpus, queries[corpus.id], system, index, measures, request):
                emit(event)
                values.append(event.values)
                meter.advance()
            by_corpus[corpus.id] = mean(values)
            dropped += len(runner.dropped)
        results.append(
            SystemResult(
                system=str(system),
                queries=sum(map(len, queries.values())),
                means=mean(list(by_corpus.values())),
                seconds=time.perf_counter() - began,
                dropped_self=dropped,
                members=by_corpus if len(by_corpus) > 1 else {},
            )
        )
    emit(EvaluateFinished(request=request.id, results=tuple(results)))


def _evaluated(
    runner: Runner,
    corpus: OpenCorpus,
    queries: Sequence[Query],
    system: pipeline.System,
    index: int,
    measures: Sequence[Any],
    request: EvaluateRequest,
) -> Iterator[QueryEvaluated]:
    at_once = 1 if pipeline.rerankers(system) else QUERIES_AT_ONCE
    for start in range(0, len(queries), at_once):
        some = queries[start : start + at_once]
        for query, ranking in zip(some, runner.run(system, some, request.depth), strict=True):
            yield QueryEvaluated(
                request=request.id,
                dataset=corpus.id,
                system=index,
                qid=query.id,
                values=measure_ranking(measures, ranking, corpus.judgments(query.id)),
                ranking=tuple((each.doc_id, each.score) for each in ranking) if request.rankings else (),
            )
