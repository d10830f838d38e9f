"""zsr-tui index --json: which systems are ready, and what is to be known, for a program."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence

import pytest

from tests.ui.fake.engine import BM25, DATASET, DENSE, FakeEngine
from zsr_tui.api.events import Event, Failed, JobProgress, PrepareFinished
from zsr_tui.api.requests import ProblemView, Request
from zsr_tui.commands import index
from zsr_tui.domain import Problem
from zsr_tui.progress import Forecast, Progress

LONG = Forecast("encoding x with m", 10, "documents", "cpu", 7200.0, "1 documents/s", "bench")


class Told(FakeEngine):
    """A preparation says these events."""

    def __init__(self, *events: Event) -> None:
        super().__init__()
        self.told: Sequence[Event] = events

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:  # type: ignore[override]
        for event in self.told:
            yield event


@pytest.mark.parametrize(
    ("event", "failed", "notes", "code"),
    [
        (PrepareFinished(request="r", notes=("3 judgments lack documents.",)), [None, None], 1, 0),
        (PrepareFinished(request="r", problems={DENSE: "no such model"}), [None, "no such model"], 0, 1),
        (Failed(request="r", problem=ProblemView.of(Problem("the disk is full"))), ["the disk is full"] * 2, 0, 1),
    ],
    ids=["all are ready", "one lacks a model", "nothing could be made"],
)
def test_a_program_reads_which_systems_are_ready(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    event: Event,
    failed: list[str | None],
    notes: int,
    code: int,
) -> None:
    engine = Told(JobProgress(request="r", progress=Progress("x", 1, 10, "documents", forecast=LONG)), event)
    monkeypatch.setattr(index, "with_engine", lambda work: asyncio.run(work(engine)))
    assert index.run(DATASET, (BM25, DENSE), as_json=True) == code
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert [(each["system"], each["failed"]) for each in found["systems"]] == list(
        zip((BM25, DENSE), failed, strict=True)
    )
    assert len(found["notes"]) == notes
    assert found["forecasts"][0]["seconds"] == 7200.0
    assert "about 2.0 hours" in printed.err
    if set(failed) == {"the disk is full"}:
        assert "the disk is full" in printed.err
        with pytest.raises(Problem, match="the disk is full"):
            index.run(DATASET, (BM25, DENSE))
