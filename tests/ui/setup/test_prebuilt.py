"""Indexes that others have published: beside each corpus, among the systems of the chosen one, and completed."""

from __future__ import annotations

import pytest

from tests.ui.reading import text_of
from zsr_tui.domain import EngineInfo, PrebuiltInfo
from zsr_tui.ui.setup.corpora import prebuilt_line

from ..shell import ShellApp, ShellEngine, settle, type_in

FLAT, SPLADE = "bm25(index=beir-v1.0.0-x.flat)", "sparse(naver/splade-v3; index=beir-v1.0.0-x.splade-v3)"
PUBLISHED = [
    PrebuiltInfo("beir-v1.0.0-x.flat", "Anserini's index of x", FLAT, 17_000_000, 5183),
    PrebuiltInfo("beir-v1.0.0-x.splade-v3", "SPLADE of x", SPLADE, 2_000_000, here=True),
]


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_they_are_shown_with_their_size_offered_and_completed(size: tuple[int, int]) -> None:
    engine = ShellEngine()
    engine.published = {info.id: PUBLISHED for info in engine.catalogue}
    app = ShellApp(engine)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        screen = app.screen
        assert (
            prebuilt_line(PUBLISHED)
            == "2 prebuilt indexes, which the list of systems has, too: bm25 flat 17 MB, sparse splade-v3 here"
        )
        if size[0] > 80:  # else there is no room for it
            assert "2 prebuilt indexes, which the list of systems has, too: bm25 flat 17 MB" in " ".join(
                text_of(screen.query_one("#corpus-detail")).split()
            )
        ids = [option.id for option in screen.systems.options.options]
        assert ids[-2:] == [f"system:{FLAT}", f"system:{SPLADE}"]
        if size[0] == 80:  # a name is cut in the middle: its end says which it is
            assert "x.splade-v3)" in screen.systems.options.options[-1].prompt.plain
        screen.systems.input.focus()
        await type_in(pilot, "bm25(index=")
        assert [option.id for option in screen.systems.options.options if option.id] == [f"system:{FLAT}"]
        await pilot.press("enter")
        await settle(pilot)
        assert FLAT in screen.chosen.systems


async def test_an_engine_with_a_name_is_found_by_it_described_and_chosen() -> None:
    engine = ShellEngine()
    engine.named_engines = [EngineInfo("products", "es", "products at search.lan:9200", "es(products)")]
    app = ShellApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        screen = app.screen
        ids = [option.id for option in screen.systems.options.options]
        assert ids[-1] == "system:es(products)"
        screen.systems.input.focus()
        await type_in(pilot, "es(product)")
        assert "enter tries es(product)" in text_of(screen)
        screen.systems.input.value = ""
        await type_in(pilot, "es(products; template=a.json)")
        assert "enter adds es(products; template=a.json)" in text_of(screen)
        screen.systems.input.value = ""
        await type_in(pilot, "produc")
        assert [option.id for option in screen.systems.options.options] == ["system:es(products)"]
        await pilot.press("down")
        await settle(pilot)
        assert "products at search.lan:9200" in text_of(screen)
        await pilot.press("enter")
        await settle(pilot)
        assert "es(products)" in screen.chosen.systems


def test_names_that_share_nothing_are_whole() -> None:
    alone = [PrebuiltInfo("msmarco-v1-passage", "", "bm25(index=msmarco-v1-passage)", 2_170_000_000)]
    assert (
        prebuilt_line(alone) == "1 prebuilt index, which the list of systems has, too: bm25 msmarco-v1-passage 2.2 GB"
    )
