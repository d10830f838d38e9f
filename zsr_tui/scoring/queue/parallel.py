"""Batches on a processor: a part of the batch on each core, in place of each operation on all of them.

A forward pass of a small model is hundreds of short operations. Spread over cores, each of them ends with a wait for
the slowest; parts of a batch have nothing to wait for until their end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from zsr_tui.scoring import devices
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.scorer import Prepared, Scorer

if TYPE_CHECKING:
    import numpy as np


def parts(scorer: Scorer, device: Device) -> int:
    """Into how many a batch is divided: cores, where the scorer says with `parallel = True` that several threads may
    call it."""
    return devices.cores() if device.name == "cpu" and getattr(scorer, "parallel", False) else 1


def forward(scorer: Scorer, device: Device) -> Callable[[Sequence[Prepared]], np.ndarray]:
    """`scorer.run`, in parts where there are any."""
    cores = parts(scorer, device)
    if cores < 2:
        return scorer.run

    def run(batch: Sequence[Prepared]) -> np.ndarray:
        import numpy as np

        if len(batch) == 1:
            return scorer.run(batch)
        divided = _divided(batch, cores)
        found = list(_threads().map(scorer.run, [[batch[place] for place in places] for places in divided]))
        rows = np.empty((len(batch), *found[0].shape[1:]), dtype=found[0].dtype)
        for places, part in zip(divided, found, strict=True):
            rows[places] = part
        return rows

    return run


def _divided(batch: Sequence[Prepared], cores: int) -> list[list[int]]:
    """Places of the batch for each core. Inputs come the longest first, and go to whom has the fewest tokens so far."""
    parts: list[list[int]] = [[] for _ in range(min(cores, len(batch)))]
    tokens = [0] * len(parts)
    for place, each in enumerate(batch):
        part = min(range(len(parts)), key=lambda part: (tokens[part], len(parts[part])))
        parts[part].append(place)
        tokens[part] += each.tokens
    return parts


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(devices.cores(), thread_name_prefix="core", initializer=_one_core)


def _one_core() -> None:
    """The setting is the thread's own."""
    import torch

    torch.set_num_threads(1)
