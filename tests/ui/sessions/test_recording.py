"""What a session's log holds after somebody has searched, typed and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.fake.engine import BM25, DATASET, DENSE, RERANKED, FakeEngine
from tests.ui.reading import notices
from tests.ui.shell import settle
from tests.waiting import until
from zsr_tui import paths
from zsr_tui.sessions import reading
from zsr_tui.sessions.log import logs
from zsr_tui.sessions.records import Answered, Opened, ScoreExplained
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.compare.document.screen import DocumentScreen
from zsr_tui.ui.explain.screen import ExplainScreen
from zsr_tui.ui.parts.messages import Comparison
from zsr_tui.ui.parts.opening import Opening
from zsr_tui.ui.parts.screen import BaseScreen

QUERY = "vitamin B12 deficiency"


async def test_what_was_asked_opened_and_explained_is_logged_and_where_the_user_left() -> None:
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=(BM25, RERANKED), query=QUERY, depth=50, drop_self=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app.recording.look()
        await pilot.press("tab", "down", "enter")
        await settle(pilot)
        app.recording.look()
        await pilot.press("escape", "r", "i")
        await settle(pilot)
        await pilot.press("escape", "shift+tab", "n")
        await settle(pilot)
        first = app.compare.session.lists[0]
        cursor = app.compare.rankings.doc_id
        assert first.ranking is not None
        await pilot.press("q")
    (file,) = logs(paths.sessions_dir())
    found = reading.read(file)
    (asked, answered), (next_query, _) = found.answers
    assert (asked.query, asked.qid, asked.dataset, asked.systems) == (QUERY, None, DATASET, (BM25, RERANKED))
    assert (asked.depth, asked.drop_self) == (50, False)
    assert answered is not None
    assert [len(each.rows) for each in answered.lists] == [50, 50]
    assert all(each.whole and len(each.titles) == 10 and each.measures is None for each in answered.lists)
    assert next_query.qid == "1"
    last = [entry for entry in found.entries if isinstance(entry, Answered)][-1]
    assert last.qid == "1"
    assert last.lists[0].measures == first.measures
    assert [row.doc_id for row in last.lists[0].rows] == [row.doc_id for row in first.rows]
    (opened,) = [entry for entry in found.entries if isinstance(entry, Opened)]
    (explained,) = [entry for entry in found.entries if isinstance(entry, ScoreExplained)]
    assert opened.doc_id == explained.doc_id == answered.lists[1].rows[1].doc_id
    assert (opened.system, explained.score) == (RERANKED, 8.41)
    assert found.left is not None
    left = found.left
    assert (left.qid, left.active, left.reference, left.doc_id, left.screen) == ("1", 0, 1, cursor, "compare")


async def test_weights_that_were_moved_are_logged_beside_the_systems_that_were_chosen() -> None:
    fused, weighed = (f"linear({BM25}, {DENSE}; weights=[{weights}])" for weights in ("0.7, 0.3", "0.65, 0.35"))
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=(BM25, fused), query=QUERY)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        app.recording.look()
        await pilot.press("alt+2", "minus")
        await until(pilot, lambda: app.compare.session.lists[1].head.notation == weighed)
    left = reading.read(logs(paths.sessions_dir())[0]).left
    assert left is not None
    assert (left.systems, left.weighed) == ((BM25, fused), (BM25, weighed))


async def test_a_query_that_is_being_typed_is_not_logged_and_one_that_is_stopped_has_no_answer(home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text("live = true\n")
    engine = FakeEngine()
    app = ZsrTuiApp(engine, dataset=DATASET, systems=(BM25, RERANKED))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press(*"folate")
        await until(pilot, lambda: any(request.query == "folate" for request in engine.requests), "a live search")
        await settle(pilot)
        gate = engine.hold("rerank")
        await pilot.press("enter")
        await gate.reached()
        await pilot.press("escape", "escape")
        await settle(pilot)
        gate.release()
        await settle(pilot)
    (asked, answered), *more = reading.read(logs(paths.sessions_dir())[0]).answers
    assert not more
    assert (asked.query, answered) == ("folate", None)


@pytest.mark.parametrize(("place", "screen"), [("document", DocumentScreen), ("explain", ExplainScreen)])
async def test_a_session_is_reopened_with_what_lay_over_its_lists(place: str, screen: type[BaseScreen[None]]) -> None:
    engine = FakeEngine()
    doc_id = engine.ranking(BM25, engine.query_list[2].text)[3][0]
    first = Comparison(dataset=DATASET, systems=(BM25, RERANKED), qid="42", doc_id=doc_id)
    app = ZsrTuiApp(engine, dataset=DATASET, systems=first.systems, opening=Opening(first=first, place=place))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, screen))
        assert app.compare.rankings.doc_id == doc_id


@pytest.mark.parametrize("kept", ["off", "impossible"])
async def test_logs_can_be_switched_off_and_one_that_cannot_be_written_is_told(home: Path, kept: str) -> None:
    if kept == "off":
        (home / "config").mkdir()
        (home / "config" / "config.toml").write_text("[sessions]\nkeep = 0\n")
    else:
        paths.data_dir().mkdir()
        paths.sessions_dir().write_text("in the way")
    app = ZsrTuiApp(FakeEngine(), dataset=DATASET, systems=(BM25,), query=QUERY)
    async with app.run_test() as pilot:
        await settle(pilot)
        if kept == "impossible":
            await until(pilot, lambda: any("session log cannot be written" in told for told in notices(app)))
    assert paths.sessions_dir().exists() == (kept == "impossible")
