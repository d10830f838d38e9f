"""A model judges a pool in the background, through a real server process that speaks the shape of OpenAI."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.engine.conftest import ask, refused
from tests.unit.judging.conftest import JudgeServer, judge_server
from tests.waiting import wait_for
from zsr_tui.api.judging import ReadJudgments
from zsr_tui.api.model_jobs import BeginModelJob, ModelJob, ReadModelDesk, ReadModelJob, StopModelJob
from zsr_tui.api.model_judging import ModelJudged, ModelJudgeRequest, ModelPlanned
from zsr_tui.api.pooling import OneQuery, Pooling
from zsr_tui.api.questions import ReadStatus
from zsr_tui.engine.app import create_app
from zsr_tui.engine.judging import in_background
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import Library
from zsr_tui.engine.stream import Emit
from zsr_tui.progress import CancelToken

__all__ = ["judge_server"]

NEW = 5  # documents of the pool


@pytest.fixture(scope="module")
def demo() -> Library:
    return Library()


@pytest.fixture
def client(demo: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    monkeypatch.setattr(in_background, "_jobs", {})
    return TestClient(create_app(demo))


@pytest.fixture
def pooling(demo: Library) -> Pooling:
    corpus = demo.corpus("demo")
    query = corpus.judged_queries()[0]
    official = corpus.judgments(query.id)
    new = tuple(doc.id for doc in corpus.corpus.iter_docs() if doc.id not in official)[:NEW]
    about = OneQuery(
        query_id=query.id, query_text=query.text, systems=("bm25", "bm25(k1=2)"), lists=(new, (*official, *new[::-1]))
    )
    return Pooling(session="s1", dataset="demo", about=about, depth=100, who="ann")


def ended(client: TestClient) -> ModelJob:
    def job() -> ModelJob:
        found = ask(client, ReadModelJob(dataset="demo"))
        assert found is not None
        return found

    wait_for(lambda: job().state != "running", "the model has judged")
    return job()


def test_it_is_held_against_people_first_and_then_grades_what_nobody_has_judged(
    client: TestClient, pooling: Pooling, judge_server: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no server judges" in refused(client, ReadModelDesk(pooling=pooling))[1]
    monkeypatch.setenv("ZSR_TUI_JUDGING_ADDRESS", judge_server.url)
    monkeypatch.setenv("ZSR_TUI_JUDGING_MODEL", "by length")
    desk = ask(client, ReadModelDesk(pooling=pooling, check=7))
    assert (desk.check.requests, desk.pool.requests, desk.humans, desk.job) == (7, NEW, (), None)
    assert desk.pool.host == judge_server.url.split("/")[2]
    assert ask(client, ReadModelJob(dataset="demo")) is None

    ask(client, BeginModelJob(pooling=pooling, check=7))
    checked = ended(client)
    assert (checked.state, checked.checking, checked.done, checked.total) == ("finished", True, 7, 7)
    desk = ask(client, ReadModelDesk(pooling=pooling, check=7))
    assert [found.shared for found in desk.humans] == [7]
    assert (desk.check.requests, desk.check.known, desk.pool.requests) == (0, 7, NEW)

    ask(client, BeginModelJob(pooling=pooling))
    judged = ended(client)
    assert (judged.checking, judged.done, sum(judged.grades.values()), judged.failures) == (False, NEW, NEW, {})
    assert judged.read
    kept = ask(client, ReadJudgments(dataset="demo", query_id=pooling.about.query_id, sources=("model",))).items
    assert {each.judgment.doc_id for each in kept} >= set(pooling.about.lists[0])
    assert {each.judgment.who for each in kept} == {"by length"}
    first = next(each.judgment for each in kept if each.judgment.doc_id == pooling.about.lists[0][0])
    assert (first.system, first.rank) == ("bm25", 1)
    desk = ask(client, ReadModelDesk(pooling=pooling))
    assert (desk.pool.requests, desk.pool.known) == (0, NEW)


def test_it_goes_on_by_itself_one_at_a_time_until_it_is_stopped(
    client: TestClient, pooling: Pooling, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ModelJudgeRequest] = []
    begun = threading.Event()

    def judge(shelf: KeptShelf, request: ModelJudgeRequest, emit: Emit, cancel: CancelToken) -> None:
        asked.append(request)
        emit(ModelPlanned(request=request.id, model="m", host="h", requests=NEW, characters=1))
        emit(ModelJudged(request=request.id, query_id="q", query_text="", doc_id="d", grade=2))
        emit(ModelJudged(request=request.id, query_id="q", query_text="", doc_id="e", grade=None, failure="prose"))
        begun.set()
        wait_for(lambda: cancel.cancelled)
        cancel.check()

    monkeypatch.setattr(in_background, "judge_by_model", judge)
    assert "no model judges this dataset" in refused(client, StopModelJob(dataset="demo"))[1]
    ask(client, BeginModelJob(pooling=pooling))
    begun.wait()
    now = ask(client, ReadModelJob(dataset="demo"))
    assert now == ModelJob(done=2, total=NEW, grades={"2": 1}, failures={"prose": 1})
    assert [each.spend for each in asked] == [True]
    assert "demo: a model judges 2 of 5" in ask(client, ReadStatus()).jobs
    assert "judges this dataset already" in refused(client, BeginModelJob(pooling=pooling))[1]
    ask(client, StopModelJob(dataset="demo"))
    assert ended(client).state == "stopped"
    assert ask(client, ReadStatus()).jobs == ()
