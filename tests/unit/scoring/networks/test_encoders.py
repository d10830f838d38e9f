"""Encoders without padding against transformers, one input at a time, on the same weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from sentence_transformers.sentence_transformer.modules import Dense, Dropout, LayerNorm, Normalize, Pooling
from torch import nn
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification

from zsr_tui.scoring.networks import choose, pooling
from zsr_tui.scoring.networks.bert import Bert
from zsr_tui.scoring.networks.classifier import classifier
from zsr_tui.scoring.networks.vocabulary import vocabulary

from .tiny_networks import inputs, made, one_by_one, packed, roomy, states_of

# what is compared -> the architecture, and what its configuration says beside the usual
_LOCAL = {"local_attention": 16, "num_hidden_layers": 4}
_BIASED = {"norm_bias": True, "attention_bias": True, "mlp_bias": True, "classifier_pooling": "mean"}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "BERT": ("bert", {}),
    "Electra": ("electra", {"embedding_size": 32}),
    "RoBERTa": ("roberta", {"type_vocab_size": 1}),
    "XLM-R": ("xlm-roberta", {"type_vocab_size": 1}),
    "CamemBERT": ("camembert", {"type_vocab_size": 1}),
    "DistilBERT": ("distilbert", {}),
    "MPNet": ("mpnet", {}),
    "ModernBERT": ("modernbert", _LOCAL),
    "ModernBERT with biases": ("modernbert", {**_LOCAL, **_BIASED}),
}
TYPED = ("BERT", "Electra")


@pytest.mark.parametrize("name", KINDS)
def test_states_and_scores_are_those_of_transformers(name: str) -> None:
    kind, more = KINDS[name]
    model = made(kind, AutoModelForSequenceClassification, num_labels=2, **more)
    assert choose.against(model.config.to_dict()) == ""
    given = inputs(name in TYPED)
    logits = torch.cat([each.logits for each in one_by_one(model, given, name in TYPED)])
    states = states_of(model.base_model, given, name in TYPED)
    ours = classifier(model, torch.float32, "cpu")
    assert ours is not None
    with torch.inference_mode():
        assert torch.allclose(ours(packed(given)), logits, atol=1e-5)
        assert torch.allclose(ours._network(packed(given)), states, atol=1e-5)
        alone = torch.cat([ours(packed([each])) for each in given])
        spared = ours(roomy(given))
    assert torch.allclose(alone, logits, atol=1e-5)  # whatever else is in the batch
    assert torch.allclose(spared[: len(given)], logits, atol=1e-5)
    assert logits.abs().max() > 0.1  # equality of something


@pytest.mark.parametrize("name", KINDS)
def test_half_precision_is_closer_to_fp32_than_transformers_in_half_precision(name: str) -> None:
    kind, more = KINDS[name]
    given = inputs(name in TYPED)
    exact = states_of(made(kind, **more), given, name in TYPED)
    theirs = (states_of(made(kind, **more).bfloat16(), given, name in TYPED) - exact).abs()
    network = choose.network(made(kind, **more), torch.bfloat16, "cpu")
    assert network is not None
    with torch.inference_mode():
        states = network(packed(given))
    assert states.dtype == torch.float32
    found = (states - exact).abs()
    assert 0 < found.mean() <= 0.9 * theirs.mean()


@pytest.mark.parametrize("name", [name for name in KINDS if name != "Electra"])  # no model of masked words
def test_the_largest_logits_of_the_vocabulary_are_those_of_transformers(name: str) -> None:
    kind, more = KINDS[name]
    model, given = made(kind, AutoModelForMaskedLM, **more), inputs(name in TYPED)
    expected = torch.stack([each.logits[0].amax(0) for each in one_by_one(model, given, name in TYPED)])
    ours = vocabulary(model, torch.float32, "cpu")
    assert ours is not None
    with torch.inference_mode():
        assert torch.allclose(ours(packed(given)), expected, atol=1e-5)


def test_a_head_of_another_kind_keeps_transformers_own_forward_pass() -> None:
    model = made("electra", AutoModelForMaskedLM)
    assert vocabulary(model, torch.float32, "cpu") is None
    assert classifier(model, torch.float32, "cpu") is None
    assert one_by_one(model, inputs())[0].logits.shape == (1, 40, 90)  # with all its weights


def test_words_and_positions_are_not_rounded() -> None:
    model, given = made("bert"), inputs(lengths=(40,) * 4)
    with torch.inference_mode():
        expected = torch.cat([model.embeddings(torch.tensor(ids)[None].long())[0] for (ids,), _ in given])
        network = choose.network(model, torch.bfloat16, "cpu")
        assert isinstance(network, Bert)
        states, rounded = network._embedded(packed(given))
    assert torch.allclose(states, expected, atol=1e-6)
    assert rounded.dtype == torch.bfloat16


def test_a_bias_by_distance_goes_on_beyond_its_reach() -> None:
    model, given = made("mpnet", max_position_embeddings=300), inputs(lengths=(290, 5, 129, 64))
    assert model.encoder.relative_attention_bias.weight.abs().max() > 0.1
    expected = states_of(model, given)
    network = choose.network(model, torch.float32, "cpu")
    assert network is not None
    with torch.inference_mode():
        assert torch.allclose(network(packed(given)), expected, atol=1e-5)


@pytest.mark.parametrize("activation", ["gelu_new", "relu"])
def test_other_activations(activation: str) -> None:
    given = inputs()
    expected = states_of(made("bert", hidden_act=activation), given)
    network = choose.network(made("bert", hidden_act=activation), torch.float32, "cpu")
    assert network is not None
    with torch.inference_mode():
        assert torch.allclose(network(packed(given)), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        pytest.param({"model_type": "bert"}, "", id="BERT"),
        pytest.param({"model_type": "distilbert", "activation": "relu"}, "", id="DistilBERT"),
        pytest.param({"model_type": "deberta-v2"}, "no network for deberta-v2", id="another architecture"),
        pytest.param({}, "no network for None", id="no architecture"),
        pytest.param({"model_type": "bert", "hidden_act": "tanh"}, "activation tanh", id="another activation"),
        pytest.param({"model_type": "bert", "is_decoder": True}, "it is a decoder", id="decoder"),
        pytest.param(
            {"model_type": "bert", "position_embedding_type": "relative_key"},
            "positions are relative_key",
            id="relative positions",
        ),
        pytest.param(
            {"model_type": "modernbert", "rope_parameters": {"full_attention": {"rope_type": "yarn", "factor": 2.0}}},
            "positions are yarn",
            id="stretched positions",
        ),
        pytest.param(
            {"model_type": "bert", "quantization_config": {"bits": 4}}, "it has quantization_config", id="quantised"
        ),
    ],
)
def test_what_keeps_its_own_forward_pass(config: dict[str, Any], reason: str) -> None:
    assert choose.against(config) == reason


def test_a_model_with_modules_of_others_keeps_its_own_forward_pass_and_its_weights() -> None:
    class Adapter(nn.Linear):
        pass

    model = made("bert")
    model.encoder.layer[1].output.dense = Adapter(96, 64)
    assert choose.network(model, torch.float32, "cpu") is None
    assert states_of(model, inputs()).shape == (96, 64)


POOLINGS: list[Any] = ["cls", "lasttoken", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", ("mean", "cls")]


@pytest.mark.parametrize(
    "modes", POOLINGS, ids=[each if isinstance(each, str) else " and ".join(each) for each in POOLINGS]
)
@pytest.mark.parametrize("before", [False, True], ids=["on states", "on projected states"])
def test_poolings_are_those_of_sentence_transformers(modes: Any, before: bool) -> None:
    torch.manual_seed(2)
    width = 48 if before else 64
    pooled = Pooling(width, modes)
    after = Dense(pooled.get_embedding_dimension(), 20)
    tokens = Dense(64, 48, module_input_name="token_embeddings", module_output_name="token_embeddings")
    modules = [*([tokens] if before else []), pooled, after, LayerNorm(20), Normalize()]
    given, model = inputs(), made("bert")
    states = [each.last_hidden_state for each in one_by_one(model, given)]
    network = choose.network(model, torch.float32, "cpu")
    assert network is not None
    assert pooling.against(modules) == ""
    with torch.inference_mode():
        found = pooling.Pooled(network, modules)(packed(given))
        for row, each in zip(found, states, strict=True):
            features: Any = {"token_embeddings": each, "attention_mask": torch.ones(each.shape[:2])}
            for module in modules:
                features = module(features)
            assert torch.allclose(row, features["sentence_embedding"][0], atol=1e-5)


def test_modules_that_need_padding_keep_it() -> None:
    assert pooling.against([Pooling(4), Dropout()]) == "it has Dropout"
    assert pooling.against([Dense(4, 4), Normalize()]) == "it has no pooling"
