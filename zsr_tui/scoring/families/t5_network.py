"""T5's forward pass for one question: after one decoder step, how much likelier is one token than another?

The same numbers as transformers' full forward, on the weights that transformers loads, without what the question does
not need: two rows of the output projection in place of the vocabulary; no cache; the decoder's cross-attention of a
single token without keys and values of all input tokens; one position bias with its padding mask for all layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForSeq2SeqLM
from transformers.utils import logging

from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import torch_text
from zsr_tui.scoring.models import problems
from zsr_tui.scoring.models.weights import ResolvedModel

_ARCHITECTURES = ("t5", "mt5")


class T5Network:
    """Sums along the layers (the residual stream) are fp32 in every precision: T5's overflow fp16. The decoder's
    attention, its last norm and the two output rows are fp32 too. Memory: one copy of the weights, without the output
    projection where it is not the input's."""

    def __init__(self, resolved: ResolvedModel, device: Device, true_id: int, false_id: int) -> None:
        model = _load(resolved, device)
        config = model.config
        self._device = device
        self._heads, self._width = config.num_heads, config.d_kv
        self._pad = config.pad_token_id or 0
        self._embedding = model.encoder.embed_tokens
        self._first = model.encoder.block[0].layer[0].SelfAttention
        self._encoder = [_EncoderLayer(block) for block in model.encoder.block]
        self._encoder_norm = model.encoder.final_layer_norm
        self._decoder = list(model.decoder.block)
        self._decoder_norm = model.decoder.final_layer_norm.float()
        with torch.inference_mode():
            start = config.decoder_start_token_id if config.decoder_start_token_id is not None else self._pad
            self._start = model.decoder.embed_tokens.weight[start].float().clone()
            rows = model.get_output_embeddings().weight[[true_id, false_id]].float()
            # tied checkpoints scale the decoder's output (Raffel et al. 2020); mT5 and T5 1.1 do not
            scale = config.d_model**-0.5 if _scales_output(config) else 1.0
            self._direction = (rows[0] - rows[1]) * scale

    def log_odds(self, inputs: Sequence[Sequence[int]]) -> torch.Tensor:
        """log P(true) - log P(false) for each of the token sequences: fp32 of shape (inputs,), on the device."""
        with torch.inference_mode():
            ids, real = self._padded(inputs)
            return self._decode(self._encode(ids, real), real) @ self._direction

    def _padded(self, inputs: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Token ids of shape (inputs, longest), and where they are no padding (None where there is none)."""
        ids = torch_text.padded(inputs, self._pad, self._device)
        lengths, longest = [len(each) for each in inputs], ids.shape[1]
        if min(lengths) == longest:
            return ids, None
        real = torch.arange(longest) < torch.tensor(lengths)[:, None]
        return ids, torch_text.on_device(real, self._device)

    def _encode(self, ids: torch.Tensor, real: torch.Tensor | None) -> torch.Tensor:
        """(inputs, tokens, d_model)"""
        states = self._embedding(ids)
        count, length = ids.shape
        bias = self._first.compute_bias(length, length, device=ids.device).to(states.dtype)
        if real is None:
            bias = bias.expand(count, -1, -1, -1)
        else:
            bias = torch.where(real[:, None, None, :], bias, torch.finfo(bias.dtype).min)
        states = states.float()
        for layer in self._encoder:
            heads = layer.queries_keys_values(_norm(layer.attention_norm, states))
            queries, keys, values = heads.view(count, length, 3, self._heads, self._width).permute(2, 0, 3, 1, 4)
            found = torch.nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=bias, scale=1.0)
            states += layer.output(found.transpose(1, 2).reshape(count, length, -1))
            states += _feed_forward(layer.feed_forward, states)
        return _norm(self._encoder_norm, states)

    def _decode(self, encoded: torch.Tensor, real: torch.Tensor | None) -> torch.Tensor:
        """The decoder's output for its start token, fp32 of shape (inputs, d_model)."""
        encoded = encoded.float()
        state = self._start.expand(len(encoded), -1).clone()
        for block in self._decoder:
            # one token attends to itself alone: its own value
            own = block.layer[0]
            state += own.SelfAttention.o(own.SelfAttention.v(_norm(own.layer_norm, state)))
            # q.(K h) = (K'q).h and sum(a V h) = V sum(a h): no key or value of any input token is computed
            cross = block.layer[1].EncDecAttention
            queries = cross.q(_norm(block.layer[1].layer_norm, state)).float()
            keys, values = (each.weight.float().view(self._heads, self._width, -1) for each in (cross.k, cross.v))
            looked_for = torch.einsum("nhk,hkd->nhd", queries.view(-1, self._heads, self._width), keys)
            logits = looked_for @ encoded.transpose(1, 2)
            if real is not None:
                logits.masked_fill_(~real[:, None, :], torch.finfo(logits.dtype).min)
            found = torch.einsum("nhd,hkd->nhk", logits.softmax(dim=-1) @ encoded, values)
            state += cross.o(found.reshape(len(state), -1).to(cross.o.weight.dtype))
            state += _feed_forward(block.layer[2], state)
        return _norm(self._decoder_norm, state)


class _EncoderLayer:
    """One product in place of three for queries, keys and values."""

    def __init__(self, block: Any) -> None:
        attention = block.layer[0].SelfAttention
        self.attention_norm, self.output, self.feed_forward = block.layer[0].layer_norm, attention.o, block.layer[1]
        with torch.inference_mode():
            self._weight = torch.cat([attention.q.weight, attention.k.weight, attention.v.weight])
        del attention.q, attention.k, attention.v

    def queries_keys_values(self, states: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(states, self._weight)


def _norm(layer: Any, states: torch.Tensor) -> torch.Tensor:
    """T5's norm, root mean square without a shift, from fp32 into the precision of its weight."""
    scale = torch.linalg.vector_norm(states, dim=-1, keepdim=True).square_().div_(states.shape[-1])
    normed = states * scale.add_(layer.variance_epsilon).rsqrt_()
    return normed.to(layer.weight.dtype).mul_(layer.weight)


def _feed_forward(layer: Any, states: torch.Tensor) -> torch.Tensor:
    dense, states = layer.DenseReluDense, _norm(layer.layer_norm, states)
    if hasattr(dense, "wi_0"):
        hidden = dense.act(dense.wi_0(states)).mul_(dense.wi_1(states))
    else:
        hidden = dense.act(dense.wi(states))
    # transformers keeps wo in fp32 where the rest is fp16
    return dense.wo(hidden.to(dense.wo.weight.dtype))


def _scales_output(config: Any) -> bool:
    if config.model_type == "mt5":
        return False
    # transformers 5 keeps it apart from the tying of weights, transformers 4 does not
    return bool(getattr(config, "scale_decoder_outputs", config.tie_word_embeddings))


def _load(resolved: ResolvedModel, device: Device) -> Any:
    logging.disable_progress_bar()
    config = AutoConfig.from_pretrained(resolved.path, local_files_only=True, trust_remote_code=resolved.trusted)
    if config.model_type not in _ARCHITECTURES:
        raise Problem(
            f"{resolved.info.name} is a model of type {config.model_type!r}: monoT5 and duoT5 need a T5 or mT5 "
            "checkpoint.",
            detail=str(resolved.path),
        )
    model = AutoModelForSeq2SeqLM.from_pretrained(
        resolved.path,
        config=config,
        dtype=torch_text.torch_dtype(resolved.precision),
        local_files_only=True,
        trust_remote_code=resolved.trusted,
    )
    problems.check_weights(resolved, model)
    return model.to(device.name).eval()
