"""Networks with transformers' own heads for the classification of sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.choose import Network, network

Head = Callable[[Any, torch.Tensor], torch.Tensor]
_ROWS = 16


class Classifier:
    """Logits, fp32 of shape (inputs, labels), of a batch."""

    def __init__(self, network: Network, model: Any) -> None:
        self._network, self._model = network, model
        self._head = _HEADS.get(model.config.model_type, _whole)
        self._mean = getattr(model.config, "classifier_pooling", "cls") == "mean"

    def __call__(self, batch: Batch) -> torch.Tensor:
        if self._mean:
            read = batch.means(self._network(batch))
            return self._head(self._model, _filled(read)[:, None])[: len(read)]
        read = self._network(batch, _filled(batch.first))
        return self._head(self._model, read[:, None])[: len(batch.first)]


def _filled(rows: torch.Tensor) -> torch.Tensor:
    """On a processor with the last one again, up to a multiple of _ROWS: a product of fewer is another kernel's, which
    adds in another order, and a score would hang by its last bit on how many inputs are in its batch."""
    lacking = -len(rows) % _ROWS
    return torch.cat([rows, rows[-1:].expand(lacking, *rows.shape[1:])]) if lacking and not rows.is_cuda else rows


def classifier(model: Any, dtype: torch.dtype, device: str) -> Classifier | None:
    """Of a transformers model that was loaded in fp32, which loses its weights to it; None where it has no network, or
    another head."""
    if not type(model).__name__.endswith("ForSequenceClassification"):
        return None
    found = network(model.base_model, dtype, device)
    return None if found is None else Classifier(found, model.to(device))


def _whole(model: Any, states: torch.Tensor) -> torch.Tensor:
    return model.classifier(states)


def _bert(model: Any, states: torch.Tensor) -> torch.Tensor:
    return model.classifier(model.bert.pooler(states))


def _distilbert(model: Any, states: torch.Tensor) -> torch.Tensor:
    return model.classifier(functional.relu(model.pre_classifier(states[:, 0])))


def _modernbert(model: Any, states: torch.Tensor) -> torch.Tensor:
    return model.classifier(model.head(states[:, 0]))


# transformers' heads read the first of an input's states: shape (inputs, 1, width)
_HEADS: dict[str, Head] = {"bert": _bert, "distilbert": _distilbert, "modernbert": _modernbert}
