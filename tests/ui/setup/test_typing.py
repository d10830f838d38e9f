"""What is typed in the setup: what fits it, what is wrong with it, and when it counts."""

from __future__ import annotations

import asyncio

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.api.questions import FindDataset
from zsr_tui.domain import ModelInfo, Preset, Problem
from zsr_tui.ui import memory
from zsr_tui.ui.setup.systems import SystemChoice

from ..fake.catalogue import RERANKER
from ..shell import ShellApp, ShellEngine, settle, type_in
from .opening import burst, open_setup


async def test_all_that_is_typed_before_the_engine_has_answered_comes_about_in_its_order() -> None:
    engine = ShellEngine()
    engine.start_gate = asyncio.Event()
    engine.catalogue[2] = engine.catalogue[0].__class__("beir/nfcorpus/test", "NFCorpus", "local", 3, 2)
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press(*"nfc", "enter", *"bge base", "enter", *"bm25(k1=2)", "enter", *"int8")
        assert not engine.started
        assert screen.chosen.systems == memory.SYSTEMS
        assert screen.systems.input.value == "int8"  # not entered, and alone in its line
        engine.start_gate.set()
        await settle(pilot)
        assert screen.corpora.chosen == "beir/nfcorpus/test"
        assert screen.chosen.systems == (*memory.SYSTEMS, "dense(BAAI/bge-base-en-v1.5)", "bm25(k1=2, b=0.4)")
        assert screen.systems.input.value == "int8"


async def test_enter_on_an_empty_line_before_the_engine_has_answered_compares_what_was_entered() -> None:
    engine = ShellEngine()
    engine.start_gate = asyncio.Event()
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("enter", *"bm25(k1=2)", "enter", "enter")
        assert app.screen is screen
        engine.start_gate.set()
        await until(pilot, lambda: app.screen is app.compare and len(app.compare.systems) == 4)
        assert app.compare.systems[-1] == "bm25(k1=2, b=0.4)"


async def test_what_was_wrong_stands_in_its_line_again_and_nothing_is_compared() -> None:
    engine = ShellEngine()
    engine.start_gate = asyncio.Event()

    def found(asked: FindDataset) -> str:
        raise Problem(f"there is no dataset '{asked.name}'.")

    engine.answers[FindDataset] = found
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press(*"no/such", "enter", *"bm25(", "enter", "enter")
        engine.start_gate.set()
        await settle(pilot)
        assert app.screen is screen
        assert "there is no dataset 'no/such'. system notation, column 6: expected k1, b, index" in text_of(app)
        assert (screen.corpora.input.value, screen.systems.input.value) == ("no/such", "bm25(")
        assert screen.chosen.systems == memory.SYSTEMS


async def test_keys_that_come_faster_than_they_are_worked_off_are_not_glued_together() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        burst(app, *"nfc", "enter", *"bm25(k1=1)", "enter", *"int8", "enter", *"bm25(k1=2)")
        await until(pilot, lambda: screen.systems.input.value == "bm25(k1=2)")
        assert screen.corpora.chosen == "beir/nfcorpus/test"
        assert screen.chosen.systems[3:] == ("bm25(k1=1, b=0.4)",)
        await pilot.press("ctrl+u", *"int8", "enter")
        await until(pilot, lambda: f"bm25 % 100 >> {RERANKER} is chosen already." in text_of(app))


async def test_a_short_name_of_a_dataset_is_the_dataset_and_no_second_one() -> None:
    engine = ShellEngine()
    engine.answers[FindDataset] = lambda asked: asked.name.removesuffix("/x")
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await type_in(pilot, "beir/scifact/test/x")
        await pilot.press("enter")
        await settle(pilot)
        assert screen.corpora.chosen == "beir/scifact/test"
        assert not screen.corpora.typed
        assert "Folders and ids you opened" not in text_of(app)


async def test_an_error_of_the_notation_points_at_its_column_and_goes_with_it() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("f3")
        await type_in(pilot, "bm25(k=3)")
        line = screen.systems.input
        assert "column 6: bm25 takes k1, b, index" in text_of(app)
        assert [each.text for each in line.render_line(0) if each.style and each.style.underline] == ["k=3)"]
        await pilot.press("enter")
        await settle(pilot)
        assert "system notation, column 6" in text_of(app)
        await pilot.press("ctrl+u")
        await type_in(pilot, "bm25(k1=3)")
        assert "column" not in text_of(app)
        assert [each.text for each in line.render_line(0) if each.style and each.style.underline] == []
        assert "enter adds bm25(k1=3, b=0.4)" in text_of(app)


async def test_names_outrank_presets_and_the_very_name_stands_first() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        choice: SystemChoice = screen.systems
        choice.show_presets([Preset("all-MiniLM-L6-v2 at two depths", "BAAI/bge-base-en-v1.5, too", ("bm25",))])
        models = [ModelInfo(name, name, "bi-encoder") for name in ("x/all-MiniLM-L6-v2-plus", "y/all-MiniLM-L6-v2")]
        choice.show_models([*models, ModelInfo("BAAI/bge-base-en-v1.5", "bge-base-en-v1.5", "bi-encoder")])
        assert choice.first_for("all-minilm-l6-v2") == "model:y/all-MiniLM-L6-v2"
        assert choice.first_for("bge-base") == "model:BAAI/bge-base-en-v1.5"
        assert choice.first_for("two depths") == "preset:0"


async def test_the_line_promises_only_what_enter_does() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("f3")
        for typed, said in (
            (f"bm25 % 20 >> {RERANKER}", f"enter adds bm25 % 20 >> {RERANKER}"),
            ("bm25 % 20 >> ms-marco", "enter tries bm25 % 20 >> ms-marco"),
            ("bm25", "bm25 is chosen already"),
            ("bm25(k1=0.9, b=0.4)", "bm25 is chosen already"),
        ):
            screen.systems.input.value = typed
            await settle(pilot)
            assert said in text_of(app)
            assert text_of(app).count("enter ") == said.count("enter ")
        screen.chosen.systems = (*memory.SYSTEMS, "bm25(k1=2, b=0.4)", "bm25(k1=3, b=0.4)")
        await pilot.press("ctrl+u")
        await type_in(pilot, "bm25(k1=1)")
        assert "no place is left for bm25(k1=1, b=0.4)" in text_of(app)


async def test_the_name_of_a_fusion_offers_one_of_the_chosen_systems() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(200, 50)) as pilot:
        screen = await open_setup(pilot)
        await pilot.press("f3")
        for name in ("rrf", "linear"):
            await type_in(pilot, name)
            fused = f"{name}({', '.join(memory.SYSTEMS)})"
            assert fused in text_of(app)
            await pilot.press("enter")
            await settle(pilot)
            assert screen.chosen.systems[-1] == fused  # and no fusion of a fusion
        await type_in(pilot, "linear")
        assert "linear of these is chosen already" in text_of(app)
        screen.chosen.systems = memory.SYSTEMS[:1]
        await settle(pilot)
        assert "linear fuses the chosen systems: choose two first" in text_of(app)
