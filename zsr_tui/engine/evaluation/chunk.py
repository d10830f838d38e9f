"""Runs queries through the systems of an evaluation and keeps what every stage returned."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from zsr_tui import caller, pipeline
from zsr_tui.api.requests import ProblemView
from zsr_tui.domain import Query, ScoredDoc
from zsr_tui.engine.evaluation.plan import Plan
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.problems import problem_view
from zsr_tui.engine.runner import Reranking, Runner, retrieval_queries
from zsr_tui.evaluation import logs
from zsr_tui.evaluation.results import RankedList
from zsr_tui.evaluation.runs import ImportedRun
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.models.families import COMPARING

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.retrieval.engines.records import Told
    from zsr_tui.scoring.service import ScoringService


@dataclass(slots=True)
class StageRun:
    """A stage's lists for the queries of a chunk, and what they cost. `ms` is its own time, without its sources'."""

    rankings: list[list[ScoredDoc]]
    ms: float
    reranked: list[Reranking] = field(default_factory=list)  # by query, for a reranker
    dropped: frozenset[str] = frozenset()  # ids of queries that met themselves


class RecordingRunner(Runner):
    """Runs every stage once, to the depth that is stored, and keeps its lists. For one thread and one chunk."""

    def __init__(
        self,
        library: Library,
        corpus: OpenCorpus,
        cancel: CancelToken,
        scoring: ScoringService,
        *,
        drop_self: bool,
        depth: int,
        owner: str,
    ) -> None:
        super().__init__(library, corpus, cancel, drop_self=drop_self, interactive=False, owner=owner, scoring=scoring)
        self._deepest = depth
        self._of_others = 0.0  # milliseconds that stages inside the one at work took
        self._reranked: list[Reranking] = []
        self._scored: dict[tuple[str, Query], Reranking] = {}  # all candidates of a query that a model has scored
        self.stages: dict[tuple[str, tuple[Query, ...]], StageRun] = {}

    def run(self, system: pipeline.System, queries: Sequence[Query], depth: int) -> list[list[ScoredDoc]]:
        if isinstance(system, pipeline.Cut):
            return super().run(system, queries, depth)
        key = (str(system), tuple(queries))
        if key not in self.stages:
            self.stages[key] = self._recorded(system, queries)
        return [ranking[:depth] for ranking in self.stages[key].rankings]

    def _recorded(self, system: pipeline.System, queries: Sequence[Query]) -> StageRun:
        self._of_others, before = 0.0, self._of_others
        self._reranked, reranked = [], self._reranked
        began = time.perf_counter()
        rankings = super().run(system, queries, self._deepest)
        took = (time.perf_counter() - began) * 1000
        dropped = frozenset(qid for step, qid in self.dropped if step == str(system))
        done = StageRun(rankings, took - self._of_others, self._reranked, dropped)
        self._of_others = before + took
        self._reranked = reranked
        return done

    def rerank_each(self, model: str, queries: Sequence[Query], candidates: Sequence[Sequence[str]]) -> list[Reranking]:
        self._reranked = super().rerank_each(model, queries, candidates)
        return self._reranked

    def rerank(
        self,
        model: str,
        query: Query,
        candidates: Sequence[str],
        on_batch: Callable[[Reranking], None] | None = None,
        on_load: Callable[[str], None] | None = None,
    ) -> Reranking:
        """A pair that several systems have is scored once, with or without a cache of scores."""
        if catalogue.describe(model).family in COMPARING:  # its scores depend on the other candidates
            done = super().rerank(model, query, candidates, on_batch, on_load)
        else:
            known = self._scored.get((model, query), Reranking(model, ()))
            left = [doc_id for doc_id in candidates if doc_id not in known.scores and doc_id not in known.broken]
            done = self._scored[model, query] = _joined(known, super().rerank(model, query, left, on_batch, on_load))
            asked = set(candidates)
            done = replace(
                done,
                candidates=tuple(candidates),
                scores={doc_id: score for doc_id, score in done.scores.items() if doc_id in asked},
                cut=done.cut & asked,
                broken=done.broken & asked,
                known=done.known + len(candidates) - len(left),
            )
        return done


def _joined(known: Reranking, new: Reranking) -> Reranking:
    """What the model has scored of a query; time, tokens and what the cache knew are the new part's."""
    return replace(
        new, scores={**known.scores, **new.scores}, cut=known.cut | new.cut, broken=known.broken | new.broken
    )


@dataclass(slots=True)
class Chunk:
    """What came of some queries: stages' lists by query, records for `values.log` without values, and why systems
    failed."""

    queries: list[int]
    lists: list[dict[int, RankedList]]
    records: np.ndarray
    failed: dict[int, ProblemView]
    told: dict[str, Told] = field(default_factory=dict)  # of other engines' lists, by first stage


def run_chunk(
    library: Library,
    scoring: ScoringService,
    plan: Plan,
    todo: Mapping[int, Sequence[int]],
    drop_self: bool,
    cancel: CancelToken,
) -> Chunk:
    """Runs queries of one corpus, with models where `scoring` has them; `todo` has the systems that each is still to be
    run through, by query.

    A system that fails is left out of the rest; `failed` says why, in a `Problem`'s sentence or an unexpected error's.
    """
    spec = plan.stored.spec
    numbers = list(todo)
    row_of = {number: row for row, number in enumerate(numbers)}
    corpus = plan.queries[numbers[0]][0]
    deepest = max(spec.provenance.depth, pipeline.CANDIDATES)
    owner = caller.owner(spec.id)
    runner = RecordingRunner(library, corpus, cancel, scoring, drop_self=drop_self, depth=deepest, owner=owner)
    chunk = Chunk(numbers, [{} for _ in numbers], logs.new_values(len(spec.systems), len(spec.measures), numbers), {})
    for index, system in enumerate(plan.systems):
        mine = [number for number in numbers if index in todo[number]]
        queries = [plan.queries[number][1] for number in mine]
        if not mine:
            continue
        cancel.check()
        rows = [row_of[number] for number in mine]
        if isinstance(system, ImportedRun):
            for row, query in zip(rows, queries, strict=True):
                own = corpus.self_hit(query.id) if drop_self else None
                ranked = system.ranking(query.id, spec.provenance.depth, without=own)
                chunk.records["dropped"][row, index] = own is not None and system.holds(query.id, own)
                chunk.lists[row][spec.systems[index].stages[-1]] = ranked
                chunk.records["ms"][row, index] = 0.0
        else:
            try:
                runner.run(system, queries, deepest)
            except Cancelled:
                raise
            except Exception as error:  # noqa: BLE001 - one system's failure must not take the others along
                chunk.failed[index] = problem_view(error)
                continue
            _record(chunk, runner, plan, index, system, rows, queries, corpus)
    chunk.told = runner.told
    return chunk


def _record(
    chunk: Chunk,
    runner: RecordingRunner,
    plan: Plan,
    index: int,
    system: pipeline.System,
    rows: Sequence[int],
    queries: Sequence[Query],
    corpus: OpenCorpus,
) -> None:
    """Copies a system's stages into the chunk, as lists of what is judged."""
    records: Any = chunk.records
    records["ms"][rows, index] = 0.0
    ran = dict.fromkeys(_ran(system, tuple(queries), runner))
    for stage, key in zip(plan.stored.spec.systems[index].stages, ran, strict=True):
        done = runner.stages[key]
        for place, row in enumerate(rows):
            reranked = done.reranked[place] if done.reranked else None
            cut = frozenset(map(corpus.document_of, reranked.cut)) if reranked else frozenset()
            chunk.lists[row][stage] = _ranked(corpus.by_document(done.rankings[place]), cut)
            records["ms"][row, index] += done.ms / len(rows)
            if reranked:
                records["pairs"][row, index] += len(reranked.candidates)
                records["pair_ms"][row, index] += done.ms / len(rows)
                records["warm"][row, index] |= reranked.known > 0
            records["dropped"][row, index] |= queries[place].id in done.dropped


def _ran(
    system: pipeline.System, queries: tuple[Query, ...], runner: RecordingRunner
) -> Iterator[tuple[str, tuple[Query, ...]]]:
    """The keys of a system's stages in the runner, in the order of the plan's."""
    if isinstance(system, pipeline.Cut):
        yield from _ran(system.source, queries, runner)
        return
    if isinstance(system, pipeline.Rerank):
        yield from _ran(system.source, tuple(retrieval_queries(system.source, system.model, queries)), runner)
    elif isinstance(system, pipeline.Fusion):
        for inside in system.systems:
            yield from _ran(inside, queries, runner)
    yield str(system), queries


def _ranked(ranking: Sequence[ScoredDoc], cut: frozenset[str]) -> RankedList:
    import numpy as np

    return RankedList(tuple(one.doc_id for one in ranking), np.array([one.score for one in ranking], np.float64), cut)
