"""The engine's routes. zsr_tui.api.requests says what each takes and gives."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from zsr_tui import __version__, figures
from zsr_tui.api.events import Event, JobProgress
from zsr_tui.api.requests import (
    DeviceStatus,
    DocumentView,
    EvaluateRequest,
    Fault,
    Health,
    PrepareRequest,
    SearchRequest,
    Status,
)
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluation import jobs as evaluation_jobs
from zsr_tui.engine.evaluation import plots as evaluation_plots
from zsr_tui.engine.evaluation import routes as evaluation_routes
from zsr_tui.engine.library import Library
from zsr_tui.engine.problems import fault
from zsr_tui.engine.stream import Emit, EventStream
from zsr_tui.engine.v1 import routes as openai
from zsr_tui.progress import CancelToken, Progress
from zsr_tui.text import Terms, printable

Asked = TypeVar("Asked", SearchRequest, PrepareRequest, EvaluateRequest)
STARTED = time.monotonic()


class Engine:
    """The handlers and what they share: the library, and who is at work."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._at_work: dict[str, CancelToken] = {}  # by pane, for searches that have one
        self._jobs: dict[str, str] = {}  # request id -> what it does, for the status

    def routes(self) -> list[Route]:
        return [
            Route("/health", self.health),
            Route("/status", self.status),
            Route("/corpora", self.corpora),
            Route("/dataset", self.dataset),
            Route("/models", self.models),
            Route("/presets", self.presets),
            Route("/systems", self.system),
            Route("/queries", self.queries),
            Route("/document", self.document),
            Route("/search", self.search, methods=["POST"]),
            Route("/prepare", self.prepare, methods=["POST"]),
            Route("/evaluate", self.evaluate, methods=["POST"]),
        ]

    async def health(self, _: Request) -> Response:
        return _json(Health(version=__version__, pid=os.getpid(), uptime_s=time.monotonic() - STARTED))

    async def status(self, _: Request) -> Response:
        return await _answer(self._status)

    def _status(self) -> Status:
        import psutil

        return Status(
            devices=tuple(
                DeviceStatus(
                    name=device.name,
                    precision=device.precision,
                    models=device.models,
                    memory_bytes=device.memory_bytes,
                    waiting=device.waiting,
                    lost=device.lost,
                )
                for device in self._library.scoring.status()
            ),
            engine_memory_bytes=psutil.Process().memory_info().rss,
            jobs=(*self._jobs.values(), *map(_evaluation, evaluation_jobs.running())),
            cache_bytes=self._library.scoring.cache.size,
            cache_limit_bytes=self._library.scoring.cache.limit,
            cache_trouble=self._library.scoring.cache.trouble,
        )

    async def corpora(self, _: Request) -> Response:
        return await _answer(self._library.corpora)

    async def dataset(self, request: Request) -> Response:
        from zsr_tui import corpora

        return await _answer(lambda: corpora.normalise(request.query_params.get("name", "")))

    async def models(self, _: Request) -> Response:
        return await _answer(lambda: self._library.scoring.known_models())

    async def presets(self, request: Request) -> Response:
        dataset = request.query_params.get("dataset", "demo")
        return await _answer(lambda: self._library.scoring.presets(dataset))

    async def system(self, request: Request) -> Response:
        from zsr_tui.engine.heads import head

        return await _answer(lambda: head(self._library, request.query_params.get("notation", "")))

    async def queries(self, request: Request) -> Response:
        from zsr_tui.engine.queries import query_page

        asked = request.query_params

        def page() -> object:
            corpus = self._library.corpus(asked.get("dataset", ""))
            return query_page(corpus, asked.get("match", ""), _count(asked, "offset", 0), _count(asked, "limit", 50))

        return await _answer(page)

    async def document(self, request: Request) -> Response:
        asked = request.query_params
        models = asked.getlist("models")
        return await _answer(
            lambda: self._document(asked.get("dataset", ""), asked.get("id", ""), asked.get("query", ""), models)
        )

    def _document(self, dataset: str, doc_id: str, query: str, models: list[str]) -> DocumentView:
        doc = self._library.corpus(dataset).docs([doc_id]).get(doc_id)
        if doc is None:
            raise Problem(f"{dataset} has no document {doc_id!r}.", usage=True)
        terms = Terms.of(query)
        return DocumentView(
            doc=doc,
            title_terms=terms.spans(printable(doc.title)),
            text_terms=terms.spans(printable(doc.text)),
            cut_at=tuple(
                (model, offset)
                for model in models
                if (offset := self._library.scoring.cut_offset(model, query, doc.content)) is not None
            ),
        )

    async def search(self, request: Request) -> Any:
        from zsr_tui.engine.search import search

        return await self._stream(request, SearchRequest, search)

    async def prepare(self, request: Request) -> Any:
        from zsr_tui.engine.prepare import prepare

        return await self._stream(request, PrepareRequest, prepare)

    async def evaluate(self, request: Request) -> Any:
        from zsr_tui.engine.evaluation.chunks import evaluate

        return await self._stream(request, EvaluateRequest, evaluate)

    async def _stream(
        self,
        request: Request,
        kind: type[Asked],
        work: Callable[[Library, Asked, Emit, CancelToken], None],
    ) -> Any:
        try:
            asked = msgspec.json.decode(await request.body(), type=kind)
        except msgspec.DecodeError as error:
            return _json(Fault(message=f"the request is not understood: {error}.", usage=True), 400)
        cancel = CancelToken()
        pane = asked.pane if isinstance(asked, SearchRequest) else ""
        if pane:
            if pane in self._at_work:
                self._at_work[pane].cancel()
            self._at_work[pane] = cancel
        what = f"{kind.__name__.removesuffix('Request').lower()} {asked.dataset}"
        if kind is not EvaluateRequest:  # evaluations are listed by themselves: they may outlive their stream
            self._jobs[asked.id] = what

        def done() -> None:
            self._jobs.pop(asked.id, None)
            if self._at_work.get(pane) is cancel:
                self._at_work.pop(pane, None)

        def run(emit: Emit, token: CancelToken) -> None:
            def watched(event: Event) -> None:
                if isinstance(event, JobProgress) and asked.id in self._jobs:
                    self._jobs[asked.id] = f"{what}: {_progress(event.progress)}"
                emit(event)

            work(self._library, asked, watched, token)

        return EventStream(asked.id, run, cancel, done)


def _evaluation(job: evaluation_jobs.Job) -> str:
    if job.progress is None:
        return "evaluation: starting"
    return f"{job.progress.task}: {'paused' if job.paused else _progress(job.progress)}"


def _progress(progress: Progress) -> str:
    parts = [figures.amount(progress.done, progress.unit, progress.total) if progress.unit else progress.task]
    if progress.seconds_left:
        parts.append(f"{figures.duration(progress.seconds_left)} left")
    return ", ".join(parts)


def _count(asked: Any, name: str, default: int) -> int:
    try:
        return max(0, int(asked.get(name, default)))
    except ValueError as error:
        raise Problem(f"{name} must be a whole number.", usage=True) from error


async def _answer(work: Callable[[], object]) -> Response:
    try:
        return _json(await run_in_threadpool(work))
    except Problem as problem:
        return _json(fault(problem), 400 if problem.usage else 409)
    except Exception as error:  # noqa: BLE001 - the request's last frame: the client gets one sentence
        return _json(fault(error), 500)


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def create_app(library: Library | None = None) -> Starlette:
    """The ASGI application."""
    library = library or Library()
    return Starlette(
        routes=[
            *Engine(library).routes(),
            *openai.routes(library),
            *evaluation_routes.routes(library),
            *evaluation_plots.routes(library),
        ]
    )
