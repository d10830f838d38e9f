"""A document's text is edited, and each system says where it would stand."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.waiting import until
from zsr_tui.api.edited import EditedScore, ScoreEdited
from zsr_tui.domain import Doc, Problem, Query
from zsr_tui.ui.compare.document.edit import EditScreen

from ..fake.engine import FakeEngine
from .app import CompareApp
from .screen import SIZES, compare, finished, shown, text


async def opened(pilot: Pilot[None]) -> EditScreen:
    await finished(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: "e what if" in text(pilot))
    await until(pilot, lambda: not any(not worker.is_finished for worker in compare(pilot).workers))
    await pilot.press("e")
    await until(pilot, lambda: isinstance(pilot.app.screen, EditScreen))
    screen = pilot.app.screen
    assert isinstance(screen, EditScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_the_edited_text_has_a_score_and_a_rank_beside_the_documents_own(size: tuple[int, int]) -> None:
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot)
        lists = compare(pilot).session.lists
        doc_id = lists[0].rows[0].doc_id
        fourth = lists[1].rows[3].score
        assert fourth is not None
        engine.answers[ScoreEdited] = lambda _: (
            EditedScore(before=lists[0].rows[0].score, after=-1000.0),
            EditedScore(before=0.5, after=fourth - 0.0001),
            EditedScore(why_not="its score depends on other documents"),
        )
        await pilot.press(*"B12 cures ")
        assert screen.text.startswith("B12 cures ")
        await pilot.press("f5")
        await until(pilot, lambda: "cannot say" in text(pilot))
        (asked,) = engine.asked_for(ScoreEdited)
        assert (asked.doc_id, asked.query, asked.text) == (doc_id, compare(pilot).session.query, screen.text)
        one, two, three = (next(line for line in shown(pilot) if line.strip().startswith(f"{n} ")) for n in (1, 2, 3))
        assert "  1 (" in one
        assert " → 100 or lower (-1000" in one
        assert "↓99" in one
        was = lists[1].places[doc_id]
        assert f" → {4 + (was > 3)} (" in two
        assert "cannot say: its score depends" in three
        assert "its score depends on other documents" in " ".join(text(pilot).split())
        await pilot.press("ctrl+r", "f5")
        await until(pilot, lambda: len(engine.asked_for(ScoreEdited)) == 2)
        assert engine.asked_for(ScoreEdited)[1].text == engine.docs[doc_id].text
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.compare)
        assert engine.docs[doc_id].text != asked.text


async def test_what_a_reranker_says_holds_for_its_candidates_and_a_problem_is_a_sentence() -> None:
    hostile = "[b]x[/b]\x1b[31m and y"
    engine = FakeEngine(docs=[Doc("d[i]", "[red]t", hostile)], queries=[Query("1", "x y")], judgments={})
    engine.problems[ScoreEdited] = Problem("demo has no document 'd[i]'.")
    app = CompareApp(engine, systems=("bm25 % 10 >> model",), qid="1")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "and y" in text(pilot))
        await until(pilot, lambda: not any(not worker.is_finished for worker in compare(pilot).workers))
        await pilot.press("e")
        await until(pilot, lambda: "[b]x[/b]␛[31m and y" in text(pilot))
        await pilot.press("f5")
        await until(pilot, lambda: "demo has no document 'd[i]'." in text(pilot))
        del engine.problems[ScoreEdited]
        engine.answers[ScoreEdited] = lambda _: (EditedScore(before=1.0, after=2.0, given=True, cut=True),)
        await pilot.press("f5")
        await until(pilot, lambda: "if still a candidate" in text(pilot))
        assert "1 (1.0" in text(pilot)
        assert "→ 1 (2.0" in text(pilot)
        assert "input cut†" in text(pilot)
        assert engine.asked_for(ScoreEdited)[-1].text == hostile  # unchanged, to the letter
