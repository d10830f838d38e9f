"""Themes: Textual's and the user's own, chosen with a look at each, and edited while they are seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandPalette

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui import paths
from zsr_tui.ui import memory, themes

from .shell import ShellApp, ShellEngine, settle, type_in


def write(name: str, text: str) -> Path:
    file = paths.themes_dir() / f"{name}.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


async def test_a_theme_of_ones_own_is_in_the_cycle_and_is_shown_as_its_file_is_edited() -> None:
    file = write("mine", 'primary = "#112233"\ndark = true\n[variables]\nborder = "#445566"\n')
    paths.config_file().write_text('theme = "mine"\n')
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.theme == "mine"
        assert app.theme_variables["border"] == "#445566"
        assert notices(app) == []
        file.write_text('primary = "#112233"\nbackground = "#000001"\n')
        app.themes.look()
        await settle(pilot)
        assert app.theme_variables["background"] == "#000001"
        file.write_text('primary = "#112233"\nbakground = "#000002"\n')
        app.themes.look()
        app.themes.look()  # it is told once
        await settle(pilot)
        assert notices(app) == [f"{file}, line 2: a theme has no bakground: did you mean background?"]
        assert app.theme_variables["background"] == "#000001"
        await pilot.press("t")
        await settle(pilot)
        assert app.theme == "slate"
        write("other", 'primary = "#112233"\n')
        for _ in themes.NAMES:
            await pilot.press("t")
        await settle(pilot)
        assert app.theme == "other"  # past mine, which cannot be used as it is
        assert len(notices(app)) == 2


@pytest.mark.parametrize(
    ("written", "told"),
    [
        pytest.param('primary = "blurple"', "line 1: primary takes a colour in quotes", id="no colour"),
        pytest.param("primary = 3", "line 1: primary takes a colour in quotes", id="a number"),
        pytest.param('primary = "red"\ndark = "yes"', "line 2: dark takes true or false, and not 'yes'", id="no truth"),
        pytest.param('primary = "red"\nvariables = 1', "line 2: variables takes a table", id="no table"),
        pytest.param(
            'primary = "red"\n[variables]\nborder = 1', "line 3: variables.border takes a text", id="a variable"
        ),
        pytest.param('accent = "red"', "lacks the colour primary", id="without the one that must be there"),
        pytest.param("primary =", "is not valid TOML", id="no TOML"),
    ],
)
async def test_what_is_wrong_with_a_theme_is_one_sentence_and_the_default_is_used(written: str, told: str) -> None:
    file = write("mine", written)
    memory.save(memory.Memory(theme="mine"))
    app = ShellApp(ShellEngine())
    complaints = [sentence for sentence in app._complaints if str(file) in sentence]
    assert len(complaints) == 1
    assert told in complaints[0]
    assert app.theme == "slate"
    assert file.read_text() == written


async def test_every_theme_is_offered_shown_under_the_cursor_and_taken_back_on_escape() -> None:
    write("mine", 'primary = "#112233"\n')
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(100, 60)) as pilot:
        await settle(pilot)
        await pilot.press("T")
        await until(pilot, lambda: "tokyo-night" in text_of(app))
        assert all(name in text_of(app) for name in ("slate", "paper", "mine", "your own", "nord", "dracula"))
        await type_in(pilot, "dracula")
        await until(pilot, lambda: app.theme == "dracula")
        assert memory.load()[0].theme == ""
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == "slate")
        assert memory.load()[0].theme == "slate"
        await pilot.press("T")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await type_in(pilot, "mine")
        await until(pilot, lambda: app.theme == "mine")
        await pilot.press("enter")
        await until(pilot, lambda: memory.load()[0].theme == "mine")
        assert app.theme == "mine"


async def test_a_theme_that_there_is_not_is_told_with_the_nearest() -> None:
    paths.config_file().parent.mkdir(parents=True, exist_ok=True)
    paths.config_file().write_text('theme = "nrod"\n')
    assert "There is no theme 'nrod': did you mean nord?" in ShellApp(ShellEngine())._complaints
