"""A device that takes batches before it is done with the last, as a GPU does."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from tests.waiting import wait_for
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue import batching, flight
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import CHANGE, Job
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.queue.work import Scoring
from zsr_tui.scoring.queue.worker import AHEAD, Worker
from zsr_tui.scoring.scorer import Prepared

from ..made_up import Lengths, resolved

ILLEGAL = "CUDA error: an illegal memory access was encountered"
FULL = "CUDA out of memory. Tried to allocate 2.00 GiB"


class Gpu(Lengths):
    """Batches that were started and not waited for are `flying`; the first waits at `gate`. `check(batch)` is called
    when one starts, `meet(batch)` when its rows are asked for."""

    packed = True

    def __init__(self) -> None:
        super().__init__()
        self.flying: list[list[str]] = []
        self.order: list[list[str]] = []
        self.gate = threading.Event()
        self.check: Callable[[list[str]], None] = lambda batch: None
        self.meet: Callable[[list[str]], None] = lambda batch: None

    def start(self, batch: Sequence[Prepared]) -> Any:
        texts = [each.payload for each in batch]
        self.check(texts)
        with CHANGE:
            self.flying.append(texts)
            self.order.append(texts)
            CHANGE.notify_all()
        return _Running(self, batch)


class _Running:
    seconds = 0.001

    def __init__(self, gpu: Gpu, batch: Sequence[Prepared]) -> None:
        self._gpu, self._batch = gpu, batch

    def rows(self) -> np.ndarray:
        self._gpu.gate.wait()
        texts = [each.payload for each in self._batch]
        with CHANGE:
            self._gpu.flying.remove(texts)
        self._gpu.meet(texts)
        return self._gpu.run(self._batch)


@pytest.fixture(autouse=True)
def no_cuda_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flight, "_stream", lambda device, urgent: nullcontext())
    monkeypatch.setattr(batching, "_lost", [])


@pytest.fixture
def gpu() -> Gpu:
    return Gpu()


@pytest.fixture
def worker(gpu: Gpu) -> Iterator[Worker]:
    device = Device("cuda:0", budget_bytes=100, tokens=4)
    worker = Worker(device, Pool(device, lambda model, device: gpu))
    yield worker
    gpu.gate.set()
    worker.close()


def job(texts: Sequence[str], **how: Any) -> Job:
    return Job(resolved(), Scoring("query", texts), **how)


def found(asked: Job) -> dict[int, float]:
    """Scores by position; none comes twice."""
    pairs = [pair for batch in asked.results() for pair in zip(batch.indices, batch.scores, strict=True)]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def texts(name: str, count: int) -> list[str]:
    return [f"{name}{number}" + " w" * (number % 4) for number in range(count)]


def right(asked: Sequence[str]) -> dict[int, float]:
    return {place: float(len(text.split())) for place, text in enumerate(asked)}


def test_batches_are_on_their_way_before_the_first_is_waited_for(gpu: Gpu, worker: Worker) -> None:
    asked = texts("a", 40)
    waiting = worker.submit(job(asked))
    wait_for(lambda: len(gpu.flying) == AHEAD, told=CHANGE)
    assert worker.waiting == 0  # it is at work
    gpu.gate.set()
    assert found(waiting) == right(asked)
    assert sum(map(len, gpu.order)) == 40


def test_a_packed_batch_is_filled_by_what_the_texts_have_and_across_chunks(gpu: Gpu, worker: Worker) -> None:
    gpu.gate.set()
    asked = ["w"] * 11 + ["w w"] * 30
    assert found(worker.submit(job(asked, interactive=False))) == right(asked)
    sizes = [sum(len(text.split()) for text in batch) for batch in gpu.order]
    assert max(sizes) == 4
    assert sum(size < 4 for size in sizes) <= 3


def test_interactive_work_starts_beside_background_work_that_fills_the_device(gpu: Gpu, worker: Worker) -> None:
    slow = worker.submit(job(texts("background", 40), interactive=False))
    wait_for(lambda: len(gpu.flying) == AHEAD, told=CHANGE)  # none of which ends before the test says so
    quick = worker.submit(job(texts("query", 3)))
    wait_for(lambda: gpu.flying[-1][0].startswith("query"), told=CHANGE)
    gpu.gate.set()
    assert found(quick) == right(texts("query", 3))
    assert found(slow) == right(texts("background", 40))


def left(gpu: Gpu, worker: Worker) -> None:
    """A request that nobody waits for any more, with batches on their way."""
    cancel = CancelToken()
    asked = worker.submit(job(texts("a", 40), cancel=cancel))
    wait_for(lambda: len(gpu.flying) == AHEAD, told=CHANGE)
    cancel.cancel()
    with pytest.raises(Cancelled):
        found(asked)
    wait_for(lambda: asked.ended, told=CHANGE)


def test_batches_that_nobody_waits_for_any_more_do_not_hold_up_the_next_model(gpu: Gpu, worker: Worker) -> None:
    left(gpu, worker)
    asked = worker.submit(Job(resolved("b"), Scoring("query", ["w w"]), interactive=False))  # there is room beside them
    wait_for(lambda: worker._serving is asked)  # which waits for the device to be free
    gpu.gate.set()
    assert found(asked) == {0: 2.0}


def test_batches_that_nobody_waits_for_any_more_do_not_hold_up_the_end(gpu: Gpu, worker: Worker) -> None:
    left(gpu, worker)
    closing = threading.Thread(target=worker.close)
    closing.start()
    wait_for(lambda: worker._closed, told=CHANGE)
    gpu.gate.set()
    closing.join()


def test_memory_that_is_short_beside_others_loses_nothing(gpu: Gpu, worker: Worker) -> None:
    def check(batch: list[str]) -> None:
        if len(gpu.flying) > 1:
            raise RuntimeError(FULL)

    gpu.check = check
    gpu.gate.set()
    asked = texts("a", 40)
    assert found(worker.submit(job(asked))) == right(asked)
    assert sum(map(len, gpu.batches)) == 40  # nothing is scored twice


def test_an_error_that_shows_itself_late_is_that_of_its_own_request(gpu: Gpu, worker: Worker) -> None:
    def meet(batch: list[str]) -> None:
        if any(text.startswith("poison") for text in batch):
            raise ValueError("poison")

    gpu.meet = meet
    run = gpu.run

    def picky(batch: Sequence[Prepared]) -> np.ndarray:
        meet([each.payload for each in batch])
        return run(batch)

    gpu.run = picky  # type: ignore[method-assign]
    blocker = worker.submit(job(texts("blocker", 40)))
    wait_for(lambda: len(gpu.flying) == AHEAD, told=CHANGE)
    bad, good = worker.submit(job(["poison"])), worker.submit(job(["sound"]))
    gpu.gate.set()
    assert found(good) == {0: 1.0}
    with pytest.raises(Exception, match="failed while it worked: ValueError"):
        found(bad)
    assert found(blocker) == right(texts("blocker", 40))


def test_batches_on_their_way_to_a_lost_device_go_to_another_once() -> None:
    gpus = {"cuda:0": Gpu(), "cuda:1": Gpu()}
    devices = [Device(name, budget_bytes=100, tokens=4) for name in gpus]

    def make(device: Device, on_lost: Any) -> Worker:
        return Worker(device, Pool(device, lambda model, device: gpus[device.name]), on_lost)

    def lost(batch: list[str]) -> None:
        raise RuntimeError(ILLEGAL)

    gpus["cuda:0"].meet = lost
    fleet = Fleet(lambda: devices, make)
    asked = texts("a", 600)
    waiting = fleet.submit(job(asked))
    wait_for(lambda: len(gpus["cuda:0"].flying) == AHEAD, told=CHANGE)
    for each in gpus.values():
        each.gate.set()
    assert found(waiting) == right(asked)
    assert gpus["cuda:0"].batches == []
    assert sum(map(len, gpus["cuda:1"].batches)) == 600
    fleet.close()


@pytest.mark.parametrize("seed", range(6))
def test_of_four_devices_two_may_be_lost_at_any_moment(seed: int) -> None:
    chance = random.Random(seed)
    gpus = {f"cuda:{number}": Gpu() for number in range(4)}
    devices = [Device(name, budget_bytes=100, tokens=8) for name in gpus]
    for name in chance.sample(sorted(gpus), 2):
        left = iter(range(chance.randrange(60)))
        when = chance.choice(["check", "meet"])

        def lost(batch: list[str], left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise RuntimeError(ILLEGAL)

        setattr(gpus[name], when, lost)
    for each in gpus.values():
        each.gate.set()

    def make(device: Device, on_lost: Any) -> Worker:
        return Worker(device, Pool(device, lambda model, device: gpus[device.name]), on_lost)

    fleet = Fleet(lambda: devices, make)
    wanted = [texts(f"job{number}-", chance.randrange(1, 200)) for number in range(6)]
    jobs = [
        fleet.submit(job(asked, interactive=chance.random() < 0.5, owner=str(chance.randrange(3)))) for asked in wanted
    ]
    for waiting, asked in zip(jobs, wanted, strict=True):
        assert found(waiting) == right(asked)
    fleet.close()


def test_what_the_device_took_is_shared_out_to_those_who_were_in_its_batches(gpu: Gpu, worker: Worker) -> None:
    gpu.gate.set()
    batches = list(worker.submit(job(texts("a", 40))).results())
    assert sum(batch.seconds for batch in batches) == pytest.approx(0.001 * len(gpu.order))


@pytest.fixture
def due(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What networks have to record on this worker's device, whatever workers other tests have left; the test adds to
    it."""
    left: list[str] = []
    monkeypatch.setattr(batching, "is_due", lambda device: device is worker.device and bool(left))
    return left


def test_what_is_due_is_recorded_when_nobody_at_a_screen_waits(
    gpu: Gpu, worker: Worker, due: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[tuple[str, int]] = []

    def record(device: Device) -> None:
        with CHANGE:
            recorded.append((due.pop(), len(gpu.flying)))
            CHANGE.notify_all()

    monkeypatch.setattr(batching, "record_due", record)
    quick = worker.submit(job(texts("query", 40)))
    wait_for(lambda: len(gpu.flying) == AHEAD, told=CHANGE)
    due.extend(["first", "second"])
    worker.submit(job(["background"], interactive=False))
    wait_for(lambda: any("background" in batch for batch in gpu.flying), told=CHANGE)  # it has room beside the others
    assert recorded == []
    gpu.gate.set()
    assert found(quick) == right(texts("query", 40))
    wait_for(lambda: len(recorded) == 2, told=CHANGE)


def test_what_is_due_is_recorded_before_a_batch_of_the_background(
    gpu: Gpu, worker: Worker, due: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    flying: list[int] = []
    monkeypatch.setattr(batching, "record_due", lambda device: (due.clear(), flying.append(len(gpu.order))))

    def check(batch: list[str]) -> None:
        if not gpu.order:
            due.append("a layout")

    gpu.check = check
    slow = worker.submit(job(texts("background", 40), interactive=False))
    wait_for(lambda: len(gpu.flying) == AHEAD, told=CHANGE)
    assert flying == [1]  # before the second batch, and the device has had the first
    gpu.gate.set()
    assert found(slow) == right(texts("background", 40))
