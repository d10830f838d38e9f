"""ModernBERT: norms come first, positions turn queries and keys, and most layers see no further than a window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from zsr_tui.scoring.networks import products, steps
from zsr_tui.scoring.networks.attention import attend
from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.products import Activation, moved


class ModernBert:
    """Of a transformers model without a head, of which nothing is left but what stands behind the layers."""

    def __init__(self, model: Any, activation: Activation, dtype: torch.dtype, device: str) -> None:
        config = model.config
        self._words = moved(model.embeddings.tok_embeddings.weight, device)  # see bert
        self._norm = steps.Norm(model.embeddings.norm, dtype, device)
        self._turns = {
            kind: _Turns(model.rotary_emb, kind, config.max_position_embeddings, device)
            for kind in set(config.layer_types)
        }
        self._layers, self._norms = [], []  # the first layer's input has been normed
        for index, (layer, kind) in enumerate(zip(model.layers, config.layer_types, strict=True)):
            window = config.sliding_window if kind == "sliding_attention" else None
            self._layers.append(_Layer(layer, config.num_attention_heads, kind, window, activation, dtype, device))
            if index:
                self._norms.append(steps.Norm(layer.attn_norm, dtype, device))
            model.layers[index] = nn.Identity()
        self._last_norm = steps.Norm(model.final_norm, dtype, device)
        model.embeddings = None

    def __call__(self, batch: Batch, rows: torch.Tensor | None = None) -> torch.Tensor:
        """The last states, fp32 of shape (tokens, width); of the tokens at `rows` alone, where those are given."""
        turns = {kind: each(batch) for kind, each in self._turns.items()}
        states, rounded = self._norm(functional.embedding(batch.ids, self._words))
        for layer, norm in zip(self._layers, self._norms, strict=False):
            states, rounded = norm.behind_sum(*layer(states, rounded, batch, turns))
        return self._last_norm.of_sum(*self._layers[-1](states, rounded, batch, turns, rows))[0]


class _Layer:
    def __init__(
        self,
        layer: Any,
        heads: int,
        kind: str,
        window: int | None,
        activation: Activation,
        dtype: torch.dtype,
        device: str,
    ) -> None:
        self._heads, self._kind, self._window, self._activation = heads, kind, window, activation
        self._scale = layer.attn.head_dim**-0.5
        self._project, self._after = (products.of(each, dtype, device) for each in (layer.attn.Wqkv, layer.attn.Wo))
        self._rise_norm = steps.Norm(layer.mlp_norm, dtype, device)
        self._rise, self._fall = (products.of(each, dtype, device) for each in (layer.mlp.Wi, layer.mlp.Wo))

    def __call__(
        self,
        states: torch.Tensor,
        rounded: torch.Tensor,
        batch: Batch,
        turns: Mapping[str, tuple[torch.Tensor, torch.Tensor]],
        rows: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """`states`, fp32 of shape (tokens, width), and their norm in the compute dtype; the states without what the
        last product adds to them, that, and its bias."""
        projected = self._project(rounded)
        query, key = steps.turned(projected, *turns[self._kind], self._heads)
        value = projected.view(len(projected), 3, self._heads, -1)[:, 2]
        seen = attend(query, key, value, batch, scale=self._scale, window=self._window).flatten(1)
        if rows is not None:
            seen, states = seen.index_select(0, rows), states.index_select(0, rows)
        states, rounded = self._rise_norm.behind_sum(states, *self._after.unbiased(seen))
        raised = steps.gated(*self._rise.unbiased(rounded), self._activation)
        return states, *self._fall.unbiased(raised)


class _Turns:
    """Cosine and sine of the angle of each place and pair of numbers, as transformers' own rotary embedding has it."""

    def __init__(self, rotary: Any, kind: str, longest: int, device: str) -> None:
        frequencies = getattr(rotary, f"{kind}_inv_freq").float().cpu()
        angles = torch.arange(longest)[:, None].float() * frequencies
        self._table = moved(torch.stack([angles.cos(), angles.sin()]), device)

    def __call__(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Of each token, fp32 of shape (tokens, width of a head / 2)."""
        where = batch.positions.clamp(max=self._table.shape[1] - 1)  # there may be room to spare behind the last input
        cosine, sine = (functional.embedding(where, table) for table in self._table)
        return cosine, sine
