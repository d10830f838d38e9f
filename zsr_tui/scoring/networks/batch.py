"""Token ids of a batch, one sequence behind the other: laid out by numpy, copied to the device in one piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import torch

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.scorer import Tokens

__all__ = ["Batch", "Packer", "Running", "Tokens", "start"]

# Batches whose buffers may be in use at once: those that a worker keeps ahead, and the one that it lays out.
BUFFERS = 4
_SPARE = 1.25  # a buffer that is too small is replaced by one that is this much larger than what is needed


class Batch:
    """`ids` of shape (tokens,), `offsets` of shape (inputs + 1,): where each input begins, and the end. Both int32, on
    the device. `lengths` are the same on the host, `longest` the largest of them."""

    def __init__(self, ids: torch.Tensor, offsets: torch.Tensor, second: torch.Tensor, lengths: np.ndarray) -> None:
        self.ids, self.offsets, self._second = ids, offsets, second
        self.lengths = lengths
        self.longest = int(lengths.max())

    @property
    def inputs(self) -> int:
        return len(self.lengths)

    @property
    def tokens(self) -> int:
        return len(self.ids)

    @cached_property
    def owners(self) -> torch.Tensor:
        """Which input each token belongs to: int32 of shape (tokens,)."""
        numbers = torch.arange(self.inputs, dtype=torch.int32, device=self.ids.device)
        return torch.repeat_interleave(numbers, self.offsets.diff(), output_size=self.tokens)

    @cached_property
    def positions(self) -> torch.Tensor:
        """The place of each token in its input, from 0: int32 of shape (tokens,)."""
        places = torch.arange(self.tokens, dtype=torch.int32, device=self.ids.device)
        return places - self.offsets[self.owners]

    @cached_property
    def types(self) -> torch.Tensor:
        """BERT's token types: 1 from where the second text begins, int32 of shape (tokens,)."""
        second = self._second[self.owners]
        return ((second > 0) & (self.positions >= second)).int()

    @property
    def first(self) -> torch.Tensor:
        """Where the first token of each input lies: int32 of shape (inputs,)."""
        return self.offsets[:-1]

    @property
    def last(self) -> torch.Tensor:
        """Where the last token of each input lies: int32 of shape (inputs,)."""
        return self.offsets[1:] - 1

    def sums(self, states: torch.Tensor) -> torch.Tensor:
        """`states` of shape (tokens, width) summed over each input, in fp32: (inputs, width)."""
        return self._reduced(states.float(), "sum")

    def largest(self, states: torch.Tensor) -> torch.Tensor:
        """The largest of `states` of shape (tokens, width) of each input, in fp32: (inputs, width)."""
        return self._reduced(states, "max").float()

    def _reduced(self, states: torch.Tensor, how: str) -> torch.Tensor:
        if states.is_cuda:
            return torch.segment_reduce(states, how, offsets=self.offsets.long(), axis=0)
        # there it goes through the memory of a processor column by column
        parts = states.split(self.lengths.tolist())
        return torch.stack([part.sum(0) if how == "sum" else part.amax(0) for part in parts])

    def means(self, states: torch.Tensor) -> torch.Tensor:
        """`sums` by the number of tokens."""
        return self.sums(states) / self.offsets.diff()[:, None]

    def padded(self, states: torch.Tensor, fill: float = 0.0) -> torch.Tensor:
        """`states` of shape (tokens, ...) as (inputs, longest, ...), for what cannot do without padding."""
        rows = states.new_full((self.inputs, self.longest, *states.shape[1:]), fill)
        rows[self.owners, self.positions] = states
        return rows

    def seen(self) -> torch.Tensor:
        """Where `padded` holds a token: bool of shape (inputs, longest)."""
        return torch.arange(self.longest, device=self.ids.device) < self.offsets.diff()[:, None]


class Packer:
    """Lays batches out for one device. On a GPU in pinned memory that is used again once its copy has been made, so
    that the host never waits for the device. Called by one thread at a time on a GPU, by any number on a processor."""

    def __init__(self, device: Device) -> None:
        self._device = device.name
        self.pinned = device.name.startswith("cuda")
        self._free: deque[tuple[torch.Tensor, Any]] = deque()  # buffers with the event after their copy

    def pack(self, inputs: Sequence[Tokens]) -> Batch:
        """At least one input, none of them empty."""
        lengths = np.fromiter((sum(map(len, each.pieces)) for each in inputs), np.int64, len(inputs))
        tokens, count = int(lengths.sum()), len(inputs)
        size = tokens + 2 * count + 1
        buffer = self._buffer(size)
        flat = buffer[:size].numpy()
        pieces = list(chain.from_iterable(each.pieces for each in inputs))
        np.concatenate(pieces, out=flat[:tokens], casting="unsafe")
        flat[tokens] = 0
        np.cumsum(lengths, out=flat[tokens + 1 : tokens + count + 1])
        flat[tokens + count + 1 :] = [each.second for each in inputs]
        there = buffer[:size].to(self._device, non_blocking=self.pinned)
        if self.pinned:
            event = torch.cuda.Event()
            event.record()
            self._free.append((buffer, event))
        ids, offsets, second = there.split([tokens, count + 1, count])
        return Batch(ids, offsets, second, lengths)

    def _buffer(self, size: int) -> torch.Tensor:
        if not self.pinned:
            return torch.empty(size, dtype=torch.int32)
        if len(self._free) >= BUFFERS:
            buffer, event = self._free.popleft()
            if len(buffer) >= size:
                event.synchronize()
                return buffer
        return torch.empty(int(size * _SPARE), dtype=torch.int32, pin_memory=True)


class Running:
    """A batch that the device may still be working on; `rows` waits for it. `seconds` is what the device took."""

    def __init__(self, rows: Callable[[], np.ndarray], seconds: Callable[[], float | None]) -> None:
        self.rows, self._seconds = rows, seconds

    @property
    def seconds(self) -> float | None:
        """Of the device, after `rows`; None where only the clock can tell."""
        return self._seconds()


def start(device: Device, compute: Callable[[], torch.Tensor]) -> Running:
    """Has the device compute, without waiting for it on a GPU. The result is copied to the host as fp32."""
    if not device.name.startswith("cuda"):
        with torch.inference_mode():
            found = compute().float().cpu().numpy()
        return Running(lambda: found, lambda: None)
    with torch.inference_mode(), torch.cuda.device(device.name):
        began, ended = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        began.record()
        result = compute().float()
        rows = torch.empty(result.shape, dtype=torch.float32, pin_memory=True)
        rows.copy_(result, non_blocking=True)
        ended.record()

    def wait() -> np.ndarray:
        ended.synchronize()
        return rows.numpy()

    return Running(wait, lambda: began.elapsed_time(ended) / 1000)
