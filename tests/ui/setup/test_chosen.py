"""The chosen systems: edited, duplicated, moved, removed, and taken back."""

from __future__ import annotations

import asyncio

import pytest

from tests.ui.reading import text_of
from zsr_tui.api.questions import ReadSystem
from zsr_tui.api.requests import SystemHead
from zsr_tui.domain import Problem
from zsr_tui.ui import memory
from zsr_tui.ui.setup.screen import SetupScreen

from ..shell import HOSTILE, ShellApp, ShellEngine, settle, type_in
from .opening import burst, open_setup

FIRST, SECOND, THIRD = memory.SYSTEMS
WIDE = (120, 40)


async def chosen(pilot) -> SetupScreen:
    """The setup, with the cursor on the first of the chosen systems."""
    screen = await open_setup(pilot)
    await pilot.press("f4")
    await settle(pilot)
    return screen


async def retype(pilot, text: str) -> None:
    await pilot.press("ctrl+u")
    await type_in(pilot, text)


@pytest.mark.parametrize("key", ["e", "enter"])
async def test_a_system_is_edited_in_its_place(key: str) -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await chosen(pilot)
        assert text_of(app).splitlines()[-2].split()[0] == FIRST  # what is known of it
        await pilot.press("down", key)
        await settle(pilot)
        line = screen.query_one("#edited")
        assert (line.value, line.region.y) == (SECOND, screen.chosen.region.y + 1)
        await retype(pilot, "bm25(k1=2, b=2)")
        assert "column 14: b must be between 0 and 1" in text_of(app)
        assert [segment.text for segment in line.render_line(0) if segment.style and segment.style.underline] == ["2)"]
        await pilot.press("backspace", "backspace", "1", ")")
        await settle(pilot)
        assert "column" not in text_of(app)
        assert "Enter keeps bm25(k1=2, b=1)" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert screen.chosen.systems == (FIRST, "bm25(k1=2, b=1)", THIRD)
        assert screen.chosen.has_focus
        assert screen.chosen.cursor == 1
        await pilot.press("u")
        assert screen.chosen.systems == memory.SYSTEMS
        assert f"Taken back: {SECOND} was edited." in text_of(app)


@pytest.mark.parametrize("key", ["e", "enter"])
async def test_an_edit_has_all_keys_from_where_it_opens_to_where_it_is_kept(key: str) -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=WIDE) as pilot:
        screen = await chosen(pilot)
        wrong, mended = "bm25(k1=1.2, b=7)", ("backspace", "backspace", *"0.9)")
        burst(app, "down", "down", key, "ctrl+u", *wrong, "enter", *mended, "enter")
        await settle(pilot)
        assert screen.chosen.systems == (FIRST, SECOND, "bm25(k1=1.2, b=0.9)")
        assert screen.chosen.has_focus
        burst(app, "K", "c", "backspace", "backspace", "backspace", "backspace", *"5)", "enter", "enter", "escape")
        await settle(pilot)
        assert screen.chosen.systems == (FIRST, "bm25(k1=1.2, b=0.9)", SECOND)
        assert not screen.query_one("#edited").display


async def test_what_is_typed_while_the_engine_looks_belongs_to_the_edited_text() -> None:
    engine = ShellEngine()
    gate, answer = asyncio.Event(), engine.call

    async def held(question):
        if isinstance(question, ReadSystem) and question.notation not in memory.SYSTEMS:
            await gate.wait()
        return await answer(question)

    engine.call = held
    engine.system_problems["bm25(k1=2)"] = Problem("not this one.")
    app = ShellApp(engine)
    async with app.run_test(size=WIDE) as pilot:
        screen = await chosen(pilot)
        line = screen.query_one("#edited")
        await pilot.press("down", "e", "ctrl+u", *"bm25(k1=2)", "enter", "backspace", "backspace", *"3)")
        assert (line.value, line.has_focus) == ("bm25(k1=3)", True)
        assert screen.chosen.systems == memory.SYSTEMS
        gate.set()
        await settle(pilot)  # what was entered first is not meant any more
        assert (line.value, line.has_focus) == ("bm25(k1=3)", True)
        assert "not this one" not in text_of(app)
        gate.clear()
        await pilot.press("enter", "escape")  # left while it is looked at
        gate.set()
        await settle(pilot)
        assert screen.chosen.systems == memory.SYSTEMS
        gate.clear()
        await pilot.press("f3", *"bm25(k1=1)", "enter", "f4", "e", "backspace", "x")  # something else comes about
        gate.set()
        await settle(pilot)
        assert screen.chosen.systems == (*memory.SYSTEMS, "bm25(k1=1, b=0.4)")
        assert (line.value, line.has_focus) == (f"{SECOND[:-1]}x", True)
        await pilot.press("ctrl+u", *"bm25(k1=3)", "enter")
        await settle(pilot)
        assert screen.chosen.systems == (FIRST, "bm25(k1=3, b=0.4)", THIRD, "bm25(k1=1, b=0.4)")


async def test_changes_are_taken_back_after_comparing_too_but_none_of_a_setup_that_was_left() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=WIDE) as pilot:
        await chosen(pilot)
        await pilot.press("delete", "f5")
        await settle(pilot)
        screen = await chosen(pilot)
        assert screen.chosen.systems == (SECOND, THIRD)
        await pilot.press("u")
        assert screen.chosen.systems == memory.SYSTEMS
        await pilot.press("escape")
        await settle(pilot)
        screen = await chosen(pilot)
        await pilot.press("u")
        assert screen.chosen.systems == (SECOND, THIRD)
        assert "u undo" not in text_of(app)


async def test_what_cannot_be_kept_stands_in_its_line_again_with_why() -> None:
    engine = ShellEngine()
    engine.system_problems["bm52"] = Problem("system notation, column 1: did you mean bm25?")
    app = ShellApp(engine)
    async with app.run_test(size=WIDE) as pilot:
        screen = await chosen(pilot)
        await pilot.press("e")
        for typed, why in (
            ("bm52", "did you mean bm25?"),
            ("bm25(k1=a)", "k1 must be a number"),
            (SECOND, f"{SECOND} is chosen already."),
            ("", "A system cannot be empty"),
        ):
            await retype(pilot, typed)
            await pilot.press("enter")
            await settle(pilot)
            assert why in text_of(app)
            assert screen.query_one("#edited").value == typed
            assert screen.query_one("#edited").has_focus
        await pilot.press("escape")
        await settle(pilot)
        assert screen.chosen.systems == memory.SYSTEMS
        assert not screen.query_one("#edited").display
        assert app.screen is screen


async def test_a_duplicate_is_a_copy_to_be_changed_and_is_dropped_otherwise() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=WIDE) as pilot:
        screen = await chosen(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert "A copy, to be changed" in text_of(app)
        assert "4 bm25 % 100" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        assert screen.chosen.systems == memory.SYSTEMS
        await pilot.press("c", *"(k1=2)", "enter")
        await settle(pilot)
        assert screen.chosen.systems == (FIRST, "bm25(k1=2, b=0.4)", SECOND, THIRD)
        await pilot.press("c", *"x", "f5")  # not kept yet
        await settle(pilot)
        assert app.screen is screen
        assert "Enter keeps the edited system" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        screen.chosen.systems = (*screen.chosen.systems, "bm25(k1=3, b=0.4)")
        await pilot.press("c")
        await settle(pilot)
        assert "Five systems fit on the screen: remove one first" in text_of(app)
        assert len(screen.chosen.systems) == 5


async def test_keys_move_and_remove_and_every_change_is_taken_back_the_last_first() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=WIDE) as pilot:
        screen = await chosen(pilot)
        assert "K J move" in text_of(app)
        await pilot.press("J", "J", "K")
        assert screen.chosen.systems == (SECOND, FIRST, THIRD)
        await pilot.press("delete")
        assert screen.chosen.systems == (SECOND, THIRD)
        await pilot.press("f2")
        await type_in(pilot, "nfcorpus")
        await pilot.press("enter")
        await settle(pilot)
        assert screen.corpora.chosen == "beir/nfcorpus/test"
        await pilot.press("ctrl+z")  # while one types, u is a letter
        await settle(pilot)
        assert screen.corpora.chosen == "demo"
        assert "✓ Demo corpus" in text_of(app)
        await pilot.press("f4", "u", "u", "u", "u")
        assert screen.chosen.systems == memory.SYSTEMS
        await pilot.press("u")  # there is nothing left
        assert screen.chosen.systems == memory.SYSTEMS
        assert "u undo" not in text_of(app)


async def test_the_mouse_edits_with_a_double_click_and_moves_with_a_drag() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=WIDE) as pilot:
        screen = await chosen(pilot)
        await pilot.mouse_down(screen.chosen, offset=(4, 0))
        await pilot.hover(screen.chosen, offset=(4, 2))
        await pilot.mouse_up(screen.chosen, offset=(4, 2))
        assert screen.chosen.systems == (SECOND, THIRD, FIRST)
        await pilot.press("u")
        assert screen.chosen.systems == memory.SYSTEMS  # one drag, one change
        await pilot.click(screen.chosen, offset=(4, 1), times=2)
        await settle(pilot)
        assert screen.query_one("#edited").value == SECOND
        await pilot.click(screen.corpora.input)  # nothing was typed
        await settle(pilot)
        assert not screen.query_one("#edited").display
        assert screen.chosen.systems == memory.SYSTEMS


async def test_why_a_chosen_system_cannot_run_is_read_whole() -> None:
    why = f"{HOSTILE} needs {'a very large card, ' * 14}and this machine has none."
    shown = "[b]x[/b] [red]y[/] ␛[31mz needs"
    engine = ShellEngine()
    engine.system_problems[THIRD] = Problem("this model is gone.")

    def read(asked: ReadSystem) -> SystemHead:
        blocked = asked.notation == SECOND
        return SystemHead(notation=asked.notation, label="", runnable=not blocked, why_not=why if blocked else "")

    told, engine.answers[ReadSystem] = engine.system, lambda asked: told(asked) and read(asked)
    app = ShellApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await chosen(pilot)
        assert "2–dense" in text_of(app)
        assert "3–bm25" in text_of(app)
        await pilot.press("down")
        await settle(pilot)
        words = " ".join(text_of(app).replace("Compare", "").split())
        assert f"cannot run here: {shown} {'a very large card, ' * 14}and this machine has none." in words
        await pilot.press("down")
        await settle(pilot)
        assert "cannot run here: this model is gone." in " ".join(text_of(app).replace("Compare", "").split())


async def test_a_preset_replaces_nothing_before_both_were_shown_and_the_user_said_so() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await chosen(pilot)
        await pilot.press("delete", "f3", "down")
        await pilot.press("enter")
        await settle(pilot)
        dialog = "\n".join(line[4:76] for line in text_of(app).splitlines()[3:-4])
        assert "Replace the chosen systems by BM25 / dense / reranked?" in dialog
        assert dialog.count(SECOND) == dialog.count(THIRD) == 2
        await pilot.press("escape")
        await settle(pilot)
        assert screen.chosen.systems == (SECOND, THIRD)
        await pilot.press("down", "enter")
        await settle(pilot)
        await pilot.click("#add")
        await settle(pilot)
        assert screen.chosen.systems == (SECOND, THIRD, FIRST)
        await pilot.press("down", "enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert screen.chosen.systems == memory.SYSTEMS
        await pilot.press("down", "enter")
        await settle(pilot)
        assert "These are the systems of BM25 / dense / reranked already." in text_of(app)
        await pilot.press("f4", "u")
        assert screen.chosen.systems == (SECOND, THIRD, FIRST)
