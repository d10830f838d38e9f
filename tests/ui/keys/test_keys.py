"""The table of actions: keys, key bar, help, command palette, themes, and a user's own keys."""

from __future__ import annotations

import re
from operator import attrgetter

import pytest
from textual.widgets import Input

from tests.ui.reading import text_of
from zsr_tui.ui.help.screen import HelpScreen
from zsr_tui.ui.keys import bindings as actions
from zsr_tui.ui.keys.action import ANYWHERE, HERE
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.keys.names import key_display, key_name
from zsr_tui.ui.keys.table import ACTIONS
from zsr_tui.ui.parts.messages import Comparison
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.setup.screen import SetupScreen

from ..fake.engine import FakeEngine
from ..shell import SIZES, ShellApp, ShellEngine, settle, type_in

KEYS_AND_CALLS = {
    "n": ("next_query", 1),
    "p": ("next_query", -1),
    "alt+1": ("show_list", 1),
    "alt+3": ("show_list", 3),
    "trade_mark_sign": ("show_list", 2),  # alt+2 in tmux
    "left": ("next_list", -1),
    "right": ("next_list", 1),
    "tab": ("next_list", 1),
    "shift+tab": ("next_list", -1),
    "r": ("choose_reference",),
    "a": ("align_lists",),
    "X": ("toggle_self_retrieval",),
    "escape": ("cancel_search",),
}


async def test_every_key_of_the_compare_screen_does_what_the_table_says() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        for key, call in KEYS_AND_CALLS.items():
            app.compare.calls.clear()
            await pilot.press(key)
            assert app.compare.calls == [call], key


async def test_letters_typed_into_the_query_run_no_actions() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("slash")
        theme, typed = app.theme, "/npfrdaxstq123?"
        await type_in(pilot, typed)
        assert app.compare.query_one(Input).value == typed
        assert app.compare.calls == []
        assert app.theme == theme
        assert app.screen is app.compare
        await pilot.press("escape")
        assert app.compare.calls == [("cancel_search",)]


async def test_a_list_that_is_not_there_has_no_key() -> None:
    app = ShellApp(ShellEngine(), dataset="demo", systems=("bm25", "bm25(k1=1.2, b=0.75)"))
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("alt+3")
        assert app.compare.calls == []
        assert "← → list" in text_of(app)


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quitting(key: str) -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(key)
        await settle(pilot)
        assert not app.is_running or app._exit
    assert engine.closed


async def test_ctrl_q_and_f1_work_while_typing_and_above_a_window() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("slash", "f1")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("f1")
        await settle(pilot)
        assert app.screen is app.compare
        await pilot.press("f1", "ctrl+q")
        assert app._exit


@pytest.mark.parametrize("size", SIZES)
async def test_help_lists_the_keys_marks_and_notation(size: tuple[int, int]) -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("f1")
        await settle(pilot)
        seen = text_of(app)
        for _ in range(9):
            await pilot.press("pagedown")
            await settle(pilot)
            seen += text_of(app)
        for text in ("3 ties", "their order means", "not measured", "provisional"):  # words of this screen
            assert text in seen, text
        for text in ("Run the next query of the dataset", "←", "alt+1", "judged not relevant"):
            assert text in seen, text
        for text in ("unjudged", "rrf(bm25, dense(org/model))", "bm25 % 100 >> org/model", "config.toml"):
            assert text in seen, text
        for mark in "●○·↑↓→×»…":
            assert mark in seen, mark
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.compare


async def test_help_in_the_setup_lists_the_keys_of_the_setup() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("f1")
        await settle(pilot)
        shown = text_of(app)
        assert "Compare the chosen systems" in shown
        assert "Next query" not in shown


def test_every_action_has_a_sentence_and_a_handler() -> None:
    from zsr_tui.ui.compare.document.edit import EditScreen
    from zsr_tui.ui.compare.document.screen import DocumentScreen
    from zsr_tui.ui.compare.finding.screen import FindingScreen
    from zsr_tui.ui.compare.screen import CompareScreen
    from zsr_tui.ui.engine.screen import EngineScreen
    from zsr_tui.ui.evaluation.running import EvaluationWatch
    from zsr_tui.ui.evaluation.screen import EvaluationScreen
    from zsr_tui.ui.evaluation.start.screen import EvaluationStartScreen
    from zsr_tui.ui.explain.axioms.screen import AxiomsScreen
    from zsr_tui.ui.explain.screen import ExplainScreen
    from zsr_tui.ui.judging.blind.screen import BlindScreen
    from zsr_tui.ui.judging.handing.merge import MergeScreen
    from zsr_tui.ui.judging.pool.screen import PoolScreen
    from zsr_tui.ui.judging.review.screen import ReviewScreen
    from zsr_tui.ui.parts.judging.note import NoteScreen
    from zsr_tui.ui.queries.failures.screen import FailuresScreen
    from zsr_tui.ui.queries.screen import QueriesScreen

    evaluation = (EvaluationStartScreen, QueriesScreen, FailuresScreen)
    compare = CompareScreen(FakeEngine(), Comparison(dataset="demo", systems=("bm25",)))
    shown = (DocumentScreen, EditScreen, ExplainScreen, FindingScreen, ReviewScreen)
    homes: dict[str, object] = {
        screen.PLACE: screen
        for screen in (
            SetupScreen,
            AxiomsScreen,
            BlindScreen,
            EngineScreen,
            PoolScreen,
            MergeScreen,
            NoteScreen,
            *shown,
            *evaluation,
        )
    }
    document = DocumentScreen("d", compare.reader._step, compare.reader.explain, compare.reader._edit, compare.judging)
    homes |= {ANYWHERE: ShellApp(ShellEngine()), HERE: BaseScreen, "compare": compare, "document": document}
    watch = EvaluationWatch(FakeEngine(), lambda _: True)
    homes["evaluation"] = EvaluationScreen(FakeEngine(), watch, "demo", ("bm25",))
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    for action in ACTIONS:
        assert action.title, action.id
        assert action.help.endswith((".", ")")), action.id
        home = homes[ANYWHERE if action.of_app else action.where]
        assert callable(attrgetter(action.handler)(home)), action.id


def test_default_keys_need_no_special_terminal_and_leave_those_of_multiplexers_alone() -> None:
    for action in ACTIONS:
        for key in action.keys:
            assert key not in {"ctrl+s", "ctrl+j", "ctrl+b", "ctrl+i", "ctrl+m", "ctrl+enter"}
            named = (
                r"enter|escape|delete|(shift\+)?tab|slash|backspace|question_mark|left|right|(less|greater)_than_sign"
                r"|plus|minus|asterisk|equals_sign|comma|full_stop|space|alt\+[1-5]"
                r"|inverted_exclamation_mark|trade_mark_sign|pound_sign|cent_sign|infinity"  # of alt and a digit
            )
            assert re.fullmatch(rf"[a-zA-Z0-9]|ctrl\+[a-z]|f\d+|{named}", key)


def test_no_two_actions_of_a_place_share_a_key() -> None:
    for place in {action.where for action in ACTIONS} - {ANYWHERE, HERE}:
        keys = [key for action in KeyTable().at(place) for key in action.keys]
        assert len(keys) == len(set(keys)), place


def test_names_and_looks_of_keys() -> None:
    assert key_name("/") == "slash"
    assert key_name("]") == "right_square_bracket"
    assert key_name("Ctrl+N") == "ctrl+n"
    assert key_name("F12") == "f12"
    assert key_name("G") == "G"
    assert key_name("") is None
    assert key_name("\x1b") is None
    assert key_name("hyperspace") is None
    assert [key_display(key) for key in ("slash", "ctrl+p", "f1", "escape", "tab", "space")] == [
        "/",
        "^p",
        "F1",
        "esc",
        "tab",
        "space",
    ]
    assert actions.BY_ID["quit"].keys == ("q", "ctrl+q")
