"""bf16 on a processor that multiplies in it: whether it does, and attention, in memory that is used again for every
layer."""

from __future__ import annotations

import threading
from functools import cache
from math import prod

import torch
from torch.nn import functional

from zsr_tui.scoring.networks.batch import Batch

_LANES = 16  # fp32 numbers in a vector of a processor that has tiles
_SHORT = 64  # tokens, of which filling them up costs more than it saves
_buffers = threading.local()


@cache
def multiplies(dtype: torch.dtype) -> bool:
    """Whether this processor does, and oneDNN lays weights out for it."""
    operations = torch.ops.mkldnn
    able = hasattr(operations, "_linear_pointwise") and hasattr(operations, "_reorder_linear_weight")
    if not torch.backends.mkldnn.is_available() or not able:
        return False
    return dtype == torch.float32 or (dtype == torch.bfloat16 and bool(operations._is_mkldnn_bf16_supported()))


@cache
def has_tiles() -> bool:
    """Whether it multiplies in tiles (AMX), in which torch's own attention is the faster one."""
    asked = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return asked is not None and bool(asked())


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, batch: Batch, scale: float) -> torch.Tensor:
    """As `attention.attend`, every token of a sequence seeing all of it; bf16, as many heads of keys as of queries.
    Several threads may call it at once."""
    one = _in_tiles if has_tiles() else _as_two_products
    found = torch.empty(query.shape, dtype=query.dtype)
    start = 0
    for length in batch.lengths.tolist():
        here = slice(start, start := start + length)
        found[here].copy_(one(query[here], key[here], value[here], scale).transpose(0, 1))
    return found


def _in_tiles(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float) -> torch.Tensor:
    """One sequence: (heads, tokens, width). torch goes over the keys that are left behind whole vectors one by one,
    which takes longer than to fill the last vector up."""
    length, mask = len(key), None
    room = -length % _LANES
    if room and length > _SHORT:
        padded = _buffer("padded", 2, length + room, *key.shape[1:])
        padded[0, :length], padded[1, :length] = key, value
        padded[:, length:] = 0
        mask = torch.zeros(1, length + room)
        mask[:, length:] = -torch.inf
        key, value = padded
    asked, read, given = (each.transpose(0, 1)[None] for each in (query, key, value))
    return functional.scaled_dot_product_attention(asked, read, given, mask, scale=scale)[0]


def _as_two_products(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float) -> torch.Tensor:
    """One sequence: (heads, tokens, width), which the next call overwrites."""
    length, heads, width = query.shape
    parts = _buffer("parts", 3, heads, length, width)
    for part, states in zip(parts, (query, key, value), strict=True):
        part.copy_(states.transpose(0, 1))
    asked, read, given = parts
    scores = _buffer("scores", heads, length, length)
    torch.baddbmm(scores, asked, read.transpose(1, 2), beta=0, alpha=scale, out=scores)
    torch.softmax(scores, dim=-1, out=scores)
    return torch.bmm(scores, given, out=asked)


def _buffer(name: str, *shape: int) -> torch.Tensor:
    """bf16 memory of this thread, as large as the largest that was ever asked for."""
    size = prod(shape)
    kept: torch.Tensor | None = getattr(_buffers, name, None)
    if kept is None or kept.numel() < size:
        kept = torch.empty(size, dtype=torch.bfloat16)
        setattr(_buffers, name, kept)
    return kept[:size].view(shape)
