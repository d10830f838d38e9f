"""Bi-encoders against sentence-transformers on the same weights: what a user can ask of them, and mixed batches.

Poolings, prompts, GTR, SGPT and coCondenser are compared in tests/engine/test_scoring_models.py, through the service.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer, WordWeights
from transformers import Qwen3Config, Qwen3Model

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import catalogue, weights
from zsr_tui.scoring.models.catalogue import Recipe

from .. import tiny

TEXTS = ["a b c", "d", "", "a c e g b d f " * 8, "h g f e d c b a"]
PROMPTS = {"query": "query: ", "document": "passage: "}


@pytest.fixture(autouse=True)
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")


def built(folder: Path, plain: Path, *modules: Any, **config: Any) -> SentenceTransformer:
    model = SentenceTransformer(modules=[Transformer(str(plain)), *modules], device="cpu", **config)
    model.save(str(folder))
    return model


def encoded(model: Any, texts: list[str], role: str = "document") -> np.ndarray:
    return model.run(model.prepare(texts, role))


def test_a_dimension_behind_the_name_keeps_the_first_numbers_of_a_vector(tmp_path: Path) -> None:
    reference = built(tmp_path / "own", tiny.bert(tmp_path / "bert"), Pooling(16, "mean"), similarity_fn_name="dot")
    model = tiny.load(f"{tmp_path / 'own'}#6")
    assert model.dimension == 6
    assert np.allclose(encoded(model, TEXTS), reference.encode(TEXTS, truncate_dim=6), atol=1e-5)


def test_what_is_kept_of_a_normalised_vector_is_normalised_again(tmp_path: Path) -> None:
    reference = built(tmp_path / "own", tiny.bert(tmp_path / "bert"), Pooling(16, "mean"), Normalize())
    found = encoded(tiny.load(f"{tmp_path / 'own'}#6"), TEXTS)
    expected = reference.encode(TEXTS, truncate_dim=6, normalize_embeddings=True)
    assert np.allclose(found, expected, atol=1e-5)


def test_a_dimension_of_the_catalogue_is_overruled_by_that_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny.bert(tmp_path / "bert")
    tiny.catalogued(monkeypatch, folder, "bi-encoder", Recipe(pooling="cls", dimension=8))
    assert tiny.load(folder).dimension == 8
    assert tiny.load(f"{folder}#4").dimension == 4


def test_each_dimension_is_a_scorer_of_its_own(tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "bert")
    prints = {weights.resolve(f"{folder}{dimension}").fingerprint for dimension in ("", "#4", "#8")}
    assert len(prints) == 3
    assert catalogue.describe(f"{folder}#4").label == "bert#4"


def test_more_dimensions_than_there_are_is_a_usage_problem(tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "bert")
    with pytest.raises(Problem, match="asks for 17 dimensions of vectors that have 16") as caught:
        tiny.load(f"{folder}#17")
    assert caught.value.usage


@pytest.mark.parametrize("include_prompt", [True, False])
def test_queries_and_documents_may_share_a_batch(tmp_path: Path, include_prompt: bool) -> None:
    pooling = Pooling(16, "mean", include_prompt=include_prompt)
    reference = built(tmp_path / "own", tiny.bert(tmp_path / "bert"), pooling, prompts=PROMPTS)
    model = tiny.load(tmp_path / "own")
    queries, documents = model.prepare(TEXTS, "query"), model.prepare(TEXTS, "document")
    mixed = [each for pair in zip(queries, documents, strict=True) for each in pair]
    found = model.run(mixed)
    expected_queries = reference.encode_query(TEXTS, normalize_embeddings=True)
    expected_documents = reference.encode_document(TEXTS, normalize_embeddings=True)
    found = found / np.linalg.norm(found, axis=1, keepdims=True)
    assert np.allclose(found[::2], expected_queries, atol=1e-5)
    assert np.allclose(found[1::2], expected_documents, atol=1e-5)


@pytest.mark.parametrize(
    ("behind", "packed"),
    [
        pytest.param((Pooling(32, "lasttoken"), Normalize()), True, id="as Qwen3's"),
        pytest.param((Pooling(32, "mean"), Dense(32, 8)), False, id="weights behind, which must stay fp32"),
    ],
)
def test_a_decoder_gives_the_vectors_of_sentence_transformers(tmp_path: Path, behind: Any, packed: bool) -> None:
    torch.manual_seed(7)
    config = Qwen3Config(
        vocab_size=len(tiny.WORDS), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, initializer_range=0.3,
    )  # fmt: skip
    reference = built(tmp_path / "own", tiny.saved(tmp_path / "qwen3", Qwen3Model(config)), *behind)
    model = tiny.load(tmp_path / "own")
    assert model.packed == packed
    expected = reference.encode(TEXTS, normalize_embeddings=True)
    assert np.allclose(encoded(model, TEXTS), expected, atol=1e-5)


def test_a_module_that_needs_padding_gets_it(tmp_path: Path) -> None:
    weights, pooling = WordWeights(tiny.WORDS, {"a": 3.0}), Pooling(16)
    reference = built(tmp_path / "own", tiny.bert(tmp_path / "bert"), weights, pooling, similarity_fn_name="dot")
    model = tiny.load(tmp_path / "own")
    assert not model.packed
    assert np.allclose(encoded(model, TEXTS), reference.encode(TEXTS), atol=1e-5)


def test_what_stands_behind_the_transformer_runs_in_fp32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "bf16")
    dense = Dense(16, 8, bias=False, activation_function=torch.nn.Identity())
    built(tmp_path / "gtr", tiny.t5_encoder(tmp_path / "t5"), Pooling(16, "mean"), dense, Normalize())
    found = encoded(tiny.load(tmp_path / "gtr"), TEXTS)

    transformer = Transformer(str(tmp_path / "t5"), model_kwargs={"dtype": torch.bfloat16})
    exact: Any = SentenceTransformer(str(tmp_path / "gtr"), device="cpu")
    features = transformer.preprocess(TEXTS)
    with torch.inference_mode():
        tokens = transformer(features)["token_embeddings"].float()
        mask = features["attention_mask"][..., None].float()
        pooled = (tokens * mask).sum(1) / mask.sum(1)
        expected = torch.nn.functional.normalize(pooled @ exact[2].linear.weight.float().T, dim=1).numpy()
    assert np.allclose(found, expected, atol=1e-5)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)  # bf16 would be off by 1e-3


def test_the_precision_is_part_of_the_fingerprint_and_of_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny.bert(tmp_path / "bert")
    full = weights.resolve(str(folder))
    monkeypatch.setenv("ZSR_TUI_PRECISION", "bf16")
    half = weights.resolve(str(folder))
    assert (full.precision, half.precision) == ("fp32", "bf16")
    assert full.fingerprint != half.fingerprint
    assert full.memory_bytes == 2 * half.memory_bytes == 4 * (full.info.parameters or 0)
