"""The stored evaluations: which of them is meant, how far each is, deleting and resuming them."""

from __future__ import annotations

import pytest

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui.api.evaluations import DeleteEvaluation, ReadEvaluation, ReadRequest
from zsr_tui.domain import Problem

from ..fake.evaluations import EvaluationEngine, view
from ..shell import settle
from .screen import line_of, opened_on


async def test_after_a_deletion_the_cursor_is_on_the_next_evaluation_not_on_the_open_one() -> None:
    engine = EvaluationEngine(view("e1"), *(view(f"e{n}", dataset=f"beir/x{n}/test") for n in (2, 3, 4)))
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("1", "home", "down", "down")
        await settle(pilot)
        chosen = next(line.split()[1] for line in text_of(app).splitlines() if line.startswith("> "))
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert engine.asked_for(DeleteEvaluation) != []
        after = next(line.split()[1] for line in text_of(app).splitlines() if line.startswith("> "))
        assert after not in ("demo", chosen)


async def test_the_list_opens_and_deletes_after_a_question() -> None:
    engine = EvaluationEngine(
        view("e1"), view("e2", dataset="beir/scifact/test", state="stopped", done=2, subset="the first 6")
    )
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("1", "down")
        await settle(pilot)
        assert "2 of 6" in line_of(pilot, "> beir/scifact/test")
        assert "stopped" in line_of(pilot, "> beir/scifact/test")
        await pilot.press("delete")
        await settle(pilot)
        assert "Delete this evaluation?" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        assert engine.asked_for(DeleteEvaluation) == []
        await pilot.press("enter")
        await settle(pilot)
        assert engine.asked_for(ReadEvaluation)[-1].id == "e2"
        assert "2 of 6 queries · stopped · the first 6" in text_of(app)
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("enter")  # without a second thought
        await settle(pilot)
        assert engine.asked_for(DeleteEvaluation) == []
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert engine.asked_for(DeleteEvaluation) == [DeleteEvaluation(id="e2")]
        assert engine.asked_for(ReadEvaluation)[-1].id == "e1"
        assert "6 queries · complete" in text_of(app)


async def test_what_cannot_be_deleted_stays_and_says_why() -> None:
    engine = EvaluationEngine(view())
    async with opened_on(engine) as (app, pilot, _):
        engine.problems[DeleteEvaluation] = Problem("the evaluation is running: stop it before it is deleted.")
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert "the evaluation is running: stop it before it is deleted." in text_of(app)
        assert "0.9197" in text_of(app)


async def test_resuming_asks_for_what_was_stored() -> None:
    engine = EvaluationEngine(view(state="stopped", done=2))
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("r")
        await until(pilot, lambda: "Evaluated." in text_of(app))
        assert engine.asked_for(ReadRequest) == [ReadRequest(id="e1")]
        assert engine.evaluated[0].measures == engine.changed.measures
    engine = EvaluationEngine(view())
    async with opened_on(engine) as (_, pilot, _):
        await pilot.press("r")
        await settle(pilot)
        assert "This evaluation is complete." in notices(pilot.app)


@pytest.mark.parametrize("key", ["2", "3", "1"])
async def test_after_the_last_evaluation_is_deleted_nothing_of_it_is_left(key: str) -> None:
    engine = EvaluationEngine(view(notes=("a note of it.",)))
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press(key)
        await settle(pilot)
        await pilot.press("delete")
        await settle(pilot)
        await pilot.press("left", "enter")
        await settle(pilot)
        assert engine.asked_for(DeleteEvaluation) == [DeleteEvaluation(id="e1")]
        shown = text_of(app)
        for left in ("plot size", "0.9197", "a note of it.", "best", "nDCG@10", "complete"):
            assert left not in shown, left
        assert "No evaluation yet." in shown
        assert "n starts one" in shown


async def test_the_header_the_list_and_the_progress_say_the_same() -> None:
    engine = EvaluationEngine()
    gate = engine.hold("evaluate", batch=4)
    async with opened_on(engine) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await gate.reached()
        await pilot.press("1")
        await settle(pilot)
        assert engine.views["new"].item.done == 0  # as it was read, long ago
        assert "3 systems · 3 of 6 queries · running" in line_of(pilot, " demo ")
        assert "3 of 6 queries · 1.0 queries/s" in line_of(pilot, "▸")
        assert line_of(pilot, "> demo").split()[4:9] == ["UTC", "running", "3", "of", "6"]
        engine.ended_late = True
        gate.release()
        await until(pilot, lambda: "Evaluated." in text_of(app))
        await settle(pilot)
        assert engine.views["new"].item.state == "running"  # the engine has not forgotten it yet
        assert "running" not in text_of(app)
        assert "3 systems · 6 queries · complete" in line_of(pilot, " demo ")
        assert line_of(pilot, "> demo").split()[4:7] == ["UTC", "complete", "6"]


@pytest.mark.parametrize(
    ("failed", "done", "says"),
    [(1, 6, "2 of 3 systems done, 1 failed"), (3, 0, "all 3 systems failed"), (1, 4, "stopped, 1 of 3 systems failed")],
)
async def test_failed_systems_are_counted_in_the_header_and_the_list(failed: int, done: int, says: str) -> None:
    engine = EvaluationEngine(view(failed=dict.fromkeys(range(failed), "it needs 11 GB."), state="stopped", done=done))
    async with opened_on(engine) as (_, pilot, _):
        assert says in line_of(pilot, " demo ")
        await pilot.press("1")
        await settle(pilot)
        assert says in line_of(pilot, "> demo")
