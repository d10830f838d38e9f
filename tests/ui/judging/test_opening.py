"""Where judging is opened from, and with which lists."""

from __future__ import annotations

from tests.ui.fake.engine import BM25, DENSE, FakeEngine
from tests.ui.fake.pool import FakePool
from tests.ui.fake.queries import ID, StoredEngine
from tests.ui.queries.screen import opened, told
from tests.waiting import until
from zsr_tui.api.notes import ReadKept
from zsr_tui.api.pooling import Filtered, OneQuery, ReadPool
from zsr_tui.api.queries import ReadQueries
from zsr_tui.domain import Problem
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.judging.pool.screen import PoolScreen

from .screen import shown


async def test_compare_gives_the_lists_of_its_query_when_they_are_whole() -> None:
    engine = FakeEngine()
    engine.answers.update(FakePool(tuple(engine.docs)[:3]).answers)  # type: ignore[arg-type]
    app = ZsrTuiApp(engine, dataset="demo", systems=(BM25, DENSE), depth=5)  # type: ignore[arg-type]
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.engine.ready)
        await pilot.press("escape", "Q")
        await told(pilot, "There is no query yet whose documents could be judged.")
        gate = engine.hold("list", system=1)
        await pilot.press("n")
        await gate.reached()
        await pilot.press("Q")
        await told(pilot, "The lists are still coming: what they hold can be judged when they are there.")
        gate.release()
        await until(pilot, lambda: not app.compare.session.running)
        await pilot.press("Q")
        await until(pilot, lambda: isinstance(app.screen, PoolScreen) and "most relevant" in shown(pilot))
        assert app.screen.measures == ("nDCG@5",)  # the lists go no deeper
        about = engine.asked_for(ReadPool)[0].pooling.about
        assert isinstance(about, OneQuery)
        session = app.compare.session
        assert (about.query_id, about.query_text, about.systems) == (session.qid, session.query, (BM25, DENSE))
        assert about.lists == tuple(tuple(row.doc_id for row in each.rows) for each in session.lists)
        asked = len(engine.asked_for(ReadKept))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.compare)
        await until(pilot, lambda: len(engine.asked_for(ReadKept)) == asked + 1)  # what was judged is marked


async def test_the_queries_of_an_evaluation_are_those_that_the_table_shows() -> None:
    engine = StoredEngine()
    engine.problems[ReadPool] = Problem("no query of the evaluation matches: there is nothing to judge.")
    app = ZsrTuiApp(engine, dataset="demo", systems=(BM25,))  # type: ignore[arg-type]
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await until(pilot, lambda: screen.item is not None)
        await pilot.press("m", "w", "Q")
        await until(pilot, lambda: "there is nothing to judge" in shown(pilot))
        pooling = engine.asked_for(ReadPool)[0].pooling
        assert pooling.about == Filtered(evaluation=ID, selection=screen.choice.selection)
        assert pooling.about.selection.sign == "win"
        assert (pooling.dataset, pooling.measure) == ("demo", screen.choice.selection.measure)
        assert pooling.measure != QuerySelection().measure
        asked = len(engine.asked_for(ReadQueries))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await until(pilot, lambda: len(engine.asked_for(ReadQueries)) > asked)  # the numbers may be others
