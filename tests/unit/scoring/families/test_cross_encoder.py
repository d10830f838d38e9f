"""Cross-encoders against sentence-transformers on the same weights: precision, and models that are fed otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import Dense, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from zsr_tui.domain import Problem
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.scoring.tokens.probes import PROBES

from .. import tiny

QUERY = "a b"
TEXTS = ["a b c", "d", "", "e f g h a b c d e f g h a b c d", "h g"]


@pytest.fixture(autouse=True)
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")


def test_scores_in_bf16_are_those_of_fp32_but_for_the_rounding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny.reranker(tmp_path / "reranker")
    exact = tiny.load(folder)
    monkeypatch.setenv("ZSR_TUI_PRECISION", "bf16")
    rounded = tiny.load(folder)
    assert exact.packed
    assert rounded.packed
    expected, found = exact.run(exact.prepare(QUERY, TEXTS)), rounded.run(rounded.prepare(QUERY, TEXTS))
    assert found.dtype == expected.dtype == np.float32
    assert (found != expected).any()
    assert np.allclose(found, expected, atol=0.05)


def test_a_batch_that_was_started_has_its_scores_when_they_are_asked_for(tmp_path: Path) -> None:
    model = tiny.load(tiny.reranker(tmp_path / "reranker"))
    inputs = model.prepare(QUERY, TEXTS)
    running = [model.start(inputs[:2]), model.start(inputs[2:])]
    found = np.concatenate([each.rows() for each in running])
    assert np.allclose(found, model.run(inputs), atol=1e-6)


def test_a_model_with_a_prompt_of_its_own_goes_through_its_own_library(tmp_path: Path) -> None:
    plain = str(tiny.reranker(tmp_path / "plain"))
    made = CrossEncoder(plain, device="cpu", prompts={"ask": "query: "}, default_prompt_name="ask")
    made.save_pretrained(str(tmp_path / "prompted"))
    model = tiny.load(tmp_path / "prompted")
    assert not model.packed
    found = model.run(model.prepare(QUERY, TEXTS))
    expected = made.predict([(QUERY, text) for text in TEXTS], activation_fn=torch.nn.Identity())
    assert np.allclose(found, expected, atol=1e-5)
    without = CrossEncoder(plain, device="cpu").predict([(QUERY, text) for text in TEXTS])
    assert not np.allclose(found, without, atol=1e-3)


@pytest.mark.parametrize("labels", [1, 2], ids=["one", "two"])
def test_the_labels_of_a_model_of_modules_are_its_last_ones(labels: int, tmp_path: Path) -> None:
    torch.manual_seed(7)
    scores = Dense(
        16, labels, activation_function=torch.nn.Identity(), module_input_name="sentence_embedding",
        module_output_name="scores",
    )  # fmt: skip
    plain = Transformer(str(tiny.bert(tmp_path / "plain")))
    made = CrossEncoder(modules=[plain, Pooling(16, "cls"), scores], device="cpu")
    made.save_pretrained(str(tmp_path / "model"))
    assert catalogue.describe(str(tmp_path / "model")).guessed == ()
    if labels == 2:
        with pytest.raises(Problem, match="a classifier with 2 labels: a reranker must give one score"):
            tiny.load(tmp_path / "model")
        return
    model = tiny.load(tmp_path / "model")
    expected = made.predict([(QUERY, text) for text in TEXTS], activation_fn=torch.nn.Identity())
    assert np.allclose(model.run(model.prepare(QUERY, TEXTS)), expected, atol=1e-5)


def as_pygaggle(folder: Path, query: str, texts: list[str]) -> list[float]:
    """What its MonoBERT gives: one pair at a time, cut longest first, the last label's log-probability."""
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = []
    for text in texts:
        asked = tokenizer([query], [text], max_length=32, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            logits = model(asked["input_ids"], token_type_ids=asked["token_type_ids"]).logits
        found.append(float(logits.log_softmax(dim=1)[0, -1]))
    return found


@pytest.mark.parametrize("packed", [True, False], ids=["a network of ours", "transformers' own"])
def test_of_two_labels_the_second_gives_the_score(
    packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny.reranker(tmp_path / "monobert", labels=2)
    assert "id2label" not in (folder / "config.json").read_text()  # as in castorini/monobert-large-msmarco
    monkeypatch.setattr("zsr_tui.scoring.families.packing.possible", lambda *_: packed)
    info = catalogue.describe(str(folder))
    assert (info.family, info.guessed, info.runnable) == ("cross-encoder", ("label 1 says relevant",), True)
    model = tiny.load(folder)
    assert model.packed == packed
    texts = [*PROBES[::3], *TEXTS]
    expected = as_pygaggle(folder, QUERY, texts)
    assert np.allclose(model.run(model.prepare(QUERY, texts)), expected, atol=1e-5)
    score, shares = model.gradients(QUERY, TEXTS[0])
    assert score == pytest.approx(as_pygaggle(folder, QUERY, TEXTS[:1])[0], abs=1e-5)
    assert len(shares) == 3


@pytest.mark.parametrize(
    ("names", "label"),
    [
        pytest.param(["not_relevant", "relevant"], 1, id="the second"),
        pytest.param(["Relevant", "Irrelevant", "Spam"], 0, id="the first of three"),
        pytest.param(["negative", "positive"], None, id="of feelings"),
    ],
)
def test_a_label_that_says_relevant_is_found_by_its_name(names: list[str], label: int | None, tmp_path: Path) -> None:
    torch.manual_seed(7)
    named = dict(enumerate(names))
    model = tiny.BertForSequenceClassification(tiny.bert_config(num_labels=len(names), id2label=named))
    folder = tiny.saved(tmp_path / "named", model)
    if label is None:
        with pytest.raises(Problem, match=r"2 labels \(negative, positive\).*relevant_label in"):
            tiny.load(folder)
        return
    loaded = tiny.load(folder)
    inputs = AutoTokenizer.from_pretrained(folder)(QUERY, "d", return_tensors="pt")
    with torch.inference_mode():
        expected = float(model.eval()(**inputs).logits.log_softmax(dim=1)[0, label])
    assert loaded.run(loaded.prepare(QUERY, ["d"]))[0] == pytest.approx(expected, abs=1e-5)
    assert catalogue.describe(str(folder)).guessed == ()


def test_a_label_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny.reranker(tmp_path / "two", labels=2)
    tiny.catalogued(monkeypatch, folder, "cross-encoder", Recipe(relevant_label=2))
    with pytest.raises(Problem, match="by label 2 that a document is relevant, and its labels are 2"):
        tiny.load(folder)


def test_a_score_is_the_same_to_the_bit_in_every_batch(tmp_path: Path) -> None:
    scorer = tiny.load(tiny.reranker(tmp_path / "model"))
    texts = [" ".join("abcdefgh"[: 1 + place % 8]) for place in range(40)]
    inputs = scorer.prepare("a b c", texts)
    whole = scorer.run(inputs)
    for size in (1, 2, 3, 7, 10, 17):
        parts = [scorer.run(inputs[start : start + size]) for start in range(0, len(inputs), size)]
        assert np.array_equal(np.concatenate(parts), whole), size
