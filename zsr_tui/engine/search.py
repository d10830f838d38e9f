"""One search: every system of the request at work at once, each list leaving as soon as there is something of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from zsr_tui import pipeline
from zsr_tui.api.events import (
    DocHead,
    Heads,
    Measured,
    Ranking,
    Row,
    SearchFinished,
    SearchStarted,
    StageProgress,
    SystemFailed,
)
from zsr_tui.api.requests import DEFAULT_MEASURES, ProblemView, SearchRequest, SystemHead
from zsr_tui.domain import RELEVANT, Doc, Problem, Query, ScoredDoc
from zsr_tui.engine.heads import head
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.problems import problem_view
from zsr_tui.engine.runner import Reranking, Runner
from zsr_tui.engine.stream import Emit
from zsr_tui.evaluation.measures import measure_ranking, parse_measures
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.text import Terms, one_line, snippet

LONGEST_QUERY = 10_000  # characters
FIRST_ROWS = 25  # of a retrieved list leave at once, about as many as a screen shows; the others right behind

_threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="system")


def search(library: Library, request: SearchRequest, emit: Emit, cancel: CancelToken) -> None:
    """Emits the events of a search, in the order that zsr_tui.api.events describes."""
    began = time.perf_counter()
    corpus = library.corpus(request.dataset)
    found = corpus.find(request.query, request.qid)
    text = found[0].text if found else request.query
    _refuse_unusable(text)
    query = found[0] if found else Query("", text)
    judgments = corpus.judgments(query.id) if found else {}
    heads, problems = _heads(library, request.systems)
    emit(
        SearchStarted(
            request=request.id,
            query=text,
            qid=query.id if found else None,
            position=found[1] if found else None,
            relevant=sum(grade >= RELEVANT for grade in judgments.values()),
            judged=len(judgments),
            systems=heads,
        )
    )
    runner = Runner(library, corpus, cancel, drop_self=request.drop_self, owner=request.pane)
    sent = _SentHeads(request, corpus, Terms.of(text), emit)
    jobs = [
        _SystemJob(library, index, request, query, corpus, runner, sent, emit, began)
        for index in range(len(request.systems))
    ]
    futures = []
    for index, job in enumerate(jobs):
        if index in problems:
            emit(SystemFailed(request=request.id, system=index, problem=problems[index]))
        else:
            futures.append(_threads.submit(job.run, pipeline.parse(heads[index].notation)))
    wait(futures)
    for future in futures:
        future.result()
    emit(SearchFinished(request=request.id, elapsed_ms=_since(began)))


def _heads(library: Library, systems: Sequence[str]) -> tuple[tuple[SystemHead, ...], dict[int, ProblemView]]:
    """The systems' heads, and what is wrong with those that cannot be understood: the others still run."""
    heads, problems = [], {}
    for index, text in enumerate(systems):
        try:
            heads.append(head(library, text))
        except Problem as problem:
            problems[index] = problem_view(problem)
            heads.append(SystemHead(notation=text, label=text, runnable=False, why_not=problem.message))
    return tuple(heads), problems


def _refuse_unusable(text: str) -> None:
    if not text.strip():
        raise Problem("the query is empty: type what you are looking for.", usage=True)
    if len(text) > LONGEST_QUERY:
        raise Problem(
            f"the query has {len(text):,} characters and the limit is {LONGEST_QUERY:,}: shorten it.",
            usage=True,
        )


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


class _SentHeads:
    """Sends the head of every document once for a request."""

    def __init__(self, request: SearchRequest, corpus: OpenCorpus, terms: Terms, emit: Emit) -> None:
        self._request, self._corpus, self._terms, self._emit = request, corpus, terms, emit
        self._sent: set[str] = set()
        self._lock = threading.Lock()

    def send(self, ids: Sequence[str]) -> None:
        with self._lock:
            new = [doc_id for doc_id in ids if doc_id not in self._sent]
            if not new:
                return
            docs = self._corpus.docs(new)
            self._emit(Heads(request=self._request.id, heads={doc_id: self._head(docs[doc_id]) for doc_id in new}))
            self._sent.update(new)

    def _head(self, doc: Doc) -> DocHead:
        title = one_line(doc.title)
        text, text_terms = snippet(doc.text, self._terms)
        return DocHead(title=title, snippet=text, title_terms=self._terms.spans(title), snippet_terms=text_terms)


class _SystemJob:
    """One system's part of a search."""

    def __init__(
        self,
        library: Library,
        index: int,
        request: SearchRequest,
        query: Query,
        corpus: OpenCorpus,
        runner: Runner,
        heads: _SentHeads,
        emit: Emit,
        began: float,
    ) -> None:
        self._library = library
        self._index, self._request, self._query = index, request, query
        self._runner, self._heads, self._emit, self._began = runner, heads, emit, began
        self._judgments = corpus.judgments(query.id) if query.id else {}
        self._scoring_began = 0.0

    def run(self, system: pipeline.System) -> None:
        try:
            self._run(system)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one system's failure must not take the others along
            self._emit(SystemFailed(request=self._request.id, system=self._index, problem=problem_view(error)))

    def _run(self, system: pipeline.System) -> None:
        final = self._ranked(system, self._request.depth)
        if self._judgments:
            measures = parse_measures(DEFAULT_MEASURES)
            self._emit(
                Measured(
                    request=self._request.id,
                    system=self._index,
                    values=measure_ranking(measures, final, self._judgments),
                )
            )

    def _ranked(self, system: pipeline.System, depth: int, *, last: bool = True) -> list[ScoredDoc]:
        """Rerankers at the top of the system are shown at work, the innermost first; the rest runs as one."""
        if isinstance(system, pipeline.Cut) and pipeline.rerankers(system):
            return self._ranked(system.source, min(depth, system.depth), last=last)
        if isinstance(system, pipeline.Rerank):
            candidates = self._candidates(system.source, system.model)
            return self._reranked(system.model, candidates, depth, last=last)
        self._loading(pipeline.models(system))
        ranking = self._runner.run(system, [self._query], depth)[0]
        self._show(system, ranking, final=last)
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
        self._show_reranking(Reranking(model, tuple(candidates)), depth, last=last)
        if not candidates:
            return []
        self._scoring_began = time.perf_counter()

        def on_batch(state: Reranking) -> None:
            self._show_reranking(state, depth, last=last)

        def on_load(what: str) -> None:
            self._emit(StageProgress(request=self._request.id, system=self._index, stage=what))

        return self._runner.rerank(model, self._query, candidates, on_batch, on_load)[:depth]

    def _show_reranking(self, state: Reranking, depth: int, *, last: bool) -> None:
        places = {doc_id: rank for rank, doc_id in enumerate(state.candidates, start=1)}
        scored = state.ranking()
        rows = [
            Row(
                doc_id=each.doc_id,
                score=each.score,
                grade=self._judgments.get(each.doc_id),
                candidate_rank=places[each.doc_id],
                cut=each.doc_id in state.cut,
            )
            for each in scored
        ]
        rows += [
            Row(doc_id=doc_id, score=None, grade=self._judgments.get(doc_id), candidate_rank=places[doc_id])
            for doc_id in state.candidates
            if doc_id not in state.scores and doc_id not in state.broken
        ]
        elapsed = time.perf_counter() - self._scoring_began
        depth = min(depth, self._request.depth)
        self._heads.send([row.doc_id for row in rows[:depth]])
        self._emit(
            Ranking(
                request=self._request.id,
                system=self._index,
                stage=state.model,
                rows=tuple(rows[:depth]),
                elapsed_ms=_since(self._began),
                scored=len(scored),
                total=len(state.candidates),
                final=last and state.done,
                dropped_self=int(self._query.id in self._runner.dropped),
                device=self._library.scoring.device_label(state.model),
                rate=(len(scored) - state.known) / elapsed if len(scored) > state.known and elapsed > 0 else None,
                cut=len(state.cut),
                broken=len(state.broken),
                known=state.known,
                ties=_ties(scored[:depth]),
            )
        )

    def _show(self, system: pipeline.System, ranking: Sequence[ScoredDoc], *, final: bool) -> None:
        if final and len(ranking) > FIRST_ROWS:
            self._show(system, ranking[:FIRST_ROWS], final=False)
        models = pipeline.models(system)
        self._heads.send([scored.doc_id for scored in ranking])
        self._emit(
            Ranking(
                request=self._request.id,
                system=self._index,
                stage=str(system),
                rows=tuple(
                    Row(doc_id=each.doc_id, score=each.score, grade=self._judgments.get(each.doc_id))
                    for each in ranking
                ),
                elapsed_ms=_since(self._began),
                scored=len(ranking),
                total=len(ranking),
                final=final,
                dropped_self=int(self._query.id in self._runner.dropped),
                device=self._library.scoring.device_label(models[-1]) if models else "",
                ties=_ties(ranking),
            )
        )

    def _loading(self, models: Sequence[str]) -> None:
        for model in models:
            if not self._library.scoring.loaded(model):
                self._emit(StageProgress(request=self._request.id, system=self._index, stage=f"loading {model}"))


def _ties(ranking: Sequence[ScoredDoc]) -> int:
    """How many share their score with the one above."""
    return sum(upper.score == lower.score for upper, lower in zip(ranking, ranking[1:], strict=False))
