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
from zsr_tui.scoring.networks.products import Activation, Product, moved

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


# Sums along the layers, fp32 of shape (tokens, width), None where there are none yet; what is still to be added to
# them, and its bias: that is done where the next norm is, in one step.
_Pending = tuple[torch.Tensor | None, torch.Tensor, torch.Tensor | None]


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

    def __call__(self, batch: Batch, rows: torch.Tensor | None = None) -> torch.Tensor:
        """The last states, fp32 of shape (tokens, width); of the tokens at `rows` alone, where those are given."""
        turns = _angles(batch, self._frequencies, self._turn_scale)
        words = functional.embedding(batch.ids, self._words)
        pending: _Pending = (None, words if self._scale == 1 else words.float() * self._scale, None)
        for layer in self._layers[:-1]:
            pending = layer(pending, batch, turns)
        return self._norm(self._layers[-1](pending, batch, turns, rows))[1]


class _Layer:
    """Values have no bias: what theirs adds to every average of values is added to the bias of the product behind."""

    def __init__(self, layer: Any, config: Any, activation: Activation, dtype: torch.dtype, device: str) -> None:
        attention, dense = layer.self_attn, layer.mlp
        self._heads, self._key_heads = config.num_attention_heads, config.num_key_value_heads
        self._scale, self._window, self._activation = attention.scaling, _window(attention, config), activation
        self._project, self._after = self._around(attention, dtype, device)
        self._query_norm, self._key_norm = (
            moved(getattr(attention, name).weight, device) if hasattr(attention, name) else None
            for name in ("q_norm", "k_norm")
        )
        self._eps = config.rms_norm_eps
        rise = [dense.gate_proj, dense.up_proj]
        bias = None if dense.up_proj.bias is None else torch.cat([each.bias.detach() for each in rise])
        self._rise = products.product(torch.cat([each.weight.detach() for each in rise]), bias, dtype, device)
        self._fall = products.of(dense.down_proj, dtype, device)
        self._norm = _Norm(layer.input_layernorm, config, dtype, device)
        self._rise_norm = _Norm(layer.post_attention_layernorm, config, dtype, device)

    def _around(self, attention: Any, dtype: torch.dtype, device: str) -> tuple[Product, Product]:
        """The products before and behind attention."""
        query, key, value, after = (getattr(attention, f"{name}_proj") for name in "qkvo")
        bias, behind = None, None if after.bias is None else after.bias.detach().float()
        if value.bias is not None:
            bias = torch.cat([query.bias.detach(), key.bias.detach(), torch.zeros_like(value.bias)])
            shared = value.bias.detach().float().view(self._key_heads, 1, -1)
            added = after.weight.detach().float() @ shared.expand(-1, self._heads // self._key_heads, -1).flatten()
            behind = added if behind is None else behind + added
        weight = torch.cat([each.weight.detach() for each in (query, key, value)])
        return products.product(weight, bias, dtype, device), products.product(after.weight, behind, dtype, device)

    def __call__(
        self,
        pending: _Pending,
        batch: Batch,
        turns: tuple[torch.Tensor, torch.Tensor],
        rows: torch.Tensor | None = None,
    ) -> _Pending:
        """Of all tokens, or of those at `rows` alone where they are given."""
        states, seen = self._norm(pending)
        projected, bias = self._project.unbiased(seen)
        heads, norms = (self._heads, self._key_heads), (self._query_norm, self._key_norm)
        query, key = rms.turned(projected, *turns, *heads, bias, *norms, self._eps)
        value = projected.unflatten(1, (-1, query.shape[2]))[:, -self._key_heads :]
        found = attend(query, key, value, batch, scale=self._scale, causal=True, window=self._window).flatten(1)
        if rows is not None:
            found, states = found.index_select(0, rows), states.index_select(0, rows)
        states, seen = self._rise_norm((states, *self._after.unbiased(found)))
        return states, *self._fall.unbiased(steps.gated(*self._rise.unbiased(seen), self._activation))


class _Norm:
    def __init__(self, norm: Any, config: Any, dtype: torch.dtype, device: str) -> None:
        self._weight, self._eps, self._dtype = moved(norm.weight, device), config.rms_norm_eps, dtype
        if config.model_type == "gemma":  # whose files hold what a weight has beyond one
            self._weight = self._weight + 1

    def __call__(self, pending: _Pending) -> tuple[torch.Tensor, torch.Tensor]:
        """The sum of what is pending in fp32, and its norm."""
        before, product, bias = pending
        return rms.normed_sum(product, bias, before, self._weight, self._eps, self._dtype)


def _angles(batch: Batch, frequencies: torch.Tensor, scale: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosine and sine of the angles of each token's position, of shape (tokens, width / 2)."""
    angles = batch.positions[:, None].float() * frequencies
    return angles.cos() * scale, angles.sin() * scale


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
