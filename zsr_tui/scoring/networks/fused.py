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
import types
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import torch

from zsr_tui import paths

_TOKENS = 1031  # of examples: a number that no model has for anything else
_log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
_waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_left = 0
_change = threading.Condition()
_thread: threading.Thread | None = None


def fused(function: Callable[P, T]) -> Callable[P, T]:
    """`function` of tensors, in one kernel on CUDA once that has been made; as it is everywhere else, and for good
    where it cannot be made. The first argument is a tensor whose first dimension, the tokens, varies from call to call,
    in all that have it; what else the arguments are is built into the kernel. ZSR_TUI_COMPILE=0 makes none."""
    ready: dict[Any, Callable[..., Any] | None] = {}

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        first: Any = args[0]
        if not first.is_cuda or not _wanted():
            return function(*args, **kwargs)
        tokens = len(first)
        kind = (first.device.index, tokens < 2, *[_kind(each, tokens) for each in (*args, *kwargs.values())])
        if kind not in ready:
            ready[kind] = None
            if tokens > 1:
                later(functools.partial(_make, function, ready, kind, _examples(args, tokens), dict(kwargs)))
        made = ready[kind]
        return function(*args, **kwargs) if made is None else made(*args, **kwargs)

    return call


def settled(timeout: float | None = None) -> bool:
    """Waits until every kernel that was asked for is there, or cannot be made; False where that took too long."""
    with _change:
        return _change.wait_for(lambda: _left == 0, timeout)


@functools.cache
def _wanted() -> bool:
    return os.environ.get("ZSR_TUI_COMPILE") != "0"


def _kind(given: Any, tokens: int) -> Any:
    if not isinstance(given, torch.Tensor):
        return given
    shape = given.shape
    return given.dtype, len(shape), shape[1:] if shape[0] == tokens else shape, given.is_contiguous()


def _examples(args: tuple[Any, ...], tokens: int) -> tuple[Any, ...]:
    """Arguments like these, with another number of tokens."""
    return tuple(
        each.new_zeros((_TOKENS, *each.shape[1:])) if isinstance(each, torch.Tensor) and len(each) == tokens else each
        for each in args
    )


def _make(function: Callable[..., Any], ready: dict[Any, Any], kind: Any, args: tuple[Any, ...], kwargs: Any) -> None:
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(paths.cache_dir() / "kernels"))
    # torch keeps no more than a few kernels of one code object
    code = function.__code__.replace()
    own = types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    compiled = torch.compile(own)
    device = args[0].device
    with torch.inference_mode(), torch.cuda.device(device), torch.cuda.stream(torch.cuda.Stream(device)):
        for each in args:
            if isinstance(each, torch.Tensor) and len(each) == _TOKENS:
                torch._dynamo.maybe_mark_dynamic(each, 0)
        compiled(*args, **kwargs)
        torch.cuda.current_stream().synchronize()
    ready[kind] = compiled


def later(work: Callable[[], None]) -> None:
    """Has `work` done in the thread that makes kernels; its errors are logged."""
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
