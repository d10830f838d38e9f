from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from zsr_tui.domain import Problem
from zsr_tui.scoring.queue import batching
from zsr_tui.scoring.queue.budget import Budget


@dataclass(frozen=True)
class Text:
    tokens: int
    name: int = 0


class SmallDevice:
    """Runs out of memory above `room` tokens of a padded batch, as torch does on CUDA."""

    def __init__(self, room: int, error: Exception) -> None:
        self.room, self.error, self.sizes = room, error, []  # type: ignore[var-annotated]

    def __call__(self, batch: Sequence[Text]) -> np.ndarray:
        if len(batch) * max(each.tokens for each in batch) > self.room:
            raise self.error
        self.sizes.append(len(batch))
        return np.array([each.name for each in batch], dtype=np.float32)


_ERRORS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("CUDA error: out of memory"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1000000000 bytes."),
    RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Failed to allocate memory for requested buffer"),
    MemoryError(),
]


@pytest.mark.parametrize("error", _ERRORS, ids=lambda error: type(error).__name__ + str(error)[:20])
def test_out_of_memory_halves_the_batch_and_loses_nothing(error: Exception) -> None:
    device, budget = SmallDevice(30, error), Budget(1000)
    inputs = [Text(10, name) for name in range(11)]
    assert batching.run(device, inputs, budget).tolist() == list(range(11))
    assert sum(device.sizes) == 11  # nothing is scored twice
    assert budget.tokens <= 60  # and the next batch is cut smaller


def test_a_single_input_that_does_not_fit_is_a_problem_with_its_length() -> None:
    device = SmallDevice(30, torch.OutOfMemoryError("CUDA out of memory"))
    with pytest.raises(Problem, match="single input of 400 tokens"):
        batching.run(device, [Text(10), Text(400), Text(10)], Budget(1000))


def test_other_errors_are_not_repeated() -> None:
    with pytest.raises(RuntimeError, match="shapes do not match"):
        batching.run(SmallDevice(0, RuntimeError("shapes do not match")), [Text(1), Text(1)], Budget(10))
