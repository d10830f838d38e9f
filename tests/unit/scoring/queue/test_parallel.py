from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from zsr_tui.domain import Problem
from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue import batching, parallel
from zsr_tui.scoring.queue.budget import Budget
from zsr_tui.scoring.queue.jobs import Job, only
from zsr_tui.scoring.queue.pool import Pool
from zsr_tui.scoring.queue.work import Encoding
from zsr_tui.scoring.queue.worker import Worker
from zsr_tui.scoring.scorer import Prepared

from ..made_up import Lengths, LengthVectors, resolved

CPU = Device("cpu", 10**9, 2048)


class Several(LengthVectors):
    parallel = True

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[str] = set()

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        self.threads.add(threading.current_thread().name)
        return super().run(batch)


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cores", lambda: 2)


def inputs(count: int) -> list[Prepared]:
    return [Prepared(1 + number, False, f"text {number}") for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
def test_rows_are_in_the_order_of_the_batch_and_nothing_runs_twice(count: int) -> None:
    scorer = Several()
    rows = parallel.forward(scorer, CPU)(inputs(count))
    assert rows.tolist() == [[float(1 + number), 1.0] for number in range(count)]
    assert sorted(text for batch in scorer.batches for text in batch) == sorted(f"text {n}" for n in range(count))
    assert len(scorer.batches) == min(2, count)


@pytest.mark.parametrize(
    ("lengths", "parts"),
    [
        pytest.param([8, 7, 6, 5, 4, 3, 2, 1], [[8, 5, 4, 1], [7, 6, 3, 2]], id="an even number"),
        pytest.param([9, 3, 2, 2, 2], [[9], [3, 2, 2, 2]], id="one that is as long as all others"),
        pytest.param([0, 0, 0], [[0, 0], [0]], id="inputs without tokens"),
    ],
)
def test_every_core_has_as_many_tokens(lengths: list[int], parts: list[list[int]]) -> None:
    scorer = Several()
    batch = [Prepared(length, False, str(length)) for length in lengths]
    assert parallel.forward(scorer, CPU)(batch)[:, 0].tolist() == lengths
    assert sorted(scorer.batches, reverse=True) == sorted(
        [[str(each) for each in part] for part in parts], reverse=True
    )


def test_only_models_that_allow_it_and_only_on_a_processor() -> None:
    one, several = Lengths(), Several()
    assert parallel.forward(one, CPU) == one.run
    assert parallel.forward(several, Device("cuda:0", 10**9, 2048)) == several.run


def test_a_part_without_memory_halves_the_batch() -> None:
    class Small(Several):
        def run(self, batch: Sequence[Prepared]) -> np.ndarray:
            if len(batch) > 1:
                raise MemoryError
            return super().run(batch)

    budget = Budget(2048)
    rows = batching.run(parallel.forward(Small(), CPU), inputs(8), budget)
    assert rows[:, 0].tolist() == [float(1 + number) for number in range(8)]
    assert budget.tokens < 2048


def test_an_error_of_a_part_is_the_batchs() -> None:
    class Broken(Several):
        def run(self, batch: Sequence[Prepared]) -> np.ndarray:
            raise Problem("broken.")

    with pytest.raises(Problem, match="broken"):
        parallel.forward(Broken(), CPU)(inputs(4))


def test_every_batch_but_the_last_has_as_many_inputs_for_each_core() -> None:
    scorer = Several()
    small = Device("cpu", 10**9, 5)  # five words fit a batch
    worker = Worker(small, Pool(small, lambda _resolved, _device: scorer))
    try:
        vectors = only(worker.submit(Job(resolved(), Encoding(["word"] * 11, "document"))).results())
    finally:
        worker.close()
    assert vectors.tolist() == [[1.0, 1.0]] * 11
    assert sorted(map(len, scorer.batches)) == [1, 2, 2, 2, 2, 2]  # 4 + 4 + 3, in halves
