"""Networks with transformers' heads for masked words, read as learned sparse models read them."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import nn

from zsr_tui.scoring.networks import choose, products, steps
from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.choose import Network
from zsr_tui.scoring.networks.products import Activation, moved


class _Parts(NamedTuple):
    dense: nn.Linear
    activation: str  # as transformers calls it
    norm: nn.LayerNorm
    decoder: nn.Linear


class Vocabulary:
    """Of each input and word of the vocabulary the largest logit over the tokens, fp32 of shape (inputs, words)."""

    def __init__(
        self, network: Network, parts: _Parts, activation: Activation, dtype: torch.dtype, device: str
    ) -> None:
        self._network, self._activation = network, activation
        self._dense, self._norm = products.of(parts.dense, dtype, device), steps.Norm(parts.norm, dtype, device)
        self._decoder = products.product(parts.decoder.weight, None, dtype, device)
        # the same for all tokens: it can be added behind the maximum
        self._bias = 0.0 if parts.decoder.bias is None else moved(parts.decoder.bias, device)
        self._dtype = dtype
        self.token_bytes = len(parts.decoder.weight) * dtype.itemsize  # of logits

    def __call__(self, batch: Batch) -> torch.Tensor:
        states = self._network(batch).to(self._dtype)
        _, rounded = self._norm(self._dense.activated(states, self._activation))
        return batch.largest(self._decoder(rounded)) + self._bias


def vocabulary(model: Any, dtype: torch.dtype, device: str) -> Vocabulary | None:
    """Of a transformers model that was loaded in fp32, which loses its weights to it; None where it has no network, or
    another head."""
    parts = _parts(model) if type(model).__name__.endswith("ForMaskedLM") else None
    if parts is None or parts.activation not in choose.ACTIVATIONS:
        return None
    network = choose.network(model.base_model, dtype, device)
    activation = choose.ACTIVATIONS[parts.activation]
    return None if network is None else Vocabulary(network, parts, activation, dtype, device)


def _parts(model: Any) -> _Parts | None:
    kind, config = model.config.model_type, model.config
    if kind == "bert":
        head, decoder = model.cls.predictions.transform, model.cls.predictions.decoder
        return _Parts(head.dense, config.hidden_act, head.LayerNorm, decoder)
    if kind == "distilbert":
        return _Parts(model.vocab_transform, config.activation, model.vocab_layer_norm, model.vocab_projector)
    if kind == "modernbert":
        return _Parts(model.head.dense, config.classifier_activation, model.head.norm, model.decoder)
    head = getattr(model, "lm_head", None)  # RoBERTa's
    return None if head is None else _Parts(head.dense, "gelu", head.layer_norm, head.decoder)
