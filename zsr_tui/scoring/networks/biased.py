"""Attention within each sequence of a batch that lies flat, where a bias by distance is added to its scores.

On CUDA over padded rows, with the bias and the padding as one mask that all layers share. (flex_attention, whose kernel
reads the bias by itself, took 73 % of monoT5-base's time on an H100, and 12 % of the card's peak was left.) On a
processor one sequence after the other.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch.nn import functional

from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.padded import Padded


class Bias:
    """What is added to the score of a key by its distance from the query, for one batch and all layers of a network.

    `table` is fp32 of shape (heads, 2 * reach + 1): the key that stands `distance` tokens behind the query has column
    `reach + distance`; what is further away than `reach` is as what is at `reach`."""

    def __init__(self, table: torch.Tensor, batch: Batch, dtype: torch.dtype) -> None:
        self.table, self.padded = table, Padded(batch)
        self.dtype = dtype

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


def attend_with_bias(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, batch: Batch, bias: Bias, *, scale: float
) -> torch.Tensor:
    """As `attention.attend`, each token seeing its own sequence; `query`, `key` and `value` of shape (tokens, heads,
    width). The softmax is fp32 in every precision."""
    if not query.is_cuda:
        return _one_by_one(query, key, value, batch, bias, scale)
    return by_rows(query, key, value, bias, scale)


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
