"""An engine process is killed while somebody judges: what was acknowledged stays, and the screen goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.ui.reading import text_of
from tests.waiting import until
from zsr_tui.api.judging import ReadJudgments
from zsr_tui.api.pooling import OneQuery
from zsr_tui.client.engine import Engine
from zsr_tui.corpora import open_corpus
from zsr_tui.ui.judging.pool.screen import PoolScreen
from zsr_tui.ui.keys.action import ANYWHERE
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.parts.messages import Poolable

QUERY = "how warm is warm water"  # nobody has judged it
DOCS, KILLED_AT = 6, 2


class JudgingApp(KeyedApp):
    def __init__(self, engine: Engine, doc_ids: tuple[str, ...]) -> None:
        super().__init__()
        self.keys = KeyTable()
        self.keys.install(self, ANYWHERE)
        about = OneQuery(query_text=QUERY, systems=("bm25", "bm25(k1=2)"), lists=(doc_ids, doc_ids[::-1]))
        self.pool = PoolScreen(engine, Poolable(dataset="demo", about=about, measures=("nDCG@10",)), seed=7)

    def on_mount(self) -> None:
        self.push_screen(self.pool)


async def test_a_killed_engine_loses_no_judgment_that_was_acknowledged_and_judging_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    doc_ids = tuple(doc.id for doc, _ in zip(open_corpus("demo").iter_docs(), range(DOCS), strict=False))
    engine = Engine()
    app = JudgingApp(engine, doc_ids)
    pool, acknowledged = app.pool, set[str]()
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            looks = 0
            while True:
                await until(pilot, lambda: pool.view is not None and pool.view.looks == looks)  # noqa: B023
                if pool.item is None:
                    break
                key = (pool.item.dataset, pool.item.query_text, pool.item.doc_id)
                await until(pilot, lambda: pool._shown == key)  # noqa: B023
                acknowledged.add(pool.item.doc_id)  # once there is another look
                await pilot.press("1")
                if looks == KILLED_AT:
                    assert engine.process.pid is not None
                    os.kill(engine.process.pid, signal.SIGKILL)  # the question, or its answer, is on the way
                looks += 1
            assert engine.restarts == 1
            await until(pilot, lambda: "Seed of the order" in text_of(app))
            assert "with your 6 judgments" in text_of(app)
        kept = (await engine.call(ReadJudgments(dataset="demo", query_text=QUERY))).items
        assert sorted(each.judgment.doc_id for each in kept) == sorted(acknowledged) == sorted(doc_ids)
        assert {each.judgment.grade for each in kept} == {1}
    finally:
        await engine.close()
