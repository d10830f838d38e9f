"""What a model's files do not say: run as sentence-transformers takes it and said so, or refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from transformers import LlamaConfig, LlamaForSequenceClassification

from zsr_tui.domain import Problem
from zsr_tui.engine import systems
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.models import catalogue, entries, weights

from .. import tiny
from ..made_up import BERT, model_folder

TEXTS = ["a b c", "d", "h g f e d c b a"]
T5 = {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5"}
ONE_LABEL = {**BERT, "id2label": {"0": "LABEL_0"}}
MT5 = {"architectures": ["MT5ForConditionalGeneration"], "model_type": "mt5"}
SETTINGS = "config_sentence_transformers.json"
_TRANSFORMER = {"name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}
MODULES = [_TRANSFORMER, {"name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
POOLED = {"modules.json": MODULES, "1_Pooling/config.json": {"pooling_mode": "cls"}}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "home" / "config").mkdir(parents=True)
    return tmp_path / "home" / "config"


def written(folder: Path, **settings: Any) -> Path:
    (folder / SETTINGS).write_text(json.dumps(settings))
    return folder


def vectors(model: str | Path, role: str = "document") -> np.ndarray:
    loaded = tiny.load(model)
    return np.asarray(loaded.run(loaded.prepare(TEXTS, role)))


@pytest.mark.parametrize(
    ("files", "guessed"),
    [
        pytest.param({}, ("mean pooling", "no prompts", "cosine"), id="nothing said"),
        pytest.param(POOLED, ("no prompts", "cosine"), id="modules"),
        pytest.param(
            {"1_Pooling/config.json": {"pooling_mode_cls_token": True}}, ("no prompts", "cosine"), id="pooling alone"
        ),
        pytest.param(
            {**POOLED, SETTINGS: {"similarity_fn_name": "dot", "prompts": {}}}, ("no prompts",), id="similarity"
        ),
        pytest.param({**POOLED, SETTINGS: {"prompts": {"query": "q: "}}}, ("cosine",), id="prompt of queries"),
        pytest.param(
            {**POOLED, SETTINGS: {"prompts": {"query": "", "document": ""}, "similarity_fn_name": "cosine"}}, (),
            id="as sentence-transformers writes it",
        ),
        pytest.param(
            {"modules.json": [_TRANSFORMER, {"path": "", "type": "sentence_transformers.models.Normalize"}]},
            ("no prompts",),
            id="normalised",
        ),
        pytest.param(
            {"config.json": {**BERT, "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3"}, **POOLED},
            ("no prompts", "cosine"),
            id="encoder of a language model",
        ),
        pytest.param(
            {"config.json": {**BERT, "architectures": ["BertForMaskedLM"]}},
            ("SPLADE's max pooling", "no prompts"),
            id="masked language model",
        ),
        pytest.param(
            {"config.json": {**ONE_LABEL, "architectures": ["LlamaForSequenceClassification"], "model_type": "llama"}},
            ("no prompt around query and document",),
            id="decoder with a class head",
        ),
        pytest.param(
            {"config.json": {**ONE_LABEL, "architectures": ["BertForSequenceClassification"]}}, (), id="cross-encoder"
        ),
        pytest.param(
            {"config.json": {**BERT, "architectures": ["HF_ColBERT"]}}, ("ColBERT's markers and lengths",), id="ColBERT"
        ),
        pytest.param(
            {"config.json": {**BERT, "architectures": ["HF_ColBERT"]}, "artifact.metadata": {"doc_maxlen": 180}}, (),
            id="ColBERT with its settings",
        ),
    ],
)  # fmt: skip
def test_what_is_guessed_heads_the_list(files: dict[str, Any], guessed: tuple[str, ...], tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine", files)
    info = catalogue.describe(str(folder))
    assert (info.guessed, info.runnable) == (guessed, True)
    assert systems.head(str(folder)).guessed == guessed
    said = f"{folder}: guessed, since nothing says it: {', '.join(guessed)}; {entries.own_place()} can say it."
    assert catalogue.guesses(info) == (said if guessed else "")


@pytest.mark.parametrize(
    ("architecture", "model_type", "decodes"),
    [
        ("SmolLM3", "smollm3", True), ("Granite", "granite", True), ("Gemma3", "gemma3", True),
        ("Qwen3Moe", "qwen3_moe", True), ("DeepseekV3", "deepseek_v3", True), ("Qwen3_5", "qwen3_5_text", True),
        ("ModernBertDecoder", "modernbert-decoder", True), ("ModernBert", "modernbert", False),
        ("DebertaV2", "deberta-v2", False), ("XLMRoberta", "xlm-roberta", False), ("Electra", "electra", False),
        ("MPNet", "mpnet", False), ("New", "new", False), ("MT5", "mt5", False),
    ],
    ids=lambda value: value if isinstance(value, str) else "decoder" if value else "encoder",
)  # fmt: skip
def test_that_a_decoder_reads_a_pair_without_a_prompt_is_guessed(
    architecture: str, model_type: str, decodes: bool, tmp_path: Path
) -> None:
    config = {**ONE_LABEL, "architectures": [f"{architecture}ForSequenceClassification"], "model_type": model_type}
    info = catalogue.describe(str(model_folder(tmp_path / "mine", {"config.json": config})))
    assert info.guessed == (("no prompt around query and document",) if decodes else ())


@pytest.mark.parametrize(
    ("name", "config", "said"),
    [
        pytest.param("multilingual-e5-large", BERT, r'intfloat/multilingual-e5-.*whose prompts', id="E5 by its name"),
        pytest.param("tuned-e5", BERT, r'it is an E5, whose prompts .*like = "intfloat/e5-base-v2"', id="E5-like"),
        pytest.param(
            "mine", {**BERT, "_name_or_path": "intfloat/e5-base-v2"}, "copy of intfloat/e5-base-v2", id="made of E5"
        ),
        pytest.param("bge-base-en-v1.5", BERT, "copy of BAAI/bge-base-en-v1.5, whose pooling its", id="other pooling"),
        pytest.param(
            "contriever-msmarco", BERT, "copy of facebook/contriever-msmarco, whose similarity", id="other similarity"
        ),
        pytest.param("flan-t5-base", T5, "is a T5, and nothing says that it was trained to rerank", id="FLAN-T5"),
        pytest.param("mine", T5, 'write an entry with family = "monot5"', id="any T5"),
        pytest.param(
            "mine", {**T5, "_name_or_path": "Soyoung97/RankT5-base"}, 'an entry with family = "rankt5"', id="RankT5"
        ),
        pytest.param("my-mt5-monot5", MT5, "write an entry with true_token and false_token", id="multilingual T5"),
        pytest.param(
            "mt5-base-mmarco-v2-monot5",
            {**MT5, "_name_or_path": "unicamp-dl/mt5-base-mmarco-v2"},
            "copy of unicamp-dl/mt5-base-mmarco-v2, whose prompt and answers its files do not say",
            id="mMARCO",
        ),
        pytest.param(
            "mine", {**BERT, "architectures": ["BertColBERT"]}, "no projection of its token vectors", id="no projection"
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_with_the_reason(
    name: str, config: dict[str, Any], said: str, tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / name, {"config.json": config})
    with pytest.raises(Problem, match=said):
        weights.resolve(str(folder))
    head = systems.head(str(folder))
    assert (head.runnable, head.guessed) == (False, ())


@pytest.mark.parametrize("settings", [{}, {"prompts": {"query": "", "document": ""}}], ids=["none", "empty"])
def test_an_e5_with_its_prompts_runs_and_one_with_empty_ones_does_not(settings: dict[str, Any], tmp_path: Path) -> None:
    folder = written(tiny.bert(tmp_path / "my-e5"), **settings)
    assert "e5-base-v2" in catalogue.describe(str(folder)).why_not
    prompts = {"query": "query: ", "passage": "passage: "}
    written(folder, prompts=prompts, similarity_fn_name="cosine")
    assert catalogue.describe(str(folder)).guessed == ("mean pooling",)
    plain = SentenceTransformer(str(folder), device="cpu")
    for role, prompt in (("query", "query: "), ("document", "passage: ")):
        expected = plain.encode([prompt + text for text in TEXTS], normalize_embeddings=True)
        np.testing.assert_allclose(vectors(folder, role), expected, atol=1e-5)


def test_a_plain_encoder_is_compared_as_sentence_transformers_compares(tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "plain")
    plain: Any = SentenceTransformer(str(folder), device="cpu")
    expected = plain.similarity(plain.encode_query(TEXTS), plain.encode_document(TEXTS)).numpy()
    np.testing.assert_allclose(vectors(folder, "query") @ vectors(folder).T, expected, atol=1e-5)


def test_the_pooling_beside_a_plain_encoder_is_used(tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "plain")
    mean = vectors(folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    cls = vectors(folder)
    assert not np.allclose(cls, mean, atol=1e-2)
    (folder / "modules.json").write_text(json.dumps(MODULES))
    pooling = {"word_embedding_dimension": 16, "pooling_mode_cls_token": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    np.testing.assert_allclose(vectors(folder), cls, atol=1e-6)


def test_a_copy_like_a_model_of_the_catalogue_is_run_as_that(home: Path, tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "copy")
    own = f'[[model]]\nname = "mine"\nlike = "BAAI/bge-small-en-v1.5"\nweights = "{folder}"\n'
    (home / "models.toml").write_text(own)
    plain: Any = SentenceTransformer(str(folder), device="cpu")
    plain[1].pooling_mode = "cls"
    prompt = "Represent this sentence for searching relevant passages: "
    for role, before in (("query", prompt), ("document", "")):
        expected = plain.encode([before + text for text in TEXTS], normalize_embeddings=True)
        np.testing.assert_allclose(vectors("mine", role), expected, atol=1e-5)
    assert catalogue.describe("mine").guessed == ()


def test_the_user_goes_before_the_files_and_the_files_before_the_catalogue(home: Path, tmp_path: Path) -> None:
    folder = written(tiny.bert(tmp_path / "copy"), prompts={"query": "query: "}, similarity_fn_name="dot")
    made: Any = SentenceTransformer(str(folder), device="cpu")
    text = f'[[model]]\nname = "mine"\nlike = "intfloat/e5-small-v2"\nweights = "{folder}"\n'
    (home / "models.toml").write_text(text)
    expected = made.encode([f"query: {each}" for each in TEXTS])
    np.testing.assert_allclose(vectors("mine", "query"), expected, atol=1e-5)
    made[1].pooling_mode = "max"
    (home / "models.toml").write_text(text + 'pooling = "max"\nquery_prompt = ""\nnormalize = true\n')
    expected = made.encode(TEXTS, normalize_embeddings=True)
    np.testing.assert_allclose(vectors("mine", "query"), expected, atol=1e-5)


def test_a_similarity_that_the_user_says_goes_before_a_distance_of_the_files(home: Path, tmp_path: Path) -> None:
    folder = written(tiny.bert(tmp_path / "copy"), similarity_fn_name="euclidean")
    text = f'[[model]]\nname = "mine"\nfamily = "bi-encoder"\nweights = "{folder}"\n'
    (home / "models.toml").write_text(text)
    with pytest.raises(Problem, match="compares by euclidean distance"):
        tiny.load("mine")
    (home / "models.toml").write_text(text + 'similarity = "cosine"\n')
    np.testing.assert_allclose(np.linalg.norm(vectors("mine"), axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    "entry",
    ["", 'like = "BAAI/bge-small-en-v1.5"\n', 'pooling = "cls"\n'],
    ids=["nothing", "like another", "its pooling"],
)
def test_an_own_entry_says_what_it_says(entry: str, home: Path, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "copy")
    family = "" if "like" in entry else 'family = "bi-encoder"\n'
    (home / "models.toml").write_text(f'[[model]]\nname = "mine"\nweights = "{folder}"\n{family}{entry}')
    guessed = {"": ("mean pooling", "no prompts", "cosine"), 'pooling = "cls"\n': ("no prompts", "cosine")}
    assert catalogue.describe("mine").guessed == guessed.get(entry, ())


def test_what_is_guessed_is_part_of_the_fingerprint(home: Path, tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "copy")
    before = weights.resolve(str(folder))
    assert (before.recipe.pooling, before.recipe.similarity) == ("mean", "cosine")
    (home / "models.toml").write_text(
        f'[[model]]\nname = "mine"\nfamily = "bi-encoder"\nweights = "{folder}"\nsimilarity = "dot"\n'
    )
    assert weights.resolve("mine").fingerprint != before.fingerprint


def like(home: Path, model: str, folder: Path) -> None:
    (home / "models.toml").write_text(f'[[model]]\nname = "mine"\nlike = "{model}"\nweights = "{folder}"\n')


def hub_model(tmp_path: Path, name: str, files: dict[str, Any]) -> None:
    repository = tmp_path / "hub" / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("c0ffee")
    model_folder(repository / "snapshots" / "c0ffee", files)


def test_where_an_entry_leaves_it_to_the_models_own_files_these_are_asked(home: Path, tmp_path: Path) -> None:
    name = "sentence-transformers/msmarco-distilbert-base-tas-b"
    like(home, name, tiny.bert(tmp_path / "copy"))
    with pytest.raises(Problem, match=f"like {name}, whose own files say how it is run, and they are not on this"):
        weights.resolve("mine")
    hub_model(tmp_path, name, POOLED | {SETTINGS: {"prompts": {"query": "q "}}})
    recipe = weights.resolve("mine").recipe
    assert (recipe.pooling, recipe.similarity, recipe.query_prompt) == ("cls", "dot", "q ")


def test_a_copy_without_the_projection_of_the_model_that_it_is_like_is_refused(home: Path, tmp_path: Path) -> None:
    name = "sentence-transformers/gtr-t5-base"
    dense = {"name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}
    hub_model(tmp_path, name, POOLED | {"modules.json": [*MODULES, dense], "2_Dense/model.safetensors": b"x"})
    like(home, name, tiny.bert(tmp_path / "copy"))
    with pytest.raises(Problem, match=f"It is like {name}, and has no Dense of its own"):
        weights.resolve("mine")


def test_a_model_that_no_family_here_runs_is_listed_with_what_it_needs(home: Path, tmp_path: Path) -> None:
    info = catalogue.describe("castorini/tct_colbert-v2-hnp-msmarco")
    assert not info.runnable
    assert "left out of the mean: no family of this version does that" in info.why_not
    said: list[str] = []
    service = ScoringService()
    try:
        with pytest.raises(Problem, match="cannot be run: Its texts begin with"):
            service.encoder(info.name, on_load=said.append)
    finally:
        service.close()
    assert said == [], "a download is not announced that will not be"
    like(home, info.name, tmp_path)
    with pytest.raises(Problem, match=r"castorini/tct_colbert-v2-hnp-msmarco cannot be run"):
        catalogue.describe("mine")


def test_a_copy_that_looks_its_queries_up_needs_its_table(home: Path, tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "copy", {"config.json": {**BERT, "architectures": ["BertForMaskedLM"]}})
    like(home, "naver/splade-v3-doc", folder)
    with pytest.raises(Problem, match="looked up in a table of weights, which its files do not hold"):
        weights.resolve("mine")


def test_a_model_that_is_read_at_the_end_token_needs_one(home: Path, tmp_path: Path) -> None:
    folder = tiny.bert(tmp_path / "copy")
    like(home, "intfloat/e5-mistral-7b-instruct", folder)
    with pytest.raises(Problem, match="is read at the end token of a text, and its tokenizer adds none"):
        tiny.load("mine")


LLAMA = {"vocab_size": len(tiny.WORDS), "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
LLAMA |= {"intermediate_size": 32, "num_labels": 1}


@pytest.mark.parametrize("padding", [None, 0, 4], ids=["tokenizer's", "same", "config's"])
def test_a_decoder_scores_a_batch_as_it_scores_each_pair_alone(padding: int | None, tmp_path: Path) -> None:
    torch.manual_seed(3)
    made = LlamaForSequenceClassification(LlamaConfig(pad_token_id=padding, **LLAMA)).eval()
    folder = tiny.saved(tmp_path / "model", made)
    change = json.loads((folder / "tokenizer_config.json").read_text()) | {"padding_side": "left"}
    (folder / "tokenizer_config.json").write_text(json.dumps(change))
    model = tiny.load(folder)
    prepared = model.prepare("a", TEXTS)
    with torch.inference_mode():
        rows = [torch.from_numpy(np.concatenate(each.payload.pieces).astype(np.int64))[None] for each in prepared]
        alone = [float(made(row).logits[0, 0]) for row in rows]
    np.testing.assert_allclose(model.run(prepared), alone, atol=1e-5)


def test_a_decoder_without_a_padding_token_is_refused(tmp_path: Path) -> None:
    folder = tiny.saved(tmp_path / "model", LlamaForSequenceClassification(LlamaConfig(**LLAMA)))
    change = json.loads((folder / "tokenizer_config.json").read_text()) | {"pad_token": None}
    (folder / "tokenizer_config.json").write_text(json.dumps(change))
    with pytest.raises(Problem, match=r"has no padding token, which tells where a text ends: .*\(pad_token_id\)"):
        tiny.load(folder)
