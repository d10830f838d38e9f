"""The scoring service on tiny random models of many shapes, each against its reference implementation on the same
weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    GPTNeoConfig,
    GPTNeoModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

from tests.engine.conftest import scores
from zsr_tui.domain import Problem
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.models.catalogue import Recipe

TEXTS = ["a b c", "d", "", "a c e g b d f " * 8, "h g f e d c b a", "\x00\t✓ 日本語 🙂 [b]x[/b]"]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[", "]", "{", "}", "query:", "passage:", *"abcdefgh"]


def tokenizer(special: bool = True) -> PreTrainedTokenizerFast:
    inner = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if special:
        inner.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=32, model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )  # fmt: skip


def bert_config(**more: Any) -> BertConfig:
    return BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=32, initializer_range=0.5, **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(7)


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    """A plain encoder, without any file of sentence-transformers."""
    BertModel(bert_config(), add_pooling_layer=False).save_pretrained(tmp_path / "bert")
    tokenizer().save_pretrained(tmp_path / "bert")
    return tmp_path / "bert"


def saved(folder: Path, plain: Path, *modules: Any, **config: Any) -> SentenceTransformer:
    config = {"similarity_fn_name": "dot", **config}
    model = SentenceTransformer(modules=[Transformer(str(plain)), *modules], device="cpu", **config)
    model.save(str(folder))
    return model


def with_recipe(monkeypatch: pytest.MonkeyPatch, folder: Path, family: str, recipe: Recipe) -> None:
    entry = catalogue.Entry("x", "x", family, catalogue.weights_reference(str(folder)), recipe)
    monkeypatch.setattr(catalogue, "entry_of", lambda model: entry if model == str(folder) else None)


@pytest.mark.parametrize(
    "pooling",
    [
        pytest.param("cls", id="cls"),
        pytest.param("mean", id="mean"),
        pytest.param("max", id="max"),
        pytest.param("weightedmean", id="weightedmean"),
        pytest.param("lasttoken", id="lasttoken"),
        pytest.param(("cls", "mean"), id="cls and mean"),
    ],
)
def test_poolings_and_normalisation_are_the_models_own(
    service: ScoringService, bert: Path, tmp_path: Path, pooling: Any
) -> None:
    model = saved(tmp_path / "own", bert, Pooling(16, pooling), Normalize())
    found = service.encoder(str(tmp_path / "own")).encode_documents(TEXTS)
    assert np.allclose(found, model.encode(TEXTS), atol=1e-5)


def test_a_plain_encoder_is_taken_as_sentence_transformers_takes_it(service: ScoringService, bert: Path) -> None:
    found = service.encoder(str(bert)).encode_documents(TEXTS)
    reference = SentenceTransformer(str(bert), device="cpu")
    assert np.allclose(found, reference.encode(TEXTS, normalize_embeddings=True), atol=1e-5)


def test_a_plain_encoder_is_pooled_as_the_catalogue_says(
    service: ScoringService, bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_recipe(monkeypatch, bert, "bi-encoder", Recipe(pooling="cls", similarity="dot", max_length=16))
    found = service.encoder(str(bert)).encode_documents(TEXTS)
    model = BertModel.from_pretrained(bert, add_pooling_layer=False).eval()
    for text, vector in zip(TEXTS, found, strict=True):
        inputs = tokenizer()(text, truncation=True, max_length=16, return_tensors="pt")
        with torch.inference_mode():
            expected = model(**inputs).last_hidden_state[0, 0]  # [CLS], not normalised: a dot product
        assert np.allclose(vector, expected, atol=1e-5)


def test_a_projection_behind_a_t5_encoder_is_applied(service: ScoringService, tmp_path: Path) -> None:
    config = T5Config(
        vocab_size=len(WORDS), d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2, architectures=["T5EncoderModel"]
    )
    T5EncoderModel(config).save_pretrained(tmp_path / "t5")
    tokenizer().save_pretrained(tmp_path / "t5")
    dense = Dense(16, 8, bias=False, activation_function=torch.nn.Identity())
    model = saved(tmp_path / "gtr", tmp_path / "t5", Pooling(16, "mean"), dense, Normalize())
    encoder = service.encoder(str(tmp_path / "gtr"))
    assert encoder.info.family == "bi-encoder"
    assert encoder.dimension == 8
    assert np.allclose(encoder.encode_documents(TEXTS), model.encode(TEXTS), atol=1e-5)


def test_prompts_of_the_models_files_are_used_for_their_side(
    service: ScoringService, bert: Path, tmp_path: Path
) -> None:
    prompts = {"query": "query: ", "document": "passage: "}
    model = saved(tmp_path / "own", bert, Pooling(16, "mean"), prompts=prompts)
    encoder = service.encoder(str(tmp_path / "own"))
    assert np.allclose(encoder.encode_queries(TEXTS), model.encode_query(TEXTS), atol=1e-5)
    assert np.allclose(encoder.encode_documents(TEXTS), model.encode_document(TEXTS), atol=1e-5)
    assert not np.allclose(encoder.encode_queries(["a"]), encoder.encode_documents(["a"]))


def test_prompts_of_the_catalogue_are_used_where_the_files_have_none(
    service: ScoringService, bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_recipe(monkeypatch, bert, "bi-encoder", Recipe(query_prompt="query: ", similarity="cosine"))
    encoder = service.encoder(str(bert))
    model = SentenceTransformer(str(bert), device="cpu")
    expected = model.encode(["query: " + text for text in TEXTS], normalize_embeddings=True)
    assert np.allclose(encoder.encode_queries(TEXTS), expected, atol=1e-5)
    assert np.allclose(encoder.encode_documents(TEXTS), model.encode(TEXTS, normalize_embeddings=True), atol=1e-5)


def test_a_prompt_that_is_left_out_of_the_pooling_is_left_out(
    service: ScoringService, bert: Path, tmp_path: Path
) -> None:
    pooling = Pooling(16, "mean", include_prompt=False)
    model = saved(tmp_path / "own", bert, pooling, prompts={"query": "query: ", "document": ""})
    found = service.encoder(str(tmp_path / "own")).encode_queries(TEXTS)
    assert np.allclose(found, model.encode_query(TEXTS), atol=1e-5)


def test_a_matryoshka_cut_of_the_models_files_is_applied(service: ScoringService, bert: Path, tmp_path: Path) -> None:
    model = saved(tmp_path / "own", bert, Pooling(16, "mean"), truncate_dim=6)
    encoder = service.encoder(str(tmp_path / "own"))
    assert encoder.dimension == 6
    assert np.allclose(encoder.encode_documents(TEXTS), model.encode(TEXTS), atol=1e-5)


def test_cosine_models_without_a_normalising_module_are_normalised(
    service: ScoringService, bert: Path, tmp_path: Path
) -> None:
    saved(tmp_path / "cosine", bert, Pooling(16, "mean"), similarity_fn_name="cosine")
    vectors = service.encoder(str(tmp_path / "cosine")).encode_documents(["a b", "c"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    saved(tmp_path / "euclid", bert, Pooling(16, "mean"), similarity_fn_name="euclidean")
    with pytest.raises(Problem, match="compares by euclidean distance"):
        service.encoder(str(tmp_path / "euclid")).encode_documents(["a"])


def test_sgpt_puts_brackets_around_what_is_left_of_a_text(
    service: ScoringService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = GPTNeoConfig(
        vocab_size=len(WORDS), hidden_size=16, num_layers=2, num_heads=2, intermediate_size=32,
        attention_types=[[["global", "local"], 1]], max_position_embeddings=32, initializer_range=0.5,
    )  # fmt: skip
    GPTNeoModel(config).save_pretrained(tmp_path / "plain")
    tokenizer(special=False).save_pretrained(tmp_path / "plain")
    folder = tmp_path / "sgpt"
    saved(folder, tmp_path / "plain", Pooling(16, "weightedmean"))
    (folder / "config_sentence_transformers.json").unlink()  # as SGPT's own repositories, which say no similarity
    recipe = Recipe(similarity="cosine", query_brackets=("[", "]"), document_brackets=("{", "}"))
    with_recipe(monkeypatch, folder, "bi-encoder", recipe)
    encoder = service.encoder(str(folder))

    model = GPTNeoModel.from_pretrained(folder).eval()
    ids = {word: index for index, word in enumerate(WORDS)}

    def expected(text: str, left: str, right: str) -> np.ndarray:
        inside = [ids.get(word, ids["[UNK]"]) for word in text.split()][:30]
        whole = torch.tensor([[ids[left], *inside, ids[right]]])
        with torch.inference_mode():
            states = model(input_ids=whole).last_hidden_state[0]
        weights = torch.arange(1, len(states) + 1).float()  # position weights: equation 2 of arXiv 2202.08904
        vector = (states * weights[:, None]).sum(0) / weights.sum()
        return (vector / vector.norm()).numpy()

    for text in TEXTS:
        assert np.allclose(encoder.encode_queries([text])[0], expected(text, "[", "]"), atol=1e-5)
        assert np.allclose(encoder.encode_documents([text, "a"])[0], expected(text, "{", "}"), atol=1e-5)


@pytest.fixture
def reranker(tmp_path: Path) -> Callable[..., Path]:
    def build(name: str = "reranker", dtype: torch.dtype = torch.float32, **more: Any) -> Path:
        model = BertForSequenceClassification(bert_config(**{"num_labels": 1, **more})).to(dtype)
        model.save_pretrained(tmp_path / name)
        tokenizer().save_pretrained(tmp_path / name)
        return tmp_path / name

    return build


def test_a_cross_encoder_gives_the_raw_logit(service: ScoringService, reranker: Callable[..., Path]) -> None:
    folder = reranker()
    texts = TEXTS * 5
    reference = CrossEncoder(str(folder), device="cpu", activation_fn=torch.nn.Identity())
    expected = reference.predict([("a query: b", text) for text in texts])
    batches = list(service.score(str(folder), "a query: b", texts))
    assert [score for batch in batches for score in batch.scores] == pytest.approx(expected.tolist(), abs=1e-5)
    assert max(abs(expected)) > 1  # no activation: outside of what a sigmoid gives
    cut = [cut for batch in batches for cut in batch.cut]
    assert cut == [len(text.split()) > 26 for text in texts]  # 32 tokens less three special ones and the query's three


def test_a_half_precision_checkpoint_is_scored_in_full_precision(
    service: ScoringService, reranker: Callable[..., Path]
) -> None:
    folder = reranker(dtype=torch.float16)
    model = BertForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        expected = model(**tokenizer()("a", "b c", return_tensors="pt")).logits.item()
    assert scores(service, str(folder), "a", ["b c"])[0] == pytest.approx(expected, abs=1e-6)
    assert service.device_label(str(folder)) == "cpu fp32"


def test_weights_in_a_pickle_file_are_loaded(service: ScoringService, reranker: Callable[..., Path]) -> None:
    folder = reranker()
    expected = scores(service, str(folder), "a", ["b"])
    model = BertForSequenceClassification.from_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    info = catalogue.describe(str(folder))
    assert (info.parameters, info.local) == (5601, True)
    assert scores(service, str(folder), "a", ["b"]) == pytest.approx(expected, abs=1e-6)


def test_a_classifier_with_several_labels_is_no_reranker(
    service: ScoringService, reranker: Callable[..., Path]
) -> None:
    folder = reranker(num_labels=3)
    with pytest.raises(Problem, match="classifier with 3 labels"):
        list(service.score(str(folder), "a", ["b"]))
    assert scores(service, str(reranker("other")), "a", ["b"])  # the device goes on


def test_a_pair_without_a_score_is_reported_and_the_others_go_on(
    service: ScoringService, reranker: Callable[..., Path]
) -> None:
    folder = reranker()
    model = BertForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        model.bert.embeddings.word_embeddings.weight[WORDS.index("h")] = float("nan")
    model.save_pretrained(folder)
    (batch,) = service.score(str(folder), "a", ["b", "h", "c"])
    assert (batch.indices, batch.broken) == ((0, 2), (1,))


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json"])
def test_a_damaged_file_is_one_sentence(service: ScoringService, reranker: Callable[..., Path], name: str) -> None:
    folder = reranker()
    content = json.loads((folder / name).read_text())
    content.pop("model", None)
    content["hidden_size"] = 24
    (folder / name).write_text(json.dumps(content))
    with pytest.raises(Problem, match=r"cannot be loaded|do not have the shapes that its config\.json says") as caught:
        list(service.score(str(folder), "a", ["b"]))
    assert "\n" not in caught.value.message


def test_changed_weights_in_the_same_folder_are_loaded_anew(
    service: ScoringService, reranker: Callable[..., Path]
) -> None:
    folder = reranker()
    before, print_before = scores(service, str(folder), "a", ["b"]), service.fingerprint(str(folder))
    reranker()  # writes other random weights into it
    assert service.fingerprint(str(folder)) != print_before
    assert scores(service, str(folder), "a", ["b"]) != before
