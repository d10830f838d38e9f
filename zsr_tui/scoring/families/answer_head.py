"""The part of a language model's output projection that a yes or no needs. Imports torch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class AnswerHead(nn.Module):
    """Takes the place of the projection onto the vocabulary: only the rows of `answers`, only at each input's last
    token, in fp32. What the model does to its logits afterwards (Gemma's soft cap) stays the model's. Several threads
    may go through it at once, each with a batch of its own."""

    def __init__(self, projection: Any, answers: Sequence[int]) -> None:
        super().__init__()
        bias = getattr(projection, "bias", None)
        self.rows: Tensor = projection.weight.detach()[list(answers)].float()
        self.bias: Tensor | None = None if bias is None else bias.detach()[list(answers)].float()
        self._batch = threading.local()

    def set_last(self, last: Tensor) -> None:
        """The position of each input's last token, before every batch of the calling thread."""
        self._batch.last = last

    def forward(self, hidden: Tensor) -> Tensor:
        """(inputs, tokens, width) -> (inputs, 1, answers)."""
        ends = hidden[torch.arange(len(hidden), device=hidden.device), self._batch.last]
        return nn.functional.linear(ends.float(), self.rows, self.bias)[:, None]
