"""Rows of equal length, for what cannot do without: a batch's tokens with a mask over what fills the rows up."""

from __future__ import annotations

from functools import cached_property

import torch

from zsr_tui.scoring.networks.batch import Batch

_STEP = 8  # rows are a multiple of it long: kernels read masks by 16 bytes


class Padded:
    """`width` is the length of a row: the longest input's, rounded up. A row is filled up with its input's last
    token, so that nothing in it is without a value."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self.width = -(-batch.longest // _STEP) * _STEP

    @cached_property
    def _places(self) -> torch.Tensor:
        return torch.arange(self.width, dtype=torch.int32, device=self._batch.ids.device)

    @cached_property
    def _taken(self) -> torch.Tensor:
        """Which token stands at each place of the rows: int32 of shape (inputs * width,)."""
        batch = self._batch
        return torch.minimum(batch.first[:, None] + self._places, batch.last[:, None]).flatten()

    @cached_property
    def _stands(self) -> torch.Tensor:
        """Where each token stands in the rows: int32 of shape (tokens,)."""
        return self._batch.owners * self.width + self._batch.positions

    def rows(self, states: torch.Tensor) -> torch.Tensor:
        """`states` of shape (tokens, ...) as (inputs, width, ...)."""
        return states.index_select(0, self._taken).unflatten(0, (self._batch.inputs, self.width))

    def flat(self, rows: torch.Tensor) -> torch.Tensor:
        """`rows` of shape (inputs, width, ...) as (tokens, ...)."""
        return rows.flatten(0, 1).index_select(0, self._stands)

    def hidden(self, dtype: torch.dtype) -> torch.Tensor:
        """0 where a row holds a token, minus infinity where it is filled up: (inputs, 1, 1, width)."""
        filled = self._places >= self._batch.offsets.diff()[:, None]
        return torch.zeros(filled.shape, dtype=dtype, device=filled.device).masked_fill_(filled, -torch.inf)[
            :, None, None
        ]
