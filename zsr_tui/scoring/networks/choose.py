"""Which models have a network here, and the network of a loaded one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch
from torch import nn

from zsr_tui.scoring.networks import decoder
from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.bert import Bert
from zsr_tui.scoring.networks.modernbert import ModernBert
from zsr_tui.scoring.networks.products import Activation

_log = logging.getLogger(__name__)
_ACTIVATION_KEYS = {"distilbert": "activation", "modernbert": "hidden_activation"}  # in a config; else "hidden_act"
ACTIVATIONS: dict[str, Activation] = {
    "gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu", "silu": "silu",
}  # fmt: skip


class Network(Protocol):
    def __call__(self, batch: Batch, rows: torch.Tensor | None = None) -> torch.Tensor:
        """The last states, fp32 of shape (tokens, width); of the tokens at `rows` alone, where those are given."""


_NETWORKS: dict[str, Callable[..., Network]] = {
    **dict.fromkeys(("bert", "roberta", "xlm-roberta", "camembert", "electra", "distilbert", "mpnet"), Bert),
    "modernbert": ModernBert,
}


def against(config: Mapping[str, Any]) -> str:
    """Why an encoder with this config.json keeps transformers' own forward pass; empty where it has a network here."""
    kind = config.get("model_type")
    if kind not in _NETWORKS:
        return f"no network for {kind}"
    if _activation(config) not in ACTIVATIONS:
        return f"activation {_activation(config)}"
    if config.get("is_decoder") or config.get("add_cross_attention"):
        return "it is a decoder"
    if config.get("position_embedding_type", "absolute") != "absolute":
        return f"positions are {config['position_embedding_type']}"
    if turned := _turns(config) - {"default"}:
        return f"positions are {', '.join(sorted(turned))}"
    return next((f"it has {name}" for name in ("quantization_config", "pruned_heads") if config.get(name)), "")


def network(model: Any, dtype: torch.dtype, device: str) -> Network | None:
    """Of a transformers model without a head, which loses its weights: an encoder that was loaded in fp32, or a decoder
    in whatever precision. None where it has none, or where something else than torch and transformers made one of its
    modules (adapters, quantised weights)."""
    kind, config = model.config.model_type, model.config.to_dict()
    reason = decoder.against(model) if kind in decoder.ARCHITECTURES else against(config)
    if reason := reason or _foreign(model):
        _log.info("%s keeps transformers' own forward pass: %s", model.name_or_path, reason)
        return None
    if kind in decoder.ARCHITECTURES:
        made: Network = decoder.Decoder(model, dtype, device)
    else:
        made = _NETWORKS[kind](model, ACTIVATIONS[_activation(config)], dtype, device)
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)  # batches run on streams of their own
    return made


def _foreign(model: nn.Module) -> str:
    for module in model.modules():
        maker = type(module).__module__.partition(".")[0]
        plain = all(type(each) is nn.Parameter for each in module.parameters(recurse=False))
        if maker not in ("torch", "transformers") or not plain:
            return f"it has {type(module).__name__}"
    return ""


def _turns(config: Mapping[str, Any]) -> set[str]:
    """How positions turn queries and keys: what transformers calls the type, of one or of several kinds of layers."""
    given = config.get("rope_parameters") or config.get("rope_scaling") or {}
    kinds = [each for each in given.values() if isinstance(each, Mapping)] or [given]
    return {str(each.get("rope_type") or each.get("type") or "default") for each in kinds}


def _activation(config: Mapping[str, Any]) -> str:
    return str(config.get(_ACTIVATION_KEYS.get(config.get("model_type", ""), "hidden_act"), "gelu"))
