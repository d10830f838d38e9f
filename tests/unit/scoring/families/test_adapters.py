"""LoRA adapters against transformers' own forward pass, the paper's formula put into the same random weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from transformers import (
    BertForSequenceClassification,
    BertModel,
    GPT2Config,
    GPT2ForSequenceClassification,
    LlamaConfig,
    LlamaModel,
)

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import catalogue, weights

from .. import tiny
from ..tiny_lora import ALPHA, adapter

QUERY = "a b"
TEXTS = ["a b c", "d", "e f g h a b c d", "h g"]
LINEAR = ["query", "value", "output.dense"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "config").mkdir(parents=True)
    return tmp_path / "home" / "config"


def scores(model: Any) -> list[float]:
    words = tiny.tokenizer()
    with torch.inference_mode():
        return [float(model(**words([QUERY], [text], return_tensors="pt")).logits[0, 0]) for text in TEXTS]


def scored(place: str | Path) -> np.ndarray:
    loaded = tiny.load(place)
    return np.asarray(loaded.run(loaded.prepare(QUERY, TEXTS)))


@pytest.mark.parametrize(
    ("targets", "more"),
    [
        pytest.param(LINEAR, {}, id="as usual"),
        pytest.param(LINEAR, {"use_rslora": True}, id="rank-stabilised"),
        pytest.param(
            {"query": 4, "value": 2, "word_embeddings": 3},
            {"alpha_pattern": {"value": 5}},
            id="patterns and embeddings",
        ),
        pytest.param(
            LINEAR,
            {
                "alpha_pattern": {
                    r"^bert.*layer\.\d+\.(attention|output).dense": ALPHA,
                    "que.y|x": ALPHA,
                    r"self\..+": ALPHA,
                    "attention.*": ALPHA,
                },
                "lora_alpha": 1,
            },
            id="expressions",
        ),
    ],
)
def test_a_reranker_scores_as_its_base_with_the_product_added(
    targets: Any, more: dict[str, Any], tmp_path: Path
) -> None:
    base = tiny.reranker(tmp_path / "base")
    model = BertForSequenceClassification.from_pretrained(base).eval()
    state = adapter(tmp_path / "lora", base, model, targets, task_type="SEQ_CLS", **more)
    plain = scores(model)
    model.load_state_dict(state)
    found = scored(tmp_path / "lora")
    np.testing.assert_allclose(found, scores(model), atol=1e-5)
    assert not np.allclose(found, plain, atol=1e-3)
    info = catalogue.describe(str(tmp_path / "lora"))
    assert (info.family, info.local, info.runnable, info.max_length) == ("cross-encoder", True, True, 32)
    assert info.source.endswith(f"LoRA adapter of {base}")


def test_a_head_that_is_kept_whole_makes_a_reranker_of_an_encoder(tmp_path: Path) -> None:
    base = tiny.bert(tmp_path / "base")
    torch.manual_seed(3)
    model = BertForSequenceClassification.from_pretrained(base, num_labels=1).eval()
    whole = ("classifier.weight", "classifier.bias", "bert.pooler.dense.weight", "bert.pooler.dense.bias")
    state = adapter(
        tmp_path / "lora", base, model, LINEAR, whole=whole, task_type="SEQ_CLS", modules_to_save=["classifier"]
    )
    model.load_state_dict(state)
    np.testing.assert_allclose(scored(tmp_path / "lora"), scores(model), atol=1e-5)


def test_weights_that_are_kept_the_other_way_round(tmp_path: Path) -> None:
    """GPT-2's Conv1D, through transformers' own forward pass."""
    torch.manual_seed(3)
    config = GPT2Config(
        vocab_size=len(tiny.WORDS), n_embd=16, n_layer=2, n_head=2, n_positions=32, pad_token_id=0, num_labels=1
    )
    model = GPT2ForSequenceClassification(config).eval()
    base = tiny.saved(tmp_path / "base", model)
    state = adapter(tmp_path / "lora", base, model, ["c_attn", "c_proj"], task_type="SEQ_CLS", fan_in_fan_out=True)
    model.load_state_dict(state)
    words = tiny.tokenizer()
    with torch.inference_mode():
        inputs = [words([QUERY], [text], return_tensors="pt") for text in TEXTS]
        expected = [float(model(**each).logits[0, 0]) for each in inputs]
    np.testing.assert_allclose(scored(tmp_path / "lora"), expected, atol=1e-5)


def test_an_encoder_like_repllama_from_a_pickle(home: Path, tmp_path: Path) -> None:
    """castorini/repllama-v1-7b-lora-passage: "query: ...</s>", the last token's state, at length 1."""
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=len(tiny.WORDS), hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=64, initializer_range=0.5, bos_token_id=2, eos_token_id=3,
    )  # fmt: skip
    model = LlamaModel(config).eval()
    base = tmp_path / "llama"
    model.save_pretrained(base)
    words = tiny.tokenizer()
    words.pad_token = None
    words.bos_token, words.eos_token = "[CLS]", "[SEP]"
    words.save_pretrained(base)
    targets = ["q_proj", "v_proj", "down_proj"]
    state = adapter(tmp_path / "lora", base, model, targets, pickled=True, task_type="FEATURE_EXTRACTION")
    recipe = {"query_brackets": ["[CLS]", "[SEP]"], "document_brackets": ["[CLS]", "[SEP]"]}
    said = "".join(f"{name} = {json.dumps(value)}\n" for name, value in recipe.items())
    (home / "models.toml").write_text(
        '[[model]]\nname = "mine"\nlike = "castorini/repllama-v1-7b-lora-passage"\n'
        f'weights = "{tmp_path / "lora"}"\n{said}'
    )
    loaded = tiny.load("mine")
    assert loaded.packed
    model.load_state_dict(state)
    for role, prompt in (("query", "query:"), ("document", "passage:")):
        found = loaded.run(loaded.prepare(TEXTS, role))
        for text, vector in zip(TEXTS, found, strict=True):
            ids = [2, *words(f"{prompt} {text}", add_special_tokens=False)["input_ids"], 3]
            with torch.inference_mode():
                last = model(torch.tensor([ids])).last_hidden_state[0, -1]
            np.testing.assert_allclose(vector, last / last.norm(), atol=1e-5)


def test_both_folders_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    base = tiny.reranker(tmp_path / "base")
    model = BertForSequenceClassification.from_pretrained(base)
    for name in ("one", "two"):
        adapter(tmp_path / name, base, model, LINEAR if name == "one" else LINEAR[:1])
    first, second = (weights.resolve(str(tmp_path / name)).fingerprint for name in ("one", "two"))
    assert len({first, second, weights.resolve(str(base)).fingerprint}) == 3
    with torch.no_grad():
        model.classifier.bias += 1
    model.save_pretrained(base)
    assert weights.resolve(str(tmp_path / "one")).fingerprint != first


def _without_base(folder: Path) -> None:
    _said(folder, base_model_name_or_path="/nowhere/base")


def _said(folder: Path, **config: Any) -> None:
    place = folder / "adapter_config.json"
    place.write_text(json.dumps({**json.loads(place.read_text()), **config}))


def _with_a_long_name(folder: Path) -> None:
    save_file({"score." * 600_000 + "x": torch.zeros(1)}, folder / "adapter_model.safetensors")


def _of_another(folder: Path) -> None:
    torch.manual_seed(5)
    larger = BertModel(tiny.BertConfig(vocab_size=10, hidden_size=24, num_hidden_layers=2, num_attention_heads=2))
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    adapter(folder, folder.parent / "base", larger, ["query"])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(_without_base, "a LoRA adapter for /nowhere/base, which is not there: write", id="no base"),
        pytest.param(lambda folder: _said(folder, peft_type="IA3"), "of the kind IA3, and only LoRA", id="other kind"),
        pytest.param(lambda folder: _said(folder, use_dora=True), "with use_dora, which is more", id="DoRA"),
        pytest.param(
            lambda folder: _said(folder, init_lora_weights="pissa_niter_4"), "init_lora_weights = pissa", id="PiSSA"
        ),
        pytest.param(
            lambda folder: (folder / "adapter_model.safetensors").unlink(), "adapter without its weights", id="none"
        ),
        pytest.param(lambda folder: tiny.bert(folder), "whole weights lie beside it", id="beside weights"),
        pytest.param(
            lambda folder: _said(folder, alpha_pattern={"([a-z.0-9]+)+!": 8}),
            "in alpha_pattern, and what is read",
            id="endless",
        ),
        pytest.param(lambda folder: _said(folder, rank_pattern={"(": 8}), "with '.' in rank_pattern", id="unclosed"),
        pytest.param(
            lambda folder: _said(folder, rank_pattern={"(e|e)" * 40: 8}), "in rank_pattern, and", id="many ways"
        ),
        pytest.param(_with_a_long_name, "which fits no weight of its base", id="a long name"),
        pytest.param(_of_another, "which fits no weight of its base", id="of another model"),
        pytest.param(lambda folder: _said(folder, r=8), "which fits no weight of its base", id="of another rank"),
    ],
)  # fmt: skip
def test_what_cannot_be_merged_is_refused_in_a_sentence(
    spoil: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    base = tiny.reranker(tmp_path / "base")
    adapter(tmp_path / "lora", base, BertForSequenceClassification.from_pretrained(base), LINEAR, task_type="SEQ_CLS")
    spoil(tmp_path / "lora")
    with pytest.raises(Problem, match=said):
        tiny.load(tmp_path / "lora")
