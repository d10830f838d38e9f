"""Element-wise work as one kernel each, on CUDA: what is read once and written once costs a third of what each step
alone costs.

torch.compile makes the kernels, which takes seconds: the first call of each runs as it is, and has the kernel made in a
thread of its own; calls take it as soon as it is there. torch keeps what it has made on disk.
"""

from __future__ import annotations

import functools
import logging
import os
import queue
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import torch

_log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
_waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_left = 0
_change = threading.Condition()
_thread: threading.Thread | None = None


def fused(function: Callable[P, T]) -> Callable[P, T]:
    """`function` of tensors, in one kernel on CUDA once that has been made; as it is everywhere else, and for good
    where it cannot be made. ZSR_TUI_COMPILE=0 makes none."""
    ready: dict[Any, Callable[..., Any] | None] = {}

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        first: Any = args[0]
        if not first.is_cuda or os.environ.get("ZSR_TUI_COMPILE") == "0":
            return function(*args, **kwargs)
        kind = tuple((each.dtype, each.dim()) if isinstance(each, torch.Tensor) else each for each in args)
        if kind not in ready:
            ready[kind] = None
            _later(functools.partial(_make, function, ready, kind, tuple(map(_like, args)), dict(kwargs)))
        made = ready[kind]
        return function(*args, **kwargs) if made is None else made(*args, **kwargs)

    return call


def settled(timeout: float | None = None) -> bool:
    """Waits until every kernel that was asked for is there, or cannot be made; False where that took too long."""
    with _change:
        return _change.wait_for(lambda: _left == 0, timeout)


def _like(given: Any) -> Any:
    return torch.zeros_like(given) if isinstance(given, torch.Tensor) else given


def _make(function: Callable[..., Any], ready: dict[Any, Any], kind: Any, args: tuple[Any, ...], kwargs: Any) -> None:
    compiled = torch.compile(function, dynamic=True)
    device = args[0].device
    with torch.inference_mode(), torch.cuda.device(device), torch.cuda.stream(torch.cuda.Stream(device)):
        compiled(*args, **kwargs)
        torch.cuda.current_stream().synchronize()
    ready[kind] = compiled


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
            work()
        except Exception:  # noqa: BLE001 - the function goes on as it is
            _log.warning("a kernel could not be made; going on without it", exc_info=True)
        finally:
            with _change:
                _left -= 1
                _change.notify_all()
