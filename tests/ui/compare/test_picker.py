"""Finding one of the dataset's queries."""

from __future__ import annotations

import pytest
from textual.widgets import Input, OptionList

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.api.questions import FindQueries
from zsr_tui.domain import Query
from zsr_tui.ui.compare.query.all_queries import PAGE
from zsr_tui.ui.parts.picker import Picker

from ..fake.held import hold
from ..shell import HOSTILE, SIZES, ShellApp, ShellEngine, settle, type_in


async def open_picker(pilot, engine: ShellEngine, dataset: str = "demo") -> Picker:
    await settle(pilot)
    pilot.app.dataset = dataset
    await pilot.press("f")
    await settle(pilot)
    assert isinstance(pilot.app.screen, Picker)
    return pilot.app.screen


def pages(engine: ShellEngine) -> list[tuple[str, int]]:
    return [(asked.match, asked.offset) for asked in engine.asked_for(FindQueries)]


@pytest.mark.parametrize("size", SIZES)
async def test_queries_are_listed_with_what_they_show_and_how_many_documents_are_relevant(
    size: tuple[int, int],
) -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test(size=size) as pilot:
        await open_picker(pilot, engine)
        shown = text_of(app)
        assert "Vitamin B12 deficiency raises blood homocysteine" in shown
        assert "1 · 2 relevant · shows: paraphrase" in shown
        assert "6 queries" in shown


async def test_typing_filters_and_enter_runs_the_query() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        picker = await open_picker(pilot, engine)
        await type_in(pilot, "statin")
        await until(pilot, lambda: picker.query_one(OptionList).option_count == 1)
        assert "1 of 6 queries" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert app.compare.calls == [("search", "statin therapy and diabetes", "57")]


async def test_enter_right_after_typing_picks_what_was_typed_and_not_what_was_listed() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await open_picker(pilot, engine)
        await pilot.press(*"aspirin", "enter")
        await until(pilot, lambda: app.screen is app.compare)
        assert app.compare.calls == [("search", "aspirin prevents myocardial infarction", "60")]


async def test_enter_before_the_answer_takes_what_was_meant_and_no_other_row() -> None:
    engine = ShellEngine()
    gate = hold(engine, FindQueries)
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        picker = await open_picker(pilot, engine)
        queries = picker.query_one(OptionList)
        await pilot.press("enter")  # nothing is typed or listed: it means none
        gate.set()
        await until(pilot, lambda: queries.option_count == 6)
        await settle(pilot)
        gate.clear()
        await pilot.press(*"nowhere", "enter")
        gate.set()
        await until(pilot, lambda: "0 of 6 queries" in text_of(app))
        gate.clear()
        await pilot.press("ctrl+u", *"statin", "enter", "ctrl+u", *"aspirin", "down")
        assert app.screen is picker
        gate.set()
        await until(pilot, lambda: app.screen is app.compare)
        assert app.compare.calls == [("search", "statin therapy and diabetes", "57")]


async def test_escape_closes_and_runs_nothing() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await open_picker(pilot, engine)
        await pilot.press("down", "escape")
        await settle(pilot)
        assert app.screen is app.compare
        assert app.compare.calls == []


async def test_a_click_picks() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await open_picker(pilot, engine)
        await pilot.click(OptionList, offset=(3, 2))
        await settle(pilot)
        assert app.compare.calls == [("search", "folate lowers the risk of stroke", "3")]


async def test_thousands_of_queries_come_in_pages_as_one_scrolls() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        picker = await open_picker(pilot, engine, "beir/nq")
        queries = picker.query_one(OptionList)
        assert queries.option_count == PAGE
        assert "3,000 queries" in text_of(app)
        assert pages(engine) == [("", 0)]
        await pilot.press("tab")
        for page in range(2, 6):
            await pilot.press("end")
            await until(pilot, lambda wanted=page: queries.option_count == wanted * PAGE)
        assert [offset for _, offset in pages(engine)] == [0, 50, 100, 150, 200]
        await pilot.press("enter")
        await settle(pilot)
        assert app.compare.calls[0][0] == "search"


async def test_keystrokes_are_gathered_into_few_requests() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        picker = await open_picker(pilot, engine, "beir/nq")
        picker.query_one(Input).value = "9"
        picker.query_one(Input).value = "99"
        picker.query_one(Input).value = "2999"
        await until(pilot, lambda: picker.query_one(OptionList).option_count == 1)
        assert pages(engine) == [("", 0), ("2999", 0)]


async def test_a_failure_is_a_sentence_in_the_window() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await open_picker(pilot, engine, "beir/broken")
        assert "beir/broken has no queries file; download it again." in text_of(app)


async def test_a_dataset_without_queries_says_so() -> None:
    engine = ShellEngine()
    engine.query_list = []
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await open_picker(pilot, engine)
        assert "This dataset has no queries of its own." in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, Picker)


async def test_queries_are_shown_as_they_are_and_very_long_ones_are_cut() -> None:
    engine = ShellEngine()
    engine.query_list = [Query("[i]1[/i]", HOSTILE, shows=HOSTILE), Query("2", "long " * 3000)]
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_picker(pilot, engine)
        shown = text_of(app)
        assert "[b]x[/b] [red]y[/] ␛[31mz" in shown
        assert "[i]1[/i] · 0 relevant · shows: [b]x[/b]" in shown
        assert "…" in shown
        assert "2 · 0 relevant" in shown
