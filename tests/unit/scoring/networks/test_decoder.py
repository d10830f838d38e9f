"""Decoders without padding against transformers, one input at a time, on the same weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from zsr_tui.scoring.networks import decoder

from .tiny_networks import inputs, made, packed, states_of

_GROUPED = {"num_key_value_heads": 2, "head_dim": 16}
_TURNED = {"rope_theta": 10000.0, "factor": 4.0}
_LLAMA3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}
# what is compared -> the architecture, and what its configuration says beside the usual
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "Qwen3": ("qwen3", {**_GROUPED, "head_dim": 24}),
    "Qwen3 with windows": (
        "qwen3", {**_GROUPED, "use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1}
    ),
    "Qwen2": ("qwen2", {"num_key_value_heads": 1}),
    "Llama": ("llama", {"num_key_value_heads": 2}),
    "Llama with biases": ("llama", {"attention_bias": True, "mlp_bias": True}),
    "Llama 3": ("llama", {**_GROUPED, "rope_parameters": {"rope_type": "llama3", **_TURNED, **_LLAMA3}}),
    "Llama, positions drawn together": ("llama", {"rope_parameters": {"rope_type": "linear", **_TURNED}}),
    "Llama, positions by YaRN": ("llama", {"rope_parameters": {"rope_type": "yarn", **_TURNED}}),
    "Mistral": ("mistral", {**_GROUPED, "sliding_window": 7}),
    "Gemma": ("gemma", {"num_key_value_heads": 1, "head_dim": 32}),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_states_are_those_of_transformers(name: str) -> None:
    kind, more = KINDS[name]
    model, given = made(kind, **more), inputs()
    expected = states_of(model, given)
    assert decoder.against(model) == ""
    ours, batch = decoder.Decoder(model, torch.float32, "cpu"), packed(given)
    with torch.inference_mode():
        assert torch.allclose(ours(batch), expected, atol=2e-5)
        assert torch.allclose(ours(batch, batch.last), expected[batch.last], atol=2e-5)
        alone = torch.cat([ours(packed([each])) for each in given])
    assert torch.allclose(alone, expected, atol=2e-5)  # whatever else is in the batch
    assert expected.abs().max() > 0.5  # equality of something


@pytest.mark.parametrize("name", ["Qwen3", "Llama with biases", "Gemma"])
def test_half_precision_is_closer_to_fp32_than_transformers_in_half_precision(name: str) -> None:
    kind, more = KINDS[name]
    given = inputs()
    exact = states_of(made(kind, **more), given)
    theirs = (states_of(made(kind, **more).bfloat16(), given) - exact).abs()
    with torch.inference_mode():
        ours = (decoder.Decoder(made(kind, **more), torch.bfloat16, "cpu")(packed(given)) - exact).abs()
    assert ours.mean() < theirs.mean()


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        pytest.param("gemma2", {}, "no network for gemma2", id="capped attention"),
        pytest.param("bert", {}, "no network for bert", id="an encoder"),
        pytest.param("llama", {"hidden_act": "gelu_10"}, "activation", id="an activation"),
        pytest.param(
            "llama",
            {"rope_parameters": {"rope_type": "dynamic", **_TURNED}},
            "positions are dynamic",
            id="positions that change",
        ),
        pytest.param("gemma", {"use_bidirectional_attention": True}, "see what follows", id="both ways"),
    ],
)
def test_what_keeps_its_own_forward_pass_says_why(kind: str, more: dict[str, Any], reason: str) -> None:
    assert reason in decoder.against(made(kind, **more))
