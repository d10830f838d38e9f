"""Starting an evaluation, following it from any screen, pausing, stopping and resuming it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.api.evaluations import ListEvaluations, ReadRunFile, StopEvaluation
from zsr_tui.api.preparing import PartView
from zsr_tui.api.questions import ReadStatus
from zsr_tui.api.requests import EVALUATION_MEASURES, ProblemView, Status
from zsr_tui.domain import DeviceStatus, Problem
from zsr_tui.ui.evaluation.start.screen import FIELDS, EvaluationStartScreen

from ..fake.engine import BM25, DENSE, RERANKED, SYSTEMS
from ..fake.evaluations import EvaluationEngine, view
from ..shell import settle, type_in
from .screen import app_with, line_of, opened_on


async def test_without_an_evaluation_the_screen_says_how_to_make_one() -> None:
    async with opened_on(EvaluationEngine(), size=(80, 24)) as (app, _, _):
        assert "No evaluation yet" in text_of(app)
        assert "n starts one" in text_of(app)
        assert RERANKED in text_of(app)


async def test_the_systems_of_compare_are_evaluated_in_the_background() -> None:
    engine = EvaluationEngine()
    gate = engine.hold("evaluate", batch=3)
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await gate.reached()
        await settle(pilot)
        (request,) = engine.evaluated
        assert (request.dataset, request.systems, request.measures) == ("demo", SYSTEMS, EVALUATION_MEASURES)
        assert request.background
        assert not request.per_query
        assert request.runs == ()
        assert request.subset == ""
        assert request.limit is None
        assert "2 of 6 queries · 1.0 queries/s · 0:04 left" in line_of(pilot, "▸")
        assert "▶2 Table" in text_of(app)

        await pilot.press("escape")  # Compare works meanwhile
        await settle(pilot)
        assert app.screen is app.compare
        await pilot.press("n")
        await until(pilot, lambda: len(engine.requests) == 1)
        await settle(pilot)
        await pilot.press("e")
        await settle(pilot)
        assert "2 of 6 queries" in text_of(app)

        gate.release()
        await until(pilot, lambda: "Evaluated." in text_of(app))
        await settle(pilot)
        assert "0.9197" in line_of(pilot, "MiniLM-L-12")


async def test_run_files_measures_and_a_part_of_the_queries_can_be_asked_for() -> None:
    engine = EvaluationEngine()
    async with opened_on(engine, (BM25,), size=(80, 24)) as (_, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await type_in(pilot, "bm25(k1=1.2)")
        await pilot.press("enter", "tab", "tab")
        await type_in(pilot, "/runs/other.run")
        await pilot.press("enter", "tab", "ctrl+u")
        await type_in(pilot, "nDCG@10, AP")
        await pilot.press("tab")
        await type_in(pilot, "statin")
        await pilot.press("tab")
        await type_in(pilot, "5")
        await pilot.press("f5")
        await until(pilot, lambda: bool(engine.evaluated))
        (request,) = engine.evaluated
        assert request.systems == (BM25, "bm25(k1=1.2)")
        assert request.runs == ("/runs/other.run",)
        assert request.measures == ("nDCG@10", "AP")
        assert (request.subset, request.limit) == ("statin", 5)


async def test_the_form_refuses_what_cannot_be_evaluated_and_stays() -> None:
    engine = EvaluationEngine()
    engine.system_problems["bm42"] = Problem("there is no system bm42.")
    async with opened_on(engine, (BM25,), size=(80, 24)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await type_in(pilot, "bm42")
        await pilot.press("enter")
        await settle(pilot)
        assert "there is no system bm42." in text_of(app)
        await pilot.press("f5")
        await settle(pilot)
        assert "there is no system bm42." in text_of(app)  # as long as it stands there
        assert engine.evaluated == []
        await pilot.press("backspace")
        await settle(pilot)
        assert "there is no system bm42." not in text_of(app)
        await pilot.press("f5")
        await settle(pilot)
        assert "Press Enter in this line" in text_of(app)
        await pilot.press("ctrl+u")
        await type_in(pilot, "bm25")
        await pilot.press("enter")
        await settle(pilot)
        assert "bm25 is there already." in text_of(app)
        await pilot.press(*["tab"] * 5)
        await type_in(pilot, "0")
        await settle(pilot)
        assert "'0' is no number of queries." in text_of(app)
        assert "bm25 is there already." in text_of(app)  # of another line, which is as it was
        await pilot.press("f5")
        await settle(pilot)
        assert engine.evaluated == []
        await pilot.press("ctrl+u", *["tab"] * 5)  # F5 went to the first line that is wrong
        await pilot.press("home", "2")
        await settle(pilot)
        assert "already" not in text_of(app)
        assert "no number" not in text_of(app)
        await pilot.press("f5")
        await until(pilot, lambda: bool(engine.evaluated))
        assert engine.evaluated[0].limit == 20


async def test_a_reranker_is_put_behind_every_retriever() -> None:
    engine = EvaluationEngine()
    model = PartView(id="model org/r", kind="model", dataset="", about="the model org/r", asks="download org/r, 4 GB")
    engine.preparing.add(model, f"{BM25} % 50 >> org/r")
    async with opened_on(engine, (BM25, DENSE, RERANKED)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, EvaluationStartScreen)
        for typed, said in (
            ("% 50", "is no reranker"),
            ("% 50 >> dense(x)", "column 9: dense retrieves"),
            ("(", "column 1: expected a reranking model"),
        ):
            screen.query_one("#reranker", Input).value = typed
            screen.query_one("#reranker").focus()
            await pilot.press("enter")
            await settle(pilot)
            assert said in text_of(app)
        screen.query_one("#reranker", Input).value = "% 50 >> org/r"
        await pilot.press("enter")
        await settle(pilot)
        new = (f"{BM25} % 50 >> org/r", f"{DENSE} % 50 >> org/r")
        assert screen.chosen.systems == (BM25, DENSE, RERANKED, *new)
        assert "Added 2 systems with % 50 >> org/r" in text_of(app)
        screen.query_one("#reranker", Input).value = "ms-marco-MiniLM-L-12-v2"  # BM25 with it is there
        await pilot.press("enter")
        await settle(pilot)
        assert screen.chosen.systems[-1] == f"{DENSE} % 100 >> ms-marco-MiniLM-L-12-v2"
        assert len(screen.chosen.systems) == 6
        await pilot.press("enter")
        await until(pilot, lambda: "Download org/r" in text_of(app))  # the form is to start


async def test_a_run_file_is_read_when_it_is_added() -> None:
    engine = EvaluationEngine()
    wrong = "/runs/garbage.txt, line 1, has 2 columns where a run file has 6: qid Q0 docid rank score tag."
    engine.problems[ReadRunFile] = Problem(wrong)
    async with opened_on(engine, (BM25,)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("tab", "tab")
        await type_in(pilot, "/runs/garbage.txt")
        await pilot.press("enter")
        await settle(pilot)
        assert wrong in text_of(app)
        assert "run file /runs" not in text_of(app)
        await pilot.press("tab")  # it stays wrong elsewhere in the form
        await settle(pilot)
        assert wrong in text_of(app)
        await pilot.press("shift+tab", "ctrl+u")
        engine.problems.clear()
        await type_in(pilot, "good.run")
        await pilot.press("enter")
        await settle(pilot)
        path = str(Path.cwd() / "good.run")
        assert engine.asked_for(ReadRunFile)[-1] == ReadRunFile(dataset="demo", path=path)
        assert wrong not in text_of(app)
        added = f"Added run file {path}: 7 queries, 5 of the dataset's 6 judged ones and 2 that it does not have."
        assert added in " ".join(text_of(app).split())
        await pilot.press("f5")
        await until(pilot, lambda: bool(engine.evaluated))
        assert engine.evaluated[0].runs == (path,)


@pytest.mark.parametrize("width", [80, 120])
async def test_the_form_has_room_for_what_it_says_of_empty_lines(width: int) -> None:
    async with opened_on(EvaluationEngine(), (BM25,), size=(width, 24)) as (_, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        for _, label, placeholder in FIELDS:
            if label != "Measures":  # it is filled in
                assert placeholder in line_of(pilot, label)


async def test_what_a_system_lacks_is_prepared_after_a_question() -> None:
    engine = EvaluationEngine()
    model = PartView(
        id="model org/new", kind="model", dataset="", about="the model org/new", asks="download org/new, 4 GB"
    )
    engine.preparing.add(model, "dense(org/new)")
    async with opened_on(engine, (BM25,), size=(80, 24)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await type_in(pilot, "dense(org/new)")
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("f5")
        await settle(pilot)
        assert "Download org/new, 4 GB" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        assert "Nothing was started." in text_of(app)
        assert engine.evaluated == []
        await pilot.press("f5")
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: bool(engine.evaluated))
        assert engine.preparing.agreed == ["model org/new"]
        assert engine.prepared[0].systems == (BM25, "dense(org/new)")  # it waits for what is being made


async def test_what_the_engine_refuses_is_said_in_the_form() -> None:
    engine = EvaluationEngine()
    engine.refused = ProblemView(message="/runs/other.run, line 3: the score 'x' is no number.")
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, EvaluationStartScreen)
        assert "line 3: the score 'x' is no number." in text_of(app)


async def test_an_evaluation_is_paused_and_goes_on_and_is_stopped_and_resumed() -> None:
    engine = EvaluationEngine()
    gates = [engine.hold("evaluate", batch=batch) for batch in (2, 4)]
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await gates[0].reached()
        await settle(pilot)
        await pilot.press("p")
        await settle(pilot)
        assert engine.paused == [True]
        assert "paused" in line_of(pilot, "1 of 6 queries")
        assert "left" not in line_of(pilot, "1 of 6 queries")
        await pilot.press("p")
        await settle(pilot)
        assert engine.paused == [True, False]
        gates[0].release()
        await gates[1].reached()
        await pilot.press("c")
        await settle(pilot)
        assert engine.asked_for(StopEvaluation) == [StopEvaluation(id="new")]
        gates[1].release()
        await until(pilot, lambda: "Stopped. What was finished is kept." in text_of(app))
        await settle(pilot)
        assert "4 of 6 queries" in line_of(pilot, "stopped")
        await pilot.press("r")
        await until(pilot, lambda: len(engine.evaluated) == 2)
        again = engine.evaluated[1]
        assert again.background
        assert again.id
        assert again.systems == SYSTEMS
        await until(pilot, lambda: "Evaluated." in text_of(app))


async def test_stop_while_it_is_starting_is_not_lost() -> None:
    engine = EvaluationEngine()
    gate = engine.hold("evaluate", batch=0)
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        app.evaluations.begin(engine.changed)
        app.run_worker(app.evaluations.follow(engine.changed))
        await gate.reached()
        await app.evaluations.stop()
        gate.release()
        await until(pilot, lambda: "Stopped. What was finished is kept." in text_of(app))


async def test_stop_while_what_it_needs_is_prepared_begins_nothing() -> None:
    engine = EvaluationEngine()
    gate = engine.hold("prepare", batch=2)
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        app.evaluations.begin(engine.changed)
        app.run_worker(app.evaluations.follow(engine.changed))
        await gate.reached()
        await until(pilot, lambda: "25 of 100 documents" in text_of(app))
        await app.evaluations.stop()
        gate.release()
        await until(pilot, lambda: "Stopped. What was prepared is kept." in text_of(app))
        assert engine.evaluated == []


async def test_compare_says_on_a_narrow_terminal_how_far_it_is() -> None:
    engine = EvaluationEngine()
    job = "Evaluating 4 systems on demo: 19 of 50 queries, 3:17 left"

    device = DeviceStatus(name="cpu", precision="fp32")
    engine.answers[ReadStatus] = lambda _: Status(devices=(device,), engine_memory_bytes=10**9, jobs=(job,))
    app = app_with(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: job in text_of(app))
        assert line_of(pilot, job).startswith(" demo")


async def test_a_second_evaluation_waits_for_the_first() -> None:
    engine = EvaluationEngine()
    gate = engine.hold("evaluate", batch=1)
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await gate.reached()
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("f5")
        await settle(pilot)
        assert "An evaluation is running" in text_of(app)
        assert len(engine.evaluated) == 1
        gate.release()


async def test_an_engine_that_dies_is_replaced_and_the_evaluation_goes_on() -> None:
    engine = EvaluationEngine()
    engine.lost_at = 2
    gate = engine.hold("evaluate", batch=3)
    async with opened_on(engine, size=(160, 24)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await gate.reached()
        await settle(pilot)
        assert "The engine stopped; a new one goes on with the evaluation where it was." in text_of(app)
        gate.release()
        await until(pilot, lambda: "Evaluated." in text_of(app))


async def test_a_system_that_fails_is_named_and_the_others_are_shown() -> None:
    engine = EvaluationEngine()
    engine.system_failure = "the model needs 11 GB of memory."
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Evaluated: 2 of 3 systems done, 1 failed." in text_of(app))
        assert "dense all-MiniLM-L6-v2: the model needs 11 GB of memory." in line_of(pilot, "Evaluated:")


async def test_the_engine_that_does_not_answer_is_a_sentence() -> None:
    engine = EvaluationEngine()
    engine.problems[ListEvaluations] = Problem("the engine does not answer; its log is at /x/engine.log.")
    async with opened_on(engine, size=(80, 24)) as (app, _, _):
        assert "the engine does not answer" in text_of(app)
        assert "asking the engine" not in text_of(app)


async def test_one_that_another_program_runs_can_be_followed_and_stopped() -> None:
    engine = EvaluationEngine(view(state="running", done=3))
    async with opened_on(engine, size=(80, 24)) as (_, pilot, _):
        await pilot.press("c")
        await settle(pilot)
        assert engine.asked_for(StopEvaluation) == [StopEvaluation(id="e1")]


async def test_quitting_while_an_evaluation_runs_says_what_is_kept_and_asks_once() -> None:
    engine = EvaluationEngine()
    gate = engine.hold("evaluate", batch=3)
    async with opened_on(engine, size=(80, 24)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("f5")
        await gate.reached()
        await settle(pilot)
        await pilot.press("q")
        await until(pilot, lambda: "Quit while an evaluation is under way?" in text_of(app))
        shown = " ".join(text_of(app).replace("│", " ").split())
        assert "The evaluation of demo runs: 2 of 6 queries" in shown
        assert "The queries that are finished are kept." in shown
        assert "r in the list of evaluations goes on with it" in shown
        await pilot.press("escape")
        await until(pilot, lambda: "Quit while" not in text_of(app))
        assert app.is_running
        assert app.evaluations.busy
        await pilot.press("q")
        await until(pilot, lambda: "Quit while" in text_of(app))
        await pilot.press("q")
        await until(pilot, lambda: app._exit, "the end of the program")
        gate.release()
