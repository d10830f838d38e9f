"""Two lists without names, on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui.fake.blind import FakePreferences
from tests.ui.fake.engine import BM25, DATASET, DENSE, RERANKED, FakeEngine
from tests.ui.fake.queries import ID, StoredEngine
from tests.ui.reading import notices
from tests.waiting import until
from zsr_tui.api.blind import ReadTops, ReadWinRates, Tops
from zsr_tui.api.events import DocHead
from zsr_tui.api.judging import KeepPreference
from zsr_tui.domain import Problem
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.judging.blind.duels import Drawn
from zsr_tui.ui.judging.blind.screen import BlindScreen
from zsr_tui.ui.keys.action import ANYWHERE
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.parts.messages import Duellists
from zsr_tui.ui.themes import DEFAULT, OURS

from .screen import SEED, SIZES, shown

SYSTEMS = (BM25, DENSE, RERANKED)


class BlindApp(KeyedApp):
    def __init__(self, engine: FakeEngine, wanted: Duellists | None = None) -> None:
        super().__init__()
        self.keys = KeyTable()
        self.keys.install(self, ANYWHERE)
        self.preferences = FakePreferences()
        engine.answers.update(self.preferences.answers)  # type: ignore[arg-type]
        first = Duellists(dataset=DATASET, systems=SYSTEMS, query="vitamin B12", depth=5)
        self.blind = BlindScreen(engine, wanted or first, seed=SEED)

    def on_mount(self) -> None:
        self.push_screen(self.blind)


async def at(pilot: Pilot[Any], app: BlindApp, number: int) -> None:
    """Until the lists of that query are shown."""
    await until(pilot, lambda: app.blind.number == number and app.blind.duel is not None)
    await pilot.pause()


@pytest.mark.parametrize("size", SIZES)
async def test_lists_are_preferred_by_keys_without_names_and_the_end_names_them(size: tuple[int, int]) -> None:
    engine = FakeEngine(queries=FakeEngine().query_list[:2])
    app = BlindApp(engine)
    async with app.run_test(size=size) as pilot:
        await at(pilot, app, 0)
        await until(pilot, lambda: "vitamin B12" in shown(pilot))
        duel = app.blind.duel
        assert duel is not None
        assert {duel.left, duel.right} < set(SYSTEMS)
        for side in (0, 1):
            title = engine.docs[duel.lists[side][0]].title[:20]
            await until(pilot, lambda title=title: title in shown(pilot))  # type: ignore[misc]
        assert not {"bm25", "dense", "MiniLM", "nDCG"} & set(shown(pilot).replace("(", " ").split())
        assert app.blind.copyable() is None  # it would tell
        await pilot.press("right")
        await at(pilot, app, 1)
        await pilot.press("equals_sign")
        await at(pilot, app, 2)
        await pilot.press("u")
        await at(pilot, app, 1)
        assert len(app.preferences.kept) == 1
        await pilot.press("s")
        await at(pilot, app, 2)
        await pilot.press("1")
        await until(pilot, lambda: "Win rate: " in shown(pilot))  # there are no more
        first, last = app.preferences.kept.values()
        assert (first.left, first.right, first.choice) == (duel.left, duel.right, "right")
        assert (first.query_text, first.query_id, first.seed) == ("vitamin B12", "", SEED)
        assert last.choice == "left"
        await until(pilot, lambda: "bm25 over dense(m)" in shown(pilot))
        assert "0.550 0.990" in shown(pilot)
        assert "0.0200" in shown(pilot)
        copied = app.blind.copyable()
        assert copied is not None
        assert "bm25 over dense(m)" in str(copied.choices[0].text)
        assert "2 preferred · 1 passed over" in shown(pilot)
        assert [each.seed for each in engine.asked_for(ReadWinRates)] == [SEED, None]
        await pilot.press("end")
        preferred = f"{duel.right} over {duel.left}" if size[0] > 120 else "vitamin B12"
        assert preferred in app.blind.result.text


async def test_lists_that_are_made_say_how_far_both_are_and_one_pair_can_be_chosen() -> None:
    engine = FakeEngine()
    reranked = Drawn(SEED, [(0, 1)]).sides(0).index(1)
    gate = engine.hold("rerank", system=reranked, batch=1)
    two = Duellists(dataset=DATASET, systems=(BM25, RERANKED), query="vitamin B12")
    app = BlindApp(engine, two)
    async with app.run_test(size=(120, 40)) as pilot:
        await gate.reached()
        looking = r"looking for the next two lists … (one of them is there )?\d+/\d+ ▕█"
        await until(pilot, lambda: re.search(looking, shown(pilot)))
        assert shown(pilot).count("This list is being made.") == 2
        assert "No document was found" not in shown(pilot)
        gate.release()
        await at(pilot, app, 0)
        assert "being made" not in shown(pilot)
        await pilot.press("p")
        assert notices(app) == ["There are two systems, and they are compared."]
    app = BlindApp(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await at(pilot, app, 0)
        await until(pilot, lambda: "3 pairs in turn: p chooses" in shown(pilot))
        await pilot.press("p")
        await until(pilot, lambda: "all pairs in turn" in shown(pilot))
        await pilot.press("down", "down", "enter")
        for number in range(4):
            await at(pilot, app, number)
            duel = app.blind.duel
            assert duel is not None
            assert {duel.left, duel.right} == {BM25, RERANKED}
            await pilot.press("right")
        assert "pairs in turn" not in shown(pilot)


def test_every_pair_comes_as_often_on_either_side_and_the_same_for_a_seed() -> None:
    drawn = Drawn(SEED, [(0, 1), (0, 2), (1, 2)])
    sides = [drawn.sides(number) for number in range(300)]
    assert sides == [Drawn(SEED, [(0, 1), (0, 2), (1, 2)]).sides(number) for number in range(300)]
    for pair in ((0, 1), (0, 2), (1, 2)):
        assert sides.count(pair) + sides.count(pair[::-1]) == 100
        assert 30 < sides.count(pair) < 70
    assert sorted(drawn.order(20)) == list(range(20))
    assert drawn.order(20) != Drawn(SEED + 1, [(0, 1)]).order(20)


async def test_what_fails_is_said_without_a_name_and_asked_again() -> None:
    engine = FakeEngine()
    engine.fail = {0: ("model-too-large cannot be loaded.", -1)}
    app = BlindApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "One of the two lists could not be made" in shown(pilot))
        await pilot.press("left")
        assert app.preferences.kept == {}
        engine.fail = {}
        await pilot.press("f5")
        await at(pilot, app, 0)
        assert "could not be made" not in shown(pilot)
        engine.problems[KeepPreference] = Problem("the disk is full, so this was not kept: free some space.")
        await pilot.press("left")
        await until(pilot, lambda: "the disk is full, so this was not kept" in shown(pilot))
        assert app.blind.number == 0
        del engine.problems[KeepPreference]
        await pilot.press("left")
        await at(pilot, app, 1)
        assert [each.choice for each in app.preferences.kept.values()] == ["left"]
        await pilot.press("tab")
        await until(pilot, lambda: app.blind.right.has_focus)
        await pilot.press("down")
        duel = app.blind.duel
        assert duel is not None
        await until(pilot, lambda: engine.docs[duel.sides[1][1]].text[:30] in app.blind.body.text)


async def test_the_stored_lists_of_an_evaluation_are_compared_and_those_that_are_the_same_are_not_shown() -> None:
    engine = StoredEngine()
    ids = list(engine.docs)
    heads = {doc_id: DocHead(title=doc.title, passage=doc.text[:200]) for doc_id, doc in engine.docs.items()}

    def tops(asked: ReadTops) -> Tops:
        second = ids[:6] if asked.query % 2 else ids[3:8]
        return Tops(lists=(tuple(ids[:6]), tuple(second)), heads=heads)

    engine.answers[ReadTops] = tops
    selection = QuerySelection(system=2, baseline=0)
    app = BlindApp(
        engine, Duellists(dataset="demo", systems=("bm25", "dense(m)", "r"), evaluation=ID, selection=selection)
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.blind.duel is not None)
        seen = []
        for _ in range(4):
            duel = app.blind.duel
            assert duel is not None
            seen.append({duel.left, duel.right})
            number = app.blind.number
            await pilot.press("left")
            await until(pilot, lambda n=number: app.blind.number > n and app.blind.duel is not None)  # type: ignore[misc]
        assert seen == [{"bm25", "r"}] * 4
        assert {asked.query % 2 for asked in engine.asked_for(ReadTops)} == {0, 1}
        await until(pilot, lambda: "not shown, both lists the same" in shown(pilot))
        assert {asked.systems for asked in engine.asked_for(ReadTops)} <= {(0, 2), (2, 0)}
        assert len(app.blind.left._ids) == len(app.blind.right._ids) == 5  # the longer one would tell
        assert notices(app) == []


def test_blind_screen(snap_compare: Callable[..., bool]) -> None:
    app = BlindApp(FakeEngine())
    for theme in OURS:
        app.register_theme(theme)
    app.theme = DEFAULT

    async def before(pilot: Pilot[None]) -> None:
        await at(pilot, app, 0)
        await until(pilot, lambda: app.blind.body.text)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(120, 36), run_before=before)
