"""Any document of the corpus, pulled in by its id or its words, and what it is compared with then."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.ui.fake.engine import FakeEngine
from tests.waiting import until

from .screen import ABOVE, BELOW, DOC, SIZES, ExplainApp, line, shown

ELSEWHERE = "2048091"  # in none of the lists


@pytest.mark.parametrize("size", SIZES)
async def test_ten_that_are_offered_are_not_taken_for_all_that_there_are(size: tuple[int, int]) -> None:
    engine = FakeEngine()
    app = ExplainApp(engine)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("slash", *"aspirin-99")
        await until(
            pilot, lambda: "none has this id; BM25's first 10 by “aspirin”: more words find others" in shown(pilot)
        )


async def test_what_is_all_that_bm25_finds_is_counted() -> None:
    engine = FakeEngine()
    engine.docs = {doc_id: engine.docs[doc_id] for doc_id in (DOC, ABOVE, BELOW)}
    app = ExplainApp(engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("slash", *"homocysteine")
        await until(pilot, lambda: "none has this id; BM25 finds 3 documents by “homocysteine”" in shown(pilot))
        app.screen.query_one(Input).value = DOC
        await until(pilot, lambda: "the document with this id; BM25 finds 2 documents" in shown(pilot))


async def test_a_document_that_is_pulled_in_is_compared_with_its_own_neighbour() -> None:
    engine = FakeEngine()
    app = ExplainApp(engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("3")
        await until(pilot, lambda: f"puts {DOC} above {ABOVE} by" in shown(pilot))
        await pilot.press("slash", *BELOW, "enter")
        await until(pilot, lambda: (engine.explained[-1].doc_id, engine.explained[-1].against) == (BELOW, DOC))
        await until(pilot, lambda: f"puts {BELOW} above {DOC} by" in shown(pilot))
        assert "not in the list" not in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_one_that_has_no_neighbour_says_whom_it_is_compared_with(size: tuple[int, int]) -> None:
    engine = FakeEngine()
    app = ExplainApp(engine)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "cost 4 inputs" in shown(pilot))
        await pilot.press("3")
        await until(pilot, lambda: f"puts {DOC} above {ABOVE} by" in shown(pilot))
        await pilot.press("slash", *ELSEWHERE, "enter")
        said = f"{ELSEWHERE} is not in the list shown: compared with its first, {ABOVE}."
        await until(pilot, lambda: said in line(pilot, "is not in the list"))
        await until(pilot, lambda: f"puts {ELSEWHERE} above {ABOVE} by" in shown(pilot))
        await pilot.press("a")
        await until(pilot, lambda: app.screen is not app.explained)
        await pilot.press(*BELOW, "enter")
        await until(pilot, lambda: f"puts {ELSEWHERE} above {BELOW} by" in shown(pilot))
        assert "is not in the list" not in shown(pilot)
