"""The key bar: what is on it, and that each of its keys is a button."""

from __future__ import annotations

import pytest

from tests.ui.reading import text_of
from zsr_tui.ui.help.screen import HelpScreen
from zsr_tui.ui.keys.bar import KeyBar

from ..shell import SIZES, ShellApp, ShellEngine, settle


@pytest.mark.parametrize("size", SIZES)
async def test_the_bar_shows_keys_that_matter_and_always_the_way_to_the_rest(size: tuple[int, int]) -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        bar = text_of(app).splitlines()[-1]
        for text in ("/ query", "n next", "← → list", "? more" if size[0] < 200 else "F1 help", "^p commands"):
            assert text in bar
        if size[0] >= 120:
            assert "a align" in bar
        assert len(bar) <= size[0]
        await pilot.press("slash")
        await settle(pilot)
        bar = text_of(app).splitlines()[-1]
        assert "n next" not in bar  # it would be typed
        assert "F1 help" in bar


async def test_the_bar_can_be_clicked_even_while_typing() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await click(pilot, "n next")
        assert app.compare.calls == [("next_query", 1)]
        await pilot.press("slash")
        await settle(pilot)
        await click(pilot, "F1 help")
        assert isinstance(app.screen, HelpScreen)


async def test_the_bar_of_the_setup() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await click(pilot, "^p commands")
        await pilot.press("escape")
        await pilot.press("s")
        await settle(pilot)
        await click(pilot, "F4 chosen")
        assert app.screen.focused is app.screen.chosen
        await click(pilot, "esc back")
        assert app.screen is app.compare


async def click(pilot, text: str) -> None:
    bar = pilot.app.screen.query_one(KeyBar)
    line = text_of(pilot.app).splitlines()[-1]
    await pilot.click(bar, offset=(line.index(text) + 1, 0))
    await settle(pilot)
