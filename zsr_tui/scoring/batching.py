"""Cuts inputs into batches of similar length that fit a token budget, and runs them within memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from zsr_tui.domain import Problem

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T", bound="Sized")
_OOM_TEXTS = ("out of memory", "failed to allocate memory", "can't allocate memory")


class Sized(Protocol):
    @property
    def tokens(self) -> int: ...


@dataclass(slots=True)
class Budget:
    """Tokens of a batch, padding included. It shrinks when a batch did not fit, and stays so for its model."""

    tokens: int

    def shrink(self, tokens: int) -> None:
        self.tokens = max(1, min(self.tokens, tokens))


def cut(inputs: Sequence[T], tokens: int) -> list[list[int]]:
    """Positions of `inputs` in batches, longest first, so that every batch padded to its longest input has at most
    `tokens` tokens; an input longer than that is a batch of its own. Every position is in exactly one batch."""
    batches: list[list[int]] = []
    for position in sorted(range(len(inputs)), key=lambda index: -inputs[index].tokens):
        if batches and inputs[batches[-1][0]].tokens * (len(batches[-1]) + 1) <= tokens:
            batches[-1].append(position)
        else:
            batches.append([position])
    return batches


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
    _free_cached_memory()
    half = len(inputs) // 2
    budget.shrink(max(each.tokens for each in inputs) * (len(inputs) - half))
    return np.concatenate([run(forward, inputs[:half], budget), run(forward, inputs[half:], budget)])


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch, CUDA, onnxruntime or Python itself says that memory did not suffice."""
    torch: Any = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    return any(text in str(error).lower() for text in _OOM_TEXTS)


def _free_cached_memory() -> None:
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
