"""BERT and encoders with its layers: every token sees every other of its sequence, and norms come last."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional

from zsr_tui.scoring.networks import products, steps
from zsr_tui.scoring.networks.attention import attend
from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.biased import Bias, Distances, attend_with_bias
from zsr_tui.scoring.networks.products import Activation, moved

# architectures whose positions count the tokens that are not padding, from behind the padding token's id
COUNTING = ("roberta", "xlm-roberta", "camembert", "mpnet")
_REACH = 128  # tokens; MPNet's bias is the same for all that are further away


class Bert:
    """Of a transformers model without a head, of which nothing is left but what stands behind the layers."""

    def __init__(self, model: Any, activation: Activation, dtype: torch.dtype, device: str) -> None:
        config = model.config
        # MPNet's is written into its code
        padding = getattr(model.embeddings, "padding_idx", None) if config.model_type in COUNTING else None
        self._embedded = _Embeddings(model.embeddings, padding, dtype, device)
        project = getattr(model, "embeddings_project", None)
        self._project = None if project is None else products.of(project, dtype, device)
        self._dtype = dtype
        stack = model.transformer if config.model_type == "distilbert" else model.encoder
        self._distances = Distances(moved(_by_distance(stack), device), dtype) if config.model_type == "mpnet" else None
        self._layers = []
        for index, layer in enumerate(stack.layer):
            self._layers.append(Layer(_parts(layer), config.num_attention_heads, activation, dtype, device))
            stack.layer[index] = nn.Identity()
        model.embeddings = model.embeddings_project = None

    def __call__(self, batch: Batch, rows: torch.Tensor | None = None) -> torch.Tensor:
        """The last states, fp32 of shape (tokens, width); of the tokens at `rows` alone, where those are given."""
        states, rounded = self._embedded(batch)
        if self._project is not None:
            rounded = self._project(rounded)
            states = rounded.float()
        bias = None if self._distances is None else Bias(self._distances, batch, self._dtype)
        for layer in self._layers[:-1]:
            states, rounded = layer(states, rounded, batch, bias)
        return self._layers[-1](states, rounded, batch, bias, rows)[0]


class Parts(NamedTuple):
    """The modules of a layer, by what they do."""

    query: nn.Linear
    key: nn.Linear
    value: nn.Linear
    after: nn.Linear
    after_norm: nn.LayerNorm
    rise: nn.Linear
    fall: nn.Linear
    fall_norm: nn.LayerNorm


def _parts(layer: Any) -> Parts:
    attention = layer.attention
    if hasattr(attention, "q_lin"):  # DistilBERT
        ahead = (attention.q_lin, attention.k_lin, attention.v_lin, attention.out_lin, layer.sa_layer_norm)
        return Parts(*ahead, layer.ffn.lin1, layer.ffn.lin2, layer.output_layer_norm)
    if hasattr(attention, "attn"):  # MPNet
        own = attention.attn
        ahead = (own.q, own.k, own.v, own.o, attention.LayerNorm)
    else:
        own, after = attention.self, attention.output
        ahead = (own.query, own.key, own.value, after.dense, after.LayerNorm)
    return Parts(*ahead, layer.intermediate.dense, layer.output.dense, layer.output.LayerNorm)


def _by_distance(encoder: Any) -> torch.Tensor:
    """MPNet's bias of scores, the table of `Distances`: (heads, 2 * _REACH + 1)."""
    with torch.no_grad():
        square = encoder.compute_position_bias(torch.empty(1, _REACH + 1, 0))[0]  # of queries and keys
    behind, ahead = square[:, 1:, 0].flip(1), square[:, 0]
    return torch.cat([behind, ahead], dim=1)


class Layer:
    """Keys have no bias: it adds the same to all that a query sees, which the softmax takes away. Nor have values: what
    theirs adds to every average of values is added to the bias of the product behind."""

    def __init__(self, parts: Parts, heads: int, activation: Activation, dtype: torch.dtype, device: str) -> None:
        query, key, value, after = parts.query, parts.key, parts.value, parts.after
        self._heads, self._activation = heads, activation
        self._scale = (query.out_features // heads) ** -0.5
        weight = torch.cat([each.weight.detach() for each in (query, key, value)])
        bias = torch.cat([query.bias.detach(), torch.zeros(2 * query.out_features)])
        self._project = products.product(weight, bias, dtype, device)
        behind = after.bias.detach() + after.weight.detach() @ value.bias.detach()
        self._after = products.product(after.weight, behind, dtype, device)
        self._rise, self._fall = products.of(parts.rise, dtype, device), products.of(parts.fall, dtype, device)
        self._after_norm, self._fall_norm = (
            steps.Norm(each, dtype, device) for each in (parts.after_norm, parts.fall_norm)
        )

    def __call__(
        self,
        states: torch.Tensor,
        rounded: torch.Tensor,
        batch: Batch,
        bias: Bias | None = None,
        rows: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """`states` in fp32 and in the compute dtype, of shape (tokens, width); and so the result."""
        query, key, value = self._project(rounded).view(len(rounded), 3, self._heads, -1).unbind(1)
        if bias is None:
            seen = attend(query, key, value, batch, scale=self._scale).flatten(1)
        else:
            seen = attend_with_bias(query, key, value, batch, bias, scale=self._scale).flatten(1)
        if rows is not None:
            seen, states = seen.index_select(0, rows), states.index_select(0, rows)
        states, rounded = self._after_norm.of_sum(states, *self._after.unbiased(seen))
        raised = self._rise.activated(rounded, self._activation)
        return self._fall_norm.of_sum(states, *self._fall.unbiased(raised))


class _Embeddings:
    """All fp32: rounding the words alone moves scores as far as all the rest that is rounded. Positions and token types
    are one table of their sums."""

    def __init__(self, embeddings: Any, padding: int | None, dtype: torch.dtype, device: str) -> None:
        self._padding = padding
        self._words = moved(embeddings.word_embeddings.weight, device)
        places = embeddings.position_embeddings.weight.detach()
        kinds = getattr(embeddings, "token_type_embeddings", None)
        summed = places[None] if kinds is None else kinds.weight.detach()[:2, None] + places
        self._kinds, self._longest = summed.shape[:2]
        self._places = moved(summed.flatten(0, 1), device)
        self._norm = steps.Norm(embeddings.LayerNorm, dtype, device)

    def __call__(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """In fp32 and in the compute dtype."""
        where = batch.positions if self._padding is None else counted(batch, self._padding)
        where = where.clamp(max=self._longest - 1)  # a batch may have room to spare behind its last input
        if self._kinds > 1:
            where = where + batch.types * self._longest
        words, places = functional.embedding(batch.ids, self._words), functional.embedding(where, self._places)
        return self._norm.of_sum(places, words)


def counted(batch: Batch, padding: int) -> torch.Tensor:
    """The place of each token behind `padding`, where a padding token within a text has none: int32 (tokens,)."""
    real = (batch.ids != padding).int()
    total = real.cumsum(0, dtype=torch.int32)
    before = (total - real)[batch.first]
    return (total - before[batch.owners]) * real + padding
