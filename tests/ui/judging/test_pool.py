"""Judging document after document, on the screen."""

from __future__ import annotations

import pytest

from tests.ui.fake.engine import FakeEngine
from tests.ui.fake.pool import FakePool
from tests.ui.reading import notices
from tests.waiting import until
from zsr_tui.api.pooling import JudgePooled, ReadPool
from zsr_tui.api.questions import ReadDocument
from zsr_tui.domain import Problem
from zsr_tui.ui.parts.confirm import ConfirmScreen

from .screen import SEED, SIZES, PoolApp, shown


def pool_of(engine: FakeEngine, count: int, **more: object) -> FakePool:
    return FakePool(tuple(engine.docs)[:count], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
async def test_documents_are_judged_blind_by_single_keys_and_the_end_says_what_that_did(size: tuple[int, int]) -> None:
    engine = FakeEngine()
    pool = pool_of(engine, 3)
    app = PoolApp(engine, pool)
    first, second, third = pool.documents
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: engine.docs[first].text[:40] in shown(pilot))
        assert "vitamin B12   [42]" in shown(pilot)
        assert "0 not relevant, 1, 2 most relevant" in shown(pilot)
        assert "3 left" in shown(pilot)
        assert not [each for each in ("bm25", "dense", "At stake") if each in shown(pilot)]  # blind
        await pilot.press("3")  # beyond the scale
        await pilot.press("2")
        await until(pilot, lambda: engine.docs[second].text[:40] in shown(pilot))
        assert "2 left · 1 judged" in shown(pilot)
        await pilot.press("s")
        await until(pilot, lambda: engine.docs[third].text[:40] in shown(pilot))
        assert "1 left · 1 judged · 1 passed over · 4.0 s each" in shown(pilot)
        await pilot.press("0")
        await until(pilot, lambda: "Seed of the order" in shown(pilot))
        assert pool.looks == [(first, 2, 4.0), (second, None, 4.0), (third, 0, 4.0)]
        text = shown(pilot)
        assert "nDCG@10 over 1 query, without and with your 2 judgments" in text
        assert "dense MiniLM" in text
        assert "−0.1000" in text
        assert "+0.1500" in text
        line = next(each for each in text.splitlines() if "[+0.100, +0.300]" in each)
        assert line.split()[:5] == ["dense", "MiniLM", "−0.0500", "+0.2000", "+0.2500"]
        assert "ahead of bm25" in text
        assert "Of 2 documents shown again 1 got the same grade." in text
        assert f"{first}: first 1, then 2. The first one counts." in text
        assert "In your 3 sessions here: 41 documents judged, 6.5 s each." in text
        assert "Of 5 shown again in them 4 got the same grade." in text
        assert f"Seed of the order: {SEED}." in text
        assert "On the lists F makes a finding of it." in text
        await pilot.press("r")
        await until(pilot, lambda: "1 document was passed over" in shown(pilot))
        await until(pilot, lambda: "result" in shown(pilot).splitlines()[-1])
        assert "grade" not in shown(pilot).splitlines()[-1]  # there is nothing to be graded
        judged = engine.asked_for(JudgePooled)
        assert {each.pooling.seed for each in judged} == {SEED}
        assert all(each.pooling.blind and each.pooling.who for each in judged)


async def test_open_shows_what_is_at_stake_and_where_a_document_stands() -> None:
    engine = FakeEngine()
    app = PoolApp(engine, pool_of(engine, 3))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "most relevant" in shown(pilot))
        await pilot.press("b")
        await until(pilot, lambda: "At stake" in shown(pilot))
        assert "bm25 at rank 3   dense MiniLM –" in shown(pilot)
        assert "At stake: 0.1250 of nDCG@10, which dense MiniLM gains on bm25 if it is graded 2." in shown(pilot)
        await pilot.press("m", "d")
        await until(pilot, lambda: "open · first 20 of each list · RR@10" in shown(pilot))
        assert engine.asked_for(ReadPool)[-1].pooling.depth == 20
        await pilot.press("b")
        await until(pilot, lambda: "At stake" not in shown(pilot))


async def test_whoever_judges_blind_is_asked_before_the_result_and_judges_openly_after_it() -> None:
    engine = FakeEngine()
    app = PoolApp(engine, pool_of(engine, 3))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "most relevant" in shown(pilot))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.pool)
        assert app.pool.effect is None
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("enter")
        await until(pilot, lambda: "Seed of the order" in shown(pilot))
        assert not app.pool.pooling.blind
        await pilot.press("2")  # there is no document here that it could be for
        await pilot.press("escape")
        await until(pilot, lambda: "At stake" in shown(pilot))
        assert engine.asked_for(JudgePooled) == []


async def test_undo_problems_and_what_others_judged_meanwhile_are_told() -> None:
    engine = FakeEngine()
    pool = pool_of(engine, 3)
    pool.taken[pool.documents[1]] = 0
    app = PoolApp(engine, pool)
    first, second, third = pool.documents
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: first in shown(pilot))
        await pilot.press("u")
        await until(pilot, lambda: notices(app) == ["Nothing was judged in this session yet."])
        await until(pilot, lambda: engine.docs[first].text[:40] in shown(pilot))
        await pilot.press("1")
        await until(pilot, lambda: engine.docs[second].text[:40] in shown(pilot))
        await pilot.press("U")
        await until(pilot, lambda: engine.docs[first].text[:40] in shown(pilot))
        assert pool.looks == []
        await pilot.press("1")
        await until(pilot, lambda: engine.docs[second].text[:40] in shown(pilot))
        await pilot.press("2")
        await until(pilot, lambda: "bob has graded it 0 meanwhile" in shown(pilot))
        await pilot.press("2")
        await until(pilot, lambda: engine.docs[third].text[:40] in shown(pilot))
        assert "bob" not in shown(pilot)
        assert pool.looks[-1][:2] == (second, 2)
        engine.problems[JudgePooled] = Problem("the disk is full, so this was not kept: free some space.")
        await pilot.press("1")
        await until(pilot, lambda: "the disk is full, so this was not kept" in shown(pilot))
        assert "1 left · 2 judged" in shown(pilot)
        del engine.problems[JudgePooled]
        await pilot.press("1")
        await until(pilot, lambda: "Seed of the order" in shown(pilot))
        assert pool.looks[-1][:2] == (third, 1)


async def test_a_document_that_cannot_be_read_can_only_be_passed_over() -> None:
    engine = FakeEngine()
    pool = pool_of(engine, 2)
    app = PoolApp(engine, pool)
    engine.problems[ReadDocument] = Problem("the corpus is not on this machine.")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "the corpus is not on this machine" in shown(pilot))
        await pilot.press("1")
        assert pool.looks == []
        del engine.problems[ReadDocument]
        await pilot.press("s")
        await until(pilot, lambda: engine.docs[pool.documents[1]].text[:40] in shown(pilot))
        assert pool.looks[0][:2] == (pool.documents[0], None)
        assert "the corpus is not" not in shown(pilot)


async def test_of_many_queries_some_are_pooled_together_and_a_key_goes_to_the_next_ones() -> None:
    engine = FakeEngine()
    app = PoolApp(engine, pool_of(engine, 1, matching=2))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "1 left · queries 1–1 of 2" in shown(pilot))
        await pilot.press("n")
        await until(pilot, lambda: "queries 2–2 of 2" in shown(pilot))
        await pilot.press("s")
        await until(pilot, lambda: "These are queries 2–2 of 2: n goes to the next ones." in shown(pilot))
        await pilot.press("n")
        await until(pilot, lambda: "queries 1–1 of 2" in shown(pilot))
        assert [asked.pooling.page for asked in engine.asked_for(ReadPool)] == [0, 1, 0]
