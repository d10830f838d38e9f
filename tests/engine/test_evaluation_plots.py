"""Plots, published figures and the request that resumes, over the engine's routes, on the demo corpus."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.engine.conftest import BM25, RERANKED
from zsr_tui.api.evaluation_figures import Drawn, PublishedFigure
from zsr_tui.api.events import AnyEvent, EvaluateFinished
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.engine import evaluation_plots, evaluation_routes
from zsr_tui.engine.evaluate import evaluate
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.progress import CancelToken

SHALLOW = "bm25 % 20 >> ms-marco-minilm-l12-int8"
MEASURES = ("nDCG@10", "R@10")


@pytest.fixture(scope="module")
def evaluation(library: Library) -> str:
    """BM25 and a reranker over four queries."""
    return run(library, BM25, SHALLOW, limit=4)


@pytest.fixture(scope="module")
def client(library: Library) -> TestClient:
    return TestClient(Starlette(routes=[*evaluation_routes.routes(library), *evaluation_plots.routes(library)]))


def run(library: Library, *systems: str, dataset: str = "demo", **asked: Any) -> str:
    events: list[AnyEvent] = []
    request = EvaluateRequest(id="e", dataset=dataset, systems=systems, measures=MEASURES, **asked)
    evaluate(library, request, events.append, CancelToken())
    assert isinstance(events[-1], EvaluateFinished)
    return events[-1].evaluation


def drawn(client: TestClient, **asked: Any) -> list[str]:
    answer = client.get("/evaluation/plot", params=asked)
    assert answer.status_code == 200, answer.text
    return ["".join(text for text, _ in line) for line in msgspec.json.decode(answer.content, type=Drawn)]


@pytest.mark.parametrize(("name", "shows"), [("size", "bm25 0."), ("depth", "before reranking")])
def test_a_plot_has_the_size_that_was_asked_for(client: TestClient, evaluation: str, name: str, shows: str) -> None:
    for width, height in ((78, 16), (190, 40)):
        lines = drawn(client, id=evaluation, name=name, measure="R@10", width=width, height=height)
        assert len(lines) == height
        assert {len(line) for line in lines} == {width}
        assert "R@10" in lines[0]
        assert any(shows in line for line in lines)


def test_the_average_is_over_whole_datasets_only(client: TestClient, library: Library, evaluation: str) -> None:
    answer = client.get("/evaluation/plot", params={"id": evaluation, "name": "average"})
    assert answer.status_code == 409
    assert "no dataset has nDCG@10 of all these systems" in answer.json()["message"]
    part, whole = run(library, BM25, limit=2), run(library, BM25)
    try:
        assert "demo, the only dataset of these systems" in drawn(client, id=part, name="average")[0]
        answer = client.get("/evaluation/plot", params={"id": evaluation, "name": "average"})
        assert answer.status_code == 409  # the reranker lacks it
    finally:
        store.delete(whole)
        store.delete(part)


def test_what_cannot_be_drawn_is_one_sentence(client: TestClient, library: Library, evaluation: str) -> None:
    for asked, status, sentence in (
        ({"id": evaluation, "name": "pie"}, 400, "there is no plot 'pie'"),
        ({"id": evaluation, "name": "size", "measure": "AP"}, 400, "the evaluation has no AP"),
        ({"id": "0123", "name": "size"}, 400, "0123"),
        ({"id": evaluation, "name": "size", "width": "x"}, 400, "width must be a whole number."),
    ):
        answer = client.get("/evaluation/plot", params=asked)
        assert answer.status_code == status, answer.text
        assert sentence in answer.json()["message"]
    alone = run(library, BM25, limit=1)
    answer = client.get("/evaluation/plot", params={"id": alone, "name": "depth"})
    assert answer.status_code == 409
    assert "none of these systems ends with a reranker" in answer.json()["message"]
    store.delete(alone)


def test_a_part_of_the_queries_has_no_published_figure(client: TestClient, evaluation: str) -> None:
    answer = client.get("/evaluation/published", params={"id": evaluation})
    assert msgspec.json.decode(answer.content, type=list[PublishedFigure]) == []


def test_the_request_that_resumes_leads_to_the_same_evaluation(
    client: TestClient, library: Library, evaluation: str
) -> None:
    answer = client.get("/evaluation/request", params={"id": evaluation})
    request = msgspec.json.decode(answer.content, type=EvaluateRequest)
    assert request.background
    assert not request.per_query
    events: list[AnyEvent] = []
    again = msgspec.structs.replace(request, id="again", background=False)
    evaluate(library, again, events.append, CancelToken())
    assert isinstance(events[-1], EvaluateFinished)
    assert events[-1].evaluation == evaluation
    assert RERANKED not in request.systems
