"""Counted operations against those that torch counts while it runs the model."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    Qwen3Config,
    Qwen3Model,
    T5Config,
    T5EncoderModel,
)

from zsr_tui.scoring.models.operations import Shapes, shapes

BERT = BertConfig(vocab_size=90, hidden_size=48, num_hidden_layers=3, num_attention_heads=4, intermediate_size=160)
DISTIL = DistilBertConfig(vocab_size=90, dim=48, n_layers=2, n_heads=4, hidden_dim=100)
T5_OLD = T5Config(vocab_size=90, d_model=48, d_kv=16, num_heads=4, d_ff=100, num_layers=2)
T5_GATED = T5Config(
    vocab_size=90, d_model=48, d_kv=16, num_heads=4, d_ff=100, num_layers=2, feed_forward_proj="gated-gelu"
)
QWEN = Qwen3Config(
    vocab_size=90, hidden_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=16,
    intermediate_size=100,
)  # fmt: skip


def counted(model: Any, tokens: int) -> int:
    model.eval().set_attn_implementation("eager")  # torch does not count what its fused kernel does on a processor
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(input_ids=torch.ones(1, tokens, dtype=torch.long))
    return int(counter.get_total_flops())


@pytest.mark.parametrize("tokens", [7, 200])
@pytest.mark.parametrize(
    ("config", "model", "family"),
    [
        (BERT, lambda: BertModel(BERT, add_pooling_layer=False), "bi-encoder"),
        (BERT, lambda: BertForMaskedLM(BERT), "sparse"),
        (DISTIL, lambda: DistilBertModel(DISTIL), "bi-encoder"),
        (T5_OLD, lambda: T5EncoderModel(T5_OLD), "monot5"),
        (T5_GATED, lambda: T5EncoderModel(T5_GATED), "monot5"),
    ],
    ids=["bert", "bert with its vocabulary", "distilbert", "t5", "gated t5"],
)
def test_an_encoder_takes_what_torch_counts(config: Any, model: Any, family: str, tokens: int) -> None:
    known = shapes(config.to_dict(), family)
    assert known is not None
    assert known.operations(tokens) == counted(model(), tokens)


def test_of_a_causal_model_half_of_the_attention_counts() -> None:
    known = shapes(QWEN.to_dict(), "causal-lm")
    assert known is not None
    whole = counted(Qwen3Model(QWEN), 100)  # torch computes the masked half too, or counts it
    attention = 4 * 100 * 100 * 64 * 2
    rotary = whole - known.operations(100) - attention / 2
    assert 0 <= rotary < 0.01 * whole


def test_a_pair_of_the_reranker_costs_what_the_goals_say() -> None:
    """MiniLM-L-12 with 374 tokens: about 18.5 GFLOP."""
    assert Shapes(12, 384, 384, 384, 1536).operations(374) / 1e9 == pytest.approx(18.5, abs=0.1)


def test_an_architecture_that_is_not_counted_is_not_guessed() -> None:
    assert shapes({"model_type": "deberta-v2", "hidden_size": 8}, "cross-encoder") is None
    assert shapes({}, "bi-encoder") is None
