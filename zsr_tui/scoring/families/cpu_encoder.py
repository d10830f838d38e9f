"""The layers of BERT-like encoders in bf16 on a processor, in place of transformers' own.

The sequences of a batch are computed as one without their padding. Weights lie as oneDNN reads them, query, key and
value are one product, and bias, activation and residual are added by the product that they belong to. Attention is
two products and a softmax for each sequence, in memory that is used again for every layer.
"""

from __future__ import annotations

import threading
from math import prod
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

if TYPE_CHECKING:
    from zsr_tui.scoring.devices import Device
    from zsr_tui.scoring.weights import ResolvedModel

# Encoders whose layers are BERT's: every token sees every other of its sequence, no bias, no window, norms last.
ARCHITECTURES = ("bert", "roberta", "xlm-roberta", "camembert", "electra")
_ROWS = 2048  # tokens of a batch that the layout of the weights is chosen for; others work as well
_buffers = threading.local()


def install(model: nn.Module, resolved: ResolvedModel, device: Device) -> None:
    """Replaces the layers of every encoder within `model` that is of a known kind, where that pays: `model` is in bf16
    already, loaded with torch's scaled-dot-product attention, and on a processor that multiplies in bf16.

    Only for models that read nothing at padding: ColBERT's expanded queries do."""
    if device.name != "cpu" or resolved.precision != "bf16" or not _multiplies_bf16():
        return
    for module in list(model.modules()):
        config: Any = getattr(module, "config", None)
        encoder = getattr(module, "encoder", None)
        if (
            getattr(config, "model_type", "") in ARCHITECTURES
            and isinstance(getattr(encoder, "layer", None), nn.ModuleList)
            and config.hidden_act == "gelu"
            and config._attn_implementation == "sdpa"
            and not config.is_decoder
        ):
            module.encoder = Encoder(encoder)


def _multiplies_bf16() -> bool:
    operations = torch.ops.mkldnn
    return (
        torch.backends.mkldnn.is_available()
        and hasattr(operations, "_linear_pointwise")
        and hasattr(operations, "_reorder_linear_weight")
        and bool(operations._is_mkldnn_bf16_supported())
    )


class Encoder(nn.Module):
    """In place of `BertEncoder` and its like; several threads may call it at once."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self._layers = [_Layer(layer) for layer in encoder.layer]

    def forward(
        self, hidden_states: torch.Tensor, attention_mask: torch.Tensor | None = None, **_: Any
    ) -> BaseModelOutputWithPastAndCrossAttentions:
        """`hidden_states` of shape (sequences, tokens, width); the mask, True where a token may be seen, of shape
        (sequences, 1, tokens, tokens), or None without padding. Padding comes back as zeros."""
        sequences, tokens, width = hidden_states.shape
        if attention_mask is None:
            states = hidden_states.reshape(-1, width)
            lengths = [tokens] * sequences
        else:
            seen = attention_mask[:, 0, -1, :]  # the same for every token that looks
            states = hidden_states[seen]
            lengths = seen.sum(1).tolist()
        for layer in self._layers:
            states = layer(states, lengths)
        if attention_mask is None:
            result = states.view(sequences, tokens, width)
        else:
            result = torch.zeros_like(hidden_states)
            result[seen] = states
        return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=result)


class _Layer:
    def __init__(self, layer: Any) -> None:
        attention, after, rise, fall = layer.attention.self, layer.attention.output, layer.intermediate, layer.output
        self.heads, self.scale = attention.num_attention_heads, attention.attention_head_size**-0.5
        self.project = _Product(attention.query, attention.key, attention.value)
        self.after, self.after_norm = _Product(after.dense), after.LayerNorm
        self.rise, self.fall, self.fall_norm = _Product(rise.dense), _Product(fall.dense), fall.LayerNorm

    def __call__(self, states: torch.Tensor, lengths: list[int]) -> torch.Tensor:
        """`states` of shape (tokens of all sequences, width)."""
        states = _norm(self.after_norm, self.after.added(self._attention(self.project(states), lengths), states))
        return _norm(self.fall_norm, self.fall.added(self.rise.gelu(states), states))

    def _attention(self, projected: torch.Tensor, lengths: list[int]) -> torch.Tensor:
        """`projected` holds query, key and value side by side."""
        rows, width = projected.shape[0], projected.shape[1] // 3
        result = torch.empty(rows, width, dtype=projected.dtype)
        start = 0
        for length in lengths:
            here = slice(start, start := start + length)
            parts = _buffer("parts", 3, self.heads, length, width // self.heads)
            parts.copy_(projected[here].view(length, 3, self.heads, -1).permute(1, 2, 0, 3))
            query, key, value = parts
            scores = _buffer("scores", self.heads, length, length)
            weights = _buffer("weights", self.heads, length, length)
            torch.baddbmm(scores, query, key.transpose(1, 2), beta=0, alpha=self.scale, out=scores)
            torch.softmax(scores, dim=-1, out=weights)
            seen = torch.bmm(weights, value, out=query)
            result[here].view(length, self.heads, -1).copy_(seen.transpose(0, 1))
        return result


class _Product:
    """`nn.Linear` layers that read the same input, as one product."""

    def __init__(self, *linear: nn.Linear) -> None:
        weight = torch.cat([each.weight.detach() for each in linear])
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS)
        self._bias = torch.cat([each.bias.detach() for each in linear])

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        return torch.ops.mkldnn._linear_pointwise(states, self._weight, self._bias, "none", [], "")

    def gelu(self, states: torch.Tensor) -> torch.Tensor:
        return torch.ops.mkldnn._linear_pointwise(states, self._weight, self._bias, "gelu", [], "none")

    def added(self, states: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
        return torch.ops.mkldnn._linear_pointwise.binary(states, residual, self._weight, self._bias, "add")


def _norm(norm: nn.LayerNorm, states: torch.Tensor) -> torch.Tensor:
    return functional.layer_norm(states, norm.normalized_shape, norm.weight, norm.bias, norm.eps)


def _buffer(name: str, *shape: int) -> torch.Tensor:
    """bf16 memory of this thread, as large as the largest that was ever asked for."""
    size = prod(shape)
    kept: torch.Tensor | None = getattr(_buffers, name, None)
    if kept is None or kept.numel() < size:
        kept = torch.empty(size, dtype=torch.bfloat16)
        setattr(_buffers, name, kept)
    return kept[:size].view(shape)
