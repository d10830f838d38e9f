"""Decoders that are built as Llama is: a token sees what stands before it, norms are root mean squares and come first,
positions turn queries and keys, several heads of queries may share one of keys, and the product up is gated."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from zsr_tui.scoring.networks import products, rms, steps
from zsr_tui.scoring.networks.attention import attend
from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.fused import fused
from zsr_tui.scoring.networks.products import Activation, moved

ARCHITECTURES = ("llama", "mistral", "qwen2", "qwen3", "gemma")
_TURNS = ("default", "linear", "llama3", "yarn")  # whose angles do not depend on what is read
_ACTIVATIONS: tuple[Activation, ...] = ("silu", "gelu_tanh", "gelu", "relu")


def against(model: Any) -> str:
    """Why a transformers model without a head keeps its own forward pass; empty where `Decoder` takes it."""
    config = model.config
    if config.model_type not in ARCHITECTURES:
        return f"no network for {config.model_type}"
    if model.rotary_emb.rope_type not in _TURNS:
        return f"positions are {model.rotary_emb.rope_type}"
    if getattr(config, "use_bidirectional_attention", False) or not getattr(config, "is_causal", True):
        return "its tokens see what follows them"
    return "" if _named(model.layers[0].mlp.act_fn) else f"activation {model.layers[0].mlp.act_fn}"


class Decoder:
    """Of a transformers model without a head, in whatever precision, on whatever device; it loses its layers."""

    def __init__(self, model: Any, dtype: torch.dtype, device: str) -> None:
        config, rotary = model.config, model.rotary_emb
        self._words, self._dtype = moved(model.embed_tokens.weight, device, dtype), dtype
        self._scale = config.hidden_size**0.5 if config.model_type == "gemma" else 1.0
        self._frequencies, self._turn_scale = moved(rotary.inv_freq, device), float(rotary.attention_scaling)
        self._norm = _Norm(model.norm, config, torch.float32, device)
        activation = _named(model.layers[0].mlp.act_fn)
        assert activation is not None
        self._layers = []
        for index, layer in enumerate(model.layers):
            self._layers.append(_Layer(layer, config, activation, dtype, device))
            model.layers[index] = nn.Identity()
        if device.startswith("cuda"):
            torch.cuda.synchronize(device)  # batches run on streams of their own

    def __call__(self, batch: Batch, rows: torch.Tensor | None = None) -> torch.Tensor:
        """The last states, fp32 of shape (tokens, width); of the tokens at `rows` alone, where those are given."""
        turns = _turns(batch.positions, self._frequencies, self._turn_scale)
        states, product = None, functional.embedding(batch.ids, self._words)
        if self._scale != 1:
            product = product.float() * self._scale
        for layer in self._layers[:-1]:
            states, product = layer(states, product, batch, turns)
        states, product = self._layers[-1](states, product, batch, turns, rows)
        return self._norm(product, states)[1]


class _Layer:
    """What a layer adds last is added where the next one begins: with its norm, in one step."""

    def __init__(self, layer: Any, config: Any, activation: Activation, dtype: torch.dtype, device: str) -> None:
        attention, dense = layer.self_attn, layer.mlp
        self._heads, self._shared = config.num_attention_heads, config.num_key_value_heads
        self._scale, self._window, self._activation = attention.scaling, _window(attention, config), activation
        self._project = _joined(dtype, device, attention.q_proj, attention.k_proj, attention.v_proj)
        self._query_norm, self._key_norm = (
            moved(getattr(attention, name).weight, device) if hasattr(attention, name) else None
            for name in ("q_norm", "k_norm")
        )
        self._eps = config.rms_norm_eps
        self._after, self._fall = (products.of(each, dtype, device) for each in (attention.o_proj, dense.down_proj))
        self._rise = _joined(dtype, device, dense.gate_proj, dense.up_proj)
        self._norm = _Norm(layer.input_layernorm, config, dtype, device)
        self._rise_norm = _Norm(layer.post_attention_layernorm, config, dtype, device)

    def __call__(
        self,
        states: torch.Tensor | None,
        product: torch.Tensor,
        batch: Batch,
        turns: tuple[torch.Tensor, torch.Tensor],
        rows: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The fp32 sums (None where there are none yet), and what is still to be added to them: both of shape (tokens,
        width); and so the result, for the tokens at `rows` alone where those are given."""
        states, seen = self._norm(product, states)
        projected, bias = self._project.unbiased(seen)
        query, key, value = _turned(
            projected, bias, *turns, self._query_norm, self._key_norm, self._eps, self._heads, self._shared
        )
        found = attend(query, key, value, batch, scale=self._scale, causal=True, window=self._window).flatten(1)
        if rows is not None:
            found, states = found.index_select(0, rows), states.index_select(0, rows)
        states, seen = self._rise_norm(self._after(found), states)
        return states, self._fall(steps.gated(*self._rise.unbiased(seen), self._activation))


class _Norm:
    def __init__(self, norm: Any, config: Any, dtype: torch.dtype, device: str) -> None:
        self._weight, self._eps, self._dtype = moved(norm.weight, device), config.rms_norm_eps, dtype
        if config.model_type == "gemma":  # whose files hold what a weight has beyond one
            self._weight = self._weight + 1

    def __call__(self, product: torch.Tensor, before: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        return rms.normed_sum(product, before, self._weight, self._eps, self._dtype)


@fused
def _turns(positions: torch.Tensor, frequencies: torch.Tensor, scale: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine of each position's angles, of shape (tokens, width / 2)."""
    angles = positions[:, None].float() * frequencies
    return angles.cos() * scale, angles.sin() * scale


@fused
def _turned(
    projected: torch.Tensor,
    bias: torch.Tensor | None,
    cosine: torch.Tensor,
    sine: torch.Tensor,
    query_norm: torch.Tensor | None,
    key_norm: torch.Tensor | None,
    eps: float,
    heads: int,
    shared: int,
) -> tuple[torch.Tensor, ...]:
    """Queries of shape (tokens, heads, width), keys and values of shape (tokens, shared, width), of what holds them
    side by side: with their bias, normed where the model does, and turned by the angles of their positions."""
    total = projected.float() if bias is None else projected.float() + bias
    total = total.view(projected.shape[0], heads + 2 * shared, -1)
    query, key, value = total.split([heads, shared, shared], dim=1)
    cosine, sine = cosine[:, None], sine[:, None]

    def turned(states: torch.Tensor, norm: torch.Tensor | None) -> torch.Tensor:
        if norm is not None:
            states = functional.rms_norm(states, norm.shape, norm, eps)
        first, second = states.chunk(2, dim=-1)
        found = torch.cat([first * cosine - second * sine, second * cosine + first * sine], dim=-1)
        return found.to(projected.dtype)

    return turned(query, query_norm), turned(key, key_norm), value.to(projected.dtype).contiguous()


def _joined(dtype: torch.dtype, device: str, *layers: nn.Linear) -> products.Product:
    """Layers that read the same, as one product."""
    weight = torch.cat([each.weight.detach() for each in layers])
    bias = torch.cat([each.bias.detach().float() for each in layers]) if layers[0].bias is not None else None
    return products.product(weight, bias, dtype, device)


def _window(attention: Any, config: Any) -> int | None:
    """How many tokens before it a token sees; None for all. transformers counts the token itself, too."""
    if hasattr(attention, "sliding_window"):
        window = attention.sliding_window
    else:
        window = config.sliding_window if config.model_type == "mistral" else None
    return None if window is None else window - 1


def _named(function: Any) -> Activation | None:
    """Which activation a function is: configurations say it in several ways."""
    probe = torch.linspace(-12, 12, 97)
    found = function(probe)
    return next(
        (name for name in _ACTIVATIONS if torch.allclose(steps.apply(probe, name), found, rtol=0, atol=1e-5)), None
    )
