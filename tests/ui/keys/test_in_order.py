"""Keys that arrive at once, as over ssh: each comes to what the one before it has made of the screen."""

from __future__ import annotations

from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.widgets import Input

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.parts.copying.screen import CopyScreen
from zsr_tui.ui.setup.screen import SetupScreen

from ..compare.app import CompareApp
from ..compare.screen import compare, finished
from ..fake.engine import FakeEngine
from ..shell import ShellApp, ShellEngine, settle


def arrive(app: ZsrTuiApp, *keys: str | Paste) -> None:
    """In one packet."""
    for key in keys:
        if isinstance(key, str):
            key = Key(_character_to_key(key), key) if len(key) == 1 else Key(key, None)
        app.post_message(key)


async def test_a_key_acts_on_the_list_that_the_key_before_it_went_to() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        second = compare(pilot).session.lists[1].rows[0].doc_id
        app._clipboard = ""
        arrive(app, "alt+2", "y", "i")
        await until(pilot, lambda: app.clipboard and not isinstance(app.screen, CopyScreen))
        assert app.clipboard == second


async def test_what_is_typed_and_pasted_right_behind_a_slash_is_for_the_line() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        line = compare(pilot).query_line.input
        before = line.value
        arrive(app, "/", "end", " ", *"npq?", Paste(" pasted"), *" end")
        await until(pilot, lambda: line.value.endswith("end"))
        assert line.value == f"{before} npq? pasted end"
        arrive(app, "enter", "j", "j")  # into the lists, and down there
        await until(pilot, lambda: compare(pilot).session.query == f"{before} npq? pasted end")
        assert not line.has_focus


async def test_what_is_typed_right_behind_the_key_of_a_screen_is_for_its_line() -> None:
    app = ShellApp(ShellEngine(), dataset="demo", systems=("bm25",))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        arrive(app, "s", "f3", *"rrf(bm25, bm25)", "enter")
        await until(pilot, lambda: isinstance(app.screen, SetupScreen))
        await until(pilot, lambda: "2 rrf(bm25, bm25)" in text_of(app))


async def test_a_key_whose_screen_goes_away_does_not_hold_up_the_others() -> None:
    app = ShellApp(ShellEngine(), dataset="demo", systems=("bm25",))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        arrive(app, *("?", "escape", "ctrl+o", "escape", "s", "escape", "?", "escape", "/", "end", "!"))
        await until(pilot, lambda: app.compare.query_one(Input).value.endswith("!"))


async def test_a_key_that_is_held_down_moves_as_often_as_it_came_and_what_follows_it_waits() -> None:
    app = CompareApp(FakeEngine(), qid="42")
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        row = compare(pilot).session.lists[0].rows[30].doc_id
        app._clipboard = ""
        arrive(app, *["j"] * 30, "y", "i")
        await until(pilot, lambda: app.clipboard)
        assert app.clipboard == row
