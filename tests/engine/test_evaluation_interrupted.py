"""An evaluation of the real engine that is cut off: the engine is killed while the screen shows it, and Ctrl+C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import msgspec
import pytest

from tests.engine.conftest import BM25
from tests.reranker import Reranker, reranking
from tests.ui.reading import text_of
from tests.waiting import DEADLINE, until, wait_for
from zsr_tui.api.events import AnyEvent, EvaluateFinished, JobProgress
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.client.engine import Engine
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.evaluation.stored import Listing
from zsr_tui.progress import CancelToken
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.evaluation.running import EvaluationAsked, Phase
from zsr_tui.ui.evaluation.screen import EvaluationScreen


def slow(reranker: Reranker) -> str:
    return f"bm25 % 12 >> {reranker.url}"


QUERIES = 14
ANSWERS = 8  # requests, one for each query, that are answered before the evaluation stands still


def listing() -> Listing | None:
    """Of the only evaluation that is stored."""
    found = store.stored()
    return found[0].listing() if found else None


@pytest.fixture(autouse=True)
def nothing_stored(library: Library) -> Iterator[None]:
    """`library` has prepared the demo corpus, whose indexes the engines of these tests share."""
    for one in store.stored():
        store.delete(one.spec.id)
    yield
    for one in store.stored():
        store.delete(one.spec.id)


async def test_the_engine_is_killed_while_the_screen_shows_the_evaluation() -> None:
    engine = Engine()
    app = ZsrTuiApp(engine, dataset="demo", systems=(BM25,))

    def kill() -> None:
        assert engine.process.pid is not None
        os.kill(engine.process.pid, signal.SIGKILL)

    def progress() -> int:
        job = app.evaluations.job
        return job.progress.done if job is not None and job.progress is not None and job.progress.unit else 0

    with reranking(answers=ANSWERS) as reranker:
        async with app.run_test(size=(200, 50)) as pilot:
            await until(pilot, lambda: app.engine.ready)
            await pilot.press("escape", "e")
            await until(pilot, lambda: isinstance(app.screen, EvaluationScreen))
            await until(pilot, lambda: "No evaluation yet." in text_of(app))
            request = EvaluateRequest(
                id="1",
                dataset="demo",
                systems=(BM25, slow(reranker)),
                depth=20,
                limit=QUERIES,
                background=True,
                per_query=False,
            )
            app.screen.post_message(EvaluationAsked(request))
            await until(pilot, lambda: progress() > 0)
            await pilot.press("1")
            kill()
            said = "The engine stopped; a new one goes on with the evaluation where it was."
            await until(pilot, lambda: said in text_of(app))
            assert text_of(app).count("The engine stopped") == 1
            before = listing()
            assert before is not None
            assert before.done >= 1
            job = app.evaluations
            await until(
                pilot, lambda: job.job is not None and job.job.phase is Phase.RUNNING and progress() >= before.done
            )
            assert f" of {QUERIES} queries" in text_of(app)
            assert before.done < QUERIES

            kill()  # twice over one request: the engine is at fault, so nobody tries a third time
            await until(pilot, lambda: "the engine stopped twice over this request; its log is at" in text_of(app))
            kept = listing()
            assert kept is not None
            assert before.done <= kept.done < QUERIES
            await until(pilot, lambda: f"{kept.done} of {QUERIES} queries · stopped" in text_of(app))
            assert not app.evaluations.busy

            reranker.go_on.set()
            await pilot.press("r")
            await until(pilot, lambda: "Evaluated." in text_of(app))
            await until(pilot, lambda: f"2 systems · {QUERIES} queries · complete" in text_of(app))
            done = listing()
            assert done is not None
            assert done.complete
            assert "stopped" not in text_of(app)
    await engine.close()


def command(reranker: Reranker, *more: str) -> list[str]:
    return [
        *(
            sys.executable,
            "-m",
            "zsr_tui.cli",
            "evaluate",
            "--dataset",
            "demo",
            "--system",
            BM25,
            "--system",
            slow(reranker),
        ),
        *("--k", "20", "--limit", str(QUERIES), "--measure", "nDCG@10", *more),
    ]


def test_ctrl_c_ends_the_command_with_one_sentence_and_resume_goes_on() -> None:
    with reranking(answers=ANSWERS) as reranker:
        child = subprocess.Popen(
            command(reranker), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        wait_for(lambda: child.poll() is not None or ((found := listing()) is not None and found.done))
        assert child.poll() is None, child.communicate()
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to everything that it runs
        out, err = child.communicate(timeout=600)
        assert child.returncode == 130
        assert out == ""
        assert err.splitlines()[-1] == "zsr-tui: interrupted; finished work is kept."
        assert "Traceback" not in err
        assert err.count("zsr-tui:") == 1
        kept = listing()
        assert kept is not None
        assert 0 < kept.done < QUERIES
        reranker.go_on.set()
        again = subprocess.run(command(reranker, "--resume", "--json"), capture_output=True, text=True, timeout=600)
        assert again.returncode == 0, again.stderr
        assert f"going on: {kept.done} of {QUERIES} queries finished" in again.stderr
        answer = json.loads(again.stdout)
        assert [system["queries"] for system in answer["systems"]] == [QUERIES, QUERIES]
        assert answer["evaluation"]["item"]["state"] == "complete"


def test_another_program_that_asks_for_the_same_takes_nothing_from_the_one_that_runs_it(library: Library) -> None:
    """It waits with another measure, does not begin it anew, and no server is asked for anything twice."""
    told, ends = threading.Event(), list[EvaluateFinished]()

    def emit(event: AnyEvent) -> None:
        if isinstance(event, JobProgress) and event.progress.task.startswith("Waiting for another program"):
            told.set()
        if isinstance(event, EvaluateFinished):
            ends.append(event)

    with reranking(answers=ANSWERS) as reranker:
        child = subprocess.Popen(command(reranker, "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for(lambda: child.poll() is not None or ((found := listing()) is not None and found.done))
        assert child.poll() is None, child.communicate()
        systems = (BM25, slow(reranker))
        request = EvaluateRequest(
            id="2", dataset="demo", systems=systems, depth=20, limit=QUERIES, measures=("AP",), per_query=False
        )
        with pytest.raises(Problem, match="is running in another program"):
            evaluate(library, msgspec.structs.replace(request, resume=False), emit, CancelToken())
        thread = threading.Thread(target=evaluate, args=(library, request, emit, CancelToken()))
        thread.start()
        assert told.wait(DEADLINE)
        reranker.go_on.set()
        out, err = child.communicate(timeout=600)
        thread.join(DEADLINE)
        asked = sum(reranker.asked)
    assert child.returncode == 0, err
    results = json.loads(out)["systems"]
    assert [(one["queries"], list(one["means"])) for one in results] == [(QUERIES, ["nDCG@10"])] * 2
    assert [(one.queries, list(one.means)) for one in ends[0].results] == [(QUERIES, ["AP"])] * 2
    (kept,) = store.stored()
    assert kept.listing().complete
    assert asked == kept.records()["pairs"].sum()
    assert kept.spec.measures == ("nDCG@10", "AP")


def test_what_runs_with_other_measures_in_the_same_engine_is_waited_for(library: Library) -> None:
    began, ends = threading.Event(), dict[str, EvaluateFinished]()

    def emit(event: AnyEvent) -> None:
        if isinstance(event, JobProgress):
            began.set()
        if isinstance(event, EvaluateFinished):
            ends[event.request] = event

    def ask(id: str, measure: str, reranker: Reranker) -> threading.Thread:
        request = EvaluateRequest(
            id=id,
            dataset="demo",
            systems=(slow(reranker),),
            depth=20,
            limit=QUERIES,
            measures=(measure,),
            background=True,
            per_query=False,
        )
        thread = threading.Thread(target=evaluate, args=(library, request, emit, CancelToken()))
        thread.start()
        return thread

    with reranking(answers=ANSWERS) as reranker:
        first = ask("1", "nDCG@10", reranker)
        assert began.wait(DEADLINE)
        second = ask("2", "AP", reranker)
        reranker.go_on.set()
        first.join(DEADLINE)
        second.join(DEADLINE)
        asked = sum(reranker.asked)
    (kept,) = store.stored()
    assert asked == kept.records()["pairs"].sum()
    assert {id: list(end.results[0].means) for id, end in ends.items()} == {"1": ["nDCG@10"], "2": ["AP"]}
