"""Element-wise work as one kernel each, on CUDA: what is read once and written once costs a third of what each step
alone costs.

Triton makes the kernels, which takes a second each: work goes on without a kernel until it is there, and for good where
it cannot be made. What was made is kept on disk. ZSR_TUI_KERNELS=0 makes none.
"""

from __future__ import annotations

import functools
import importlib
import logging
import os
import queue
import threading
from collections.abc import Callable
from typing import Any

import torch

from zsr_tui import paths

SQUARE = 64  # queries and keys that a program of the attention works on at once
_ROWS = 16  # of the tensors that a kernel is made with: the number plays no part in it
_log = logging.getLogger(__name__)
_kernels: dict[Any, Callable[..., Any] | None] = {}  # by what they are made for; None while one is being made
_waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_left = 0
_ended = False
_change = threading.Condition()
_thread: threading.Thread | None = None


def by_kernel(
    name: str, states: torch.Tensor, *others: Any, sizes: tuple[int, ...] = (), **settings: Any
) -> Any | None:
    """What the function `name` of `kernels` gives; None on a processor, as long as its kernel is being made, and where
    there is none. One kernel serves all `sizes`, where the function takes any."""
    if _ended or not states.is_cuda or not _wanted():
        return None
    kind = (name, states.device.index, _kind(states), *map(_kind, others), *settings.items())
    if sizes:
        settings["sizes"] = sizes
    if kind not in _kernels:
        _kernels[kind] = None
        _later(functools.partial(_make, kind, name, (states, *others), settings))
    made = _kernels[kind]
    return None if made is None else made(states, *others, **settings)


def settled(timeout: float | None = None) -> bool:
    """Waits until every kernel that was asked for is there, or cannot be made; False where that took too long."""
    with _change:
        return _change.wait_for(lambda: _left == 0, timeout)


def end() -> None:
    """A GPU was lost: none is asked for another kernel by this process."""
    global _ended
    _ended = True


@functools.cache
def _wanted() -> bool:
    return os.environ.get("ZSR_TUI_KERNELS") != "0"


def _kind(given: Any) -> Any:
    """What a kernel is made for: all sides of a tensor but its first, which counts tokens, or all of a weight."""
    if not isinstance(given, torch.Tensor):
        return given
    return given.dtype, given.shape[1:] if given.dim() > 1 else given.shape


def _make(kind: Any, name: str, given: tuple[Any, ...], settings: dict[str, Any]) -> None:
    os.environ.setdefault("TRITON_CACHE_DIR", str(paths.cache_dir() / "kernels"))
    made = getattr(importlib.import_module("zsr_tui.scoring.networks.kernels"), name)
    device = given[0].device
    with torch.inference_mode(), torch.cuda.device(device), torch.cuda.stream(_stream(device)):
        made(*map(_example, given), **settings)
        torch.cuda.current_stream().synchronize()
    _kernels[kind] = made


@functools.cache
def _stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)


def _example(given: Any) -> Any:
    if isinstance(given, torch.Tensor) and given.dim() > 1:
        return given.new_zeros((_ROWS, *given.shape[1:]))
    return given


def _later(work: Callable[[], None]) -> None:
    global _left, _thread
    with _change:
        _left += 1
        if _thread is None:
            _thread = threading.Thread(target=_work, name="kernels", daemon=True)
            _thread.start()
    _waiting.put(work)


def _work() -> None:
    global _left
    while True:
        work = _waiting.get()
        try:
            if not _ended:
                work()
        except Exception:  # noqa: BLE001 - work goes on without the kernel
            _log.warning("a kernel could not be made; going on without it", exc_info=True)
        finally:
            with _change:
                _left -= 1
                _change.notify_all()
