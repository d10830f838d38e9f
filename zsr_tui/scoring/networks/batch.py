"""Token ids of a batch, one sequence behind the other: laid out by numpy, copied to the device in one piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.scorer import Tokens

__all__ = ["Batch", "Packer", "Running", "Tokens", "start"]

# Batches whose buffers may be in use at once: those that a worker keeps ahead, and the one that it lays out.
BUFFERS = 4
_SPARE = 1.25  # a buffer that is too small is replaced by one that is this much larger than what is needed


class Layout(NamedTuple):
    """Room for a batch: as many tokens and inputs, none longer than `longest`."""

    tokens: int
    inputs: int
    longest: int

    @property
    def size(self) -> int:
        """Numbers of the flat array that holds ids, offsets and second texts."""
        return self.tokens + 2 * self.inputs + 1


class Batch:
    """`ids` of shape (tokens,), `offsets` of shape (inputs + 1,): where each input begins, and the end. Both int32, on
    the device. `lengths` are the same on the host, `longest` at least the largest of them.

    In a layout with room to spare the inputs at the end are empty, and what is computed for them and for the tokens
    behind the last input means nothing; it changes nothing of the others."""

    def __init__(self, flat: torch.Tensor, layout: Layout, lengths: np.ndarray) -> None:
        self.tokens, self.inputs, self.longest = layout
        self.ids, self.offsets, self._second = flat.split([self.tokens, self.inputs + 1, self.inputs])
        self.lengths = lengths

    @cached_property
    def _places(self) -> torch.Tensor:
        return torch.arange(self.tokens, dtype=torch.int32, device=self.ids.device)

    @cached_property
    def owners(self) -> torch.Tensor:
        """Which input each token belongs to: int32 of shape (tokens,)."""
        owners = torch.searchsorted(self.offsets[1:], self._places, right=True, out_int32=True)
        return owners.clamp_(max=self.inputs - 1)

    @cached_property
    def positions(self) -> torch.Tensor:
        """The place of each token in its input, from 0: int32 of shape (tokens,)."""
        return (self._places - self.offsets[self.owners]).clamp_(max=self.longest - 1)

    @cached_property
    def types(self) -> torch.Tensor:
        """BERT's token types: 1 from where the second text begins, int32 of shape (tokens,)."""
        second = self._second[self.owners]
        return ((second > 0) & (self.positions >= second)).int()

    @property
    def first(self) -> torch.Tensor:
        """Where the first token of each input lies: int32 of shape (inputs,)."""
        return self.offsets[:-1].clamp(max=self.tokens - 1)

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
            return torch.segment_reduce(states, how, offsets=self.offsets.long(), axis=0, unsafe=True)
        # there it goes through the memory of a processor column by column
        parts = states[: int(self.lengths.sum())].split(self.lengths.tolist())
        found = states.new_zeros(self.inputs, *states.shape[1:])
        for row, part in zip(found, parts, strict=False):  # inputs to spare stay 0
            row.copy_(part.sum(0) if how == "sum" else part.amax(0))
        return found

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

    def pack(self, inputs: Sequence[Tokens], lengths: np.ndarray | None = None) -> Batch:
        """At least one input, none of them empty; with their `lengths`, where they are known."""
        lengths = lengths_of(inputs) if lengths is None else lengths
        layout = Layout(int(lengths.sum()), len(inputs), int(lengths.max()))
        there = torch.empty(layout.size, dtype=torch.int32, device=self._device)
        self.pack_into(there, layout, inputs, lengths)
        return Batch(there, layout, lengths)

    def pack_into(self, there: torch.Tensor, layout: Layout, inputs: Sequence[Tokens], lengths: np.ndarray) -> None:
        """Into a flat array on the device, in a layout that has room for them."""
        buffer = self._buffer(layout.size) if self.pinned else there
        flat = buffer[: layout.size].numpy()
        tokens, count = int(lengths.sum()), len(inputs)
        np.concatenate(list(chain.from_iterable(each.pieces for each in inputs)), out=flat[:tokens], casting="unsafe")
        flat[tokens : layout.tokens + 1] = 0
        offsets = flat[layout.tokens + 1 : layout.tokens + layout.inputs + 1]
        np.cumsum(lengths, out=offsets[:count])
        offsets[count:] = tokens
        second = flat[layout.tokens + layout.inputs + 1 :]
        second[:count] = [each.second for each in inputs]
        second[count:] = 0
        if self.pinned:
            there.copy_(buffer[: layout.size], non_blocking=True)
            self._free.append((buffer, torch.cuda.current_stream(self._device).record_event()))

    def _buffer(self, size: int) -> torch.Tensor:
        if len(self._free) >= BUFFERS:
            buffer, event = self._free.popleft()
            if len(buffer) >= size:
                event.synchronize()
                return buffer
        return torch.empty(int(size * _SPARE), dtype=torch.int32, pin_memory=True)


def lengths_of(inputs: Sequence[Tokens]) -> np.ndarray:
    """Tokens of each: int64 of shape (inputs,)."""
    return np.fromiter((sum(map(len, each.pieces)) for each in inputs), np.int64, len(inputs))


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
