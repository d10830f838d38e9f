"""Models whose positions begin behind the padding token's id, with tokenizers that state no maximum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    MPNetConfig,
    MPNetForSequenceClassification,
    MPNetModel,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
    XLMRobertaModel,
)

from zsr_tui.scoring.models import checkpoint

from .. import tiny

LONG = "a c e g b d f h " * 12
SHAPE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
SIZES = {"vocab_size": len(tiny.WORDS), "max_position_embeddings": 34, "initializer_range": 0.5, "pad_token_id": 0}
# what of 34 positions a text can use: MPNet has its padding built in as 1, RoBERTa takes the config's
KINDS = [
    pytest.param(MPNetConfig, MPNetModel, MPNetForSequenceClassification, 32, id="MPNet"),
    pytest.param(XLMRobertaConfig, XLMRobertaModel, XLMRobertaForSequenceClassification, 33, id="XLM-RoBERTa"),
]


def saved(folder: Path, model: Any) -> Path:
    torch.manual_seed(7)
    model.init_weights()
    model.save_pretrained(folder)
    tokenizer = tiny.tokenizer()
    tokenizer.model_max_length, tokenizer.model_input_names = int(1e30), ["input_ids", "attention_mask"]
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(autouse=True)
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_PRECISION", "fp32")


@pytest.mark.parametrize(("config", "encoder", "reranker", "usable"), KINDS)
def test_a_long_text_is_cut_at_the_last_position_that_is_there(
    config: Any, encoder: Any, reranker: Any, usable: int, tmp_path: Path
) -> None:
    scorer = tiny.load(saved(tmp_path / "reranker", reranker(config(num_labels=1, **SHAPE, **SIZES))))
    (prepared,) = scorer.prepare("h", [LONG])
    assert (prepared.tokens, prepared.cut) == (usable, True)
    loaded = reranker.from_pretrained(tmp_path / "reranker").eval()
    kept = torch.from_numpy(np.concatenate(prepared.payload.pieces).astype(np.int64))[None]
    with torch.inference_mode():
        np.testing.assert_allclose(scorer.run([prepared]), loaded(kept).logits[:, 0], atol=1e-5)
    vectors = tiny.load(saved(tmp_path / "encoder", encoder(config(**SHAPE, **SIZES))))
    (text,) = vectors.prepare([LONG], "document")
    assert (text.tokens, text.cut) == (usable, True)
    assert np.isfinite(vectors.run([text])).all()


@pytest.mark.parametrize(
    ("config", "tokens"),
    [
        pytest.param({"model_type": "bert", "max_position_embeddings": 512}, 512, id="BERT"),
        pytest.param({"model_type": "mpnet", "max_position_embeddings": 514}, 512, id="MPNet"),
        pytest.param({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512, id="RoBERTa"),
        pytest.param({"model_type": "camembert", "max_position_embeddings": 514}, 512, id="CamemBERT"),
        pytest.param({"model_type": "longformer", "max_position_embeddings": 4098}, 4096, id="Longformer"),
        pytest.param({"model_type": "xlm-roberta-xl", "max_position_embeddings": 514}, 512, id="XLM-R XL"),
        pytest.param({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": None}, 512, id="no pad"),
        pytest.param({"model_type": "gpt2", "n_positions": 1024}, 1024, id="GPT-2"),
        pytest.param({"model_type": "t5", "n_positions": 512}, None, id="T5 has none"),
        pytest.param({}, None, id="nothing said"),
    ],
)
def test_positions_that_a_text_can_use(config: dict[str, Any], tokens: int | None) -> None:
    assert checkpoint.positions(config) == tokens
