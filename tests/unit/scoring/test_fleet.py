"""Several devices: GPUs that this machine lacks are made up, with the errors that CUDA raises."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families.base import Prepared
from zsr_tui.scoring.fleet import Fleet
from zsr_tui.scoring.jobs import Job
from zsr_tui.scoring.pool import Pool
from zsr_tui.scoring.weights import ResolvedModel
from zsr_tui.scoring.work import Scoring
from zsr_tui.scoring.worker import Worker

from .made_up import Lengths, resolved

ILLEGAL = "CUDA error: an illegal memory access was encountered"
LOST = [
    RuntimeError(ILLEGAL),
    RuntimeError("CUDA error: device-side assert triggered\nCompile with `TORCH_USE_CUDA_DSA`"),
    RuntimeError("CUDA error: unspecified launch failure"),
    getattr(torch, "AcceleratorError", RuntimeError)("CUDA error: uncorrectable ECC error encountered"),
]


class Machine:
    """GPUs with 100 bytes each. `fails[name]` raises in that device's next batches; `ran[name]` counts its inputs."""

    def __init__(self, count: int) -> None:
        self.gpus = [Device(f"cuda:{index}", budget_bytes=100, tokens=4) for index in range(count)]
        self.fails: dict[str, Exception] = {}
        self.ran: dict[str, int] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.fleet = Fleet(lambda: self.gpus, self._worker)

    def _worker(self, device: Device, on_lost: Any) -> Worker:
        machine = self

        class Scorer(Lengths):
            def run(self, batch: Sequence[Prepared]) -> np.ndarray:
                machine.gate.wait()
                if device.name in machine.fails:
                    raise machine.fails[device.name]
                time.sleep(0.002)  # a device takes its time, in which the other works
                machine.ran[device.name] = machine.ran.get(device.name, 0) + len(batch)
                return super().run(batch)

        def load(model: ResolvedModel, device: Device) -> Any:
            return Scorer()

        return Worker(device, Pool(device, load), on_lost)

    def ask(self, count: int, model: str = "a", size: int = 8, **how: Any) -> Job:
        return self.fleet.submit(Job(resolved(model, size), Scoring("query", ["w w"] * count), **how))


@pytest.fixture
def two() -> Iterator[Machine]:
    machine = Machine(2)
    yield machine
    machine.gate.set()
    machine.fleet.close()


def scores(job: Job) -> list[float]:
    return [score for batch in job.results() for score in batch.scores]


def test_a_model_is_placed_where_it_is_loaded(two: Machine) -> None:
    for _ in range(3):
        scores(two.ask(5))
    assert two.ran == {"cuda:0": 15}


def test_models_are_placed_where_there_is_room(two: Machine) -> None:
    scores(two.ask(5, "a", 80))
    scores(two.ask(5, "b", 80))
    scores(two.ask(5, "a", 80))
    assert [worker.pool.labels for worker in two.fleet.workers] == [("a",), ("b",)]


def test_a_large_job_is_split_over_all_devices_that_have_room(two: Machine) -> None:
    assert scores(two.ask(2000)) == [2.0] * 2000
    assert set(two.ran) == {"cuda:0", "cuda:1"}
    assert sum(two.ran.values()) == 2000  # nothing is scored twice


@pytest.mark.parametrize("error", LOST, ids=lambda error: str(error)[:40])
def test_work_of_a_lost_device_goes_on_on_another_and_says_so(two: Machine, error: Exception) -> None:
    said: list[str] = []
    two.fails["cuda:0"] = error
    assert scores(two.ask(30, on_load=said.append)) == [2.0] * 30
    assert "cuda:0 was lost, going on" in said
    assert two.ran == {"cuda:1": 30}
    assert scores(two.ask(5)) == [2.0] * 5  # nothing is sent there any more
    assert [worker.lost for worker in two.fleet.workers] == [True, False]


def test_a_split_job_loses_nothing_with_one_of_its_devices(two: Machine) -> None:
    two.gate.clear()
    job = two.ask(1000)
    two.fails["cuda:1"] = RuntimeError(ILLEGAL)
    two.gate.set()
    assert scores(job) == [2.0] * 1000
    assert two.ran == {"cuda:0": 1000}


def test_out_of_memory_is_not_a_lost_device(two: Machine) -> None:
    two.fails["cuda:0"] = RuntimeError("CUDA error: out of memory")
    with pytest.raises(Problem, match="not enough memory for a single input"):
        scores(two.ask(3))
    del two.fails["cuda:0"]
    assert scores(two.ask(3)) == [2.0] * 3
    assert two.ran == {"cuda:0": 3}


def test_without_another_device_the_list_says_what_to_do() -> None:
    machine = Machine(1)
    machine.fails["cuda:0"] = RuntimeError(ILLEGAL)
    for _ in range(2):  # the request that met it, and the next
        with pytest.raises(Problem, match=r"cuda:0 was lost while it scored: .*ZSR_TUI_CPU_FALLBACK=1"):
            scores(machine.ask(5))
    machine.fleet.close()


def test_the_processor_takes_over_if_the_user_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_CPU_FALLBACK", "1")
    machine = Machine(1)
    machine.fails["cuda:0"] = RuntimeError(ILLEGAL)
    assert scores(machine.ask(30)) == [2.0] * 30
    assert machine.ran == {"cpu": 30}
    machine.fleet.close()


def test_a_device_that_is_not_here_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_DEVICES", "cuda:7")
    devices.for_torch.cache_clear()
    try:
        with pytest.raises(Problem, match=r"ZSR_TUI_DEVICES names cuda:7, .* it has .*cpu"):
            devices.for_torch()
    finally:
        devices.for_torch.cache_clear()


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_the_user_may_choose_the_precision(monkeypatch: pytest.MonkeyPatch, precision: str) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", precision)
    assert devices.torch_precision() == precision


def test_an_unknown_precision_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "int4")
    with pytest.raises(Problem, match="ZSR_TUI_PRECISION is 'int4': write fp32, bf16 or fp16"):
        devices.torch_precision()
