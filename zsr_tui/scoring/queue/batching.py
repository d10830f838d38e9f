"""How much a device takes at a time: the token budget of a batch, found on the way, and what happens without memory."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from zsr_tui.domain import Problem

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T", bound="Sized")
_OOM_TEXTS = ("out of memory", "failed to allocate memory", "can't allocate memory")
_LOST_TEXTS = (
    "illegal memory access", "device-side assert", "unspecified launch failure", "uncorrectable ecc", "device lost",
    "device is lost", "gpu has fallen off the bus", "no cuda-capable device", "launch timed out", "cublas_status",
    "cudnn_status", "hardware stack error", "cudaerrordevicesunavailable",
)  # fmt: skip
SMALLEST, LARGEST = 512, 1 << 18  # tokens of a batch that are tried, of a part of it where it runs in parts
LONGEST_S = 0.5  # seconds of a batch: the longest that interactive work waits; no larger batch is tried
_FULL = 0.7  # of the budget that a batch must use to say something about it
_SAMPLES = 8  # batches of each size; their median counts
_WORTH = 0.97  # a smaller batch is kept if it reaches this share of the best rate


class Sized(Protocol):
    @property
    def tokens(self) -> int: ...


class Budget:
    """Tokens of a batch, padding included.

    The size is calibrated on the batches that run anyway: the sizes above and below the present one are tried, and
    the smallest that is about as fast as the fastest stays. A batch that does not fit into memory bounds it for good.
    """

    smallest = SMALLEST  # that is tried

    def __init__(self, tokens: int, *, bound: int = LARGEST, settled: bool = False) -> None:
        self.tokens, self.bound, self.settled = min(tokens, bound), bound, settled
        self._warm = False  # the first batch reserves memory and has kernels made
        self._rates: dict[int, list[float]] = {}
        self._token_s: dict[int, float] = {}  # seconds of a token, at the slowest

    def ran(self, tokens: int, seconds: float, work: float) -> bool:
        """A batch of `tokens`, padding included, took so long. `work` is what was done in it, in a unit that makes
        batches of long inputs and of short ones comparable: operations, where they can be counted. True when the
        calibration has just come to its end."""
        warm, self._warm = self._warm, True
        if self.settled or not warm or tokens < _FULL * self.tokens or seconds <= 0:
            return False
        rates = self._rates.setdefault(self.tokens, [])
        rates.append(work / seconds)
        self._token_s[self.tokens] = max(self._token_s.get(self.tokens, 0.0), seconds / tokens)
        if len(rates) < _SAMPLES:
            return False
        best = {size: statistics.median(each) for size, each in self._rates.items()}
        fastest = max(best.values())
        kept = min(size for size, rate in best.items() if rate >= _WORTH * fastest)
        for size in (kept * 2, kept // 2):
            in_time = size < kept or size * self._token_s[kept] <= LONGEST_S
            if self.smallest <= size <= self.bound and size not in best and in_time:
                self.tokens = size
                return False
        self.tokens, self.settled = kept, True
        return True

    def shrink(self, tokens: int) -> None:
        """More than `tokens` did not fit into memory."""
        self.bound = max(1, min(self.bound, tokens))
        self.tokens = min(self.tokens, self.bound)


def padded(inputs: Sequence[Sized]) -> int:
    """Tokens of a batch, padding included."""
    return max((each.tokens for each in inputs), default=0) * len(inputs)


def run(forward: Callable[[Sequence[T]], np.ndarray], inputs: Sequence[T], budget: Budget) -> np.ndarray:
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
    torch: Any = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    return any(text in str(error).lower() for text in _OOM_TEXTS)


def is_device_lost(error: BaseException) -> bool:
    """Whether an accelerator says something after which nothing can run on it any more in this process."""
    text = str(error).lower()
    return "cuda" in text and not is_out_of_memory(error) and any(each in text for each in _LOST_TEXTS)


def free_cached_memory() -> None:
    """What torch keeps of a GPU's memory and does not use."""
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
