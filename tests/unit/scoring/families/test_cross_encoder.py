"""Cross-encoders against sentence-transformers on the same weights: precision, and models that are fed otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder

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
