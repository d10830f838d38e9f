"""A deterministic `EngineApi` in memory, for tests of the screens: fixed scores, latencies and figures.

    engine = FakeEngine()                                # the dataset "demo": 140 documents, 6 queries
    gate = engine.hold("rerank", system=2, batch=2)      # stop list 2 before its third batch ...
    await gate.reached()                                 # ... wait until it stands there ...
    gate.release()                                       # ... and let it go on

Points to hold: "start" (before anything), "list" (before a system's first rows), "rerank" (before a batch),
"finish" (before the end), "prepare" and "evaluate" (before step `batch`), "variant" (before that of number `batch`).

`answers` has the function that answers each class of questions, `streams` the one for each class of requests: a test
puts its own in their place. `problems[question class]` is raised. Faults of a search: `refuse` (every search raises
it), `fail[system] = (sentence, batch)` (-1: before its first rows), `lose = (events, restarted)` (the engine dies once,
after that many events), `system_problems[notation]`.
What was asked is kept in `asked` (questions), `requests`, `prepared`, `evaluated`, `explained`, and `abandoned`
(request ids of streams that were closed before their end).
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any, TypeVar

import msgspec

from tests.waiting import DEADLINE
from zsr_tui.api.events import AnyEvent, EvaluateFinished, JobProgress, PrepareFinished, QueryEvaluated, SystemResult
from zsr_tui.api.explanations import AxiomsRequest, ExplainRequest
from zsr_tui.api.preparing import BeginPreparing, PausePreparing, ReadPreparing, StopPreparing
from zsr_tui.api.questions import (
    FindDataset,
    FindQueries,
    ListCorpora,
    ListEngines,
    ListModels,
    ListPrebuilt,
    ListPresets,
    Question,
    ReadCorpus,
    ReadDocument,
    ReadHealth,
    ReadStatus,
    ReadSystem,
    WriteVariant,
    answer_type,
)
from zsr_tui.api.requests import (
    CorpusView,
    DocumentView,
    EvaluateRequest,
    Health,
    PrepareRequest,
    QueryItem,
    QueryPage,
    Request,
    SearchRequest,
    Status,
    SystemHead,
    VariantsRequest,
)
from zsr_tui.api.weights import FindBestWeight, Reweigh
from zsr_tui.domain import CorpusInfo, DeviceStatus, Doc, EngineInfo, PrebuiltInfo, Problem, Query
from zsr_tui.progress import Progress

from . import catalogue, weights
from .corpus import DEMO_QUERIES, demo_docs
from .explain import axioms, explain
from .kept import FakeKept
from .preparing import FakePreparing
from .search import search, spans
from .variants import variants, written

Asked = TypeVar("Asked", bound=Question[Any])
DATASET = "demo"
BM25 = "bm25"
DENSE = "dense(all-MiniLM-L6-v2)"
RERANKED = "bm25 % 100 >> ms-marco-MiniLM-L-12-v2"
SYSTEMS = (BM25, DENSE, RERANKED)


class Gate:
    """Where the engine stops until `release`."""

    def __init__(self) -> None:
        self._reached = asyncio.Event()
        self._open = asyncio.Event()

    async def reached(self) -> None:
        """Returns once the engine stands at the gate."""
        await asyncio.wait_for(self._reached.wait(), DEADLINE)

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
        self.catalogue = catalogue.corpora(len(self.docs), len(self.query_list))
        self.judgments = self._default_judgments() if judgments is None else judgments
        self.cut, self.ties, self.self_hits = cut, ties, self_hits
        self.requests: list[SearchRequest] = []
        self.prepared: list[PrepareRequest] = []
        self.evaluated: list[EvaluateRequest] = []
        self.varied: list[VariantsRequest] = []
        self.generator = ""  # of variants
        self.explained: list[ExplainRequest] = []
        self.asks = 0  # requests to a server that an explanation costs
        self.chunked = False  # the ids of its documents are taken for those of chunks
        self.gradients = True  # whether the reranker gives some
        self.unexplained = ""  # why there is no explanation
        self.asked: list[Question[Any]] = []
        self.abandoned: list[str] = []
        self.started = self.closed = False
        self.refuse: Problem | None = None
        self.fail: dict[int, tuple[str, int]] = {}
        self.lose: tuple[int, bool] | None = None
        self.names: dict[str, str] = {}  # what the user writes -> the dataset's one id
        self.abouts: dict[str, str] = {}  # how files are read
        self.system_problems: dict[str, Problem] = {}
        self.cut_at: dict[str, int] = {}  # characters that a model reads of any document
        self.restarts = 0  # engines that died while nothing was asked
        self.preparing = FakePreparing()
        self.kept = FakeKept(self)
        self.unbuilt: set[str] = set()  # systems whose index is not there
        self.searched: dict[str, tuple[int, int]] = {}  # systems that search a part: so many documents of all
        self._gates: dict[tuple[str, int | None, int | None], Gate] = {}
        self.published: dict[str, list[PrebuiltInfo]] = {}
        self.named_engines: list[EngineInfo] = []
        self.problems: dict[type[Question[Any]], Problem] = {}
        self.answers: dict[type[Question[Any]], Callable[[Any], Any]] = {
            ReadHealth: lambda _: Health(version="0.1.0", pid=4711, uptime_s=12.0),
            ReadStatus: lambda _: self.status(),
            ListCorpora: lambda _: self.catalogue,
            ListEngines: lambda _: self.named_engines,
            ListPrebuilt: lambda _: self.published,
            ListModels: lambda _: catalogue.models(),
            ListPresets: lambda _: catalogue.presets(SYSTEMS),
            FindDataset: lambda asked: self.names.get(asked.name, asked.name),
            ReadCorpus: self.corpus,
            ReadSystem: self.system,
            FindQueries: self.queries,
            ReadDocument: self.document,
            Reweigh: lambda asked: weights.reweighed(self, asked),
            FindBestWeight: lambda asked: weights.best(self, asked),
            WriteVariant: written,
            BeginPreparing: self.preparing.begin,
            ReadPreparing: self.preparing.read,
            PausePreparing: self.preparing.pause,
            StopPreparing: self.preparing.stop,
            **self.kept.answers,
        }
        self.streams: dict[type[Request], Callable[[Any], AsyncGenerator[AnyEvent, None]]] = {
            SearchRequest: lambda request: search(self, request),
            PrepareRequest: self.prepare,
            EvaluateRequest: self.evaluate,
            VariantsRequest: lambda request: variants(self, request),
            ExplainRequest: self.explain,
            AxiomsRequest: axioms,
        }

    def corpus(self, asked: ReadCorpus) -> CorpusView:
        name = self.answers[FindDataset](FindDataset(name=asked.name))
        known = next((info for info in self.catalogue if info.id == name), None)
        return CorpusView(info=known or CorpusInfo(name, name, "local", about=self.abouts.get(name, "")))

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
        self.asked.append(question)
        await asyncio.sleep(0)
        kind = type(question)
        if kind in self.problems:
            raise self.problems[kind]
        if kind not in self.answers:
            raise Problem(f"this engine does not answer {kind.__name__}.")
        answer = msgspec.to_builtins(self.answers[kind](question))
        return msgspec.convert(answer, answer_type(kind))

    def explain(self, request: ExplainRequest) -> AsyncGenerator[AnyEvent, None]:
        self.explained.append(request)
        return explain(self, request)

    def stream(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        return self.streams[type(request)](request)

    def asked_for(self, kind: type[Asked]) -> list[Asked]:
        """The questions of one kind, in order."""
        return [question for question in self.asked if isinstance(question, kind)]

    @property
    def documents(self) -> list[str]:
        """The ids that were asked for."""
        return [asked.doc_id for asked in self.asked_for(ReadDocument)]

    async def reach(self, point: str, system: int | None = None, batch: int | None = None) -> None:
        """Waits here if a test holds the point."""
        for key in ((point, system, batch), (point, system, None), (point, None, None)):
            gate = self._gates.get(key)
            if gate is not None:
                await gate.pass_through()
                return
        await asyncio.sleep(0)

    def status(self) -> Status:
        device = DeviceStatus(
            name="cpu",
            precision="fp32",
            models=("all-MiniLM-L6-v2", "ms-marco-MiniLM-L-12-v2"),
            memory_bytes=224_000_000,
        )
        return Status(devices=(device,), engine_memory_bytes=1_100_000_000, jobs=())

    def system(self, asked: ReadSystem) -> SystemHead:
        if asked.notation in self.system_problems:
            raise self.system_problems[asked.notation]
        return self.head(asked.notation)

    def queries(self, asked: FindQueries) -> QueryPage:
        items = [
            QueryItem(
                position=position,
                id=query.id,
                text=query.text,
                shows=query.shows,
                relevant=self._relevant(query.id),
            )
            for position, query in enumerate(self.query_list)
            if all(word in query.text.lower() for word in asked.match.lower().split())
        ]
        shown = items[asked.offset : asked.offset + asked.limit]
        return QueryPage(total=len(self.query_list), matching=len(items), items=tuple(shown))

    def document(self, asked: ReadDocument) -> DocumentView:
        doc = self.docs.get(asked.doc_id)
        if doc is None:
            raise Problem(f"The dataset {asked.dataset} has no document {asked.doc_id}.")
        return DocumentView(
            doc=doc,
            title_terms=spans(doc.title, asked.query),
            text_terms=spans(doc.text, asked.query),
            cut_at=tuple((model, self.cut_at[model]) for model in asked.models if model in self.cut_at),
        )

    async def prepare(self, request: PrepareRequest) -> AsyncGenerator[AnyEvent, None]:
        self.prepared.append(request)
        for step in range(5):
            await self.reach("prepare", batch=step)
            progress = Progress(
                f"Indexing {request.dataset} for BM25", step * 25, 100, "documents", 50.0, 2.0 - step / 2
            )
            yield JobProgress(request=request.id, progress=progress)
        yield PrepareFinished(request=request.id, notes=())

    async def evaluate(self, request: EvaluateRequest) -> AsyncGenerator[AnyEvent, None]:
        self.evaluated.append(request)
        for step, query in enumerate(self.query_list):
            await self.reach("evaluate", batch=step)
            for system in range(len(request.systems)):
                yield QueryEvaluated(
                    request=request.id,
                    dataset=request.dataset,
                    system=system,
                    qid=query.id,
                    values=self.values(system),
                )
        results = tuple(
            SystemResult(system=name, queries=len(self.query_list), means=self.values(number), seconds=1.5)
            for number, name in enumerate(request.systems)
        )
        yield EvaluateFinished(request=request.id, results=results)

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

    def head(self, notation: str) -> SystemHead:
        label = "dense all-MiniLM-L6-v2" if notation == DENSE else notation
        sizes = {"L6": 22_700_000, "L-12": 33_400_000}
        size = next((size for part, size in sizes.items() if part in notation), None)
        return SystemHead(
            notation=notation,
            label=label,
            parameters=size,
            note="int8 ONNX" if size else "",
            fusion=weights.fusion(notation),
        )

    def values(self, system: int, *, borrowed: bool = False) -> dict[str, float]:
        """A changed query does worse on the first system, better on the second, and as before on the others."""
        by = (-0.12, 0.1, 0.0, 0.0, 0.0)[system] if borrowed else 0.0
        ndcg = (0.6131, 0.8312, 0.9197, 0.5, 0.25)[system]
        return {"nDCG@10": ndcg + by, "RR@10": (0.5, 1.0, 1.0, 0.5, 0.25)[system], "R@100": 1.0, "Judged@10": 0.2}

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
