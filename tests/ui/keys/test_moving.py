"""j and k, g and G, Ctrl+D and Ctrl+U in whatever has the focus, and `?`."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.widgets import Input, OptionList

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.ui.compare.document.screen import DocumentScreen
from zsr_tui.ui.help.screen import HelpScreen
from zsr_tui.ui.parts.picker import Picker

from ..compare.app import CompareApp
from ..compare.screen import compare, finished
from ..fake.engine import FakeEngine
from ..fake.queries import StoredEngine
from ..queries.screen import app_on, opened
from ..shell import ShellApp, ShellEngine, settle


async def test_moves_in_a_list_and_in_its_document() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        ranking = compare(pilot).rankings.active_list
        seen = []
        for key in ("j", "j", "k", "ctrl+d", "G", "ctrl+u", "g"):
            await pilot.press(key)
            seen.append(ranking.cursor)
        last, half = len(ranking._rows) - 1, ranking.page // 2
        assert half > 1
        assert seen == [1, 2, 1, 1 + half, last, last - half, 0]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen))
        await until(pilot, lambda: "moderate certainty" in text_of(app))
        body = app.screen.pane.body
        await pilot.press("j")
        assert body.scroll_offset.y == min(1, body.max_scroll_y)
        await pilot.press("G")
        assert body.scroll_offset.y == body.max_scroll_y
        await pilot.press("g")
        assert body.scroll_offset.y == 0


async def test_moves_in_the_table_of_queries() -> None:
    async with app_on(StoredEngine()).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("j", "j", "k")
        assert screen.listing.pages.cursor == 1
        await pilot.press("G")
        assert screen.listing.pages.cursor == screen.listing.pages.matching - 1
        await pilot.press("g")
        assert screen.listing.pages.cursor == 0


async def test_letters_are_typed_in_a_dialogs_line_and_move_in_its_list() -> None:
    app = ShellApp(ShellEngine(), dataset="beir/scifact", systems=("bm25",))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, Picker) and app.screen.query_one(OptionList).option_count)
        await pilot.press("j", "question_mark")
        line, options = app.screen.query_one(Input), app.screen.query_one(OptionList)
        assert line.value == "j?"
        await until(pilot, lambda: options.option_count == 0)
        line.value = ""
        await until(pilot, lambda: options.option_count > 10)
        options.focus()
        await until(pilot, lambda: options.has_focus)
        await pilot.press("j", "j", "k")
        assert options.highlighted == 1
        await pilot.press("k", "k", "k")
        assert options.highlighted == 0  # not round to the end
        await pilot.press("ctrl+d")
        assert options.highlighted == options.size.height // 2


async def test_a_question_mark_opens_and_closes_the_help_which_moves_too() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await settle(pilot)
        text = app.screen.query_one(VerticalScroll)
        assert text.max_scroll_y > 0
        await pilot.press("G")
        assert text.scroll_offset.y == text.max_scroll_y
        await pilot.press("k")
        assert text.scroll_offset.y == text.max_scroll_y - 1
        await pilot.press("question_mark")
        assert app.screen is app.compare
