"""Running a batch on a device: in halves where memory does not suffice, and knowing a device that is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem
from zsr_tui.scoring import imports
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.queue.budget import Budget
from zsr_tui.scoring.scorer import Prepared

if TYPE_CHECKING:
    import numpy as np

_RUNNER = "zsr_tui.scoring.networks.runner"
_OOM_TEXTS = ("out of memory", "failed to allocate memory", "can't allocate memory")
_LOST_TEXTS = (
    "illegal memory access", "device-side assert", "unspecified launch failure", "uncorrectable ecc", "device lost",
    "device is lost", "gpu has fallen off the bus", "no cuda-capable device", "launch timed out", "cublas_status",
    "cudnn_status", "hardware stack error", "cudaerrordevicesunavailable",
)  # fmt: skip
_lost: list[str] = []  # GPUs


def run(forward: Callable[[Sequence[Prepared]], np.ndarray], inputs: Sequence[Prepared], budget: Budget) -> np.ndarray:
    """`forward(inputs)`; where memory does not suffice, in halves. One row per input, in order.

    Raises `Problem` if a single input does not fit.
    """
    import numpy as np

    try:
        return forward(inputs)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        if len(inputs) == 1:
            raise Problem(
                f"the device has not enough memory for a single input of {inputs[0].tokens} tokens: choose a smaller "
                "model, or close what else uses the device.",
                detail=f"{type(error).__name__}: {error}",
            ) from error
    # outside of the handler: the failed attempt's tensors live as long as its traceback
    free_cached_memory()
    half = len(inputs) // 2
    budget.shrink(max(each.tokens for each in inputs) * (len(inputs) - half))
    return np.concatenate([run(forward, inputs[:half], budget), run(forward, inputs[half:], budget)])


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch, CUDA, onnxruntime or Python itself says that memory did not suffice."""
    torch: Any = imports.there("torch")
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    return any(text in str(error).lower() for text in _OOM_TEXTS)


def is_device_lost(error: BaseException) -> bool:
    """Whether an accelerator says something after which nothing can run on it any more in this process."""
    text = str(error).lower()
    return "cuda" in text and not is_out_of_memory(error) and any(each in text for each in _LOST_TEXTS)


def note_lost(device: Device) -> None:
    """From now on nothing outside of a batch asks CUDA for anything, if it was a GPU: every call would fail."""
    if device.name.startswith("cuda"):
        _lost.append(device.name)
        if (fused := imports.there("zsr_tui.scoring.networks.fused")) is not None:
            fused.end()


def recorded_bytes(device: Device) -> int:
    """That networks have recorded of a GPU's memory; `free_cached_memory` gives it back."""
    runner = imports.there(_RUNNER)
    return 0 if runner is None else int(runner.recorded_bytes(device.name))


def is_due(device: Device) -> bool:
    """Whether a network there has something to record that it did not while somebody waited at a screen."""
    runner = imports.there(_RUNNER)
    return runner is not None and not _lost and runner.due(device.name) is not None


def record_due(device: Device) -> None:
    """Records it, unless it was forgotten meanwhile: who makes room on one device does so on all. Where memory does not
    suffice, what can be is given back, and it is not recorded."""
    runner: Any = imports.there(_RUNNER)
    due = runner.due(device.name)
    try:
        if due is not None:
            due.record_due()
        return
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    free_cached_memory()


def free_cached_memory() -> None:
    """What torch keeps of a GPU's memory and does not use, and what networks have recorded there; nothing once a GPU
    was lost."""
    torch: Any = imports.there("torch")
    if torch is not None and not _lost and torch.cuda.is_available():
        if (runner := imports.there(_RUNNER)) is not None:
            runner.forget_graphs()
        torch.cuda.empty_cache()
