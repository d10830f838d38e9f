"""A model that judges is started from the pool: what it costs is asked first, and it goes on without the window."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui.fake.engine import FakeEngine
from tests.ui.fake.pool import FakePool
from tests.waiting import until
from zsr_tui.api.agreement import Between
from zsr_tui.api.model_jobs import BeginModelJob, ModelDesk, ModelJob, ReadModelDesk, ReadModelJob, StopModelJob
from zsr_tui.api.model_judging import ModelPlanned
from zsr_tui.domain import Problem
from zsr_tui.ui.judging.model import screen as model_screen
from zsr_tui.ui.judging.model.screen import ModelScreen

from .screen import PoolApp, shown

PLAN = ModelPlanned(request="", model="org/judge", host="localhost:8000", requests=12, characters=40_000)
NOTHING = replace(PLAN, requests=0, characters=0, known=12)
AGREES = Between(
    first="people", second="org/judge", shared=12, same=9, kappa=0.61, weighted=0.7, relevant=0.66,
    grades=(0, 1), matrix=((4, 1), (2, 5)),
)  # fmt: skip


class Judging:
    """An engine's answers: what it was asked to begin, how far that is."""

    def __init__(self, engine: FakeEngine) -> None:
        self.desk = ModelDesk(check=PLAN, pool=replace(PLAN, requests=30, known=4))
        self.job: ModelJob | None = None
        engine.answers |= {
            ReadModelDesk: lambda _: replace(self.desk, job=self.job),
            BeginModelJob: self.begin,
            ReadModelJob: lambda _: self.job,
            StopModelJob: lambda _: self.stop(),
        }

    def begin(self, asked: BeginModelJob) -> ModelJob:
        self.job = ModelJob(checking=asked.check > 0, total=12 if asked.check else 30, done=3, grades={"1": 3})
        return self.job

    def stop(self) -> None:
        assert self.job is not None
        self.job = replace(self.job, state="stopped")


async def test_cost_and_address_are_asked_agreement_comes_first_and_it_goes_on_when_the_window_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZSR_TUI_JUDGING_PRICE", "1 / 2 USD")
    monkeypatch.setattr(model_screen, "EVERY", 0.1)
    engine = FakeEngine()
    judging = Judging(engine)
    app = PoolApp(engine, FakePool(tuple(engine.docs)[:3]))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "3 left" in shown(pilot))
        await pilot.press("M")
        await until(pilot, lambda: "org/judge at localhost:8000" in shown(pilot))
        assert "▶ 1  judged by people: 12 requests, about 10k tokens, 0.0102 USD" in shown(pilot)
        assert "how far it agrees with people is not known: its grades count nowhere" in shown(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Send them?" in shown(pilot))
        said = " ".join(shown(pilot).split())
        assert "12 documents to org/judge at localhost:8000." in said
        assert "0.0102 USD." in said
        assert engine.asked_for(BeginModelJob) == []
        await pilot.press("right", "enter")  # send nothing
        await pilot.press("enter")
        await until(pilot, lambda: "Send them?" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "3 of 12 judged by people · c stops" in shown(pilot))
        assert [asked.check for asked in engine.asked_for(BeginModelJob)] == [50]
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.pool)
        assert judging.job is not None
        assert judging.job.state == "running"  # leaving has stopped nothing
        await pilot.press("M")
        await until(pilot, lambda: "3 of 12 judged by people" in shown(pilot))
        judging.desk = replace(judging.desk, check=NOTHING, humans=(AGREES,))
        judging.job = replace(judging.job, state="finished", done=12, grades={"1": 10, "0": 1}, failures={"prose": 1})
        await until(pilot, lambda: "Cohen's kappa 0.61" in shown(pilot))
        assert "graded 11 (1 of grade 0, 10 of grade 1), 1 failed and have no grade" in shown(pilot)
        assert "1 × prose" in shown(pilot)
        assert "▶ 2  the pool: 30 requests" in shown(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "30 documents to org/judge" in " ".join(shown(pilot).split()))
        await pilot.press("enter")
        await until(pilot, lambda: "3 of 30 of the pool" in shown(pilot))
        await pilot.press("c")
        await until(pilot, lambda: "stopped, what was graded is kept" in shown(pilot))
        assert len(engine.asked_for(StopModelJob)) == 1


async def test_without_a_server_it_says_what_to_set() -> None:
    engine = FakeEngine()
    engine.problems[ReadModelDesk] = Problem("no server judges: set address in [judging] of config.toml.")
    app = PoolApp(engine, FakePool(tuple(engine.docs)[:3]))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "3 left" in shown(pilot))
        await pilot.press("M")
        await until(pilot, lambda: "no server judges: set address in [judging]" in shown(pilot))
        await pilot.press("enter")
        assert isinstance(app.screen, ModelScreen)
