"""Attention within each sequence of a batch that lies flat, where a bias by distance is added to its scores.

On CUDA in one of two ways: padded rows with the bias and the padding as one mask, which all layers share; or
flex_attention, whose kernel reads the bias by itself. That kernel takes seconds to make: rows are padded until it is
there. On a processor one sequence after the other. ZSR_TUI_ATTENTION=flex or padded says which way it is on CUDA.
"""

from __future__ import annotations

import inspect
import os
from functools import cached_property, partial
from typing import Any, NamedTuple

import torch
from torch.nn import functional
from torch.nn.attention.flex_attention import BlockMask, flex_attention

from zsr_tui.scoring.networks import fused
from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.padded import Padded

_BLOCK = 128  # tokens, the side of the squares that flex_attention computes or leaves out
_LEAST_BLOCKS = 4  # of a batch that flex_attention gets; fewer would have a kernel of their own made
# sides of what `by_flex` is given whose length differs from batch to batch
_CHANGING = ((2,), (2,), (2,), (), (0,), (0,), (0, 1))
# older versions of torch always compute what only gradients need
_FORWARD_ONLY: dict[str, Any] = (
    {"compute_q_blocks": False} if "compute_q_blocks" in inspect.signature(BlockMask.from_kv_blocks).parameters else {}
)
_kernels: dict[Any, Any] = {}  # by what a kernel is made for; None while it is being made


class Bias:
    """What is added to the score of a key by its distance from the query, for one batch and all layers of a network.

    `table` is fp32 of shape (heads, 2 * reach + 1): the key that stands `distance` tokens behind the query has column
    `reach + distance`; what is further away than `reach` is as what is at `reach`."""

    def __init__(self, table: torch.Tensor, batch: Batch, dtype: torch.dtype) -> None:
        self.table, self.padded = table, Padded(batch)
        self._batch, self.dtype = batch, dtype

    @cached_property
    def square(self) -> torch.Tensor:
        """Of each query and key of an input, (heads, width, width)."""
        reach = self.table.shape[1] // 2
        places = torch.arange(self.padded.width, device=self.table.device)
        columns = (places - places[:, None]).clamp_(-reach, reach) + reach
        return self.table.to(self.dtype)[:, columns]

    @cached_property
    def mask(self) -> torch.Tensor:
        """`square`, and minus infinity for keys that are padding: (inputs, heads, width, width)."""
        return self.square + self.padded.hidden(self.dtype)

    @cached_property
    def blocks(self) -> _Blocks:
        return _blocks(self._batch)


def attend_with_bias(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, batch: Batch, bias: Bias, *, scale: float
) -> torch.Tensor:
    """As `attention.attend`, each token seeing its own sequence; `query`, `key` and `value` of shape (tokens, heads,
    width). The softmax is fp32 in every precision."""
    if not query.is_cuda:
        return _one_by_one(query, key, value, batch, bias, scale)
    if wanted() == "flex" and len(query) >= _LEAST_BLOCKS * _BLOCK:
        given = (*(each.transpose(0, 1)[None] for each in (query, key, value)), bias.table, *bias.blocks)
        if (kernel := _flex_kernel(given, scale)) is not None:
            found: torch.Tensor = kernel(*given)
            return found[0].transpose(0, 1)
    return by_rows(query, key, value, bias, scale)


def wanted() -> str:
    """ "flex" or "padded", on CUDA."""
    return "flex" if os.environ.get("ZSR_TUI_ATTENTION") == "flex" else "padded"


def by_rows(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, bias: Bias, scale: float) -> torch.Tensor:
    rows = bias.padded.rows
    found = functional.scaled_dot_product_attention(
        rows(query).transpose(1, 2), rows(key).transpose(1, 2), rows(value).transpose(1, 2),
        attn_mask=bias.mask, scale=scale,
    )  # fmt: skip
    return bias.padded.flat(found.transpose(1, 2))


def _one_by_one(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, batch: Batch, bias: Bias, scale: float
) -> torch.Tensor:
    found = torch.empty(query.shape, dtype=query.dtype)
    start = 0
    for length in batch.lengths.tolist():
        here = slice(start, start := start + length)
        seen = functional.scaled_dot_product_attention(
            query[here].transpose(0, 1)[None], key[here].transpose(0, 1)[None], value[here].transpose(0, 1)[None],
            attn_mask=bias.square[None, :, :length, :length], scale=scale,
        )  # fmt: skip
        found[here] = seen[0].transpose(0, 1)
    return found


class _Blocks(NamedTuple):
    """Squares of `_BLOCK` queries and keys that share a sequence. For each row of squares: how many, and which, those
    that count first. `owners` as in the batch."""

    owners: torch.Tensor
    counts: torch.Tensor
    columns: torch.Tensor


def _blocks(batch: Batch) -> _Blocks:
    number = -(-batch.tokens // _BLOCK)
    numbers = torch.arange(number, dtype=torch.int32, device=batch.ids.device)
    first, last = numbers * _BLOCK, (numbers * _BLOCK + _BLOCK - 1).clamp_(max=batch.tokens - 1)
    begins = batch.first[batch.owners[first]] // _BLOCK
    ends = batch.last[batch.owners[last]] // _BLOCK
    columns = (begins[:, None] + numbers) % number
    return _Blocks(batch.owners, ends - begins + 1, columns)


def by_flex(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    table: torch.Tensor,
    owners: torch.Tensor,
    counts: torch.Tensor,
    columns: torch.Tensor,
    *,
    reach: int,
    scale: float,
) -> torch.Tensor:
    """flex_attention of states of shape (1, heads, tokens, width); to be compiled, else it makes all scores of a batch
    at once."""

    def with_bias(score: Any, _: Any, head: Any, asking: Any, asked: Any) -> Any:
        return score + table[head, (asked - asking).clamp(-reach, reach) + reach]

    def of_one_sequence(_: Any, __: Any, asking: Any, asked: Any) -> Any:
        return owners[asking] == owners[asked]

    mask = BlockMask.from_kv_blocks(
        counts[None, None], columns[None, None], BLOCK_SIZE=_BLOCK, mask_mod=of_one_sequence,
        seq_lengths=(query.shape[2], query.shape[2]), **_FORWARD_ONLY,
    )  # fmt: skip
    found: Any = flex_attention(query, key, value, score_mod=with_bias, block_mask=mask, scale=scale)
    return found


def _flex_kernel(given: tuple[torch.Tensor, ...], scale: float) -> Any:
    """None while it is being made, and for good where it cannot be."""
    query, table = given[0], given[3]
    kind = (query.device, query.dtype, query.shape[1], query.shape[3], query.stride(), table.shape, scale)
    if kind not in _kernels:
        _kernels[kind] = None
        fused.later(partial(_make, kind, tuple(map(_like, given)), scale))
    return _kernels[kind]


def _like(given: torch.Tensor) -> torch.Tensor:
    return torch.empty_strided(given.shape, given.stride(), dtype=given.dtype, device=given.device).zero_()


def _make(kind: Any, examples: tuple[torch.Tensor, ...], scale: float) -> None:
    made = torch.compile(partial(by_flex, reach=examples[3].shape[1] // 2, scale=scale))
    for tensor, sides in zip(examples, _CHANGING, strict=True):
        for side in sides:
            torch._dynamo.mark_dynamic(tensor, side)
    device = examples[0].device
    with torch.inference_mode(), torch.cuda.device(device), torch.cuda.stream(torch.cuda.Stream(device)):
        made(*examples)
        torch.cuda.current_stream().synchronize()
    _kernels[kind] = made
