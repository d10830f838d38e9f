"""The screens of judging in a small application, and reading them as a user does."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tests.ui.fake.engine import BM25, DATASET, DENSE, FakeEngine
from tests.ui.fake.pool import FakePool
from tests.ui.reading import text_of
from zsr_tui.api.pooling import OneQuery
from zsr_tui.ui.judging.pool.screen import PoolScreen
from zsr_tui.ui.keys.action import ANYWHERE
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.parts.messages import Poolable

SIZES = [(80, 24), (120, 40), (200, 50)]
SEED = 4711


class Clock:
    """Goes on by `step` seconds with every look at it."""

    def __init__(self, step: float = 4.0) -> None:
        self.step, self.now = step, 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class PoolApp(KeyedApp):
    def __init__(self, engine: FakeEngine, pool: FakePool) -> None:
        super().__init__()
        self.keys = KeyTable()
        self.keys.install(self, ANYWHERE)
        engine.answers.update(pool.answers)  # type: ignore[arg-type]
        lists = (tuple(engine.docs)[:4], tuple(engine.docs)[2:6])
        about = OneQuery(query_id="42", query_text="vitamin B12", systems=(BM25, DENSE), lists=lists)
        self.pool = PoolScreen(
            engine, Poolable(dataset=DATASET, about=about, measures=("nDCG@10", "RR@10")), seed=SEED, clock=Clock()
        )

    def on_mount(self) -> None:
        self.push_screen(self.pool)


def shown(pilot: Pilot[Any]) -> str:
    return text_of(pilot.app)
