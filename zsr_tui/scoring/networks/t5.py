"""T5's forward pass for one question: after one decoder step, how much likelier is one token than another, or how large
is the logit of one?

The same numbers as transformers' full forward, without what the question does not need: no padding in the encoder; two
rows of the output projection in place of the vocabulary; no cache; the decoder's cross-attention of a single token
without keys and values of all input tokens; one bias by distance for all layers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from torch.nn import functional
from transformers.activations import ACT2FN

from zsr_tui.scoring.networks import products, rms
from zsr_tui.scoring.networks.batch import Batch
from zsr_tui.scoring.networks.biased import Bias, Distances, attend_with_bias
from zsr_tui.scoring.networks.fused import by_kernel
from zsr_tui.scoring.networks.padded import Padded
from zsr_tui.scoring.networks.products import Product

ARCHITECTURES = ("t5", "mt5")
# transformers' names of activations, and the kernels'
_KERNELS = {"relu": "relu", "silu": "silu", "gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh"}
_Step = Callable[[torch.Tensor], torch.Tensor]


class T5:
    """Of a transformers model that lies on the device in the compute dtype, and that loses its layers; `answers` are
    the tokens for true and false, or the one whose logit is asked for. Sums along the layers (the residual stream),
    norms, softmax and the rows of the output are fp32 in every precision: T5's sums overflow fp16."""

    def __init__(self, model: Any, answers: Sequence[int]) -> None:
        config, encoder, decoder = model.config, model.encoder, model.decoder
        self._embedding = encoder.embed_tokens.weight.detach()
        self._dtype = self._embedding.dtype
        start = config.decoder_start_token_id
        start = (config.pad_token_id or 0) if start is None else start
        with torch.inference_mode():
            self._start = decoder.embed_tokens.weight[start].float()
            output = model.get_output_embeddings().weight.detach()
            rows = output[list(answers)].float()
            # tied checkpoints scale the decoder's output (Raffel et al. 2020); mT5 and T5 1.1 do not
            self._scale = config.d_model**-0.5 if _scales_output(config) else 1.0
            self._direction = (rows[0] if len(rows) == 1 else rows[0] - rows[1]) * self._scale
            # the embedding is kept anyway; another matrix of the vocabulary's size is not
            self._output = output if output.data_ptr() == self._embedding.data_ptr() else None
            self._distances = Distances(_by_distance(encoder.block[0].layer[0].SelfAttention), self._dtype)
            activation, heads = config.dense_act_fn, config.num_heads
            self._encoder = [_EncoderLayer(block, heads, activation) for block in encoder.block]
            self._decoder = [_DecoderLayer(block, heads, activation) for block in decoder.block]
            self._encoder_norm, self._decoder_norm = _Norm(encoder.final_layer_norm), _Norm(decoder.final_layer_norm)

    def __call__(self, batch: Batch) -> torch.Tensor:
        """log P(true) - log P(false), or the logit: fp32 of shape (inputs,)."""
        return self._decode(self._encode(batch), batch) @ self._direction

    def answers(self, batch: Batch) -> torch.Tensor | None:
        """Probabilities of the whole vocabulary, fp32 of shape (inputs, vocabulary); None of a checkpoint whose output
        layer is not its embedding."""
        if self._output is None:
            return None
        decoded = self._decode(self._encode(batch), batch) * self._scale
        return torch.softmax(decoded @ self._output.float().T, dim=-1)

    def _encode(self, batch: Batch) -> torch.Tensor:
        """In the compute dtype, of shape (tokens, d_model)."""
        bias = Bias(self._distances, batch, self._dtype)
        states: torch.Tensor | None = None
        product = functional.embedding(batch.ids, self._embedding)
        for layer in self._encoder:
            states, product = layer(states, product, batch, bias)
        return self._encoder_norm(product, states, self._dtype)[1]

    def _decode(self, encoded: torch.Tensor, batch: Batch) -> torch.Tensor:
        """The decoder's output for its start token, fp32 of shape (inputs, d_model)."""
        padded = Padded(batch)
        rows, hidden = padded.rows(encoded)[:, None], padded.hidden(self._dtype)
        states: torch.Tensor | None = None
        product = self._start.repeat(batch.inputs, 1)
        for layer in self._decoder:
            states, product = layer(states, product, rows, hidden)
        return self._decoder_norm(product, states, torch.float32)[1]


class _EncoderLayer:
    """What a layer adds last is added where the next one begins: with its norm, in one step."""

    def __init__(self, block: Any, heads: int, activation: str) -> None:
        attention, self._heads = block.layer[0].SelfAttention, heads
        weights = [each.weight.detach() for each in (attention.q, attention.k, attention.v)]
        self._project, self._after = _product(torch.cat(weights)), _product(attention.o.weight)
        self._norm, self._second_norm = _Norm(block.layer[0].layer_norm), _Norm(block.layer[1].layer_norm)
        self._feed_forward = _FeedForward(block.layer[1].DenseReluDense, activation)
        del block.layer

    def __call__(
        self, states: torch.Tensor | None, product: torch.Tensor, batch: Batch, bias: Bias
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The fp32 sums (None where there are none yet), and what is still to be added to them: both of shape (tokens,
        d_model); and so the result."""
        states, seen = self._norm(product, states, bias.dtype)
        query, key, value = self._project(seen).view(len(seen), 3, self._heads, -1).unbind(1)
        found = attend_with_bias(query, key, value, batch, bias, scale=1.0)
        states, seen = self._second_norm(self._after(found.flatten(1)), states, bias.dtype)
        return states, self._feed_forward(seen)


class _DecoderLayer:
    """For a single token. It attends to itself alone, which gives its own value: one product. No key or value of any
    input token is computed, since q.(K h) = (K'q).h and sum(a V h) = V sum(a h)."""

    def __init__(self, block: Any, heads: int, activation: str) -> None:
        own, cross = block.layer[0].SelfAttention, block.layer[1].EncDecAttention
        dtype = own.v.weight.dtype
        self._heads = heads
        self._own = _product((own.o.weight.float() @ own.v.weight.float()).to(dtype))
        self._query, self._after = _product(cross.q.weight), _product(cross.o.weight)
        self._keys = cross.k.weight.detach().unflatten(0, (heads, -1))
        self._values = cross.v.weight.detach().unflatten(0, (heads, -1)).transpose(1, 2)
        self._norms = [_Norm(layer.layer_norm) for layer in block.layer]
        self._feed_forward = _FeedForward(block.layer[2].DenseReluDense, activation)
        del block.layer

    def __call__(
        self, states: torch.Tensor | None, product: torch.Tensor, rows: torch.Tensor, hidden: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """`rows` are the encoder's states, (inputs, 1, width, d_model); `hidden` is what their padding's scores get."""
        states, seen = self._norms[0](product, states, rows.dtype)
        states, seen = self._norms[1](self._own(seen), states, rows.dtype)
        query = self._query(seen).unflatten(1, (self._heads, -1)).transpose(0, 1)
        looked_for = torch.bmm(query, self._keys).transpose(0, 1)[:, None]  # (inputs, 1, heads, d_model)
        mask = hidden.expand(-1, -1, self._heads, -1)
        found = functional.scaled_dot_product_attention(looked_for, rows, rows, attn_mask=mask, scale=1.0)
        values = torch.bmm(found[:, 0].transpose(0, 1), self._values)
        states, seen = self._norms[2](self._after(values.transpose(0, 1).flatten(1)), states, rows.dtype)
        return states, self._feed_forward(seen)


class _Norm:
    def __init__(self, norm: Any) -> None:
        self._weight, self._eps = norm.weight.detach().float(), norm.variance_epsilon

    def __call__(
        self, product: torch.Tensor, before: torch.Tensor | None, dtype: torch.dtype
    ) -> tuple[torch.Tensor, torch.Tensor]:
        return rms.normed_sum(product, None, before, self._weight, self._eps, dtype)


class _FeedForward:
    """A product up, an activation (of one half of it, which then scales the other, where it is gated), and a product
    down."""

    def __init__(self, dense: Any, name: str) -> None:
        gated = hasattr(dense, "wi_0")
        rise = [dense.wi_0.weight.detach(), dense.wi_1.weight.detach()] if gated else [dense.wi.weight.detach()]
        # transformers keeps wo in fp32 where the rest is fp16
        self._fall, dtype = _product(dense.wo.weight), dense.wo.weight.dtype
        if name == "relu" and not gated and dtype == rise[0].dtype:
            product = _product(rise[0])
            self._rise: _Step = lambda seen: product.activated(seen, "relu")
        else:
            product, activated = _product(torch.cat(rise)), _activation(name, gated, dtype)
            self._rise = lambda seen: activated(product(seen))

    def __call__(self, seen: torch.Tensor) -> torch.Tensor:
        """`seen` and the result of shape (tokens, d_model)."""
        return self._fall(self._rise(seen))


@cache
def _activation(name: str, gated: bool, dtype: torch.dtype) -> _Step:
    """In one step, from the compute dtype through fp32 into `dtype`."""
    function, known = ACT2FN[name], _KERNELS.get(name)

    def activated(product: torch.Tensor) -> torch.Tensor:
        if known and (found := by_kernel("activation", product, None, known, dtype, is_gated=gated)) is not None:
            return found
        if not gated:
            return function(product.float()).to(dtype)
        scaling, scaled = product.float().chunk(2, dim=-1)
        return (function(scaling) * scaled).to(dtype)

    return activated


def _product(weight: torch.Tensor) -> Product:
    return products.product(weight, None, weight.dtype, str(weight.device))


def _by_distance(attention: Any) -> torch.Tensor:
    """The table of `Distances`: whatever is at least the largest distance away shares a bucket."""
    reach = attention.relative_attention_max_distance
    weight = attention.relative_attention_bias.weight.detach()
    buckets = attention._relative_position_bucket(
        torch.arange(-reach, reach + 1, device=weight.device),
        num_buckets=attention.relative_attention_num_buckets,
        max_distance=reach,
    )
    return weight[buckets].float().T.contiguous()


def _scales_output(config: Any) -> bool:
    if config.model_type == "mt5":
        return False
    # transformers 5 keeps it apart from the tying of weights, transformers 4 does not
    return bool(getattr(config, "scale_decoder_outputs", config.tie_word_embeddings))
