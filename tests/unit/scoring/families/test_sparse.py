"""Learned sparse models against sentence-transformers' SparseEncoder on the same weights."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SparseEncoder
from sentence_transformers.sentence_transformer.modules import Pooling
from sentence_transformers.sparse_encoder.modules import (
    Router,
    SparseAutoEncoder,
    SparseStaticEmbedding,
    SpladePooling,
    Transformer,
)
from transformers import PreTrainedTokenizerFast

from tests.unit.scoring import tiny_splade
from tests.unit.scoring.families import two_threads
from zsr_tui.domain import Problem
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families import sparse as family
from zsr_tui.scoring.models import weights
from zsr_tui.scoring.scorer import Prepared

CPU = Device("cpu", 10**10, 2048)
LONGEST = 24
WORDS = [*tiny_splade.SPECIAL, "query:", "passage:", *"abcdefghijklmnop"]
TEXTS = ["a b c", "d", "", "a c e g b d f " * 8, "h g f e d c b a", "\x00\t✓ 日本語 🙂"]
QUERY = "a b p"


@pytest.fixture(scope="session")
def masked_lm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_splade.save(tmp_path_factory.mktemp("masked-lm"), WORDS, LONGEST)


def load(folder: Path, *, precision: str = "fp32") -> family.Sparse:
    return family.Sparse(dataclasses.replace(weights.resolve(str(folder)), precision=precision), CPU)


def reference(folder: Path) -> SparseEncoder:
    return SparseEncoder(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})


def saved(model: SparseEncoder, folder: Path) -> Path:
    model.save(str(folder))
    return folder


def transformer(masked_lm: Path) -> Transformer:
    return Transformer(str(masked_lm), transformer_task="fill-mask", model_kwargs={"dtype": torch.float32})


def static(masked_lm: Path) -> SparseStaticEmbedding:
    torch.manual_seed(1)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(masked_lm)
    return SparseStaticEmbedding(tokenizer, weight=torch.rand(len(WORDS)) + 0.1, frozen=True)


def plain(masked_lm: Path, _: Path) -> Path:
    return masked_lm


def summed(masked_lm: Path, folder: Path) -> Path:
    return saved(SparseEncoder(modules=[transformer(masked_lm), SpladePooling("sum")], device="cpu"), folder)


def twice_the_logarithm(masked_lm: Path, folder: Path) -> Path:
    pooling = SpladePooling("max", activation_function="log1p_relu")
    return saved(SparseEncoder(modules=[transformer(masked_lm), pooling], device="cpu"), folder)


def prompted(masked_lm: Path, folder: Path) -> Path:
    model = SparseEncoder(str(masked_lm), device="cpu", prompts={"query": "query: ", "document": "passage: "})
    return saved(model, folder)


def few_terms(masked_lm: Path, folder: Path) -> Path:
    return saved(SparseEncoder(str(masked_lm), device="cpu", max_active_dims=4), folder)


def cosine(masked_lm: Path, folder: Path) -> Path:
    return saved(SparseEncoder(str(masked_lm), device="cpu", similarity_fn_name="cosine"), folder)


def inference_free(masked_lm: Path, folder: Path) -> Path:
    router = Router.for_query_document(
        query_modules=[static(masked_lm)], document_modules=[transformer(masked_lm), SpladePooling("max")]
    )
    return saved(SparseEncoder(modules=[router], device="cpu"), folder)


def few_terms_looked_up(masked_lm: Path, folder: Path) -> Path:
    folder = inference_free(masked_lm, folder)
    config = folder / "config_sentence_transformers.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "max_active_dims": 2}))
    return folder


def sparse_autoencoder(masked_lm: Path, folder: Path) -> Path:
    first = Transformer(str(masked_lm), model_kwargs={"dtype": torch.float32})
    torch.manual_seed(2)
    modules = [first, Pooling(32, "mean"), SparseAutoEncoder(32, 64, k=6)]
    return saved(SparseEncoder(modules=modules, device="cpu"), folder)


def prompt_left_out_of_the_pooling(masked_lm: Path, folder: Path) -> Path:
    first = Transformer(str(masked_lm), model_kwargs={"dtype": torch.float32})
    torch.manual_seed(2)
    modules = [first, Pooling(32, "mean", include_prompt=False), SparseAutoEncoder(32, 64, k=6)]
    prompts = {"query": "query: ", "document": "passage: "}
    return saved(SparseEncoder(modules=modules, device="cpu", prompts=prompts), folder)


Make = Callable[[Path, Path], Path]
EVERY_KIND = pytest.mark.parametrize(
    "make",
    [
        plain,
        summed,
        twice_the_logarithm,
        prompted,
        few_terms,
        cosine,
        inference_free,
        few_terms_looked_up,
        sparse_autoencoder,
        prompt_left_out_of_the_pooling,
    ],
)


@EVERY_KIND
def test_vectors_and_scores_equal_those_of_sparse_encoder(make: Make, masked_lm: Path, tmp_path: Path) -> None:
    folder = make(masked_lm, tmp_path / "model")
    scorer, model = load(folder), reference(folder)
    queries = [QUERY, "", "h g f"]
    expected = {
        "query": model.encode_query(queries, convert_to_sparse_tensor=False),
        "document": model.encode_document(TEXTS, convert_to_sparse_tensor=False),
    }
    for role, texts in (("query", queries), ("document", TEXTS)):
        vectors = scorer.run(scorer.prepare(texts, role))
        if make is cosine:
            vectors *= np.linalg.norm(expected[role].numpy(), axis=1, keepdims=True)
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(texts), scorer.dimension)
        assert np.allclose(vectors, expected[role].numpy(), atol=1e-5)
    similarities = model.similarity(expected["query"], expected["document"]).numpy()
    assert np.count_nonzero(similarities[0]) > 1
    for query, row in zip(queries, similarities, strict=True):
        assert np.allclose(scorer.run(scorer.rerank_inputs(query, TEXTS)), row, atol=1e-4)


@EVERY_KIND
def test_queries_and_documents_of_several_requests_share_a_batch(make: Make, masked_lm: Path, tmp_path: Path) -> None:
    scorer = load(make(masked_lm, tmp_path / "model"))
    both = [*scorer.prepare(TEXTS, "document"), *scorer.prepare(TEXTS, "query"), *scorer.prepare(["p"], "document")]
    alone = [scorer.run([each])[0] for each in both]
    assert np.allclose(scorer.run(both), np.array(alone), atol=1e-5)
    pairs = [
        pair
        for two in zip(scorer.rerank_inputs("a b", TEXTS), scorer.rerank_inputs("p h", TEXTS), strict=True)
        for pair in two
    ]
    scores = scorer.run(pairs)
    assert np.allclose(scores[0::2], scorer.run(scorer.rerank_inputs("a b", TEXTS)), atol=1e-5)
    assert np.allclose(scores[1::2], scorer.run(scorer.rerank_inputs("p h", TEXTS)), atol=1e-5)
    assert not np.allclose(scores[0::2], scores[1::2])


@pytest.mark.parametrize("make", [plain, few_terms, inference_free, sparse_autoencoder, prompt_left_out_of_the_pooling])
def test_two_threads_at_once_give_the_scores_and_vectors_of_one(make: Make, masked_lm: Path, tmp_path: Path) -> None:
    scorer = load(make(masked_lm, tmp_path / "model"))
    if make is prompt_left_out_of_the_pooling:  # goes through SparseEncoder's own encode
        assert not scorer.parallel
        return
    pairs = [each for query in (QUERY, "", "h g f") for each in scorer.rerank_inputs(query, TEXTS)]
    two_threads.assert_equal_to_one_thread(scorer, pairs, rounds=4)
    two_threads.assert_equal_to_one_thread(
        scorer, [*scorer.prepare(TEXTS, "document"), *scorer.prepare(TEXTS, "query")], rounds=4
    )


def test_a_batch_of_texts_and_pairs_is_refused(masked_lm: Path) -> None:
    scorer = load(masked_lm)
    with pytest.raises(ValueError, match="not both"):
        scorer.run([*scorer.prepare(["a"], "document"), *scorer.rerank_inputs("a", ["b"])])


def test_the_query_of_a_rerank_runs_once(masked_lm: Path) -> None:
    scorer, texts_run = load(masked_lm), []
    route = scorer._routes["query"]
    vectors = route.vectors

    def counted(inputs: list[Prepared]) -> torch.Tensor:
        texts_run.append(len(inputs))
        return vectors(inputs)

    route.vectors = counted  # type: ignore[method-assign]
    for start in range(0, len(TEXTS), 2):
        scorer.run(scorer.rerank_inputs(QUERY, TEXTS[start : start + 2]))
    assert texts_run == [1]
    for number in range(200):  # and those of a long evaluation are not kept for ever
        scorer.rerank_inputs(f"a {number}", TEXTS)
    assert scorer._query.cache_info().currsize <= 64


def test_what_does_not_fit_is_marked_as_cut(masked_lm: Path, tmp_path: Path) -> None:
    fits, over = "a " * (LONGEST - 2), "a " * (LONGEST - 1)
    scorer = load(masked_lm)
    inputs = scorer.prepare([fits, over], "document")
    assert [(each.tokens, each.cut) for each in inputs] == [(LONGEST, False), (LONGEST, True)]
    assert [each.cut for each in scorer.rerank_inputs("a", [fits, over])] == [False, True]
    assert all(each.cut for each in scorer.rerank_inputs(over, ["a", "b"]))

    looked_up = load(inference_free(masked_lm, tmp_path / "model"))
    queries = looked_up.prepare(["a " * LONGEST, "a " * LONGEST + "b"], "query")
    assert [each.cut for each in queries] == [False, True]
    assert [each.cut for each in looked_up.prepare([fits, over], "document")] == [False, True]


def test_a_batch_whose_logits_would_not_fit_is_run_in_parts(masked_lm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = load(masked_lm)
    expected = whole.run(whole.prepare(TEXTS, "document"))
    monkeypatch.setattr(family, "_CPU_LOGITS", 30 * len(WORDS) * 4)  # 30 tokens at once
    scorer = load(masked_lm)
    sizes: list[int] = []
    route = scorer._routes["document"]
    assert isinstance(route, family._Packed)
    network = route._vocabulary
    monkeypatch.setattr(route, "_vocabulary", lambda batch: sizes.append(batch.tokens) or network(batch))
    inputs = scorer.prepare(TEXTS, "document")
    assert np.allclose(scorer.run(inputs), expected, atol=1e-5)
    assert len(sizes) > 1
    assert max(sizes) <= 30
    assert sum(sizes) == sum(each.tokens for each in inputs)


def test_what_is_not_the_maximum_is_padded_and_run_in_parts(
    masked_lm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = summed(masked_lm, tmp_path / "model")
    whole = load(folder)
    assert not whole.packed
    expected = whole.run(whole.prepare(TEXTS, "document"))
    monkeypatch.setattr(family, "_CPU_LOGITS", 30 * len(WORDS) * 4)
    scorer = load(folder)
    sizes: list[tuple[int, ...]] = []
    first = scorer._routes["document"]._first  # type: ignore[union-attr]
    first.register_forward_hook(lambda _, args, __: sizes.append(tuple(args[0]["input_ids"].shape)))

    assert np.allclose(scorer.run(scorer.prepare(TEXTS, "document")), expected, atol=1e-5)
    assert max(rows * tokens for rows, tokens in sizes) <= 30
    assert sum(rows for rows, _ in sizes) == len(TEXTS)


def test_weights_in_half_precision_are_close_and_still_float32(masked_lm: Path, tmp_path: Path) -> None:
    half, full = load(masked_lm, precision="bf16"), load(masked_lm)
    found, expected = (each.run(each.prepare(TEXTS, "document")) for each in (half, full))
    assert found.dtype == np.float32
    assert not np.array_equal(found, expected)
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.995
    looked_up = inference_free(masked_lm, tmp_path / "model")
    half, full = load(looked_up, precision="bf16"), load(looked_up)
    assert np.array_equal(*(each.run(each.prepare([QUERY], "query")) for each in (half, full)))  # nothing is run


def test_a_model_that_compares_by_distance_is_refused(masked_lm: Path, tmp_path: Path) -> None:
    folder = prompted(masked_lm, tmp_path / "model")
    config = folder / "config_sentence_transformers.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "similarity_fn_name": "euclidean"}))
    with pytest.raises(Problem, match="euclidean distance"):
        load(folder)
