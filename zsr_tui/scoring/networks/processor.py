"""bf16 on a processor that multiplies in it: whether it does, and attention as two products for each sequence, in
memory that is used again for every layer."""

from __future__ import annotations

import threading
from functools import cache
from math import prod

import torch

from zsr_tui.scoring.networks.batch import Batch

_buffers = threading.local()


@cache
def multiplies(dtype: torch.dtype) -> bool:
    """Whether this processor does, and oneDNN lays weights out for it."""
    operations = torch.ops.mkldnn
    able = hasattr(operations, "_linear_pointwise") and hasattr(operations, "_reorder_linear_weight")
    if not torch.backends.mkldnn.is_available() or not able:
        return False
    return dtype == torch.float32 or (dtype == torch.bfloat16 and bool(operations._is_mkldnn_bf16_supported()))


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, batch: Batch, scale: float) -> torch.Tensor:
    """As `attention.attend`, every token of a sequence seeing all of it; bf16, as many heads of keys as of queries.
    Several threads may call it at once."""
    tokens, heads, width = query.shape
    found = torch.empty(tokens, heads, width, dtype=query.dtype)
    start = 0
    for length in batch.lengths.tolist():
        here = slice(start, start := start + length)
        parts = _buffer("parts", 3, heads, length, width)
        for part, states in zip(parts, (query, key, value), strict=True):
            part.copy_(states[here].transpose(0, 1))
        asked, read, given = parts
        scores = _buffer("scores", heads, length, length)
        torch.baddbmm(scores, asked, read.transpose(1, 2), beta=0, alpha=scale, out=scores)
        torch.softmax(scores, dim=-1, out=scores)
        found[here].copy_(torch.bmm(scores, given, out=asked).transpose(0, 1))
    return found


def _buffer(name: str, *shape: int) -> torch.Tensor:
    """bf16 memory of this thread, as large as the largest that was ever asked for."""
    size = prod(shape)
    kept: torch.Tensor | None = getattr(_buffers, name, None)
    if kept is None or kept.numel() < size:
        kept = torch.empty(size, dtype=torch.bfloat16)
        setattr(_buffers, name, kept)
    return kept[:size].view(shape)
