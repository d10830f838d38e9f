"""Corpora, systems, models and presets that are typed or chosen in the setup, and what is refused."""

from __future__ import annotations

import pytest

from tests.ui.reading import text_of
from zsr_tui.api.questions import FindDataset
from zsr_tui.domain import Problem
from zsr_tui.ui import memory
from zsr_tui.ui.setup.screen import SetupScreen

from ..fake.catalogue import RERANKER
from ..shell import ShellApp, ShellEngine, settle, type_in
from .opening import open_setup


@pytest.mark.parametrize("typed", ["/data/my corpus", "~/corpora/mine.zip", "msmarco-passage/dev/small", "wikir/en1k"])
async def test_a_folder_or_an_id_that_is_not_listed_can_be_typed_and_is_offered_again(typed: str) -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await type_in(pilot, typed)
        await pilot.press("enter", "f5")
        await settle(pilot)
        assert screen.corpora.chosen == typed
        assert app.screen is app.compare
        await open_setup(pilot)
        assert "Folders and ids you opened" in text_of(app)
        assert f"✓ {typed}" in text_of(app)
    assert memory.load()[0].recent == (typed,)


async def test_a_dataset_that_was_written_otherwise_is_in_the_list_once() -> None:
    engine = ShellEngine()
    engine.names = {"scifact": "beir/scifact/test"}
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        screen = SetupScreen(app.engine, "scifact", memory.SYSTEMS, ("scifact", "/gone"))
        app.push_screen(screen)
        await settle(pilot)
        assert screen.corpora.chosen == "beir/scifact/test"
        named = [line for line in text_of(app).split("\n") if "scifact" in line.casefold()]
        assert len([line for line in named if "?" in line]) == 0
        assert any("✓ SciFact" in line for line in named)


async def test_a_notation_that_fails_is_explained_with_its_column_and_the_cursor_goes_there() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("f3")
        await type_in(pilot, "bm25(k=3)")
        await pilot.press("enter")
        await settle(pilot)
        assert "system notation, column 6: bm25 takes k1, b, index" in text_of(app)
        assert screen.systems.input.cursor_position == 5
        assert screen.chosen.systems == memory.SYSTEMS


async def test_a_typed_system_is_added_in_its_own_notation() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("f3")
        await type_in(pilot, "bm25( k1 = 1.2,b=.75 )")
        assert "enter adds bm25(k1=1.2, b=0.75)" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert screen.chosen.systems == (*memory.SYSTEMS, "bm25(k1=1.2, b=0.75)")
        assert screen.systems.input.value == ""


async def test_a_model_id_can_be_added_as_a_retriever_or_as_a_reranker() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("f3")
        await type_in(pilot, "acme/my-model")
        shown = text_of(app)
        assert "dense(acme/my-model)" in shown
        assert "bm25 % 100 >> acme/my-model" in shown
        await pilot.press("down", "enter")
        await settle(pilot)
        assert screen.chosen.systems[-1] == "bm25 % 100 >> acme/my-model"


async def test_choosing_models_and_presets() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("f3")
        await type_in(pilot, "alone")
        await pilot.press("enter")
        await settle(pilot)
        shown = text_of(app)
        assert "Replace the chosen systems by BM25 alone?" in shown
        assert all(system in shown for system in memory.SYSTEMS)
        await pilot.press("enter")
        await settle(pilot)
        assert screen.chosen.systems == ("bm25",)
        await type_in(pilot, "bge base")
        await pilot.press("enter")
        await settle(pilot)
        await type_in(pilot, "int8")
        await pilot.press("enter")
        await settle(pilot)
        assert screen.chosen.systems == (
            "bm25",
            "dense(BAAI/bge-base-en-v1.5)",
            f"bm25 % 100 >> {RERANKER}",
        )


async def test_a_model_that_cannot_run_is_listed_with_the_reason_and_is_not_added() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        assert "This version cannot run monoT5 models." in text_of(app)
        await pilot.press("f3")
        await type_in(pilot, "monot5")
        await pilot.press("enter")
        await settle(pilot)
        assert "monoT5-3B cannot run here: This version cannot run monoT5 models." in text_of(app)
        assert screen.chosen.systems == memory.SYSTEMS


async def test_no_system_twice_no_sixth_and_not_none() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("f3")
        await type_in(pilot, "bm25")
        await pilot.press("enter")
        await settle(pilot)
        assert "bm25 is chosen already." in text_of(app)
        for k1 in ("1", "2", "3"):
            screen.systems.clear()
            await type_in(pilot, f"bm25(k1={k1})")
            await pilot.press("enter")
            await settle(pilot)
        assert len(screen.chosen.systems) == 5
        assert "Five systems fit" in text_of(app)
        screen.chosen.systems = ()
        await pilot.press("ctrl+u", "f5")
        await settle(pilot)
        assert "Choose at least one system" in text_of(app)
        assert app.screen is screen


async def test_a_corpus_that_does_not_exist_is_refused_at_once() -> None:
    engine = ShellEngine()

    def found(asked: FindDataset) -> str:
        if asked.name == "no/such":
            raise Problem("there is no dataset 'no/such'.")
        return asked.name

    engine.answers[FindDataset] = found
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await type_in(pilot, "no/such")
        await pilot.press("enter")
        await settle(pilot)
        assert "there is no dataset 'no/such'." in text_of(app)
        assert screen.corpora.chosen == "demo"
        assert screen.corpora.input.value == "no/such"


async def test_ctrl_u_clears_all_of_a_notation_with_an_error_in_its_middle() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("f3")
        screen.systems.input.value = "bm25 % x >> y"
        await settle(pilot)
        screen.systems.input.cursor_position = 7
        await pilot.press("ctrl+u")
        assert screen.systems.input.value == ""


async def test_a_file_that_is_chosen_says_how_it_is_read_and_how_to_change_that() -> None:
    engine = ShellEngine()
    engine.abouts["/data/a.csv"] = "id ← docno · text ← body (guessed: id, text)"
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await type_in(pilot, "/data/a.csv")
        await pilot.press("enter")
        await settle(pilot)
        assert screen.corpora.chosen == "/data/a.csv"
        assert "id ← docno · text ← body (guessed: id, text)" in text_of(app)
        assert "other columns: (id=…, title=…, text=…)" in text_of(app)
