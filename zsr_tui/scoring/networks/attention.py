"""Attention within each sequence of a batch that lies flat, by whichever way this machine has.

On CUDA in half precision a kernel of `kernels` where a token sees all of its sequence, else
`torch.nn.attention.varlen`: no padding, no mask. Where torch has that not, or it refuses, and in fp32, padded for the
length of the attention alone; on a processor one sequence after the other. `route` says which of the latter it is.
"""

from __future__ import annotations

import inspect
import logging
from functools import cache
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.networks import processor
from zsr_tui.scoring.networks.batch import Batch, Packer
from zsr_tui.scoring.networks.fused import by_kernel
from zsr_tui.scoring.scorer import Tokens

_WIDTHS = (16, 32, 64, 128)  # of heads that the kernel is written for
_log = logging.getLogger(__name__)
_refused: set[bool] = set()  # whether the kernel has failed in this process without a window, and with one


def attend(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    batch: Batch,
    *,
    scale: float,
    causal: bool = False,
    window: int | None = None,
) -> torch.Tensor:
    """`query` of shape (tokens, heads, width), key and value with as many heads or a divisor of it: (tokens, heads,
    width). Each token sees its own sequence: all of it, only what stands before it (`causal`), and of that no more
    than `window` tokens away to either side. The softmax is fp32 in every precision."""
    if window is not None and window >= batch.longest:
        window = None
    if not query.is_cuda:
        whole = not causal and window is None and key.shape == query.shape
        if whole and query.dtype == torch.bfloat16 and processor.multiplies(torch.bfloat16):
            return processor.attend(query, key, value, batch, scale)
        return _one_by_one(query, key, value, batch, scale, causal, window)
    if not causal and window is None and (found := by_tiles(query, key, value, batch, scale)) is not None:
        return found
    if query.dtype != torch.float32 and (window is not None) not in _refused and _varlen() is not None:
        try:
            return _by_varlen(query, key, value, batch, scale, causal, window)
        except (RuntimeError, TypeError, NotImplementedError) as error:
            if "out of memory" in str(error) or "CUDA error" in str(error):
                raise
            _refused.add(window is not None)
            _log.warning("torch.nn.attention.varlen refuses, going on with padding: %s", error)
    return _padded(query, key, value, batch, scale, causal, window)


def by_tiles(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    batch: Batch,
    scale: float,
    squares: torch.Tensor | None = None,
) -> torch.Tensor | None:
    """All of a sequence, by a kernel of our own, with the `squares` of `biased.Distances` where those are given; None
    where there is no kernel for it. Why not `varlen_attn`: decision 0009."""
    fits = query.dtype != torch.float32 and query.shape == key.shape and query.shape[-1] in _WIDTHS
    if not fits or any(each.stride()[1:] != (each.shape[-1], 1) for each in (query, key, value)):
        return None
    offsets = batch.offsets[:, None]
    return by_kernel("attention", query, key, value, offsets, squares, scale, sizes=(batch.longest,))


@cache
def route(device: str, precision: str) -> str:
    """How attention is computed there, by trying: "varlen", "padded" or "one by one"."""
    if not device.startswith("cuda"):
        return "one by one"
    if precision == "fp32" or _varlen() is None:
        return "padded"
    batch = Packer(Device(device, 0, 0)).pack([Tokens((np.arange(8),))])
    states = torch.zeros(8, 1, 32, device=device, dtype=getattr(torch, {"bf16": "bfloat16"}.get(precision, "float16")))
    with torch.inference_mode():
        attend(states, states, states, batch, scale=1.0)
    return "padded" if False in _refused else "varlen"


@cache
def _varlen() -> Any | None:
    """torch's function with the names of what it takes; None where this torch has none."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    return varlen_attn, frozenset(inspect.signature(varlen_attn).parameters)


def _by_varlen(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    batch: Batch,
    scale: float,
    causal: bool,
    window: int | None,
) -> torch.Tensor:
    function, names = _varlen() or (None, frozenset())
    assert function is not None
    options: dict[str, Any] = {}
    if "scale" in names:
        options["scale"] = scale
    elif scale != query.shape[-1] ** -0.5:
        raise NotImplementedError("this torch's varlen_attn takes no scale")
    if "window_size" in names:
        options["window_size"] = (-1 if window is None else window, 0 if causal else -1 if window is None else window)
    elif window is not None:
        raise NotImplementedError("this torch's varlen_attn takes no window")
    elif causal:
        options["is_causal"] = True
    if key.shape[1] != query.shape[1] and "enable_gqa" in names:
        options["enable_gqa"] = True
    found: torch.Tensor = function(
        query, key, value, batch.offsets, batch.offsets, batch.longest, batch.longest, **options
    )
    return found


def _padded(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    batch: Batch,
    scale: float,
    causal: bool,
    window: int | None,
) -> torch.Tensor:
    """Padded on the right, where no token looks."""

    def padded(states: torch.Tensor) -> torch.Tensor:
        return batch.padded(_repeated(states, query.shape[1])).transpose(1, 2)

    mask: torch.Tensor | None = None
    if window is not None:
        # what fills a row up sees itself at least: nothing at all gives no number
        seen = batch.seen()[:, None, None]
        mask = (seen | ~seen.transpose(2, 3)) & _near(batch.longest, window, causal, query.device)
    elif not causal:
        mask = batch.seen()[:, None, None]
    found = functional.scaled_dot_product_attention(
        padded(query), padded(key), padded(value), attn_mask=mask, is_causal=causal and window is None, scale=scale
    )
    return found.transpose(1, 2)[batch.owners, batch.positions]


def _one_by_one(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    batch: Batch,
    scale: float,
    causal: bool,
    window: int | None,
) -> torch.Tensor:
    key, value = (_repeated(each, query.shape[1]) for each in (key, value))
    found = torch.empty_like(query)
    start = 0
    for length in batch.lengths.tolist():
        here = slice(start, start := start + length)
        mask = None if window is None or window >= length else _near(length, window, causal, query.device)
        seen = functional.scaled_dot_product_attention(
            *(query[here].transpose(0, 1)[None], key[here].transpose(0, 1)[None], value[here].transpose(0, 1)[None]),
            attn_mask=mask,
            is_causal=causal and mask is None,
            scale=scale,
        )
        found[here] = seen[0].transpose(0, 1)
    return found


def _near(length: int, window: int, causal: bool, device: torch.device) -> torch.Tensor:
    places = torch.arange(length, device=device)
    distance = places[:, None] - places
    return (distance.abs() <= window) & (distance >= 0) if causal else distance.abs() <= window


def _repeated(states: torch.Tensor, heads: int) -> torch.Tensor:
    """Keys or values of grouped queries, one for each head."""
    return states if states.shape[1] == heads else states.repeat_interleave(heads // states.shape[1], dim=1)
