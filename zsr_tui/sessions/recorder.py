"""An engine that notes what is asked of it. Whoever asks need not know; nothing is made of a note before its time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from zsr_tui.api.events import AnyEvent, EvaluateFinished
from zsr_tui.api.explanations import Explained, ExplainRequest
from zsr_tui.api.questions import Answer, Question
from zsr_tui.api.requests import EvaluateRequest, Request, SearchRequest, VariantsRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.sessions.log import SessionLog, now

if TYPE_CHECKING:
    from zsr_tui.sessions.answers import Answers
    from zsr_tui.sessions.records import AnyEntry


CHECKING = "since-"  # how the pane begins that asks whether a finding has changed: nobody asked for that
_AGAIN = re.compile(r"[0-9a-f]+-[0-9]+")  # the pane of one list that asks again by itself


class RecordedEngine:
    """An `EngineApi` around another one. `is_draft` says of a request's id whether it was sent while the query was
    being typed: those are not noted. `leaving` is called before the log is closed."""

    def __init__(
        self, engine: EngineApi, log: SessionLog, *, is_draft: Callable[[str], bool], leaving: Callable[[], None]
    ) -> None:
        self._engine, self._log, self._is_draft, self._leaving = engine, log, is_draft, leaving
        self._numbers = count(1)

    @property
    def restarts(self) -> int:
        return self._engine.restarts

    async def start(self) -> None:
        await self._engine.start()

    async def close(self) -> None:
        self._leaving()
        try:
            await self._engine.close()
        finally:
            await asyncio.to_thread(self._log.close)

    async def call(self, question: Question[Answer]) -> Answer:
        answer = await self._engine.call(question)
        if (kept := _KEPT.get(type(question).__name__)) is not None:
            self._log.put(partial(kept, now(), question, answer))
        return answer

    async def stream(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        take = self._noted(request)
        async with aclosing(self._engine.stream(request)) as events:
            async for event in events:
                take(event)
                yield event

    def _noted(self, request: Request) -> Callable[[AnyEvent], None]:
        """What takes the request's events."""
        match request:
            case SearchRequest() if not (request.pane.startswith(CHECKING) or self._is_draft(request.id)):
                return self._search(request)
            case ExplainRequest():
                return _Explaining(request, self._log).take
            case VariantsRequest():
                self._log.put(partial(_varied, now(), request))
            case EvaluateRequest():
                return self._evaluation(request)
        return _nothing

    def _search(self, request: SearchRequest) -> Callable[[AnyEvent], None]:
        from zsr_tui.sessions.answers import Answers

        number, answers = next(self._numbers), Answers(request)
        self._log.put(partial(_asked, now(), number, request))

        def take(event: AnyEvent) -> None:
            answers.take(event)
            if answers.finished:
                self._log.put(partial(_answered, now(), number, answers))

        return take

    def _evaluation(self, request: EvaluateRequest) -> Callable[[AnyEvent], None]:
        """One that goes on when nobody listens has no end here."""
        number = next(self._numbers)
        self._log.put(partial(_evaluated, now(), number, request))

        def take(event: AnyEvent) -> None:
            if isinstance(event, EvaluateFinished):
                self._log.put(partial(_evaluation_ended, now(), number, event))

        return take


class _Explaining:
    """Noted once there is a score, or the end of it."""

    def __init__(self, request: ExplainRequest, log: SessionLog) -> None:
        self._request, self._log, self._done = request, log, False

    def take(self, event: AnyEvent) -> None:
        if not self._done and isinstance(event, Explained) and event.which == 0:
            self._done = True
            self._log.put(partial(_explained, now(), self._request, event.explanation.score))


def _nothing(_: AnyEvent) -> None:
    """Of what is not noted."""


def _asked(at: str, number: int, request: SearchRequest) -> AnyEntry:
    from zsr_tui.sessions.records import Asked

    return Asked(
        at=at, number=number, dataset=request.dataset, systems=request.systems, query=request.query, qid=request.qid,
        judged_as=request.judged_as, depth=request.depth, drop_self=request.drop_self,
        again=_AGAIN.fullmatch(request.pane) is not None,
    )  # fmt: skip


def _answered(at: str, number: int, answers: Answers) -> AnyEntry:
    from zsr_tui.sessions.records import Answered

    begun: Any = answers.started
    return Answered(
        at=at,
        number=number,
        query=begun.query if begun else "",
        qid=begun.qid if begun else None,
        relevant=begun.relevant if begun else 0,
        lists=answers.lists(),
        problem=answers.problem,
    )


def _explained(at: str, request: ExplainRequest, score: float | None) -> AnyEntry:
    from zsr_tui.sessions.records import ScoreExplained

    return ScoreExplained(
        at=at, dataset=request.dataset, system=request.system, doc_id=request.doc_id, query=request.query,
        qid=request.qid, stage=request.stage, against=request.against or request.against_system, score=score,
    )  # fmt: skip


def _varied(at: str, request: VariantsRequest) -> AnyEntry:
    from zsr_tui.sessions.records import Varied

    asked = request.search
    return Varied(at=at, dataset=asked.dataset, systems=asked.systems, query=asked.query)


def _evaluated(at: str, number: int, request: EvaluateRequest) -> AnyEntry:
    from zsr_tui.sessions.records import Evaluated

    return Evaluated(
        at=at, number=number, dataset=request.dataset, systems=request.systems, measures=request.measures,
        runs=request.runs, limit=request.limit, depth=request.depth, drop_self=request.drop_self,
        subset=request.subset, qids=request.qids,
    )  # fmt: skip


def _evaluation_ended(at: str, number: int, event: EvaluateFinished) -> AnyEntry:
    from zsr_tui.sessions.records import EvaluationEnded, Means

    results = tuple(
        Means(system=each.system, measures=each.means, precision=each.precision, problem=each.failed)
        for each in event.results
    )
    return EvaluationEnded(at=at, number=number, results=results)


def _judged(at: str, question: Any, outcome: Any) -> AnyEntry | None:
    from zsr_tui.sessions.records import Judged

    if not outcome.done:
        return None
    named = getattr(question, "judgment", question)
    return Judged(
        at=at, dataset=question.dataset, doc_id=named.doc_id, query_id=named.query_id, query=named.query_text,
        grade=getattr(named, "grade", None), source=named.source, why=getattr(named, "why", ""),
        system=getattr(named, "system", ""), rank=getattr(named, "rank", None),
    )  # fmt: skip


def _undone(at: str, question: Any, outcome: Any) -> AnyEntry | None:
    from zsr_tui.sessions.records import Judged

    if not outcome.done:
        return None
    if outcome.now is None:
        return Judged(at=at, dataset=question.dataset, doc_id="", undone=True)
    stands = outcome.now.judgment
    return Judged(
        at=at, dataset=question.dataset, doc_id=stands.doc_id, query_id=stands.query_id, query=stands.query_text,
        grade=stands.grade, source=stands.source, undone=True,
    )  # fmt: skip


def _pooled(at: str, question: Any, view: Any) -> AnyEntry | None:
    from zsr_tui.sessions.records import Judged

    if view.kept is None:
        return None
    named = view.kept
    return Judged(
        at=at, dataset=question.item.dataset, doc_id=named.doc_id, query_id=named.query_id, query=named.query_text,
        grade=named.grade, source=named.source, system=named.system, rank=named.rank,
    )  # fmt: skip


def _unpooled(at: str, question: Any, view: Any) -> AnyEntry | None:
    from zsr_tui.sessions.records import Judged

    if view.item is None or view.looks >= question.looks:
        return None
    return Judged(
        at=at, dataset=view.item.dataset, doc_id=view.item.doc_id, query_id=view.item.query_id,
        query=view.item.query_text, undone=True,
    )  # fmt: skip


def _noted(at: str, question: Any, outcome: Any) -> AnyEntry | None:
    from zsr_tui.sessions.records import Noted

    remark = question.remark
    if outcome is not None and not outcome.done:
        return None
    return Noted(
        at=at, dataset=question.dataset, what=remark.kind, doc_id=remark.doc_id, query_id=remark.query_id,
        query=remark.query_text, text=remark.text,
        dropped=outcome is None or (remark.kind == "note" and not remark.text),
    )  # fmt: skip


def _preferred(at: str, question: Any, _number: int) -> AnyEntry:
    from zsr_tui.sessions.records import Preferred

    named = question.preference
    return Preferred(
        at=at, dataset=question.dataset, left=named.left, right=named.right, choice=named.choice,
        query_id=named.query_id, query=named.query_text,
    )  # fmt: skip


# Questions whose answers are noted, by their names: to import them all would hold up the first paint.
_KEPT: dict[str, Callable[[str, Any, Any], AnyEntry | None]] = {
    "KeepJudgment": _judged,
    "ClearJudgment": _judged,
    "UndoJudgment": _undone,
    "JudgePooled": _pooled,
    "UndoPooled": _unpooled,
    "KeepRemark": _noted,
    "DropRemark": _noted,
    "KeepPreference": _preferred,
}
