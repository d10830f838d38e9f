"""Variants of the shown query: a table by system, and the search of one of them."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.waiting import until
from zsr_tui.api.questions import WriteVariant
from zsr_tui.domain import Problem

from ..fake.engine import FakeEngine
from .app import CompareApp
from .screen import SIZES, compare, finished, shown, text


async def opened(pilot: Pilot[None]) -> None:
    await finished(pilot)
    await pilot.press("v")
    await until(pilot, lambda: "what costs most" in text(pilot), "all variants are measured")


def line(pilot: Pilot[None], of: str) -> str:
    return next(each for each in shown(pilot) if of in each)


async def test_the_table_says_which_term_carries_each_list_and_enter_searches_without_it() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="57")  # statin therapy and diabetes
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        assert "nDCG@10 and its change, over the dataset's judgments" in text(pilot)
        assert "◂ what costs most · over the dataset's judgments" in text(pilot)
        assert line(pilot, "as it is").count(".700") == 3
        carried = line(pilot, "without “and”")
        assert carried.count(".300 −.400 ◂") == 3
        assert text(pilot).count("◂") == 3 + 1  # and in the legend
        assert ".690 −.010" in line(pilot, "without “statin”")
        await pilot.press("down", "down")
        await until(pilot, lambda: "statin and diabetes" in text(pilot))  # the whole text of the row
        await pilot.press("enter")
        await until(pilot, lambda: compare(pilot).session.query == "statin and diabetes")
        await finished(pilot)
        assert "a change of qid 57, with its judgments: − therapy" in text(pilot)
        await pilot.press("v")  # of the change, with what it borrows
        await until(pilot, lambda: len(engine.varied) == 2)
        assert (engine.varied[1].search.query, engine.varied[1].search.judged_as) == ("statin and diabetes", "57")


async def test_own_judgments_count_in_the_table_and_both_figures_stand_where_they_differ() -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="57")
    async with app.run_test(size=(160, 40)) as pilot:
        await finished(pilot)
        await pilot.press("2")
        await until(pilot, lambda: "■2" in text(pilot), "it is kept")
        await opened(pilot)
        assert (engine.varied[0].counting, engine.varied[0].beside) == (("own", "dataset"), ("dataset",))
        assert "nDCG@10 and its change, over own, then the dataset's judgments" in text(pilot)
        assert line(pilot, "as it is").count("●.700 .800") == 3
        assert line(pilot, "without “and”").count("●.300 .400 −.400 ◂") == 3
        state = " ".join(text(pilot).split())
        assert "judgments that count: 1 own, 4 the dataset's; ● over the dataset's, where it is another" in state
        await pilot.press("escape", "O")
        await opened(pilot)
        assert (engine.varied[1].counting, engine.varied[1].beside) == (("dataset",), ("own", "dataset"))
        assert line(pilot, "as it is").count("■.800 .700") == 3


@pytest.mark.parametrize("size", SIZES)
async def test_without_judgments_lists_are_compared_with_the_querys_own(size: tuple[int, int]) -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=size) as pilot:
        compare(pilot).search("statin in adults")
        await opened(pilot)
        assert "still there" in text(pilot)
        assert " 4  .350 ◂" in line(pilot, "without “adults”")
        assert "nDCG" not in line(pilot, "still there")


async def test_closing_the_window_ends_the_work_and_one_that_fails_leaves_the_others() -> None:
    engine = FakeEngine()
    gate = engine.hold("variant", system=2, batch=1)
    engine.fail[1] = ("The model is not encoded.", -1)
    app = CompareApp(engine, qid="57")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: compare(pilot).session.started and not compare(pilot).session.running)
        await pilot.press("v")
        await gate.reached()
        await until(pilot, lambda: "failed" in line(pilot, "as it is"))
        state = pilot.app.screen.query_one("#variants-state", Static)
        assert "The model is not encoded." in str(state.content)
        assert ".700" in line(pilot, "as it is")
        await pilot.press("escape")
        await until(pilot, lambda: engine.abandoned != [])
        assert app.screen is app.compare
        assert compare(pilot).session.qid == "57"


async def test_a_model_writes_only_when_it_is_asked_to_and_what_it_says_is_text() -> None:
    engine = FakeEngine()
    engine.generator = "localhost:8000 tiny"
    engine.answers[WriteVariant] = lambda asked: {"kind": asked.kind, "text": "[b]other\x1b[31m words[/b]"}
    app = CompareApp(engine, qid="57")
    async with app.run_test(size=(160, 40)) as pilot:
        await opened(pilot)
        assert "p paraphrase, h hypothetical answer: by localhost:8000 tiny" in text(pilot)
        assert engine.asked_for(WriteVariant) == []
        await pilot.press("h")
        await until(pilot, lambda: len(engine.varied) == 2 and "what costs most" in text(pilot))
        assert [asked.kind for asked in engine.asked_for(WriteVariant)] == ["hypothetical answer"]
        await pilot.press("down")
        await until(pilot, lambda: "[b]other␛[31m words[/b]" in text(pilot))
        engine.problems[WriteVariant] = Problem("localhost:8000 takes no more requests for now (status 429): wait.")
        await pilot.press("p")
        await until(pilot, lambda: "takes no more requests" in text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: compare(pilot).session.query.startswith("[b]other"))


async def test_a_query_of_one_word_and_a_missing_server_are_said() -> None:
    app = CompareApp(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape", "v")  # nothing was asked yet
        assert app.screen is app.compare
        compare(pilot).search("statin")
        await finished(pilot)
        await pilot.press("v")
        await until(pilot, lambda: "There is no variant of a query of one word." in text(pilot))
        await pilot.press("p")
        await until(pilot, lambda: "set address in [generation] of config.toml" in " ".join(text(pilot).split()))
