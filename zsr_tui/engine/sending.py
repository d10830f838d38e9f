"""What leaves the engine during a search: documents' heads, each once, and a system's list as it grows."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zsr_tui import pipeline
from zsr_tui.api.events import DocHead, Heads, Measured, Ranking, Row, StageProgress, SystemFailed
from zsr_tui.api.requests import DEFAULT_MEASURES, ProblemView, SearchRequest
from zsr_tui.domain import Doc, Query, ScoredDoc
from zsr_tui.engine.library import OpenCorpus
from zsr_tui.engine.runner import Reranking, Runner
from zsr_tui.engine.stream import Emit
from zsr_tui.evaluation.measures import measure_ranking, parse_measures
from zsr_tui.text import Terms, one_line, snippet

if TYPE_CHECKING:
    from zsr_tui.scoring.service import ScoringService

FIRST_ROWS = 25  # of a retrieved list leave at once, about as many as a screen shows; the others right behind


def since(began: float) -> float:
    """Milliseconds."""
    return (time.perf_counter() - began) * 1000


class SentHeads:
    """Sends the head of every document once for a request."""

    def __init__(self, request: str, corpus: OpenCorpus, terms: Terms, emit: Emit) -> None:
        self._request, self._corpus, self._terms, self._emit = request, corpus, terms, emit
        self._sent: set[str] = set()
        self._lock = threading.Lock()

    def send(self, ids: Sequence[str]) -> None:
        with self._lock:
            new = [doc_id for doc_id in ids if doc_id not in self._sent]
            if not new:
                return
            docs = self._corpus.docs(new)
            self._emit(Heads(request=self._request, heads={doc_id: self._head(docs[doc_id]) for doc_id in new}))
            self._sent.update(new)

    def _head(self, doc: Doc) -> DocHead:
        title = one_line(doc.title)
        text, text_terms = snippet(doc.text, self._terms)
        return DocHead(title=title, snippet=text, title_terms=self._terms.spans(title), snippet_terms=text_terms)


class Sender:
    """Sends what there is of one system's list."""

    def __init__(
        self,
        scoring: ScoringService,
        request: SearchRequest,
        system: int,
        query: Query,
        judgments: Mapping[str, int],
        runner: Runner,
        heads: SentHeads,
        emit: Emit,
        began: float,
    ) -> None:
        self._scoring, self._request, self._system, self._query = scoring, request, system, query
        self._judgments, self._runner = judgments, runner
        self._heads, self._emit, self._began = heads, emit, began

    def failed(self, problem: ProblemView) -> None:
        self._emit(SystemFailed(request=self._request.id, system=self._system, problem=problem))

    def stage(self, what: str) -> None:
        self._emit(StageProgress(request=self._request.id, system=self._system, stage=what))

    def loading(self, models: Sequence[str]) -> None:
        for model in models:
            if not self._scoring.loaded(model):
                self.stage(f"loading {model}")

    def measured(self, ranking: Sequence[ScoredDoc]) -> None:
        if self._judgments:
            values = measure_ranking(parse_measures(DEFAULT_MEASURES), ranking, self._judgments)
            self._emit(Measured(request=self._request.id, system=self._system, values=values))

    def retrieved(self, system: pipeline.System, ranking: Sequence[ScoredDoc], *, final: bool) -> None:
        """A long list that is the last leaves in two parts, of which the second holds all of it."""
        if final and len(ranking) > FIRST_ROWS:
            self.retrieved(system, ranking[:FIRST_ROWS], final=False)
        models = pipeline.models(system)
        rows = tuple(self._row(each.doc_id, each.score) for each in ranking)
        self._send(
            models[-1] if models else "",
            stage=str(system),
            rows=rows,
            scored=len(rows),
            total=len(rows),
            final=final,
            ties=_ties(ranking),
        )

    def reranked(self, state: Reranking, depth: int, *, final: bool, seconds: float) -> None:
        """Scored candidates first, then those that are still to come, in their own order; `seconds` of scoring."""
        depth = min(depth, self._request.depth)
        places = {doc_id: rank for rank, doc_id in enumerate(state.candidates, start=1)}
        scored = state.ranking()
        rows = [
            self._row(each.doc_id, each.score, places[each.doc_id], cut=each.doc_id in state.cut) for each in scored
        ]
        rows += [
            self._row(doc_id, None, places[doc_id])
            for doc_id in state.candidates
            if doc_id not in state.scores and doc_id not in state.broken
        ]
        self._send(
            state.model,
            stage=state.model,
            rows=tuple(rows[:depth]),
            scored=len(scored),
            total=len(state.candidates),
            ties=_ties(scored[:depth]),
            final=final,
            rate=(len(scored) - state.known) / seconds if len(scored) > state.known and seconds > 0 else None,
            cut=len(state.cut),
            broken=len(state.broken),
            known=state.known,
        )

    def _row(self, doc_id: str, score: float | None, candidate: int | None = None, *, cut: bool = False) -> Row:
        return Row(doc_id=doc_id, score=score, grade=self._judgments.get(doc_id), candidate_rank=candidate, cut=cut)

    def _send(self, model: str, *, rows: tuple[Row, ...], **fields: Any) -> None:
        """`fields` of `Ranking`; `model` is the one whose device is told."""
        self._heads.send([row.doc_id for row in rows])
        self._emit(
            Ranking(
                request=self._request.id,
                system=self._system,
                rows=rows,
                elapsed_ms=since(self._began),
                dropped_self=int(self._query.id in self._runner.dropped),
                device=self._scoring.device_label(model) if model else "",
                **fields,
            )
        )


def _ties(ranking: Sequence[ScoredDoc]) -> int:
    """How many share their score with the one above."""
    return sum(upper.score == lower.score for upper, lower in zip(ranking, ranking[1:], strict=False))
