"""Joined inputs against the real tokenizers of the shared folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from zsr_tui.scoring.tokens.inputs import Pairs, Singles

from ..unit.scoring.tokens.made import HOSTILE

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", ["ms-marco-MiniLM-L-12-v2-dequantized", "splade-tiny-msmarco"])
def test_every_hostile_text_is_joined_as_the_tokenizer_gives_it(shared: Path, name: str) -> None:
    folder = shared / "models" / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not here")
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    pairs, singles = Pairs(tokenizer, 128), Singles(tokenizer, 512, "passage: ")
    assert pairs.joined
    assert singles.joined
    texts = [text[:1000] for text in HOSTILE]
    for query in ("vitamin B12", "", "[SEP]", "many words of a query " * 12):
        own = tokenizer([query] * len(texts), texts, truncation="longest_first", max_length=128)
        for at, each in enumerate(pairs.prepare(query, texts)):
            assert np.concatenate(each.payload.pieces).tolist() == own["input_ids"][at]
            assert each.payload.second == own["token_type_ids"][at].index(1)
    own = tokenizer(["passage: " + text for text in HOSTILE], truncation=True, max_length=512)
    for at, each in enumerate(singles.prepare(HOSTILE)):
        assert np.concatenate(each.payload.pieces).tolist() == own["input_ids"][at]
