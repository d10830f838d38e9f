"""Starting an evaluation, following it from any screen, pausing, stopping and resuming it."""

from __future__ import annotations

import pytest

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.api.evaluations import ListEvaluations, ReadEvaluation, StopEvaluation
from zsr_tui.api.preparing import PartView
from zsr_tui.api.questions import ReadStatus
from zsr_tui.api.requests import EVALUATION_MEASURES, Status
from zsr_tui.domain import DeviceStatus, Problem

from ..fake.engine import BM25, DENSE, RERANKED, SYSTEMS
from ..fake.evaluations import EvaluationEngine, view
from ..fake.preparing import encoding
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


async def test_the_last_that_came_is_in_the_table_though_nothing_more_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zsr_tui.ui.evaluation.table.view.RELOAD", 0.1)
    engine = EvaluationEngine()
    gates = [engine.hold("evaluate", batch=batch) for batch in (2, 3)]
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("f5")
        await gates[0].reached()
        engine.store(view("new", systems=SYSTEMS, means=(0.5,) * 3, state="running", done=2))
        gates[0].release()
        await gates[1].reached()
        await until(pilot, lambda: "provisional: over 2 of 6 queries" in text_of(app))
        gates[1].release()
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
        assert all(asked.id for asked in engine.asked_for(ReadEvaluation))  # nothing is read that has no name yet


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


async def test_quitting_while_something_is_prepared_says_that_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    engine = EvaluationEngine()
    engine.unbuilt.add(DENSE)
    engine.preparing.add(encoding(57), DENSE)
    app = app_with(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.compare.preparing.under_way)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
    said = " ".join(capsys.readouterr().err.split())
    assert said == "Encoding at 40 %: demo encoded with m. What is done is kept; it goes on at the next start."


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


async def test_a_plot_has_no_figures_before_the_table_has() -> None:
    engine = EvaluationEngine(view(means=(None,) * 3, state="running", done=0))
    async with opened_on(engine) as (app, pilot, screen):
        await until(pilot, lambda: "No query is done yet." in text_of(app))
        assert "bm25 0.600" not in text_of(app)
        engine.store(view(state="running", done=2))
        screen.table.load()
        await until(pilot, lambda: "bm25 0.600" in text_of(app) and "provisional: over 2 of 6 queries" in text_of(app))
        assert "No query is done yet." not in text_of(app)
