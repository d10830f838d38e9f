"""Encoders of queries and of documents apart, against transformers' DPR classes on the same random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
from transformers import BertModel, DPRConfig, DPRContextEncoder, DPRQuestionEncoder

from zsr_tui.domain import Doc, Problem
from zsr_tui.scoring.models import catalogue, documents, weights
from zsr_tui.scoring.tokens.probes import PROBES

from .. import tiny

TEXTS = ["a b c", "d", "e [SEP] f g h", "", *PROBES[::4]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "config").mkdir(parents=True)
    return tmp_path / "home" / "config"


def dpr(folder: Path, kind: type, seed: int) -> Path:
    torch.manual_seed(seed)
    config = DPRConfig(
        vocab_size=len(tiny.WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=32, initializer_range=0.5,
    )  # fmt: skip
    return tiny.saved(folder, kind(config))


def other_bert(folder: Path) -> Path:
    torch.manual_seed(9)
    return tiny.saved(folder, BertModel(tiny.bert_config(), add_pooling_layer=False))


def entry(
    home: Path, documents_: Path, queries: Path | None, like: str = 'like = "facebook/dpr-ctx_encoder-single-nq-base"'
) -> None:
    second = f'query_weights = "{queries}"\n' if queries else ""
    (home / "models.toml").write_text(f'[[model]]\nname = "mine"\n{like}\nweights = "{documents_}"\n{second}')


def test_each_side_is_the_pooler_output_of_its_own_encoder(home: Path, tmp_path: Path) -> None:
    context, question = dpr(tmp_path / "ctx", DPRContextEncoder, 1), dpr(tmp_path / "question", DPRQuestionEncoder, 2)
    entry(home, context, question)
    model = tiny.load("mine")
    assert model.packed
    words = tiny.tokenizer()
    inputs = [*model.prepare(TEXTS, "query"), *model.prepare(TEXTS, "document")]
    mixed = inputs[::2] + inputs[1::2]
    found = dict(zip([*range(0, len(inputs), 2), *range(1, len(inputs), 2)], model.run(mixed), strict=True))
    for side, like in enumerate(
        (DPRQuestionEncoder.from_pretrained(question), DPRContextEncoder.from_pretrained(context))
    ):
        for place, text in enumerate(TEXTS):
            ids = words(text, return_tensors="pt", truncation=True)["input_ids"]
            with torch.inference_mode():
                expected = like(ids, attention_mask=torch.ones_like(ids)).pooler_output[0]
            np.testing.assert_allclose(found[side * len(TEXTS) + place], expected, atol=1e-5)


def test_what_it_is_made_of_is_known(home: Path, tmp_path: Path) -> None:
    context, question = dpr(tmp_path / "ctx", DPRContextEncoder, 1), dpr(tmp_path / "question", DPRQuestionEncoder, 2)
    entry(home, context, question)
    info = catalogue.describe("mine")
    assert (info.family, info.local, info.guessed, info.runnable) == ("bi-encoder", True, (), True)
    before = weights.resolve("mine").fingerprint
    dpr(question, DPRQuestionEncoder, 3)
    assert weights.resolve("mine").fingerprint != before
    recipe = catalogue.recipe_of("mine")
    assert documents.text_of(recipe, Doc("1", " T ", "x ")) == "T [SEP] x"
    assert documents.text_of(recipe, Doc("1", "", " x")) == "x"
    ids = tiny.load("mine").prepare(["b [SEP] a"], "document")[0].payload[1].payload
    assert np.concatenate(ids.pieces).tolist() == tiny.tokenizer()(["b"], ["a"])["input_ids"][0]


def test_any_two_encoders_make_a_pair_and_unlike_ones_do_not(home: Path, tmp_path: Path) -> None:
    first, second = tiny.bert(tmp_path / "first"), other_bert(tmp_path / "second")
    like = 'family = "bi-encoder"\npooling = "cls"\nsimilarity = "dot"'
    entry(home, first, second, like)
    model = tiny.load("mine")
    for role, folder in (("query", second), ("document", first)):
        with torch.inference_mode():
            states = BertModel.from_pretrained(folder)(**tiny.tokenizer()("a b", return_tensors="pt")).last_hidden_state
        np.testing.assert_allclose(model.run(model.prepare(["a b"], role))[0], states[0, 0], atol=1e-5)
    wide = tiny.BertConfig(
        vocab_size=len(tiny.WORDS), hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    entry(home, first, tiny.saved(tmp_path / "wide", BertModel(wide, add_pooling_layer=False)), like)
    with pytest.raises(Problem, match="makes 24 numbers of a query and 16 of a document"):
        tiny.load("mine")
    entry(home, first, tmp_path / "gone", like)
    with pytest.raises(Problem, match="the encoder of queries is missing: there is no folder"):
        tiny.load("mine")


def test_one_of_two_alone_is_refused_with_what_to_write(home: Path, tmp_path: Path) -> None:
    folder = dpr(tmp_path / "ctx", DPRContextEncoder, 1)
    with pytest.raises(Problem, match=r"one of two encoders.*query_weights are the queries' in .*models\.toml"):
        tiny.load(folder)


def sentence_transformer(folder: Path, plain: Path, *behind: Any) -> Any:
    prompts = {"query": "query: ", "document": "passage: "}
    made = SentenceTransformer(modules=[Transformer(str(plain)), *behind], device="cpu", prompts=prompts)
    made.save(str(folder))
    return made


def test_queries_are_encoded_as_documents_where_their_own_files_do_not_say(home: Path, tmp_path: Path) -> None:
    first, second = tiny.bert(tmp_path / "first"), other_bert(tmp_path / "second")
    sentence_transformer(tmp_path / "documents", first, Pooling(16, "cls"), Normalize())
    entry(home, tmp_path / "documents", second, 'family = "bi-encoder"')
    info = catalogue.describe("mine")
    assert (info.runnable, info.guessed) == (True, ("cls pooling of queries",))
    alike = sentence_transformer(tmp_path / "alike", second, Pooling(16, "cls"), Normalize())
    model = tiny.load("mine")
    np.testing.assert_allclose(model.run(model.prepare(TEXTS, "query")), alike.encode_query(TEXTS), atol=1e-5)


def test_what_the_files_of_the_encoder_of_queries_say_goes_before_the_documents(home: Path, tmp_path: Path) -> None:
    first, second = tiny.bert(tmp_path / "first"), other_bert(tmp_path / "second")
    sentence_transformer(tmp_path / "documents", first, Pooling(16, "cls"), Normalize())
    own = sentence_transformer(tmp_path / "queries", second, Pooling(16, "max"))
    entry(home, tmp_path / "documents", tmp_path / "queries", 'family = "bi-encoder"')
    assert catalogue.describe("mine").guessed == ()
    model = tiny.load("mine")
    expected = own.encode_query(TEXTS, normalize_embeddings=True)  # as the documents' are, which they are compared with
    np.testing.assert_allclose(model.run(model.prepare(TEXTS, "query")), expected, atol=1e-5)


def test_queries_that_lack_a_module_of_the_documents_are_refused(home: Path, tmp_path: Path) -> None:
    first = tiny.bert(tmp_path / "first")
    sentence_transformer(tmp_path / "documents", first, Pooling(16, "cls"), Dense(16, 16))
    entry(home, tmp_path / "documents", other_bert(tmp_path / "second"), 'family = "bi-encoder"')
    assert not catalogue.describe("mine").runnable
    with pytest.raises(Problem, match=r"documents go through a module Dense .* and its queries through none"):
        tiny.load("mine")
