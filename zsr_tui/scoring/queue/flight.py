"""A batch on its way through a device: what it was made of, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue.jobs import Taken
from zsr_tui.scoring.queue.pool import Loaded
from zsr_tui.scoring.scorer import Running

if TYPE_CHECKING:
    import numpy as np


class Flight:
    """`urgent`: somebody waits for it at a screen. `began` by the worker's clock. `left` of what it took is not given
    back, nor run by itself."""

    def __init__(self, loaded: Loaded, taken: Sequence[Taken], urgent: bool, began: float) -> None:
        self.loaded, self.taken, self.urgent, self._began = loaded, tuple(taken), urgent, began
        self.left = list(taken)
        self.jobs = tuple(dict.fromkeys(each.job for each in taken))
        self.inputs = [prepared for each in taken for prepared in each.inputs]
        self._lengths = [each.tokens for each in self.inputs]
        # that the device computes
        self.tokens = sum(self._lengths) if loaded.packed else max(self._lengths) * len(self._lengths)
        self._running: Running | None = None
        self.error: BaseException | None = None

    @property
    def work(self) -> float:
        return sum(map(self.loaded.work, self._lengths))

    def start(self, device: Device) -> None:
        """Gives the batch to a device that takes it without being waited for."""
        if not self.loaded.ahead:
            return
        try:
            with _stream(device.name, self.urgent):
                self._running = self.loaded.scorer.start(self.inputs)  # type: ignore[attr-defined]
        except BaseException as error:  # noqa: BLE001 - sorted out by the worker
            self.error = error

    def wait(self) -> np.ndarray | None:
        """The rows, one for each input, in order; None where there is an `error`."""
        if self.error is None:
            try:
                return self.loaded.forward(self.inputs) if self._running is None else self._running.rows()
            except BaseException as error:  # noqa: BLE001 - sorted out by the worker
                self.error = error
        return None

    def seconds(self, clock: Callable[[], float]) -> float:
        """That the device took, once the rows are there; by the clock where it does not say."""
        said = None if self._running is None else self._running.seconds
        return clock() - self._began if said is None else said

    def give_back(self) -> None:
        """To its jobs: the device did not get to it."""
        for taken in self.left:
            taken.job.give_back(taken)


def _stream(device: str, urgent: bool) -> AbstractContextManager[Any]:
    """Where a GPU's work is queued: what is urgent overtakes the rest between any two kernels."""
    if not device.startswith("cuda"):
        return nullcontext()
    import torch

    return torch.cuda.stream(_cuda_stream(device, urgent))


@cache
def _cuda_stream(device: str, urgent: bool) -> Any:
    import torch

    return torch.cuda.Stream(device, priority=-1 if urgent else 0)
