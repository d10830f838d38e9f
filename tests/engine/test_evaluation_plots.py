"""Plots, published figures, run files and the request that resumes, over the engine's routes, on the demo corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.engine.conftest import BM25, DENSE, ask, refused
from zsr_tui.api.evaluations import ReadPlot, ReadPublished, ReadRequest, ReadRunFile, ReadSweep, RunFileView
from zsr_tui.api.events import AnyEvent, EvaluateFinished, EvaluationStarted
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.engine import answers
from zsr_tui.engine.evaluation import running
from zsr_tui.engine.evaluation.answers import evaluation_answers
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.evaluation.systems import item
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.plots import terminal
from zsr_tui.progress import CancelToken

SHALLOW = "bm25 % 20 >> ms-marco-minilm-l12-int8"
FUSED = f"linear({BM25}, {DENSE}) % 50"
MEASURES = ("nDCG@10", "R@10")


@pytest.fixture(scope="module")
def evaluation(library: Library) -> str:
    """BM25, a reranker and a fused pair over four queries."""
    return run(library, BM25, SHALLOW, FUSED, limit=4)


@pytest.fixture(scope="module")
def client(library: Library) -> TestClient:
    return TestClient(Starlette(routes=answers.routes(evaluation_answers(library, Shelf(library)))))


def run(library: Library, *systems: str, dataset: str = "demo", **asked: Any) -> str:
    events: list[AnyEvent] = []
    request = EvaluateRequest(id="e", dataset=dataset, systems=systems, measures=MEASURES, **asked)
    evaluate(library, request, events.append, CancelToken())
    assert isinstance(events[-1], EvaluateFinished)
    return events[-1].evaluation


@pytest.mark.parametrize(("name", "shows"), [("size", "bm25 0."), ("depth", "before reranking"), ("weights", "alone")])
def test_a_plot_can_be_drawn_at_any_size_from_what_is_sent(
    client: TestClient, evaluation: str, name: str, shows: str
) -> None:
    plot = ask(client, ReadPlot(id=evaluation, name=name, measure="R@10"))
    for width, height in ((78, 16), (190, 40)):
        lines = ["".join(text for text, _ in line) for line in terminal.draw(plot, width, height)]
        assert len(lines) == height
        assert {len(line) for line in lines} == {width}
        assert "R@10" in lines[0]
        assert any(shows in line for line in lines)


def test_the_average_is_over_whole_datasets_only(client: TestClient, library: Library, evaluation: str) -> None:
    status, sentence = refused(client, ReadPlot(id=evaluation, name="average"))
    assert status == 409
    assert "no dataset has nDCG@10 of all these systems" in sentence
    part, whole = run(library, BM25, limit=2), run(library, BM25)
    try:
        assert "demo, the only dataset of these systems" in ask(client, ReadPlot(id=part, name="average")).title
        assert refused(client, ReadPlot(id=evaluation, name="average"))[0] == 409  # the reranker lacks it
    finally:
        store.delete(whole)
        store.delete(part)


def test_what_cannot_be_drawn_is_one_sentence(client: TestClient, library: Library, evaluation: str) -> None:
    for asked, status, sentence in (
        ({"id": evaluation, "name": "pie"}, 400, "there is no plot 'pie'"),
        ({"id": evaluation, "name": "size", "measure": "AP"}, 400, "the evaluation has no AP"),
        ({"id": "0123", "name": "size"}, 400, "0123"),
    ):
        found, said = refused(client, "ReadPlot", **asked)
        assert found == status, said
        assert sentence in said
    alone = run(library, BM25, limit=1)
    status, said = refused(client, ReadPlot(id=alone, name="depth"))
    assert status == 409
    assert "none of these systems ends with a reranker" in said
    store.delete(alone)


def test_a_part_of_the_queries_has_no_published_figure(client: TestClient, evaluation: str) -> None:
    assert ask(client, ReadPublished(id=evaluation)) == []


def test_the_request_that_resumes_leads_to_the_same_evaluation(
    client: TestClient, library: Library, evaluation: str
) -> None:
    request = ask(client, ReadRequest(id=evaluation))
    assert request.background
    assert not request.per_query
    events: list[AnyEvent] = []
    again = msgspec.structs.replace(request, id="again", background=False)
    evaluate(library, again, events.append, CancelToken())
    assert isinstance(events[-1], EvaluateFinished)
    assert events[-1].evaluation == evaluation
    assert request.systems == (BM25, SHALLOW, FUSED)


def test_a_run_file_is_read_before_it_is_evaluated(client: TestClient, library: Library, tmp_path: Path) -> None:
    judged = library.corpus("demo").judged_queries()
    good = tmp_path / "good.run"
    lines = [f"{query.id} Q0 d{place} 1 {1 / place} t" for query in judged[:3] for place in (1, 2)]
    good.write_text("\n".join([*lines, "nobody Q0 d1 1 1.0 t"]) + "\n")
    found = ask(client, ReadRunFile(dataset="demo", path=str(good)))
    assert found == RunFileView(queries=4, documents=2, judged=3, all_judged=len(judged), unknown=1)
    for name, content, sentence in (
        ("columns.run", b"hello world\n", "line 1, has 2 columns where a run file has 6"),
        ("late.run", "\n".join([*lines, "q1 Q0 d1 1 high t"]).encode(), "line 7, has the score 'high'"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\xff\xfe", "line 1, is not UTF-8 text"),
        ("empty.run", b"", "is empty"),
        ("x.json", b"{", "is not valid JSON"),
    ):
        (tmp_path / name).write_bytes(content)
        status, said = refused(client, ReadRunFile(dataset="demo", path=str(tmp_path / name)))
        assert status == 400, name
        assert sentence in said, name
        assert name in said
    assert "there is no run file" in refused(client, ReadRunFile(dataset="demo", path=str(tmp_path / "none.run")))[1]


def test_one_that_has_said_its_last_word_is_not_called_running(library: Library) -> None:
    """A client asks for the list as soon as it has the last event."""
    listed: list[str] = []
    ids: list[str] = []

    def emit(event: AnyEvent) -> None:
        if isinstance(event, EvaluationStarted):
            ids.append(event.evaluation)
            listed.append(running.state(event.evaluation))
        if isinstance(event, EvaluateFinished):
            listed.append(item(store.find(event.evaluation).listing()).state)

    request = EvaluateRequest(id="e", dataset="demo", systems=(BM25,), limit=5, depth=7, background=True)
    evaluate(library, request, emit, CancelToken())
    assert listed == ["running", "complete"]
    store.delete(ids[0])


def test_a_pair_is_swept_from_the_stored_lists_alone(
    client: TestClient, library: Library, evaluation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_runs(*_: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        for name in ("bm25", "encoded"):
            patch.setattr(Library, name, nothing_runs)
        swept = ask(client, ReadSweep(id=evaluation, fusion=f"rrf({DENSE}, {BM25})", measure="nDCG@10"))
    table = store.find(evaluation).evaluation()
    assert swept.values[0] == pytest.approx(float(table.values[0, 0].mean()))  # BM25 alone is as it was measured
    assert swept.rrf == swept.values[10]
    assert len(swept.weights) == len(swept.values) == 21
    assert swept.queries == 4
    assert swept.best.startswith("rrf(")
    assert refused(client, ReadSweep(id=evaluation, fusion=BM25))[0] == 400
    unfused = run(library, BM25, limit=1)
    assert "no two retrievers" in refused(client, ReadPlot(id=unfused, name="weights"))[1]
