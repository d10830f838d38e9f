"""The engine as an ASGI application: which function answers a question, and which does the work of a request."""

from __future__ import annotations

import os
import threading
import time
from functools import cache
from importlib import import_module

from starlette.applications import Starlette

from zsr_tui import __version__
from zsr_tui.api import questions as ask
from zsr_tui.api.edited import EditedScore, ScoreEdited
from zsr_tui.api.explanations import AxiomsRequest, ExplainRequest
from zsr_tui.api.model_judging import ModelJudgeRequest
from zsr_tui.api.parity import ParityRequest
from zsr_tui.api.requests import EvaluateRequest, Health, PrepareRequest, SearchRequest, VariantsRequest
from zsr_tui.api.variants import Variant
from zsr_tui.api.weights import Reweigh
from zsr_tui.engine import answers, sent
from zsr_tui.engine.desks import Desks
from zsr_tui.engine.document import corpus_view, document_view
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.answers import preparing_answers
from zsr_tui.engine.queries import query_page
from zsr_tui.engine.status import read_status
from zsr_tui.engine.stream import Emit, Streams
from zsr_tui.engine.systems import head
from zsr_tui.engine.v1 import routes as v1
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.models import catalogue

STARTED = time.monotonic()
EXPLAINING_S = 1.0  # after the first search, when its list is read


def create_app(library: Library | None = None) -> Starlette:
    library = library or Library()
    streams = Streams(
        {
            SearchRequest: lambda *asked: _search(library, *asked),
            PrepareRequest: lambda *asked: _prepare(library, *asked),
            EvaluateRequest: lambda *asked: _evaluate(library, *asked),
            VariantsRequest: lambda *asked: _variants(desks.mine().kept, *asked),
            ExplainRequest: lambda *asked: _explain(library, *asked),
            AxiomsRequest: lambda *asked: _axioms(library, *asked),
            ModelJudgeRequest: lambda *asked: _judge(desks.mine().kept, *asked),
            ParityRequest: lambda *asked: _parity(library, *asked),
        }
    )
    desks = Desks(library, {**_answers(library, streams), **preparing_answers(library)})
    return Starlette(
        routes=[
            *answers.routes(desks.mine().answers, lambda: desks.mine().answers),
            *streams.routes(),
            *sent.routes(),
            *v1.routes(library),
        ]
    )


def _answers(library: Library, streams: Streams) -> answers.Answers:
    return {
        ask.ReadHealth: lambda _: Health(version=__version__, pid=os.getpid(), uptime_s=time.monotonic() - STARTED),
        ask.ReadStatus: lambda _: read_status(library, *streams.at_work()),
        ask.ListCorpora: lambda _: library.corpora(),
        ask.ListPrebuilt: lambda asked: library.published(asked.dataset),
        ask.ListEngines: lambda _: library.engines.named(),
        ask.ListModels: lambda _: catalogue.known_models(),
        ask.ListPresets: lambda asked: catalogue.presets(asked.dataset),
        ask.FindDataset: lambda asked: _dataset(asked.name),
        ask.ReadCorpus: lambda asked: corpus_view(library, asked),
        ask.FindQueries: lambda asked: query_page(
            library.corpus(asked.dataset), asked.match, asked.offset, asked.limit
        ),
        ask.ReadDocument: lambda asked: document_view(library, asked),
        ask.WriteVariant: lambda asked: _write_variant(asked),
        ScoreEdited: lambda asked: _score_edited(library, asked),
        ask.ReadSystem: lambda asked: head(asked.notation),
        Reweigh: lambda asked: library.fused.reweighed(asked),
    }


def _dataset(name: str) -> str:
    from zsr_tui import corpora

    return corpora.normalise(name)


# Imported with the first request: the engine answers sooner.


def _search(library: Library, request: SearchRequest, emit: Emit, cancel: CancelToken) -> None:
    from zsr_tui.engine.search import search

    search(library, request, emit, cancel)
    _explaining_soon()


@cache
def _explaining_soon() -> None:
    """Once: what an explanation imports is there when the first one is asked for."""
    soon = threading.Timer(EXPLAINING_S, import_module, ("zsr_tui.engine.explain.explain",))
    soon.daemon = True
    soon.start()


def _prepare(library: Library, request: PrepareRequest, emit: Emit, cancel: CancelToken) -> None:
    from zsr_tui.engine.preparing.prepare import prepare

    prepare(library, request, emit, cancel)


def _evaluate(library: Library, request: EvaluateRequest, emit: Emit, cancel: CancelToken) -> None:
    from zsr_tui.engine.evaluation.evaluate import evaluate

    evaluate(library, request, emit, cancel)


def _axioms(library: Library, request: AxiomsRequest, emit: Emit, cancel: CancelToken) -> None:
    from zsr_tui.engine.explain.axioms import check_axioms

    check_axioms(library, request, emit, cancel)


def _explain(library: Library, request: ExplainRequest, emit: Emit, cancel: CancelToken) -> None:
    from zsr_tui.engine.explain.explain import explain

    explain(library, request, emit, cancel)


def _judge(kept: KeptShelf, request: ModelJudgeRequest, emit: Emit, cancel: CancelToken) -> None:
    from zsr_tui.engine.judging.by_model import judge_by_model

    judge_by_model(kept, request, emit, cancel)


def _parity(library: Library, request: ParityRequest, emit: Emit, cancel: CancelToken) -> None:
    from zsr_tui.engine.parity.parity import hold_against

    hold_against(library, request, emit, cancel)


def _variants(kept: KeptShelf, request: VariantsRequest, emit: Emit, cancel: CancelToken) -> None:
    from zsr_tui.engine.variants.measuring import measure_variants

    measure_variants(kept, request, emit, cancel)


def _write_variant(asked: ask.WriteVariant) -> Variant:
    from zsr_tui.engine.variants.generation import write_variant

    return write_variant(asked)


def _score_edited(library: Library, asked: ScoreEdited) -> tuple[EditedScore, ...]:
    from zsr_tui.engine.edited import score_edited

    return score_edited(library, asked)
