"""A worker whose batches wait until a test lets them go on."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.waiting import wait_for
from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.jobs import CHANGE, Job
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.queue.work import Scoring, Work
from zsr_tui.scoring.queue.worker import Worker
from zsr_tui.scoring.scorer import Prepared

from ..made_up import Lengths, LengthVectors, resolved

DEVICE = Device("cpu", budget_bytes=100, tokens=4)


class Bench:
    """A worker with made-up models. A model named "gated" waits in every batch until the test lets it go on; `log`
    has the loads, and of each gated batch its texts. Every batch takes one second by the worker's clock."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.gate = threading.Semaphore(0)
        self.began = threading.Event()
        self.at_gate = 0
        self.worker = Worker(DEVICE, Pool(DEVICE, self._load), clock=itertools.count().__next__)

    def _load(self, model: ResolvedModel, device: Device) -> Any:
        self.log.append(f"load {model.info.name}")
        if model.info.name == "broken":
            raise Problem("broken cannot be loaded.")
        if model.info.name.startswith("gated"):
            return Gated(self)
        return LengthVectors() if model.info.name == "encoder" else Lengths()

    def tokenise_at_once(self) -> None:
        """What is asked for is ready when the device has its next batch: which batches run is no matter of threads."""
        self.worker._tokeniser.submit = lambda work: work()  # type: ignore[method-assign,assignment]

    def ask(self, work: Work, model: str = "gated", size: int = 8, **how: Any) -> Job:
        return self.worker.submit(Job(resolved(model, size), work, **how))

    def score(self, name: str, batches: int, **how: Any) -> Job:
        """Work that fills so many batches: each text has the tokens of a whole one."""
        return self.ask(Scoring("query", [f"{name} a b c" for _ in range(batches)]), **how)

    def go(self, batches: int = 1000) -> None:
        self.gate.release(batches)

    def step(self) -> None:
        """One batch, when everything that could be in its place had its chance."""
        self.settle()
        with CHANGE:
            self.at_gate -= 1
        self.go(1)

    @property
    def ran(self) -> list[str]:
        return [" ".join(text.split()[0] for text in batch) for batch in self.log if isinstance(batch, list)]

    def settle(self) -> None:
        """Until a batch is at the gate and no job is being tokenised."""
        wait_for(lambda: self.at_gate > 0 and not any(job._tokenising for job in self.worker._jobs), told=CHANGE)


class Gated(Lengths):
    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        self.bench.began.set()
        with CHANGE:
            self.bench.at_gate += 1
            CHANGE.notify_all()
        self.bench.gate.acquire()
        self.bench.log.append([prepared.payload for prepared in batch])
        return super().run(batch)

    def prepare_pairs(self, query: str, texts: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[Prepared]:
        return self.prepare(query, [texts[first] for first, _ in pairs])
