"""Several devices: GPUs that this machine lacks are made up, with the errors that CUDA raises."""

from __future__ import annotations

import itertools
import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import numpy as np
import pytest
import torch

from tests.waiting import DEADLINE, wait_for
from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.networks import fused
from zsr_tui.scoring.queue import batching
from zsr_tui.scoring.queue.fleet import Fleet
from zsr_tui.scoring.queue.jobs import CHANGE, Job, only
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.queue.work import Loading, Scoring
from zsr_tui.scoring.queue.worker import Worker
from zsr_tui.scoring.scorer import Prepared

from ..made_up import Lengths, resolved

ILLEGAL = "CUDA error: an illegal memory access was encountered"
LOST = [
    RuntimeError(ILLEGAL),
    RuntimeError("CUDA error: device-side assert triggered\nCompile with `TORCH_USE_CUDA_DSA`"),
    RuntimeError("CUDA error: unspecified launch failure"),
    getattr(torch, "AcceleratorError", RuntimeError)("CUDA error: uncorrectable ECC error encountered"),
]


@pytest.fixture(autouse=True)
def nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the process, which ends with its devices elsewhere."""
    monkeypatch.setattr(batching, "_lost", [])
    monkeypatch.setattr(fused, "_ended", False)


class Machine:
    """GPUs with 100 bytes each. `fails[name]` raises in that device's next batches; `ran[name]` counts its inputs;
    `before(name)` is called ahead of every batch, `before_tokenising` ahead of every chunk."""

    def __init__(self, count: int, last_lost: Callable[[], None] | None = None) -> None:
        self.gpus = [Device(f"cuda:{index}", budget_bytes=100, tokens=4) for index in range(count)]
        self.fails: dict[str, Exception] = {}
        self.ran: dict[str, int] = {}
        self.before: Callable[[str], object] = lambda name: None
        self.before_tokenising: Callable[[], object] = lambda: None
        self.fleet = Fleet(lambda: self.gpus, self._worker, last_lost)

    def _worker(self, device: Device, on_lost: Any) -> Worker:
        machine = self

        class Scorer(Lengths):
            def prepare(self, first: Any, second: Any) -> list[Prepared]:
                machine.before_tokenising()
                return super().prepare(first, second)

            def run(self, batch: Sequence[Prepared]) -> np.ndarray:
                machine.before(device.name)
                if device.name in machine.fails:
                    raise machine.fails[device.name]
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
    assert [[model.info.label for model in worker.pool.models] for worker in two.fleet.workers] == [["a"], ["b"]]


def meeting() -> Callable[[str], None]:
    """Each of two devices waits for the other before its first batch."""
    together = threading.Barrier(2, timeout=DEADLINE)
    met: set[str] = set()

    def meet(name: str) -> None:
        if name not in met:
            met.add(name)
            together.wait()

    return meet


def test_a_large_job_is_split_over_all_devices_that_have_room(two: Machine) -> None:
    two.before = meeting()
    assert scores(two.ask(2000)) == [2.0] * 2000
    assert set(two.ran) == {"cuda:0", "cuda:1"}
    assert sum(two.ran.values()) == 2000  # nothing is scored twice


def test_small_jobs_in_the_background_are_spread_over_all_devices(two: Machine) -> None:
    assert two.fleet.at_once == 1  # nothing has asked for a device
    scores(two.ask(5))
    assert two.fleet.at_once == 4
    two.before, two.ran = meeting(), {}
    for job in [two.ask(100, interactive=False) for _ in range(two.fleet.at_once)]:
        assert scores(job) == [2.0] * 100
    assert set(two.ran) == {"cuda:0", "cuda:1"}
    for _ in range(2):
        wait_for(lambda: not any(worker.load for worker in two.fleet.workers))
        scores(two.ask(5, "b", interactive=False))  # nothing else waits: where it is
    assert [worker.pool.holds("b") for worker in two.fleet.workers] == [True, False]


class Held:
    """Keeps the device that comes first in its first batch, until the other has run all `but` so many inputs and
    has nothing to do but to wait."""

    def __init__(self, machine: Machine, inputs: int) -> None:
        self._machine, self._inputs = machine, inputs
        self._lock = threading.Lock()
        self.first = ""

    def __call__(self, name: str) -> None:
        with self._lock:
            held, self.first = not self.first, self.first or name
        if held:
            with CHANGE:
                done = CHANGE.wait_for(lambda: sum(self._machine.ran.values()) >= self._inputs, timeout=DEADLINE)
            assert done, f"the other device ran {self._machine.ran}"


class Asleep:
    """Sees which of the devices' threads wait for something to do."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._names: set[str] = set()
        self._noted = threading.Condition()
        self._wait = CHANGE.wait
        patch.setattr(CHANGE, "wait", self._watched)

    def _watched(self, timeout: float | None = None) -> bool:
        name = threading.current_thread().name
        self._note(self._names.add, name)
        try:
            return self._wait(timeout)
        finally:
            self._note(self._names.discard, name)

    def _note(self, change: Callable[[str], None], name: str) -> None:
        with self._noted:
            change(name)
            self._noted.notify_all()

    def all_of(self, *devices: str) -> None:
        with self._noted:
            assert self._noted.wait_for(
                lambda: {f"scoring-{name}" for name in devices} <= self._names, timeout=DEADLINE
            )


def test_a_chunk_wakes_every_device_that_waits_for_it(two: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenise = threading.Event()
    two.before_tokenising = tokenise.wait
    two.before = held = Held(two, 998)
    asleep = Asleep(monkeypatch)
    job = two.ask(1000)
    asleep.all_of("cuda:0", "cuda:1")  # one of them has begun the job, nothing of which is tokenised
    tokenise.set()
    assert scores(job) == [2.0] * 1000
    assert two.ran[held.first] == 2


def test_a_device_that_is_busy_does_not_keep_the_other_from_a_split_job(two: Machine) -> None:
    two.before = held = Held(two, 998)
    assert scores(two.ask(1000)) == [2.0] * 1000
    assert two.ran[held.first] == 2  # the batch that it was held in


def test_a_device_that_waits_takes_over_what_a_lost_one_gives_back(
    two: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, other = Held(two, 998), {"cuda:0": "cuda:1", "cuda:1": "cuda:0"}
    asleep = Asleep(monkeypatch)

    def before(name: str) -> None:
        held(name)
        if name == held.first:
            asleep.all_of(other[name])
            raise RuntimeError(ILLEGAL)

    two.before = before
    assert scores(two.ask(1000)) == [2.0] * 1000
    assert held.first not in two.ran
    assert sum(two.ran.values()) == 1000


def test_what_a_lost_device_gives_back_wakes_one_that_waits_for_the_next_chunk(
    two: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, other = Held(two, 8), {"cuda:0": "cuda:1", "cuda:1": "cuda:0"}
    asleep = Asleep(monkeypatch)
    chunks, rest = itertools.count(), threading.Event()

    def before(name: str) -> None:
        held(name)
        if name == held.first:
            asleep.all_of(other[name])
            raise RuntimeError(ILLEGAL)

    two.before = before
    two.before_tokenising = lambda: next(chunks) == 0 or rest.wait()  # only the first ten inputs are tokenised
    job = two.ask(1000)
    with CHANGE:
        assert CHANGE.wait_for(lambda: sum(two.ran.values()) >= 10, timeout=DEADLINE)
    rest.set()
    assert scores(job) == [2.0] * 1000


@pytest.mark.parametrize("error", LOST, ids=["illegal access", "assert", "launch failure", "ECC error"])
def test_work_of_a_lost_device_goes_on_on_another_and_says_so(two: Machine, error: Exception) -> None:
    said: list[str] = []
    two.fails["cuda:0"] = error
    assert scores(two.ask(30, on_load=said.append)) == [2.0] * 30
    assert "cuda:0 was lost, going on" in said
    assert two.ran == {"cuda:1": 30}
    assert scores(two.ask(5)) == [2.0] * 5  # nothing is sent there any more
    assert [worker.lost for worker in two.fleet.workers] == [True, False]


def test_a_split_job_loses_nothing_with_one_of_its_devices(two: Machine) -> None:
    gate = threading.Event()
    two.before = lambda name: gate.wait()
    job = two.ask(1000)
    two.fails["cuda:1"] = RuntimeError(ILLEGAL)
    gate.set()
    assert scores(job) == [2.0] * 1000
    assert two.ran == {"cuda:0": 1000}


@pytest.mark.parametrize("seed", range(int(os.environ.get("ZSR_TUI_LOSSES", "4"))))
def test_two_of_four_devices_are_lost_at_any_moment_and_nothing_with_them(seed: int) -> None:
    """ZSR_TUI_LOSSES=1000 tries a thousand moments."""
    chance, machine = random.Random(seed), Machine(4)
    left = {f"cuda:{place}": chance.randrange(30) for place in chance.sample(range(4), 2)}

    def lose(name: str) -> None:
        if name in left:
            left[name] -= 1
            if left[name] < 0:
                raise chance.choice(LOST)

    machine.before = lose
    sizes = [chance.choice((3, 300)) for _ in range(4)]
    jobs = [machine.ask(size, chance.choice("ab"), 40, owner=chance.choice("xy")) for size in sizes]
    assert [scores(job) for job in jobs] == [[2.0] * size for size in sizes]
    machine.fleet.close()


def test_a_device_that_is_lost_while_it_gets_a_job_leaves_it_to_others(
    two: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.fails["cuda:0"] = LOST[1]
    assert scores(two.ask(30)) == [2.0] * 30
    gone = [worker for worker in two.fleet.workers if worker.lost]
    choose, chosen = Fleet._chosen, [gone]
    monkeypatch.setattr(Fleet, "_chosen", lambda self, job: chosen.pop() if chosen else choose(self, job))
    assert scores(two.ask(30)) == [2.0] * 30
    assert (len(gone), chosen) == (1, [])


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
        with pytest.raises(Problem, match=r"cuda:0 was lost while it scored: .*ZSR_TUI_CPU_FALLBACK=1") as problem:
            scores(machine.ask(5))
        assert problem.value.detail in (ILLEGAL, "no device is left")
    machine.fleet.close()


def test_the_fleet_says_where_a_model_is_and_would_be(two: Machine) -> None:
    said: list[str] = []
    assert (two.fleet.place(resolved("a")), two.fleet.scorer(resolved("a"))) == ("cuda:0", None)
    two.before = meeting()
    scores(two.ask(2000, on_load=said.append))
    assert set(said) == {"loading a"}
    assert two.fleet.place(resolved("a")) == "cuda:0 + cuda:1"
    assert isinstance(two.fleet.scorer(resolved("a")), Lengths)
    two.fails["cuda:0"] = RuntimeError(ILLEGAL)
    first = two.fleet.workers[0]
    two.before = lambda name: name == "cuda:0" or wait_for(lambda: first.lost, told=CHANGE)
    scores(two.ask(2000))
    assert two.fleet.place(resolved("a")) == "cuda:1"
    assert isinstance(two.fleet.scorer(resolved("a")), Lengths)
    assert two.fleet.scorer(resolved("b")) is None


def test_who_runs_the_program_hears_of_the_last_loss_before_those_who_wait() -> None:
    order: list[str] = []
    machine = Machine(2, lambda: order.append("no device is left"))
    machine.fails["cuda:0"] = RuntimeError(ILLEGAL)
    assert scores(machine.ask(5)) == [2.0] * 5
    assert order == []
    machine.fails["cuda:1"] = RuntimeError(ILLEGAL)
    with pytest.raises(Problem, match="was lost while it scored"):
        scores(machine.ask(5))
    assert order == ["no device is left"]
    machine.fleet.close()


def test_nothing_asks_cuda_for_memory_after_a_loss(two: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call fails then, as on a real card after an assertion in a kernel."""

    def dead() -> None:
        raise RuntimeError(LOST[1])

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", dead)
    two.fails["cuda:0"] = LOST[1]
    assert scores(two.ask(30, "a", 80)) == [2.0] * 30
    assert scores(two.ask(30, "b", 80)) == [2.0] * 30  # pushes the first out of the other device's memory


def test_the_processor_takes_over_if_the_user_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_CPU_FALLBACK", "1")
    machine = Machine(1)
    machine.fails["cuda:0"] = RuntimeError(ILLEGAL)
    assert scores(machine.ask(30)) == [2.0] * 30
    assert machine.ran == {"cpu": 30}
    machine.fleet.close()


def test_how_many_wait_is_known_while_a_model_is_asked_and_other_devices_go_on(two: Machine) -> None:
    scores(two.ask(5, "a", 80))
    scores(two.ask(5, "b", 80))
    asked, answered = threading.Event(), threading.Event()

    def slowly(scorer: Any) -> str:
        asked.set()
        answered.wait()
        return "found"

    slow = two.fleet.submit(Job(resolved("a", 80), Loading(slowly)))
    asked.wait()
    seen: list[list[int]] = []
    looking = threading.Thread(target=lambda: seen.append([worker.waiting for worker in two.fleet.workers]))
    looking.start()
    looking.join(DEADLINE)
    other = ThreadPoolExecutor().submit(lambda: scores(two.ask(5, "b", 80)))
    done = wait([other], DEADLINE).done
    answered.set()
    assert (seen, done) == ([[0, 0]], {other})
    assert only(slow.results()) == "found"


def test_what_a_model_was_asked_when_its_device_was_lost_is_asked_again_on_another(two: Machine) -> None:
    asked: list[Any] = []

    def lost_at_first(scorer: Any) -> str:
        asked.append(scorer)
        if len(asked) == 1:
            raise LOST[0]
        return "found"

    assert only(two.fleet.submit(Job(resolved("a"), Loading(lost_at_first))).results()) == "found"
    assert [worker.lost for worker in two.fleet.workers] == [True, False]


def test_what_goes_wrong_between_two_batches_is_told_and_the_device_goes_on(
    two: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn, concerned = Worker._turn, Worker._concerned
    wrong, over, alone = threading.Event(), threading.Event(), threading.Event()

    def one(worker: Worker) -> Any:
        if worker.device.name == "cuda:0" and wrong.is_set():
            raise AttributeError("of nobody's making")
        return turn(worker)

    def told(worker: Worker, turn: Any) -> Any:
        with CHANGE:
            if over.is_set() and not worker._jobs:
                wrong.clear()
                alone.set()
            return concerned(worker, turn)

    monkeypatch.setattr(Worker, "_turn", one)
    monkeypatch.setattr(Worker, "_concerned", told)
    scores(two.ask(5))
    wrong.set()
    with pytest.raises(Problem, match=r"^a failed while it worked: AttributeError; the engine's log has more\.$"):
        scores(two.ask(30))
    over.set()
    with CHANGE:
        CHANGE.notify_all()
    assert alone.wait(DEADLINE)
    assert scores(two.ask(30)) == [2.0] * 30
    assert two.ran == {"cuda:0": 35}
