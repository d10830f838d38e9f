"""Ctrl+O puts a letter on every pane."""

from __future__ import annotations

from textual.widgets import Static

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui.ui.parts.jump import JumpScreen

from ..compare.app import CompareApp
from ..compare.screen import compare, finished
from ..fake.engine import FakeEngine
from ..shell import ShellApp, ShellEngine, settle


async def test_a_letter_goes_to_its_pane_and_escape_stays() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(200, 50)) as pilot:
        await finished(pilot)
        screen = compare(pilot)
        panes = [screen.query_line.input, *(pane.ranking for pane in screen.rankings.panes), screen.reader.pane.body]
        for pane, letter in zip(panes, "asdfh", strict=True):
            await pilot.press("ctrl+o")
            await until(pilot, lambda: isinstance(app.screen, JumpScreen))
            await pilot.pause()
            x, y = pane.region.offset
            assert text_of(app).splitlines()[y][x : x + 3] == f" {letter} "
            await pilot.press(letter)
            await until(pilot, lambda pane=pane: screen.focused is pane)
        assert screen.rankings.active == 2  # the last list that was gone to
        for leave in ("escape", "ctrl+o"):
            await pilot.press("ctrl+o")
            await until(pilot, lambda: isinstance(app.screen, JumpScreen))
            await pilot.press(leave)
            await until(pilot, lambda: app.screen is screen)
            assert screen.focused is panes[-1]
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, JumpScreen))
        await pilot.click(list(app.screen.query(Static))[1])
        await until(pilot, lambda: screen.focused is panes[1])


async def test_the_setup_and_its_lists_have_letters_a_dialog_with_one_pane_has_none() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, JumpScreen))
        setup = app.screen_stack[-2]
        await pilot.press("d")
        await until(pilot, lambda: setup.focused is setup.chosen)
        await pilot.press("escape", "question_mark", "ctrl+o")
        await until(pilot, lambda: "There is nowhere else to go on this screen." in notices(app))
