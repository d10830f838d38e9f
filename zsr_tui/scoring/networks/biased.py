"""Attention within each sequence of a batch that lies flat, where a bias by distance is added to its scores.

On CUDA in half precision by the kernel of `attention.by_tiles`; without it over padded rows, with the bias and the
padding as one mask that all layers share. (flex_attention took 73 % of monoT5-base's time on an H100.) On a processor
one sequence after the other.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch.nn import functional

from zsr_tui.scoring.networks.attention import by_tiles
from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.fused import SQUARE
from zsr_tui.scoring.networks.padded import Padded


class Distances:
    """What is added to the score of a key by its distance from the query, in all layers of a network.

    `table` is fp32 of shape (heads, 2 * reach + 1): the key that stands `distance` tokens behind the query has column
    `reach + distance`; what is further away than `reach` is as what is at `reach`. `squares` are the same in the
    compute dtype, of SQUARE queries and as many keys, by how many squares the keys stand behind: (heads, 2 * edge + 1,
    SQUARE, SQUARE), where the last are those of all that stand further away."""

    def __init__(self, table: torch.Tensor, dtype: torch.dtype) -> None:
        self.table = table
        edge = -(-(table.shape[1] // 2 + SQUARE - 1) // SQUARE)
        own = torch.arange(SQUARE, device=table.device)
        squares = [self.between(own, own + behind * SQUARE) for behind in range(-edge, edge + 1)]
        self.squares = torch.stack(squares, 1).to(dtype)

    def between(self, places: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        """Of queries at `places` and keys at `others`, fp32 of shape (heads, places, others)."""
        reach = self.table.shape[1] // 2
        return self.table[:, (others - places[:, None]).clamp_(-reach, reach) + reach]


class Bias:
    """`Distances` for one batch and all layers of a network."""

    def __init__(self, distances: Distances, batch: Batch, dtype: torch.dtype) -> None:
        self.distances, self.padded = distances, Padded(batch)
        self.dtype = dtype

    @cached_property
    def square(self) -> torch.Tensor:
        """Of each query and key of an input, (heads, width, width)."""
        places = torch.arange(self.padded.width, device=self.distances.table.device)
        return self.distances.between(places, places).to(self.dtype)

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
    found = by_tiles(query, key, value, batch, scale, bias.distances.squares)
    return by_rows(query, key, value, bias, scale) if found is None else found


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
