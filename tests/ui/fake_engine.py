"""A deterministic `EngineApi` in memory, for tests of the screens: fixed scores, latencies and figures.

    engine = FakeEngine()                                # the dataset "demo": 140 documents, 6 queries
    gate = engine.hold("rerank", system=2, batch=2)      # stop list 2 before its third batch ...
    await gate.reached()                                 # ... wait until it stands there ...
    gate.release()                                       # ... and let it go on

Points to hold: "start" (before anything), "list" (before a system's first rows), "rerank" (before a batch),
"finish" (before the end), "document", "queries", "status", "prepare" and "evaluate" (before step `batch`).

Faults: `refuse` (every search raises it), `fail[system] = (sentence, batch)` (-1: before its first rows),
`lose = (events, restarted)` (the engine dies once, after that many events), `document_problem`,
`status_problem`, `prepare_problem`, `system_problems[notation]`.
What was asked is kept in `requests`, `prepared`, `evaluated`, `documents`, and `abandoned` (request ids of
streams that were closed before their end).
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncGenerator, Iterable
from typing import Any

from zsr_tui.api.events import (
    AnyEvent,
    DocHead,
    EngineLost,
    EvaluateFinished,
    Failed,
    Heads,
    JobProgress,
    Measured,
    PrepareFinished,
    QueryEvaluated,
    Ranking,
    Row,
    SearchFinished,
    SearchStarted,
    StageProgress,
    SystemFailed,
    SystemResult,
)
from zsr_tui.api.questions import (
    FindDataset,
    FindQueries,
    ListCorpora,
    ListModels,
    ListPresets,
    Question,
    ReadDocument,
    ReadHealth,
    ReadStatus,
    ReadSystem,
)
from zsr_tui.api.requests import (
    DeviceStatus,
    DocumentView,
    EvaluateRequest,
    Health,
    PrepareRequest,
    ProblemView,
    QueryItem,
    QueryPage,
    Request,
    SearchRequest,
    Span,
    Status,
    SystemHead,
)
from zsr_tui.domain import CorpusInfo, Doc, ModelInfo, Preset, Problem, Query
from zsr_tui.progress import Progress

from . import fake_catalogue
from .fake_corpus import DEMO_QUERIES, demo_docs

DATASET = "demo"
BM25 = "bm25"
DENSE = "dense(all-MiniLM-L6-v2)"
RERANKED = "bm25 % 100 >> ms-marco-MiniLM-L-12-v2"
SYSTEMS = (BM25, DENSE, RERANKED)
BATCH = 25  # rows that the reranker scores at a time


class Gate:
    """Where the engine stops until `release`."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._open = asyncio.Event()

    async def reached(self) -> None:
        """Returns once the engine stands at the gate."""
        await asyncio.wait_for(self._reached.wait(), 10)

    def release(self) -> None:
        self._open.set()

    async def pass_through(self) -> None:
        self._reached.set()
        await self._open.wait()


class FakeEngine:
    """See the module's description. `latencies` are figures that it reports; it never sleeps."""

    def __init__(
        self,
        *,
        docs: Iterable[Doc] | None = None,
        queries: Iterable[Query] = DEMO_QUERIES,
        judgments: dict[str, dict[str, int]] | None = None,
        cut: int = 0,
        ties: int = 0,
        self_hits: int = 0,
    ) -> None:
        self.docs = {doc.id: doc for doc in docs} if docs is not None else demo_docs()
        self.query_list = list(queries)
        self.catalogue = fake_catalogue.corpora(len(self.docs), len(self.query_list))
        self.judgments = self._default_judgments() if judgments is None else judgments
        self.cut, self.ties, self.self_hits = cut, ties, self_hits
        self.requests: list[SearchRequest] = []
        self.prepared: list[PrepareRequest] = []
        self.evaluated: list[EvaluateRequest] = []
        self.documents: list[str] = []
        self.abandoned: list[str] = []
        self.started = self.closed = False
        self.refuse: Problem | None = None
        self.fail: dict[int, tuple[str, int]] = {}
        self.lose: tuple[int, bool] | None = None
        self.document_problem: Problem | None = None
        self.status_problem: Problem | None = None
        self.prepare_problem: Problem | None = None
        self.names: dict[str, str] = {}  # what the user writes -> the dataset's one id
        self.system_problems: dict[str, Problem] = {}
        self.cut_at: dict[str, int] = {}  # characters that a model reads of any document
        self.restarts = 0  # engines that died while nothing was asked
        self._gates: dict[tuple[str, int | None, int | None], Gate] = {}

    def hold(self, point: str, *, system: int | None = None, batch: int | None = None) -> Gate:
        """Stop at `point` (of any system and batch where None) until the gate is released."""
        gate = Gate()
        self._gates[point, system, batch] = gate
        return gate

    async def start(self) -> None:
        self.started = True

    async def close(self) -> None:
        self.closed = True

    async def call(self, question: Question[Any]) -> Any:
        match question:
            case ReadHealth():
                return await self.health()
            case ReadStatus():
                return await self.status()
            case ListCorpora():
                return await self.corpora()
            case ListModels():
                return await self.models()
            case ListPresets():
                return await self.presets(question.dataset)
            case FindDataset():
                return await self.dataset(question.name)
            case ReadSystem():
                return await self.system(question.notation)
            case FindQueries(dataset=dataset, match=match, offset=offset, limit=limit):
                return await self.queries(dataset, match=match, offset=offset, limit=limit)
            case ReadDocument(dataset=dataset, doc_id=doc_id, query=query, models=models):
                return await self.document(dataset, doc_id, query, models)
        raise Problem(f"this engine does not answer {type(question).__name__}.")

    def stream(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        match request:
            case SearchRequest():
                return self.search(request)
            case PrepareRequest():
                return self.prepare(request)
            case EvaluateRequest():
                return self.evaluate(request)

    async def health(self) -> Health:
        return Health(version="0.1.0", pid=4711, uptime_s=12.0)

    async def status(self) -> Status:
        await self._pass("status")
        if self.status_problem is not None:
            raise self.status_problem
        device = DeviceStatus(
            name="cpu",
            precision="fp32",
            models=("all-MiniLM-L6-v2", "ms-marco-MiniLM-L-12-v2"),
            memory_bytes=224_000_000,
        )
        return Status(devices=(device,), engine_memory_bytes=1_100_000_000, jobs=())

    async def corpora(self) -> list[CorpusInfo]:
        return self.catalogue

    async def models(self) -> list[ModelInfo]:
        return fake_catalogue.models()

    async def presets(self, dataset: str) -> list[Preset]:
        return fake_catalogue.presets(SYSTEMS)

    async def dataset(self, name: str) -> str:
        return self.names.get(name, name)

    async def system(self, notation: str) -> SystemHead:
        if notation in self.system_problems:
            raise self.system_problems[notation]
        return self._head(notation)

    async def queries(self, dataset: str, *, match: str = "", offset: int = 0, limit: int = 50) -> QueryPage:
        await self._pass("queries")
        items = [
            QueryItem(
                position=position,
                id=query.id,
                text=query.text,
                shows=query.shows,
                relevant=self._relevant(query.id),
            )
            for position, query in enumerate(self.query_list)
            if all(word in query.text.lower() for word in match.lower().split())
        ]
        return QueryPage(total=len(self.query_list), matching=len(items), items=tuple(items[offset : offset + limit]))

    async def document(self, dataset: str, doc_id: str, query: str, models: tuple[str, ...] = ()) -> DocumentView:
        self.documents.append(doc_id)
        await self._pass("document")
        if self.document_problem is not None:
            raise self.document_problem
        doc = self.docs.get(doc_id)
        if doc is None:
            raise Problem(f"The dataset {dataset} has no document {doc_id}.")
        return DocumentView(
            doc=doc,
            title_terms=_spans(doc.title, query),
            text_terms=_spans(doc.text, query),
            cut_at=tuple((model, self.cut_at[model]) for model in models if model in self.cut_at),
        )

    async def search(self, request: SearchRequest) -> AsyncGenerator[AnyEvent, None]:
        self.requests.append(request)
        if self.refuse is not None:
            raise self.refuse
        ended = False
        try:
            sent = 0
            async for event in self._search(request):
                if self.lose is not None and sent >= self.lose[0]:
                    restarted = self.lose[1]
                    self.lose = None
                    yield EngineLost(request=request.id, restarted=restarted, log="engine.log")
                    if not restarted:
                        ended = True
                        fault = ProblemView(message="The engine stopped twice; its log says why.", detail="engine.log")
                        yield Failed(request=request.id, problem=fault)
                        return
                    async for again in self._search(request):
                        yield again
                    ended = True
                    return
                sent += 1
                yield event
            ended = True
        finally:
            if not ended:
                self.abandoned.append(request.id)

    async def prepare(self, request: PrepareRequest) -> AsyncGenerator[AnyEvent, None]:
        self.prepared.append(request)
        if self.prepare_problem is not None:
            raise self.prepare_problem
        for step in range(5):
            await self._pass("prepare", batch=step)
            progress = Progress(
                f"Indexing {request.dataset} for BM25", step * 25, 100, "documents", 50.0, 2.0 - step / 2
            )
            yield JobProgress(request=request.id, progress=progress)
        yield PrepareFinished(request=request.id, notes=())

    async def evaluate(self, request: EvaluateRequest) -> AsyncGenerator[AnyEvent, None]:
        self.evaluated.append(request)
        for step, query in enumerate(self.query_list):
            await self._pass("evaluate", batch=step)
            for system in range(len(request.systems)):
                yield QueryEvaluated(
                    request=request.id,
                    dataset=request.dataset,
                    system=system,
                    qid=query.id,
                    values=self._values(system),
                )
        results = tuple(
            SystemResult(system=name, queries=len(self.query_list), means=self._values(number), seconds=1.5)
            for number, name in enumerate(request.systems)
        )
        yield EvaluateFinished(request=request.id, results=results)

    async def _pass(self, point: str, system: int | None = None, batch: int | None = None) -> None:
        for key in ((point, system, batch), (point, system, None), (point, None, None)):
            gate = self._gates.get(key)
            if gate is not None:
                await gate.pass_through()
                return
        await asyncio.sleep(0)

    async def _search(self, request: SearchRequest) -> AsyncGenerator[AnyEvent, None]:
        await self._pass("start")
        query, position, text = self._query(request)
        grades = self.judgments.get(query.id, {}) if query else {}
        yield SearchStarted(
            request=request.id,
            query=text,
            qid=query.id if query else None,
            position=position,
            relevant=sum(grade > 0 for grade in grades.values()),
            judged=len(grades),
            systems=tuple(self._head(notation) for notation in request.systems),
        )
        sent: set[str] = set()
        for number, notation in enumerate(request.systems):
            async for event in self._system(request, number, notation, text, grades, sent):
                yield event
                if isinstance(event, Ranking) and event.final and query is not None:
                    yield Measured(request=request.id, system=number, values=self._values(number))
        await self._pass("finish")
        yield SearchFinished(request=request.id, elapsed_ms=912.0)

    async def _system(
        self,
        request: SearchRequest,
        number: int,
        notation: str,
        text: str,
        grades: dict[str, int],
        sent: set[str],
    ) -> AsyncGenerator[AnyEvent, None]:
        await self._pass("list", number)
        failure, at_batch = self.fail.get(number, ("", -1))
        if failure and at_batch < 0:
            yield SystemFailed(request=request.id, system=number, problem=ProblemView(message=failure))
            return
        reranker = notation.split(">>")[1].strip() if ">>" in notation else ""
        first = notation.split(">>")[0].split("%")[0].strip()
        ranked = self.ranking(first, text)[: request.depth]
        new = [doc_id for doc_id, _ in ranked if doc_id not in sent]
        sent.update(new)
        yield Heads(request=request.id, heads={doc_id: self._doc_head(doc_id, text) for doc_id in new})
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
                dropped_self=self.self_hits if request.drop_self else 0,
                device="" if first.startswith("bm25") else "cpu fp32",
                ties=self.ties,
            )
            return
        yield StageProgress(request=request.id, system=number, stage=f"loading {reranker}")
        scores: dict[str, float] = {}
        again = dict(self.ranking(reranker, text))
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
                    cut=self.cut > 0 and place < self.cut,
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
                dropped_self=self.self_hits if request.drop_self else 0,
                device="cpu fp32",
                rate=12.0,
                cut=self.cut,
                ties=self.ties,
            )
            if not waiting:
                return
            if failure and batch >= at_batch:
                yield SystemFailed(request=request.id, system=number, problem=ProblemView(message=failure))
                return
            await self._pass("rerank", number, batch)
            scores |= {doc_id: again[doc_id] - 10 for doc_id, _ in ranked[start : start + BATCH]}

    def ranking(self, system: str, text: str) -> list[tuple[str, float]]:
        """Every document by score: words in common with the query, disturbed by how bad the system is."""
        words = set(re.findall(r"\w+", text.lower()))
        noise = 8.0 if system.startswith("bm25") else 5.0 if system.startswith("dense") else 2.0
        scored = []
        for doc in self.docs.values():
            common = len(words & set(re.findall(r"\w+", f"{doc.title} {doc.text}".lower())))
            chance = zlib.crc32(f"{system} {doc.id}".encode()) % 1000 / 1000
            scored.append((doc.id, round(2.0 * common + noise * chance, 4)))
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _query(self, request: SearchRequest) -> tuple[Query | None, int | None, str]:
        for position, query in enumerate(self.query_list):
            if query.id == request.qid or (request.qid is None and query.text == request.query):
                return query, position, query.text
        if request.qid is not None:
            raise Problem(f"{request.dataset} has no query {request.qid}.", usage=True)
        return None, None, request.query

    def _head(self, notation: str) -> SystemHead:
        label = "dense all-MiniLM-L6-v2" if notation == DENSE else notation
        sizes = {"L6": 22_700_000, "L-12": 33_400_000}
        size = next((size for part, size in sizes.items() if part in notation), None)
        return SystemHead(notation=notation, label=label, parameters=size, note="int8 ONNX" if size else "")

    def _doc_head(self, doc_id: str, query: str) -> DocHead:
        doc = self.docs[doc_id]
        snippet = " ".join(doc.text[:240].split())
        return DocHead(
            title=doc.title,
            snippet=snippet,
            title_terms=_spans(doc.title, query),
            snippet_terms=_spans(snippet, query),
        )

    def _values(self, system: int) -> dict[str, float]:
        ndcg = (0.6131, 0.8312, 0.9197, 0.5, 0.25)[system]
        return {"nDCG@10": ndcg, "RR@10": (0.5, 1.0, 1.0, 0.5, 0.25)[system], "R@100": 1.0, "Judged@10": 0.2}

    def _relevant(self, qid: str) -> int:
        return sum(grade > 0 for grade in self.judgments.get(qid, {}).values())

    def _default_judgments(self) -> dict[str, dict[str, int]]:
        """Per query: BM25's second document 0, then the best model's first, third and fifth 2, 1 and 0."""
        judgments: dict[str, dict[str, int]] = {}
        for query in self.query_list:
            best = [doc_id for doc_id, _ in self.ranking("ms-marco-MiniLM-L-12-v2", query.text)[:10]]
            grades = dict.fromkeys([doc_id for doc_id, _ in self.ranking("bm25", query.text)[1:2]], 0)
            grades |= dict(zip(best[:6:2], (2, 1, 0), strict=False))
            judgments[query.id] = grades
        return judgments


def _spans(text: str, query: str) -> tuple[Span, ...]:
    words = sorted(set(re.findall(r"\w+", query)), key=len, reverse=True)
    if not words:
        return ()
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
    return tuple(match.span() for match in pattern.finditer(text))
