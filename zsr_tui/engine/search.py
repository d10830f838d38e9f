"""One search: every system of the request at work at once, each list leaving as soon as there is something of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import wait
from dataclasses import dataclass

from zsr_tui import caller, pipeline
from zsr_tui.api.events import SearchFinished, SearchStarted
from zsr_tui.api.requests import ProblemView, SearchRequest, SystemHead
from zsr_tui.domain import LONGEST_QUERY, Problem, Query, ScoredDoc
from zsr_tui.engine.library import Library
from zsr_tui.engine.problems import problem_view
from zsr_tui.engine.runner import Reranking, Runner
from zsr_tui.engine.sending import Outgoing, Sender, since
from zsr_tui.engine.stream import Emit
from zsr_tui.engine.systems import head
from zsr_tui.engine.threads import Threads
from zsr_tui.progress import Cancelled, CancelToken

_threads = Threads("systems", 16)  # where these are at work, a search runs its systems one after the other


def search(library: Library, request: SearchRequest, emit: Emit, cancel: CancelToken) -> None:
    """Emits the events of a search, in the order that zsr_tui.api.events describes."""
    began = time.perf_counter()
    corpus = library.corpus(request.dataset)
    found = corpus.find(request.query, request.qid)
    text = found[0].text if found else request.query
    if not found:  # the dataset's own are what they are
        refuse_unusable(text)
    parent = None if found or request.judged_as is None else corpus.find("", request.judged_as)
    query = found[0] if found else Query(parent[0].id if parent else "", text)  # whose own document is dropped
    judgments = corpus.judgments(query.id) if found or parent else {}
    heads, problems = _heads(request.systems)
    emit(
        SearchStarted(
            request=request.id,
            query=text,
            qid=query.id if found else None,
            position=found[1] if found else None,
            relevant=corpus.relevant(query.id) if found or parent else 0,
            judged=len(judgments),
            systems=heads,
            judged_as=parent[0].id if parent else None,
            chunked=corpus.corpus.chunked,
        )
    )
    if any(
        pipeline.encoded(pipeline.parse(each.notation)) for place, each in enumerate(heads) if place not in problems
    ):
        library.firsts.asked(corpus, query)
    runner = Runner(
        library,
        corpus,
        cancel,
        drop_self=request.drop_self,
        owner=caller.owner(request.pane),
        at_once=request.unfinished,
    )
    out = Outgoing(library, corpus, request, query, judgments, runner, emit, began, borrowed=parent is not None)
    futures = []
    for index, each in enumerate(heads):
        sender = Sender(out, index, each.notation)
        if index in problems:
            sender.failed(problems[index])
        else:
            job = _SystemJob(runner, query, sender)
            futures.append(_threads.submit_or_run(job.run, each.notation, request.depth))
    wait(futures)
    for future in futures:
        future.result()
    emit(SearchFinished(request=request.id, elapsed_ms=since(began)))


def _heads(systems: Sequence[str]) -> tuple[tuple[SystemHead, ...], dict[int, ProblemView]]:
    """The systems' heads, and what is wrong with those that cannot be understood: the others still run."""
    heads, problems = [], {}
    for index, text in enumerate(systems):
        try:
            heads.append(head(text))
        except Problem as problem:
            problems[index] = problem_view(problem)
            heads.append(SystemHead(notation=text, label=text, runnable=False, why_not=problem.message))
    return tuple(heads), problems


def refuse_unusable(text: str) -> None:
    if not text.strip():
        raise Problem("the query is empty: type what you are looking for.", usage=True)
    if len(text) > LONGEST_QUERY:
        raise Problem(
            f"the query has {len(text):,} characters and the limit is {LONGEST_QUERY:,}: shorten it.",
            usage=True,
        )


@dataclass(frozen=True, slots=True)
class _SystemJob:
    """One system's part of a search."""

    _runner: Runner
    _query: Query
    _sender: Sender

    def run(self, notation: str, depth: int) -> None:
        try:
            self._sender.measured(self._ranked(pipeline.parse(notation), depth))
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one system's error must not take the others along
            self._sender.failed(problem_view(error))

    def _ranked(self, system: pipeline.System, depth: int, *, last: bool = True) -> list[ScoredDoc]:
        """Rerankers at the top of the system are shown at work, the innermost first; the rest runs as one."""
        if isinstance(system, pipeline.Cut) and pipeline.rerankers(system):
            return self._ranked(system.source, min(depth, system.depth), last=last)
        if isinstance(system, pipeline.Rerank):
            candidates = self._candidates(system.source, system.model)
            return self._reranked(system.model, candidates, depth, last=last)
        self._sender.loading(pipeline.models(system))
        ranking = self._runner.run(system, [self._query], depth)[0]
        self._sender.retrieved(system, ranking, final=last)
        return ranking

    def _candidates(self, source: pipeline.System, model: str) -> list[str]:
        if pipeline.rerankers(source):
            ranking = self._ranked(source, pipeline.CANDIDATES, last=False)
        else:
            ranking = self._runner.candidates(source, model, [self._query])[0]
            if isinstance(source, pipeline.Cut):
                ranking = ranking[: source.depth]
        return [scored.doc_id for scored in ranking]

    def _reranked(self, model: str, candidates: list[str], depth: int, *, last: bool) -> list[ScoredDoc]:
        begun = time.perf_counter()

        def on_batch(state: Reranking) -> None:
            self._sender.reranked(state, depth, final=last and state.done, seconds=time.perf_counter() - begun)

        on_batch(Reranking(model, tuple(candidates)))
        if not candidates:
            return []
        begun = time.perf_counter()
        return self._runner.rerank(model, self._query, candidates, on_batch, self._sender.stage).ranking()[:depth]
