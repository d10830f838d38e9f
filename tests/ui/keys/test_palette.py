"""Every action by its name, in the command palette."""

from __future__ import annotations

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.ui.setup.screen import SetupScreen

from ..shell import ShellApp, ShellEngine, settle, type_in


async def test_every_action_can_be_run_from_the_palette() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for words, call in (("next q", ("next_query", 1)), ("align", ("align_lists",))):
            app.compare.calls.clear()
            await palette(pilot, words)
            await until(pilot, lambda: bool(app.compare.calls))
            assert app.compare.calls == [call]
        await palette(pilot, "choose c")
        await until(pilot, lambda: isinstance(app.screen, SetupScreen))


async def test_the_palette_of_the_setup_has_no_actions_of_the_compare_screen() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 60)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "Add a system" in text_of(app))
        assert "Next query" not in text_of(app)
        assert "[ and ] move it" in text_of(app)  # help is plain text


async def palette(pilot, words: str) -> None:
    await pilot.press("ctrl+p")
    await settle(pilot)
    await type_in(pilot, words)
    await settle(pilot)
    await pilot.press("enter")
    await settle(pilot)
