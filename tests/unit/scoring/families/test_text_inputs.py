"""Tensors of joined inputs against those of the tokenizer, for forward passes that are not ours."""

from __future__ import annotations

import copy

import pytest
import torch
from tokenizers import processors

from zsr_tui.scoring.families import text_inputs

from .. import tiny

TEXTS = ["a b c", "", "d [SEP] e", "a b c d e f g h " * 9]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("types", ["of BERT", "of its own"])
def test_tensors_are_padded_on_the_right(side: str, types: str) -> None:
    tokenizer = tiny.tokenizer()
    if types == "of its own":  # as XLNet's: the class token last, and of a type of its own
        tokenizer._tokenizer.post_processor = processors.TemplateProcessing(
            single="$A:0 [CLS]:2", pair="$A:0 [SEP]:0 $B:1 [CLS]:2", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    own = copy.deepcopy(tokenizer)
    tokenizer.padding_side = side
    expected = own(["b"] * 4, TEXTS, truncation=True, padding=True, return_tensors="pt")
    inputs = text_inputs.pairs(tokenizer, 32).prepare("b", TEXTS)
    assert [each.tokens for each in inputs] == expected["attention_mask"].sum(1).tolist()
    assert [each.cut for each in inputs] == [False, False, False, True]
    found = text_inputs.features(tokenizer, [each.payload for each in inputs], tiny.CPU)
    assert found.keys() == {*expected.keys(), "modality"}
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name

    expected = own(["b " + text for text in TEXTS], truncation=True, padding=True, return_tensors="pt")
    inputs = text_inputs.singles(tokenizer, 32, "b ").prepare(TEXTS)
    found = text_inputs.features(tokenizer, [each.payload for each in inputs], tiny.CPU)
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name


def test_two_endless_texts_of_a_tokenizer_with_types_of_its_own() -> None:
    tokenizer = tiny.tokenizer()
    tokenizer._tokenizer.post_processor = processors.TemplateProcessing(
        single="$A:0 [CLS]:2", pair="$A:0 [SEP]:0 $B:1 [CLS]:2", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    (found,) = text_inputs.pairs(tokenizer, 32).prepare("a " * 20_000, ["b " * 20_000])
    assert (found.tokens, found.cut, found.payload["input_ids"].count(tiny.WORDS.index("a"))) == (32, True, 15)
