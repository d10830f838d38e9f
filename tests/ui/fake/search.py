"""The search of the stand-in: lists that come one after another, the reranked one in batches."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from zsr_tui.api.events import (
    AnyEvent,
    DocHead,
    EngineLost,
    Failed,
    Heads,
    Measured,
    Ranking,
    Row,
    SearchFinished,
    SearchStarted,
    StageProgress,
    SystemFailed,
)
from zsr_tui.api.requests import ProblemView, SearchRequest, Span
from zsr_tui.domain import Problem, Query

if TYPE_CHECKING:
    from .engine import FakeEngine

BATCH = 25  # rows that the reranker scores at a time


async def search(engine: FakeEngine, request: SearchRequest) -> AsyncGenerator[AnyEvent, None]:
    engine.requests.append(request)
    if engine.refuse is not None:
        raise engine.refuse
    ended = False
    try:
        sent = 0
        async for event in _search(engine, request):
            if engine.lose is not None and sent >= engine.lose[0]:
                restarted = engine.lose[1]
                engine.lose = None
                yield EngineLost(request=request.id, restarted=restarted, see_log="; its log is at engine.log")
                if not restarted:
                    ended = True
                    fault = ProblemView(message="The engine stopped twice; its log says why.", detail="engine.log")
                    yield Failed(request=request.id, problem=fault)
                    return
                async for again in _search(engine, request):
                    yield again
                ended = True
                return
            sent += 1
            yield event
        ended = True
    finally:
        if not ended:
            engine.abandoned.append(request.id)


async def _search(engine: FakeEngine, request: SearchRequest) -> AsyncGenerator[AnyEvent, None]:
    await engine.reach("start")
    query, position, text = _query(engine, request)
    judged = query.id if query else request.judged_as or ""
    grades = engine.judgments.get(judged, {})
    yield SearchStarted(
        request=request.id,
        query=text,
        qid=query.id if query else None,
        position=position,
        relevant=sum(grade > 0 for grade in grades.values()),
        judged=len(grades),
        systems=tuple(engine.head(notation) for notation in request.systems),
        judged_as=None if query else request.judged_as,
        chunked=engine.chunked,
    )
    sent: set[str] = set()
    for number, notation in enumerate(request.systems):
        async for event in _system(engine, request, number, notation, text, grades, sent):
            yield event
            if isinstance(event, Ranking) and event.final and grades:
                values = engine.values(number, borrowed=query is None)
                yield Measured(request=request.id, system=number, values=values, borrowed=query is None)
    await engine.reach("finish")
    yield SearchFinished(request=request.id, elapsed_ms=912.0)


async def _system(
    engine: FakeEngine,
    request: SearchRequest,
    number: int,
    notation: str,
    text: str,
    grades: dict[str, int],
    sent: set[str],
) -> AsyncGenerator[AnyEvent, None]:
    await engine.reach("list", number)
    failure, at_batch = engine.fail.get(number, ("", -1))
    if failure and at_batch < 0:
        yield SystemFailed(request=request.id, system=number, problem=ProblemView(message=failure))
        return
    if notation in engine.unbuilt:
        problem = ProblemView(message=f"There is no index of demo for {notation} yet.", kind="not-built")
        yield SystemFailed(request=request.id, system=number, problem=problem)
        return
    reranker = notation.split(">>")[1].strip() if ">>" in notation else ""
    first = notation.split(">>")[0].split("%")[0].strip()
    searched = engine.searched.get(notation)
    ranked = engine.ranking(first, text)[: searched[0] if searched else request.depth]
    new = [doc_id for doc_id, _ in ranked if doc_id not in sent]
    sent.update(new)
    yield Heads(request=request.id, heads={doc_id: _doc_head(engine, doc_id, text) for doc_id in new})
    if not reranker:
        rows = tuple(Row(doc_id=doc_id, score=score, grade=grades.get(doc_id)) for doc_id, score in ranked)
        yield Ranking(
            request=request.id,
            system=number,
            stage=first,
            rows=rows,
            elapsed_ms=3.2 + 38 * number,
            scored=len(rows),
            total=len(rows),
            final=True,
            dropped_self=engine.self_hits if request.drop_self else 0,
            device="" if first.startswith("bm25") else "cpu fp32",
            ties=engine.ties,
            searched=searched,
        )
        return
    yield StageProgress(request=request.id, system=number, stage=f"loading {reranker}")
    scores: dict[str, float] = {}
    again = dict(engine.ranking(reranker, text))
    places = {doc_id: place for place, (doc_id, _) in enumerate(ranked, 1)}
    for batch, start in enumerate(range(0, len(ranked) + 1, BATCH)):
        scored = sorted(scores, key=lambda doc_id: -scores[doc_id])
        waiting = [doc_id for doc_id, _ in ranked if doc_id not in scores]
        rows = tuple(
            Row(
                doc_id=doc_id,
                score=scores.get(doc_id),
                grade=grades.get(doc_id),
                candidate_rank=places[doc_id],
                cut=engine.cut > 0 and place < engine.cut,
            )
            for place, doc_id in enumerate((*scored, *waiting))
        )
        yield Ranking(
            request=request.id,
            system=number,
            stage=reranker,
            rows=rows,
            elapsed_ms=120.0 + 200 * batch,
            scored=len(scores),
            total=len(ranked),
            final=not waiting,
            dropped_self=engine.self_hits if request.drop_self else 0,
            device="cpu fp32",
            rate=12.0,
            cut=engine.cut,
            ties=engine.ties,
        )
        if not waiting:
            return
        if failure and batch >= at_batch:
            yield SystemFailed(request=request.id, system=number, problem=ProblemView(message=failure))
            return
        await engine.reach("rerank", number, batch)
        scores |= {doc_id: again[doc_id] - 10 for doc_id, _ in ranked[start : start + BATCH]}


def _query(engine: FakeEngine, request: SearchRequest) -> tuple[Query | None, int | None, str]:
    for position, query in enumerate(engine.query_list):
        if query.id == request.qid or (request.qid is None and query.text == request.query):
            return query, position, query.text
    if request.qid is not None:
        raise Problem(f"{request.dataset} has no query {request.qid}.", usage=True)
    return None, None, request.query


def _doc_head(engine: FakeEngine, doc_id: str, query: str) -> DocHead:
    doc = engine.docs[doc_id]
    passage = " ".join(doc.text.split())
    found = [(passage[start:end].lower(), start, end) for start, end in spans(passage, query)]
    words = sorted({word for word, _, _ in found})
    return DocHead(
        title=doc.title,
        passage=passage,
        title_terms=spans(doc.title, query),
        matches=tuple((start, end, words.index(word)) for word, start, end in found),
    )


def spans(text: str, query: str) -> tuple[Span, ...]:
    words = sorted(set(re.findall(r"\w+", query)), key=len, reverse=True)
    if not words:
        return ()
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
    return tuple(match.span() for match in pattern.finditer(text))
