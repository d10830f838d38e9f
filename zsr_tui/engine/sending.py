"""What leaves the engine during a search: documents' heads, each once, and a system's list as it grows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zsr_tui import pipeline
from zsr_tui.api.events import DocHead, Heads, Measured, Ranking, Row, StageProgress, SystemFailed
from zsr_tui.api.requests import DEFAULT_MEASURES, ProblemView, SearchRequest
from zsr_tui.domain import Approximation, Doc, Query, ScoredDoc
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.runner import Reranking, Runner
from zsr_tui.engine.stream import Emit
from zsr_tui.engine.terms import terms
from zsr_tui.evaluation.measures import measure_ranking
from zsr_tui.evaluation.naming import asked_measures
from zsr_tui.evaluation.reach import within
from zsr_tui.text import Finder, one_line, passage

FIRST_ROWS = 25  # of a retrieved list leave at once, about as many as a screen shows; the others right behind


def since(began: float) -> float:
    """Milliseconds."""
    return (time.perf_counter() - began) * 1000


@dataclass(slots=True)
class Outgoing:
    """What the lists of a search have in common. The head of every document is sent once; `began` on the clock of
    `time.perf_counter`. `borrowed`: the judgments are another query's."""

    library: Library
    corpus: OpenCorpus
    request: SearchRequest
    query: Query
    judgments: Mapping[str, int]
    runner: Runner
    emit: Emit
    began: float
    borrowed: bool = False
    _sent: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send_heads(self, ids: Sequence[str]) -> None:
        with self._lock:
            if new := self.heads_left(ids):
                self.emit(Heads(request=self.request.id, heads=new))
                self._sent.update(new)

    def heads_left(self, ids: Iterable[str]) -> dict[str, DocHead]:
        """Those of these documents that were not sent yet."""
        new = [doc_id for doc_id in ids if doc_id not in self._sent]
        docs = self.corpus.docs(new)
        found = terms(self.corpus.collection, self.query.text, self.request.systems)
        if self.request.passages:
            return {doc_id: head_of(docs[doc_id], found) for doc_id in new}
        return {doc_id: DocHead(title=one_line(docs[doc_id].title), passage="") for doc_id in new}

    def row(self, doc_id: str, score: float | None, candidate: int | None = None, *, cut: bool = False) -> Row:
        return Row(
            doc_id=doc_id,
            score=score,
            grade=self.judgments.get(self.corpus.document_of(doc_id)),
            candidate_rank=candidate,
            cut=cut,
        )

    def values(self, notation: str, ranking: Sequence[ScoredDoc]) -> dict[str, float | None] | None:
        """The measures of a system's list; None for a query without judgments."""
        if not self.judgments:
            return None
        values = measure_ranking(asked_measures(DEFAULT_MEASURES), self.corpus.by_document(ranking), self.judgments)
        return within(notation, self.request.depth, values)


def head_of(doc: Doc, terms: Finder) -> DocHead:
    """The screen cuts its snippet out of the passage, for the width that it has."""
    title = one_line(doc.title)
    text, matches = passage(doc.text, terms)
    return DocHead(title=title, passage=text, title_terms=terms.spans(title), matches=matches)


class Sender:
    """Sends what there is of one system's list."""

    def __init__(self, out: Outgoing, system: int, notation: str) -> None:
        self._out, self._system, self._emit, self._notation = out, system, out.emit, notation
        self._request = out.request

    def failed(self, problem: ProblemView) -> None:
        self._emit(SystemFailed(request=self._request.id, system=self._system, problem=problem))

    def stage(self, what: str) -> None:
        self._emit(StageProgress(request=self._request.id, system=self._system, stage=what))

    def loading(self, models: Sequence[str]) -> None:
        for model in models:
            if not self._out.library.scoring.loaded(model):
                self.stage(f"loading {model}")

    def measured(self, ranking: Sequence[ScoredDoc]) -> None:
        values = self._out.values(self._notation, ranking)
        if values is not None:
            measured = Measured(
                request=self._request.id, system=self._system, values=values, borrowed=self._out.borrowed
            )
            self._emit(measured)

    def retrieved(
        self, system: pipeline.System, ranking: Sequence[ScoredDoc], *, final: bool, total: int | None = None
    ) -> None:
        """A long list that is the last leaves in two parts, of which the second holds all of it; `total` rows it has
        then."""
        if final:
            self._out.library.fused.keep(self._out, self._system, system)
        if final and len(ranking) > FIRST_ROWS:
            self.retrieved(system, ranking[:FIRST_ROWS], final=False, total=len(ranking))
        models = pipeline.models(system)
        rows = tuple(self._out.row(each.doc_id, each.score) for each in ranking)
        self._send(
            models[-1] if models else "",
            stage=str(system),
            rows=rows,
            scored=len(rows),
            total=len(rows) if total is None else total,
            final=final,
            ties=ties(ranking),
        )

    def reranked(self, state: Reranking, depth: int, *, final: bool, seconds: float) -> None:
        """Scored candidates first, then those that are still to come, in their own order; `seconds` of scoring."""
        depth = min(depth, self._request.depth)
        places = {doc_id: rank for rank, doc_id in enumerate(state.candidates, start=1)}
        scored = state.ranking()
        left = [doc_id for doc_id in state.candidates if doc_id not in state.scores and doc_id not in state.broken]
        rows = [
            self._out.row(doc_id, state.scores.get(doc_id), places[doc_id], cut=doc_id in state.cut)
            for doc_id in [*(each.doc_id for each in scored), *left]
        ]
        self._send(
            state.model,
            stage=state.model,
            rows=tuple(rows[:depth]),
            scored=len(scored),
            total=len(state.candidates),
            ties=ties(scored[:depth]),
            final=final,
            rate=(len(scored) - state.known) / seconds if len(scored) > state.known and seconds > 0 else None,
            cut=len(state.cut),
            broken=len(state.broken),
            known=state.known,
            scored_ms=1000 * state.seconds if state.seconds else None,
            tokens_rate=state.tokens / state.seconds if state.seconds and state.tokens else None,
        )

    def _met_itself(self) -> bool:
        """Whether the query's own document was dropped from a list of this system."""
        steps = map(str, pipeline.steps(pipeline.parse(self._notation)))
        return any((step, self._out.query.id) in self._out.runner.dropped for step in steps)

    def _searched(self) -> tuple[int, int] | None:
        """Of how many documents the least finished of its indexes could find some, where one is not finished."""
        steps = map(str, pipeline.steps(pipeline.parse(self._notation)))
        found = [self._out.runner.partly[step] for step in steps if step in self._out.runner.partly]
        return (min(found), self._out.corpus.corpus.doc_count()) if found else None

    def _approximations(self) -> tuple[Approximation, ...]:
        found = self._out.runner.approximations
        steps = dict.fromkeys(map(str, pipeline.steps(pipeline.parse(self._notation))))
        return tuple(found[step] for step in steps if step in found)

    def _send(self, model: str, *, rows: tuple[Row, ...], **fields: Any) -> None:
        """`fields` of `Ranking`; `model` is the one whose device is told."""
        self._out.send_heads([row.doc_id for row in rows])
        self._emit(
            Ranking(
                request=self._request.id,
                system=self._system,
                rows=rows,
                elapsed_ms=since(self._out.began),
                dropped_self=int(self._met_itself()),
                searched=self._searched(),
                approximate=self._approximations(),
                told=self._out.runner.told_of(pipeline.parse(self._notation)),
                device=self._out.library.scoring.device_label(model) if model else "",
                precision=self._out.library.precision(pipeline.parse(self._notation)),
                **fields,
            )
        )


def ties(ranking: Sequence[ScoredDoc]) -> int:
    """How many share their score with the one above."""
    return sum(upper.score == lower.score for upper, lower in zip(ranking, ranking[1:], strict=False))
