"""Models whose tokenizer files ask for padding on the left: what a text gives does not depend on what it is batched
with, and is what sentence-transformers gives for it alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import MultiVectorEncoder, SentenceTransformer, SparseEncoder
from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Router, Transformer
from transformers import (
    AlbertConfig,
    AlbertModel,
    AutoModelForSequenceClassification,
    GPT2Config,
    GPT2Model,
    Qwen3Config,
    Qwen3Model,
    XLNetConfig,
    XLNetForSequenceClassification,
)

from tests.unit.scoring import tiny_splade
from tests.unit.scoring.families import test_late_interaction, test_sparse

from .. import tiny

TEXTS = ["a b c", "d", "a c e g b d f h " * 3, "h g f e d c b a"]
SIZES = {"vocab_size": len(tiny.WORDS), "hidden_size": 16, "num_attention_heads": 2, "initializer_range": 0.5}


@pytest.fixture(autouse=True)
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")


def left(folder: Path) -> Path:
    for file in folder.rglob("tokenizer_config.json"):
        file.write_text(json.dumps({**json.loads(file.read_text()), "padding_side": "left"}))
    return folder


def gpt2() -> GPT2Model:
    return GPT2Model(
        GPT2Config(
            vocab_size=len(tiny.WORDS), n_embd=16, n_layer=2, n_head=2, n_positions=64, initializer_range=0.5,
            pad_token_id=0, bos_token_id=2, eos_token_id=3,
        )
    )  # fmt: skip


def albert() -> AlbertModel:
    return AlbertModel(
        AlbertConfig(**SIZES, embedding_size=16, num_hidden_layers=2, intermediate_size=32, max_position_embeddings=64)
    )


def qwen3() -> Qwen3Model:
    return Qwen3Model(
        Qwen3Config(**SIZES, num_key_value_heads=2, head_dim=8, num_hidden_layers=2, intermediate_size=32)
    )


def _routed(plain: str) -> list[Any]:
    return [Router.for_query_document([Transformer(plain), Pooling(16)], [Transformer(plain), Pooling(16)])]


_ENCODERS: dict[str, tuple[Callable[[], Any], Callable[[str], list[Any]]]] = {
    "last token of GPT-2": (gpt2, lambda plain: [Transformer(plain), Pooling(16, "lasttoken")]),
    "weighted mean of GPT-2": (gpt2, lambda plain: [Transformer(plain), Pooling(16, "weightedmean")]),
    "last token of Qwen3": (qwen3, lambda plain: [Transformer(plain), Pooling(16, "lasttoken"), Dense(16, 8)]),
    "ALBERT": (albert, lambda plain: [Transformer(plain), Pooling(16, "mean")]),
    "prompt left out": (albert, lambda plain: [Transformer(plain), Pooling(16, "mean", include_prompt=False)]),
    "router": (albert, _routed),
}


@pytest.mark.parametrize("kind", _ENCODERS)
def test_vectors(kind: str, tmp_path: Path) -> None:
    torch.manual_seed(3)
    network, modules = _ENCODERS[kind]
    plain = left(tiny.saved(tmp_path / "plain", network()))
    made = SentenceTransformer(modules=modules(str(plain)), device="cpu", prompts={"document": "passage: "})
    made.save(str(tmp_path / "model"))
    reference: Any = SentenceTransformer(str(left(tmp_path / "model")), device="cpu")
    model = tiny.load(tmp_path / "model")
    assert not model.packed
    expected = reference.encode_document(TEXTS, batch_size=1, normalize_embeddings=True)
    np.testing.assert_allclose(model.run(model.prepare(TEXTS, "document")), expected, atol=1e-5)


@pytest.mark.parametrize(
    "make", [test_sparse.summed, test_sparse.sparse_autoencoder, test_sparse.prompt_left_out_of_the_pooling]
)
def test_terms(make: test_sparse.Make, tmp_path: Path) -> None:
    masked_lm = tiny_splade.save(tmp_path / "masked-lm", test_sparse.WORDS, test_sparse.LONGEST)
    folder = left(make(masked_lm, tmp_path / "model"))
    model, reference = tiny.load(folder), SparseEncoder(str(folder), device="cpu")
    expected = reference.encode_document(TEXTS, batch_size=1, convert_to_sparse_tensor=False)
    np.testing.assert_allclose(model.run(model.prepare(TEXTS, "document")), expected, atol=1e-4)


@pytest.mark.parametrize("name", test_late_interaction.MAKERS)
def test_late_interaction_scores(name: str, tmp_path: Path) -> None:
    folder = left(test_late_interaction.MAKERS[name](tmp_path))
    model, reference = tiny.load(folder), MultiVectorEncoder(str(folder), device="cpu")
    texts = test_late_interaction.TEXTS
    documents = [reference.encode_document(text) for text in texts]
    expected = reference.similarity([reference.encode_query("low folate")], documents)[0]
    np.testing.assert_allclose(model.run(model.prepare("low folate", texts)), expected, atol=1e-4)


def test_scores_of_a_cross_encoder_that_reads_the_last_place(tmp_path: Path) -> None:
    torch.manual_seed(3)
    config = XLNetConfig(
        vocab_size=len(tiny.WORDS), d_model=16, n_layer=2, n_head=2, d_inner=32, num_labels=1, initializer_range=0.5,
        pad_token_id=0,
    )  # fmt: skip
    folder = left(tiny.saved(tmp_path / "xlnet", XLNetForSequenceClassification(config)))
    model, reference = tiny.load(folder), AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        expected = [
            float(reference(**tiny.tokenizer()("a b", text, truncation=True, return_tensors="pt")).logits)
            for text in TEXTS
        ]
    assert model.run(model.prepare("a b", TEXTS)) == pytest.approx(expected, abs=1e-5)
