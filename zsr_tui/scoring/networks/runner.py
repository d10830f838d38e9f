"""A network on its device: token ids in, rows out.

On a GPU a small network is done with a batch before the host has asked for all of its steps. Batches of similar size
are therefore laid out alike, and what a network does for a layout is recorded once, as a CUDA graph, and asked for as
a whole. It is recorded when nobody waits for it, or when only background work does. ZSR_TUI_GRAPHS=0 records nothing.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any
from weakref import WeakSet

import numpy as np
import torch

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.networks import fused
from zsr_tui.scoring.networks.batch import Batch, Layout, Packer, Running, start
from zsr_tui.scoring.scorer import Prepared, Tokens

GRAPHS = 32  # that a network keeps of each stream, those that were used last
LARGEST = 1 << 16  # tokens of a batch: larger ones keep a GPU busy for longer than the host needs to ask
_SMALL = 8192  # tokens of a batch that takes as long as the host needs to ask for it
_ROOM = 1.3  # times the tokens of a batch: in a record with so many it is done sooner than without any
_USES = 2  # of a layout without a graph, before it is recorded
_log = logging.getLogger(__name__)
_runners: WeakSet[Runner] = WeakSet()
_joining = threading.Lock()  # models are loaded by one device while another looks through all


class Runner:
    """`compute` gives a tensor with one row for each input of a batch. Called by one thread at a time on a GPU, by any
    number on a processor."""

    def __init__(self, device: Device, compute: Callable[[Batch], torch.Tensor]) -> None:
        self._device, self._compute, self._packer = device, compute, Packer(device)
        self.device = device.name
        self._records = device.name.startswith("cuda") and os.environ.get("ZSR_TUI_GRAPHS") != "0"
        self._graphs: OrderedDict[tuple[int, Layout], _Graph] = OrderedDict()
        self._uses: Counter[Any] = Counter()
        self._due: dict[tuple[int, Layout], tuple[torch.cuda.Stream, np.ndarray]] = {}  # to be recorded, with lengths
        self.recorded_bytes = 0  # of the device, that the graphs took
        with _joining:
            _runners.add(self)

    def start(self, batch: Sequence[Prepared], of: Callable[[torch.Tensor], torch.Tensor] | None = None) -> Running:
        """A batch, its payloads `Tokens`, on its way: fp32 rows, one for each input; or what `of` makes of them."""
        inputs = [each.payload for each in batch]
        lengths = np.array([each.tokens for each in batch])
        graph = self._graph(inputs, lengths) if self._records else None
        if graph is not None:
            made: Callable[[], torch.Tensor] = lambda: graph.run(len(inputs))  # noqa: E731
        else:
            packed = self._packer.pack(inputs, lengths)
            made = lambda: self._compute(packed)  # noqa: E731
        return start(self._device, made if of is None else lambda: of(made()))

    def forget(self) -> None:
        """Gives the memory of the graphs back; they are recorded again when they are used again."""
        for graph in self._graphs.values():
            graph.wait()
        self._graphs.clear()
        self._uses.clear()
        self._due.clear()
        self.recorded_bytes = 0

    def _graph(self, inputs: Sequence[Tokens], lengths: np.ndarray) -> _Graph | None:
        """One with the batch laid out in it; None where there is none for its layout."""
        layout = rounded(int(lengths.sum()), len(inputs), int(lengths.max()))
        stream = torch.cuda.current_stream(self._device.name)
        if layout.tokens > LARGEST or stream == torch.cuda.default_stream(self._device.name):
            return None
        key = (stream.cuda_stream, layout)
        if key not in self._graphs:
            self._uses[key] += 1
            if self._uses[key] > _USES and fused.settled(0):
                if stream.priority < 0:  # somebody waits for this batch
                    self._due[key] = (stream, lengths)
                else:
                    self._record(key, stream, lengths)
        found = key if key in self._graphs else self._roomy(key)
        if found is None:
            return None
        self._graphs.move_to_end(found)
        graph = self._graphs[found]
        self._packer.pack_into(graph.flat, found[1], inputs, lengths)
        return graph

    @property
    def is_due(self) -> bool:
        """Whether a layout came often enough with batches that somebody waited for."""
        return bool(self._due)

    def record_due(self) -> None:
        """Records one of those, unless another device's thread has them forgotten."""
        for key in list(self._due)[:1]:
            if found := self._due.pop(key, None):
                self._record(key, *found)

    def _roomy(self, key: tuple[int, Layout]) -> tuple[int, Layout] | None:
        """The smallest layout that is recorded for the stream and has room for another, and not much more."""
        stream, layout = key
        fitting = [
            other
            for other in self._graphs
            if other[0] == stream
            and other[1].tokens <= _ROOM * layout.tokens
            and all(has >= needs for has, needs in zip(other[1], layout, strict=True))
        ]
        return min(fitting, key=lambda other: other[1].tokens, default=None)

    def _record(self, key: tuple[int, Layout], stream: torch.cuda.Stream, lengths: np.ndarray) -> None:
        _, layout = key
        try:
            with torch.cuda.stream(stream):
                self._graphs[key] = self._recorded(stream, layout, lengths)
            own = [each for each in self._graphs if each[0] == stream.cuda_stream]
            for oldest in own[:-GRAPHS]:
                self._graphs.pop(oldest).wait()
        except Exception as error:
            if "out of memory" in str(error):
                raise
            self._records = False
            self._due.clear()
            _log.warning("a network cannot be recorded, going on without: %s", error)

    def _recorded(self, stream: torch.cuda.Stream, layout: Layout, lengths: np.ndarray) -> _Graph:
        # the graphs of a stream never run side by side; one that is there keeps the memory that they share
        shared = (graph.pool for (of, _), graph in self._graphs.items() if of == stream.cuda_stream)
        pool = next(shared, None) or torch.cuda.graph_pool_handle()
        flat = torch.zeros(layout.size, dtype=torch.int32, device=self._device.name)
        before = torch.cuda.memory_reserved(self._device.name)
        graph = _Graph(flat, layout, lengths, self._compute, pool, stream.priority)
        self.recorded_bytes += max(0, torch.cuda.memory_reserved(self._device.name) - before)
        return graph


class _Graph:
    """Recorded on a stream of its own: on one that is in use, other threads would add to the record what they do about
    memory that they free."""

    def __init__(
        self,
        flat: torch.Tensor,
        layout: Layout,
        lengths: np.ndarray,
        compute: Callable[[Batch], torch.Tensor],
        pool: Any,
        priority: int,
    ) -> None:
        self.flat, self.pool = flat, pool
        self._graph, self._ran = torch.cuda.CUDAGraph(), torch.cuda.Event()
        collecting = gc.isenabled()
        gc.disable()  # what is freed while it is recorded would be part of the record
        try:
            with torch.inference_mode(), torch.cuda.stream(_recording(flat.device, priority)):
                with _other_random_numbers(flat.device):
                    self._graph.capture_begin(pool=pool, capture_error_mode="thread_local")
                try:
                    self._rows = compute(Batch(flat, layout, lengths)).float()
                finally:
                    self._graph.capture_end()
        finally:
            if collecting:
                gc.enable()

    def run(self, inputs: int) -> torch.Tensor:
        self._graph.replay()
        self._ran.record()
        return self._rows[:inputs]

    def wait(self) -> None:
        """Until the device is done with it."""
        self._ran.synchronize()


def rounded(tokens: int, inputs: int, longest: int) -> Layout:
    """The layout that batches of about this size share: at most 7 % more tokens, of small ones 25 %, which a GPU is
    done with before the host has asked for them; and at least one empty input, which the tokens to spare belong to."""
    return Layout(_up(tokens, 128, 5 if tokens > _SMALL else 3), _up(inputs + 1, 8, 2), _up(longest, 256, 8))


@contextmanager
def _other_random_numbers(device: torch.device) -> Iterator[None]:
    """A record takes over the random numbers that are the default when it begins, and torch (2.11) then refuses them to
    every other thread until it ends. No network here draws any: a record gets those of nobody."""
    default = torch.cuda.default_generators[device.index]
    before = default.graphsafe_get_state()
    default.graphsafe_set_state(_nobodys(device))
    try:
        yield
    finally:
        default.graphsafe_set_state(before)


@cache
def _nobodys(device: torch.device) -> torch.Generator:
    return torch.Generator(device)


@cache
def _recording(device: torch.device, priority: int) -> torch.cuda.Stream:
    """A stream where nothing runs, of the priority that the kernels of a record keep wherever it is asked for. Made
    once: torch has a few dozen and hands them out again and again."""
    return torch.cuda.Stream(device, priority=priority)


def forget_graphs() -> None:
    """Of all networks, where memory is short."""
    for runner in _all():
        runner.forget()


def due(device: str) -> Runner | None:
    """A network there with a layout to record, for the thread that starts batches."""
    return next((runner for runner in _all() if runner.device == device and runner.is_due), None)


def recorded_bytes(device: str) -> int:
    """That the graphs of all networks take there."""
    return sum(runner.recorded_bytes for runner in _all() if runner.device == device)


def _all() -> list[Runner]:
    with _joining:
        return list(_runners)


def _up(number: int, least: int, bits: int) -> int:
    """Rounded up to so many leading bits."""
    step = max(least, 1 << max(0, (number - 1).bit_length() - bits))
    return -(-number // step) * step
