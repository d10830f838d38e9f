"""A user's own keys, from config.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.ui.reading import notices, text_of
from zsr_tui import paths
from zsr_tui.ui.help.screen import HelpScreen
from zsr_tui.ui.keys.bindings import KeyTable

from ..shell import ShellApp, ShellEngine, settle, type_in


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
        assert app.compare.calls == [("next_query", 1)]
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


def test_a_complaint_names_the_key_that_the_help_has_now() -> None:
    table = KeyTable({"no_such": "z", "help": "f12"})
    assert table.complaints == ["config.toml: there is no action 'no_such'; F12 lists them."]
