"""Networks with what stands behind them in a sentence-transformers model: one vector for each input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from sentence_transformers.sentence_transformer.modules import Dense, LayerNorm, Normalize, Pooling

from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.choose import Network

_BY_ROW = (Dense, LayerNorm, Normalize)  # modules that see one token or one input at a time


def against(modules: Sequence[Any]) -> str:
    """Why the modules behind a transformer need its padded states; empty where they do not."""
    strange = [type(each).__name__ for each in modules if type(each) not in (Pooling, *_BY_ROW)]
    if strange:
        return f"it has {strange[0]}"
    return "" if sum(type(each) is Pooling for each in modules) == 1 else "it has no pooling"


class Pooled:
    """Vectors, fp32 of shape (inputs, dimension), of a batch. `modules` are sentence-transformers' own."""

    def __init__(self, network: Network, modules: Sequence[Any]) -> None:
        self.network, self._modules = network, modules
        modes = _modes(modules[0]) if type(modules[0]) is Pooling else ()
        self._rows = _ROWS.get(modes[0]) if len(modes) == 1 else None

    def __call__(self, batch: Batch) -> torch.Tensor:
        modules: Sequence[Any] = self._modules
        if self._rows is None:
            features = {"token_embeddings": self.network(batch)}
        else:
            features, modules = {"sentence_embedding": self.network(batch, self._rows(batch))}, modules[1:]
        for module in modules:
            if type(module) is Pooling:
                features["sentence_embedding"] = pooled(features["token_embeddings"], batch, _modes(module))
            else:
                features = module(features)
        return features["sentence_embedding"]


def pooled(states: torch.Tensor, batch: Batch, modes: Sequence[str]) -> torch.Tensor:
    """fp32 `states` of shape (tokens, width): (inputs, width * modes), one behind the other."""
    return torch.cat([_POOLED[mode](states, batch) for mode in modes], dim=1)


def _lengths(batch: Batch) -> torch.Tensor:
    return batch.offsets.diff()[:, None].float()


def _weighted(states: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Weights are places, from 1."""
    lengths = _lengths(batch)
    return batch.sums(states * (batch.positions + 1)[:, None]) / (lengths * (lengths + 1) / 2)


_ROWS: dict[str, Callable[[Batch], torch.Tensor]] = {
    "cls": lambda batch: batch.first,
    "lasttoken": lambda batch: batch.last,
}
_POOLED: dict[str, Callable[[torch.Tensor, Batch], torch.Tensor]] = {
    "cls": lambda states, batch: states[batch.first],
    "lasttoken": lambda states, batch: states[batch.last],
    "max": lambda states, batch: batch.largest(states),
    "mean": lambda states, batch: batch.means(states),
    "mean_sqrt_len_tokens": lambda states, batch: batch.sums(states) / _lengths(batch).sqrt(),
    "weightedmean": _weighted,
}


def _modes(pooling: Any) -> tuple[str, ...]:
    modes = pooling.pooling_mode
    return (modes,) if isinstance(modes, str) else tuple(modes)
