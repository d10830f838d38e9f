"""Everything that keys do can be done with the mouse: on the key bar, in the palette, or as the table says."""

from __future__ import annotations

from textual import events

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.help.screen import HelpScreen
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.keys.palette import ActionCommands
from zsr_tui.ui.keys.table import ACTIONS

from ..fake.engine import DATASET, SYSTEMS, FakeEngine
from ..shell import settle


async def test_every_action_is_reached_by_a_click_or_says_what_a_mouse_does() -> None:
    """The bar has the palette at its end at every width, and the palette all that the table does not give the mouse."""
    ways = {action.id: action.mouse or "palette" for action in ACTIONS}
    assert {name for name, way in ways.items() if way != "palette"} == {
        "move_down", "move_up", "move_first", "move_last", "move_half_down", "move_half_up",
    }  # fmt: skip
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=SYSTEMS)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "n")
        await settle(pilot)
        screen = app.screen
        offered = {title for title, _, _ in ActionCommands(screen)._commands()}
        usable = {each.title for each in ACTIONS if app.applies(each, screen) and ways[each.id] == "palette"}
        assert usable <= offered
        assert len(usable) > 20
        bar = screen.query_one(KeyBar)
        await pilot.click(bar, offset=(text_of(app).splitlines()[-1].index("^p commands") + 1, 0))
        await until(pilot, lambda: "Compact spacing, or not" in text_of(app) or app.screen is not screen)
        assert type(app.screen).__name__ == "CommandPalette"


async def test_rows_tabs_and_the_wheel() -> None:
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=SYSTEMS)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "n")
        await settle(pilot)
        rankings = app.compare.rankings
        await pilot.click(rankings.tabs, offset=(30, 0))
        assert rankings.active == 1
        ranking = rankings.active_list
        await pilot.click(ranking, offset=(8, 2))
        assert ranking.cursor == 1
        x, y = ranking.region.offset
        for way, expected in ((events.MouseScrollDown, 1), (events.MouseScrollUp, 0)):
            wheel = {
                "x": 3,
                "y": 3,
                "delta_x": 0,
                "delta_y": 0,
                "button": 0,
                "shift": False,
                "meta": False,
                "ctrl": False,
            }
            ranking.post_message(way(ranking, **wheel, screen_x=x + 3, screen_y=y + 3))
            await until(pilot, lambda expected=expected: (ranking.scroll_offset.y > 0) == bool(expected))
        await pilot.click(ranking, offset=(8, 2), times=2)
        await until(pilot, lambda: app.screen is not app.compare)
        await pilot.press("escape", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.click(offset=(1, 0))  # beside the dialog
        await until(pilot, lambda: app.screen is app.compare)
