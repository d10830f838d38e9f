"""The table of actions: keys, key bar, help, command palette, themes, and a user's own keys."""

from __future__ import annotations

import re
from operator import attrgetter
from pathlib import Path

import pytest
from textual.color import Color
from textual.widgets import Input

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui import paths
from zsr_tui.ui import memory, themes
from zsr_tui.ui.help.screen import HelpScreen
from zsr_tui.ui.keys import bindings as actions
from zsr_tui.ui.keys.action import ANYWHERE, HERE
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.keys.names import key_display, key_name
from zsr_tui.ui.keys.table import ACTIONS
from zsr_tui.ui.parts.messages import Comparison
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.setup.screen import SetupScreen

from ..fake.engine import FakeEngine
from ..shell import SIZES, ShellApp, ShellEngine, settle, type_in

KEYS_AND_CALLS = {
    "n": ("next_query",),
    "p": ("previous_query",),
    "alt+1": ("show_list", 1),
    "alt+3": ("show_list", 3),
    "left": ("previous_list",),
    "right": ("next_list",),
    "tab": ("next_list",),
    "shift+tab": ("previous_list",),
    "r": ("choose_reference",),
    "a": ("align_lists",),
    "enter": ("open_document",),
    "d": ("toggle_document_pane",),
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


# the key bar


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
        assert app.compare.calls == [("next_query",)]
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


# help


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
        for text in ("3 ties", "their order means nothing", "not measured", "provisional"):  # words of this screen
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


# command palette


async def test_every_action_can_be_run_from_the_palette() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for words, call in (("next q", ("next_query",)), ("align", ("align_lists",))):
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
            )
            assert re.fullmatch(rf"[a-zA-Z0-9]|ctrl\+[a-z]|f\d+|{named}", key)


def test_no_two_actions_of_a_place_share_a_key() -> None:
    for place in {action.where for action in ACTIONS} - {ANYWHERE, HERE}:
        keys = [key for action in KeyTable().at(place) for key in action.keys]
        assert len(keys) == len(set(keys)), place


# themes


async def test_the_theme_is_changed_and_remembered() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        seen = [app.theme]
        for _ in themes.NAMES[1:]:
            await pilot.press("t")
            await settle(pilot)
            seen.append(app.theme)
        assert sorted(seen) == sorted(themes.NAMES)
        await palette(pilot, "paper")
        await until(pilot, lambda: app.theme == "paper")
        await settle(pilot)
    assert memory.load()[0].theme == "paper"
    assert ShellApp(ShellEngine()).theme == "paper"


def test_text_stands_out_from_its_background() -> None:
    """WCAG 2.1: 7 for text, 4.5 for what is told by colour too."""
    for theme in themes.OURS:
        assert contrast(theme.foreground, theme.background) >= 7
        for name in ("primary", "secondary", "accent", "success", "warning", "error"):
            assert contrast(getattr(theme, name), theme.background) >= 4.5, (theme.name, name)


def contrast(one: str | None, other: str | None) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""

    def luminance(colour: str | None) -> float:
        parts = [
            value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
            for value in Color.parse(colour or "").normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


async def test_everything_can_be_told_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert "✓ Demo corpus" in text_of(app)
        await pilot.press("f4")
        await settle(pilot)
        row = app.screen.chosen.render_line(0)
        assert any(segment.style and segment.style.reverse for segment in row)


# a user's own keys


def write_config(text: str) -> Path:
    file = paths.config_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


async def test_own_keys_replace_the_default_ones_everywhere() -> None:
    write_config('[keys]\nnext_query = "]"\nhelp = ["h", "f9"]\n')
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert notices(app) == []
        await pilot.press("n")
        assert app.compare.calls == []
        await pilot.press("right_square_bracket")
        assert app.compare.calls == [("next_query",)]
        assert "] next" in text_of(app)
        await pilot.press("slash")
        await type_in(pilot, "h]")
        assert app.compare.query_one(Input).value == "h]"  # typed, although h is a key now
        await pilot.press("f9")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        seen = ""
        for _ in range(3):
            seen += text_of(app)
            await pilot.press("pagedown")
            await settle(pilot)
        assert "h F9" in seen


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        pytest.param('[keys]\nfly = "f"\n', "there is no action 'fly'", id="unknown action"),
        pytest.param(
            '[keys]\nalign = "ctrl+shift+hyperspace"\n',
            "align: there is no key 'ctrl+shift+hyperspace'",
            id="unknown key",
        ),
        pytest.param('[keys]\nalign = "n"\n', "align: the key 'n' already belongs to next_query", id="key taken"),
        pytest.param("[keys]\nalign = 3\n", "align takes a key or a list of keys", id="a number for a key"),
        pytest.param("[keys]\nalign = []\n", "align takes a key or a list of keys", id="no key"),
        pytest.param("keys = 3\n", "keys must be a table", id="no table"),
        pytest.param("[keys\n", "is not valid TOML", id="no TOML"),
    ],
)
async def test_a_mistake_in_the_users_file_is_one_sentence_and_the_default_stays(config: str, complaint: str) -> None:
    write_config(config)
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        told = notices(app)
        assert len(told) == 1
        assert complaint in told[0]
        await pilot.press("a")
        assert app.compare.calls == [("align_lists",)]


def test_names_and_looks_of_keys() -> None:
    assert key_name("/") == "slash"
    assert key_name("]") == "right_square_bracket"
    assert key_name("Ctrl+N") == "ctrl+n"
    assert key_name("F12") == "f12"
    assert key_name("G") == "G"
    assert key_name("") is None
    assert key_name("\x1b") is None
    assert key_name("hyperspace") is None
    assert [key_display(key) for key in ("slash", "ctrl+p", "f1", "escape", "tab")] == [
        "/",
        "^p",
        "F1",
        "esc",
        "tab",
    ]
    assert actions.BY_ID["quit"].keys == ("q", "ctrl+q")


async def click(pilot, text: str) -> None:
    bar = pilot.app.screen.query_one(KeyBar)
    line = text_of(pilot.app).splitlines()[-1]
    await pilot.click(bar, offset=(line.index(text) + 1, 0))
    await settle(pilot)


async def palette(pilot, words: str) -> None:
    await pilot.press("ctrl+p")
    await settle(pilot)
    await type_in(pilot, words)
    await settle(pilot)
    await pilot.press("enter")
    await settle(pilot)


def test_a_complaint_names_the_key_that_the_help_has_now() -> None:
    table = KeyTable({"no_such": "z", "help": "f12"})
    assert table.complaints == ["config.toml: there is no action 'no_such'; F12 lists them."]
