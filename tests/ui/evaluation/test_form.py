"""The form that starts an evaluation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.api.evaluations import ReadRunFile
from zsr_tui.api.preparing import PartView
from zsr_tui.api.questions import Question, ReadSystem
from zsr_tui.api.requests import ProblemView
from zsr_tui.domain import Problem
from zsr_tui.ui.evaluation.start.screen import FIELDS, EvaluationStartScreen

from ..fake.engine import BM25, DENSE, RERANKED
from ..fake.evaluations import EvaluationEngine
from ..shell import settle, type_in
from .screen import line_of, opened_on


class HeldEngine(EvaluationEngine):
    """Knows no system while its gate is shut; "bm42" is none."""

    def __init__(self) -> None:
        super().__init__()
        self.system_problems["bm42"] = Problem("there is no system bm42.")
        self.gate = asyncio.Event()
        self.gate.set()

    async def call(self, question: Question[Any]) -> Any:
        if isinstance(question, ReadSystem):
            await self.gate.wait()
        return await super().call(question)


async def test_the_help_says_what_each_line_takes() -> None:
    async with opened_on(EvaluationEngine(), (BM25,), size=(120, 40)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("f1")
        await settle(pilot)
        shown = text_of(app)
        seen = shown[shown.index("What stands there now") : shown.index("On this screen")]
        assert all(label in seen for _, label, _ in FIELDS)


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


async def test_what_is_entered_before_the_engine_has_answered_is_neither_lost_nor_glued_together() -> None:
    engine = HeldEngine()
    async with opened_on(engine, (BM25,)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        engine.gate.clear()
        await pilot.press(*"bm25(b=1)", "enter", *"bm42", "enter", *"bm25(b=0)", "enter", "enter", *"bm25(k")
        screen = app.screen
        assert isinstance(screen, EvaluationStartScreen)
        assert screen.query_one("#system", Input).value == "bm25(k"
        assert screen.chosen.systems == (BM25,)
        engine.gate.set()
        await until(pilot, lambda: len(screen.chosen.systems) == 3)
        await settle(pilot)
        assert screen.chosen.systems == (BM25, "bm25(b=1)", "bm25(b=0)")
        assert "there is no system bm42." in text_of(app)
        assert engine.evaluated == []  # for a line is not entered
        assert screen.query_one("#system", Input).value == "bm25(k"
        await pilot.press("ctrl+u")
        engine.gate.clear()
        await pilot.press(*"bm25(k1=2)", "enter", "f5")
        engine.gate.set()
        await until(pilot, lambda: bool(engine.evaluated))
        assert engine.evaluated[0].systems == (BM25, "bm25(b=1)", "bm25(b=0)", "bm25(k1=2)")


async def test_the_form_refuses_what_cannot_be_evaluated_and_stays() -> None:
    engine = EvaluationEngine()
    engine.system_problems["bm42"] = Problem("there is no system bm42.")
    async with opened_on(engine, (BM25,), size=(80, 24)) as (app, pilot, _):
        await pilot.press("n")
        await settle(pilot)
        assert "In the list: Delete removes, [ and ] move." in text_of(app)
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
