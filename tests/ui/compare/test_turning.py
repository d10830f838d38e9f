"""A key that acts on a row acts on the row and the query that are shown together, whatever is on its way."""

from __future__ import annotations

import pytest

from tests.ui.reading import notices
from tests.waiting import until
from zsr_tui.api.judging import KeepJudgment
from zsr_tui.api.notes import KeepRemark, ReadKept
from zsr_tui.api.questions import FindQueries
from zsr_tui.ui.compare.document.screen import DocumentScreen
from zsr_tui.ui.compare.ranking import pacing
from zsr_tui.ui.parts.messages import ExplanationWanted

from ..fake.engine import FakeEngine
from ..fake.held import hold
from .app import CompareApp
from .screen import compare, finished, rows, shown, text

ON_A_ROW = ("3", "x", "B", "N", "i", "enter", "space")


async def test_no_key_takes_a_row_of_the_query_before_for_one_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "FIRST_ROWS", 3600.0)
    engine = FakeEngine()
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        before = rows(compare(pilot).rankings.panes[0].ranking)
        at = next(at for at, each in enumerate(engine.query_list) if each.id == "42")
        old, new = engine.query_list[at : at + 2]

        async def refused() -> None:
            app.clear_notifications()
            await pilot.press(*ON_A_ROW)
            assert app.screen is app.compare
            assert len([each for each in notices(app) if "rows are of the query before" in each]) == len(ON_A_ROW)
            assert engine.asked_for(KeepJudgment) == engine.asked_for(KeepRemark) == []
            assert not any(isinstance(each, ExplanationWanted) for each in app.said)

        start = engine.hold("start")
        await pilot.press("n")
        await start.reached()
        await until(pilot, lambda: new.text[:20] in shown(pilot)[1])
        assert f"qid {new.id} · asked …" in shown(pilot)[1]
        await refused()
        await pilot.press("escape")  # back to what is shown
        assert old.text[:20] in shown(pilot)[1]
        assert "qid 42 · 2 rel" in shown(pilot)[1]
        await pilot.press("i")
        await until(pilot, lambda: len(app.said) == 1)
        app.said.clear()

        start.release()
        listed = engine.hold("list", system=0)
        await pilot.press("n")
        await listed.reached()
        await until(pilot, lambda: compare(pilot).session.qid == new.id)
        assert new.id not in [each.query_id for each in engine.asked_for(ReadKept)]  # the first rows do not wait for it
        assert rows(compare(pilot).rankings.panes[0].ranking) == before
        await refused()
        listed.release()
        await finished(pilot)
        await pilot.press("3")
        await until(pilot, lambda: len(engine.asked_for(KeepJudgment)) == 1)
        (asked,) = engine.asked_for(KeepJudgment)
        assert (asked.judgment.query_id, asked.judgment.doc_id) == (new.id, engine.ranking("bm25", new.text)[0][0])


async def test_a_document_that_is_open_is_the_one_that_is_judged_whatever_the_list_below_does() -> None:
    engine = FakeEngine()
    gate = engine.hold("rerank", system=2, batch=0)
    app = CompareApp(engine, qid="42", active=2)
    async with app.run_test(size=(120, 40)) as pilot:
        await gate.reached()
        await until(pilot, lambda: compare(pilot).rankings.doc_id is not None)
        opened = compare(pilot).rankings.doc_id
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DocumentScreen) and str(opened) in text(pilot))
        gate.release()
        await finished(pilot)
        assert compare(pilot).rankings.active_list.doc_id != opened
        await pilot.press("3", "i")
        await until(pilot, lambda: len(engine.asked_for(KeepJudgment)) == len(app.said) == 1)
        assert engine.asked_for(KeepJudgment)[0].judgment.doc_id == opened
        assert isinstance(app.said[0], ExplanationWanted)
        assert app.said[0].about.doc_id == opened


async def test_what_is_typed_while_the_next_query_is_looked_for_stays_in_its_line() -> None:
    engine = FakeEngine()
    gate = hold(engine, FindQueries)
    app = CompareApp(engine, qid="42")
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        line = compare(pilot).query_line.input
        await pilot.press("n", "slash", "ctrl+u", *"folate")
        gate.set()
        await until(pilot, lambda: compare(pilot).session.qid == "57")
        await finished(pilot)
        assert (line.value, line.has_focus) == ("folate", True)
        await pilot.press("enter")
        await until(pilot, lambda: compare(pilot).session.query == "folate")
        assert not line.has_focus
