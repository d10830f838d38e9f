"""Complete models with two layers and random weights, for comparisons with their reference implementation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

from zsr_tui.scoring import families
from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.models import catalogue, weights
from zsr_tui.scoring.models.catalogue import Recipe

CPU = Device("cpu", 10**10, 2048)
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[", "]", "{", "}", "query:", "passage:", *"abcdefgh"]


def text_tokenizer() -> Tokenizer:
    inner = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    inner.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return inner


def tokenizer() -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=text_tokenizer(), pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=32, model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )  # fmt: skip


def bert_config(**more: Any) -> BertConfig:
    return BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=32, initializer_range=0.5, **more,
    )  # fmt: skip


def saved(folder: Path, model: Any) -> Path:
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def bert(folder: Path) -> Path:
    """A plain encoder, without any file of sentence-transformers."""
    torch.manual_seed(7)
    return saved(folder, BertModel(bert_config(), add_pooling_layer=False))


def reranker(folder: Path, labels: int = 1) -> Path:
    torch.manual_seed(7)
    return saved(folder, BertForSequenceClassification(bert_config(num_labels=labels)))


def t5_encoder(folder: Path) -> Path:
    torch.manual_seed(7)
    config = T5Config(vocab_size=len(WORDS), d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)
    return saved(folder, T5EncoderModel(config))


def load(model: str | Path) -> Any:
    """The model's family, loaded as the service loads it, without its queues."""
    resolved = weights.resolve(str(model))
    return families.loader(resolved.info.family, resolved.kind)(resolved, CPU)


def catalogued(monkeypatch: pytest.MonkeyPatch, folder: Path, family: str, recipe: Recipe | None = None) -> None:
    """Makes a folder a model of the catalogue."""
    entry = catalogue.Entry("x", "x", family, catalogue.weights_reference(str(folder)), recipe or Recipe())
    real = catalogue.entry_of
    monkeypatch.setattr(
        catalogue,
        "entry_of",
        lambda model: entry if catalogue.split_dimension(model)[0] == str(folder) else real(model),
    )
