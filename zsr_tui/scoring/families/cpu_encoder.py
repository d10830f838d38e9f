"""The layers of BERT-like encoders in bf16 on a processor, in place of transformers' own.

The sequences of a batch are computed as one without their padding. Weights lie as oneDNN reads them, query, key and
value are one product, and bias and activation belong to the product before them. Attention is two products and a
softmax for each sequence, in memory that is used again for every layer.

What is multiplied is bf16. Biases, norms and the sums along the layers are fp32: they cost little, and rounding them
moves scores more than rounding the weights does.
"""

from __future__ import annotations

import threading
from math import prod
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import checkpoint
from zsr_tui.scoring.models.weights import ResolvedModel

# Encoders whose layers are BERT's: every token sees every other of its sequence, no bias, no window, norms last.
ARCHITECTURES = ("bert", "roberta", "xlm-roberta", "camembert", "electra")
_ROWS = 2048  # tokens of a batch that the layout of the weights is chosen for; others work as well
_buffers = threading.local()


def suits(resolved: ResolvedModel, device: Device) -> bool:
    """Whether `install` will find layers to replace in a checkpoint, and this processor multiplies in bf16."""
    config = checkpoint.read_json(resolved.path / "config.json")
    return (
        device.name == "cpu"
        and resolved.precision == "bf16"
        and config.get("model_type") in ARCHITECTURES
        and config.get("hidden_act", "gelu") == "gelu"
        and not config.get("is_decoder")
        and _multiplies_bf16()
    )


def install(model: nn.Module) -> None:
    """Replaces the layers of the encoders within a model that was loaded with torch's scaled-dot-product attention.

    Only for models that read nothing at padding: ColBERT's expanded queries do. What stands before the layers and
    behind them stays in the precision of `model`, but for the largest table, that of the words.
    """
    for module in list(model.modules()):
        encoder: Any = getattr(module, "encoder", None)
        if isinstance(getattr(encoder, "layer", None), nn.ModuleList):
            owner: Any = module
            owner.encoder = Encoder(encoder)
            owner.embeddings.word_embeddings.to(torch.bfloat16)


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
        given = hidden_states.float()
        if attention_mask is None:
            states = given.reshape(-1, width)
            lengths = [tokens] * sequences
        else:
            seen = attention_mask[:, 0, -1, :]  # the same for every token that looks
            states = given[seen]
            lengths = seen.sum(1).tolist()
        for layer in self._layers:
            states = layer(states, lengths)
        if attention_mask is None:
            result = states.view(sequences, tokens, width).to(hidden_states.dtype)
        else:
            result = torch.zeros_like(hidden_states)
            result[seen] = states.to(hidden_states.dtype)
        return BaseModelOutputWithPastAndCrossAttentions(last_hidden_state=result)


class _Layer:
    def __init__(self, layer: Any) -> None:
        attention, after, rise, fall = layer.attention.self, layer.attention.output, layer.intermediate, layer.output
        self.heads, self.scale = attention.num_attention_heads, attention.attention_head_size**-0.5
        self.project = _Product(attention.query, attention.key, attention.value)
        self.after, self.after_norm = _Product(after.dense), after.LayerNorm
        self.rise, self.fall, self.fall_norm = _Product(rise.dense), _Product(fall.dense), fall.LayerNorm

    def __call__(self, states: torch.Tensor, lengths: list[int]) -> torch.Tensor:
        """`states`, fp32, of shape (tokens of all sequences, width)."""
        seen = self._attention(self.project(states.to(torch.bfloat16)), lengths)
        states = _norm(self.after_norm, states + self.after(seen))
        raised = self.rise.gelu(states.to(torch.bfloat16))
        return _norm(self.fall_norm, states + self.fall(raised))

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
            torch.baddbmm(scores, query, key.transpose(1, 2), beta=0, alpha=self.scale, out=scores)
            torch.softmax(scores, dim=-1, out=scores)
            seen = torch.bmm(scores, value, out=query)
            result[here].view(length, self.heads, -1).copy_(seen.transpose(0, 1))
        return result


class _Product:
    """`nn.Linear` layers that read the same input, as one product."""

    def __init__(self, *linear: nn.Linear) -> None:
        weight = torch.cat([each.weight.detach() for each in linear]).to(torch.bfloat16)
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS)
        self._bias = torch.cat([each.bias.detach() for each in linear]).float()

    def __call__(self, states: torch.Tensor) -> torch.Tensor:
        return torch.ops.mkldnn._linear_pointwise(states, self._weight, self._bias, "none", [], "")

    def gelu(self, states: torch.Tensor) -> torch.Tensor:
        return torch.ops.mkldnn._linear_pointwise(states, self._weight, self._bias, "gelu", [], "none")


def _norm(norm: nn.LayerNorm, states: torch.Tensor) -> torch.Tensor:
    return functional.layer_norm(states, norm.normalized_shape, norm.weight.float(), norm.bias.float(), norm.eps)


def _buffer(name: str, *shape: int) -> torch.Tensor:
    """bf16 memory of this thread, as large as the largest that was ever asked for."""
    size = prod(shape)
    kept: torch.Tensor | None = getattr(_buffers, name, None)
    if kept is None or kept.numel() < size:
        kept = torch.empty(size, dtype=torch.bfloat16)
        setattr(_buffers, name, kept)
    return kept[:size].view(shape)
