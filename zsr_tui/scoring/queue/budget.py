"""The token budget of a batch: calibrated on the batches that run anyway, by model and device, kept between runs."""

from __future__ import annotations

import statistics
import threading
from typing import Any

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import remembered

SMALLEST, LARGEST = 512, 1 << 18  # tokens of a batch that are tried, of a part of it where it runs in parts
LONGEST_S = 0.5  # seconds of a batch on a processor: the longest that interactive work waits; no larger one is tried
# on a GPU, where interactive work overtakes, but others share the device batch by batch
GPU_LONGEST_S = 0.03
GPU_SHORTEST_S = 0.005  # what the host does for a batch takes some time, too
_FULL = 0.7  # of the budget that a batch must use to say something about it
_SAMPLES = 8  # batches of each size; their median counts
_WORTH = 0.97  # a smaller batch is kept if it reaches this share of the best rate
_NAME = "batch-sizes.json"
_lock = threading.Lock()


class Budget:
    """Tokens of a batch, padding included where the model computes any.

    The size is calibrated on the batches that run anyway: the sizes above and below the present one are tried, and
    the smallest that is about as fast as the fastest stays. A batch that does not fit into memory bounds it for good.
    """

    smallest = SMALLEST  # that is tried

    def __init__(
        self,
        tokens: int,
        *,
        bound: int = LARGEST,
        settled: bool = False,
        longest_s: float = LONGEST_S,
        shortest_s: float = 0.0,
    ) -> None:
        self.tokens, self.bound, self.settled = min(tokens, bound), bound, settled
        self._longest_s, self._shortest_s = longest_s, shortest_s
        self._warm = False  # the first batch reserves memory and has kernels made
        self._rates: dict[int, list[float]] = {}
        self._token_s: dict[int, list[float]] = {}  # seconds of a token, of each batch of a size

    def ran(self, tokens: int, seconds: float, work: float) -> bool:
        """A batch of `tokens`, padding included, took so long. `work` is what was done in it, in a unit that makes
        batches of long inputs and of short ones comparable: operations, where they can be counted. True when the
        calibration has just come to its end."""
        warm, self._warm = self._warm, True
        if self.settled or not warm or tokens < _FULL * self.tokens or seconds <= 0:
            return False
        rates = self._rates.setdefault(self.tokens, [])
        rates.append(work / seconds)
        self._token_s.setdefault(self.tokens, []).append(seconds / tokens)
        if len(rates) < _SAMPLES:
            return False
        best = {size: statistics.median(each) for size, each in self._rates.items()}
        fastest = max(best.values())
        good = [size for size, rate in best.items() if rate >= _WORTH * fastest]
        long_enough = [size for size in good if size * self._usual(size) >= self._shortest_s]
        kept = min(long_enough, default=max(good))
        for size in (kept * 2, kept // 2):
            usual = size * self._usual(kept)
            in_time = usual >= self._shortest_s if size < kept else usual <= self._longest_s
            if self.smallest <= size <= self.bound and size not in best and in_time:
                self.tokens = size
                return False
        self.tokens, self.settled = kept, True
        return True

    def _usual(self, size: int) -> float:
        """Seconds of a token in batches of a size: one that something else held up says nothing."""
        return statistics.median(self._token_s[size])

    def shrink(self, tokens: int) -> None:
        """More than `tokens` did not fit into memory."""
        self.bound = max(1, min(self.bound, tokens))
        self.tokens = min(self.tokens, self.bound)

    @classmethod
    def of(cls, fingerprint: str, device: Device) -> Budget:
        """What was found before for this model on a device of this kind, else the device's own start. A server
        elsewhere has its own limits, which its client finds."""
        if device.input_tokens == 1:
            return cls(device.tokens, settled=True)
        on_gpu = device.name.startswith("cuda")
        longest_s, shortest_s = (GPU_LONGEST_S, GPU_SHORTEST_S) if on_gpu else (LONGEST_S, 0.0)
        with _lock:
            known: Any = remembered.read(_NAME).get(f"{fingerprint} {device.kind}")
        try:
            tokens, bound = max(1, int(known["tokens"])), max(1, min(LARGEST, int(known["bound"])))
            return cls(tokens, bound=bound, settled=bool(known["settled"]), longest_s=longest_s, shortest_s=shortest_s)
        except (TypeError, KeyError, ValueError):  # none, or one that was edited by hand
            return cls(device.tokens, longest_s=longest_s, shortest_s=shortest_s)

    def remember(self, fingerprint: str, device: Device) -> None:
        """For later runs."""
        found = {"tokens": self.tokens, "bound": self.bound, "settled": self.settled}
        with _lock:
            remembered.write(_NAME, {**remembered.read(_NAME), f"{fingerprint} {device.kind}": found})
