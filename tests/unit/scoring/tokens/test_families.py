"""What each family reads: the tokenizer's own ids of the whole input, from a store that it names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import AutoTokenizer

from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.scoring.tokens.documents import tokens_of

from .. import tiny, tiny_splade, tiny_t5
from ..families import test_causal_lm, test_late_interaction
from . import made

_MADE: dict[str, Callable[[Path], Path]] = {
    "cross-encoder": tiny.reranker,
    "bi-encoder": tiny.bert,
    "monot5": lambda folder: tiny_t5.checkpoint(folder / "monot5", longest=6000),
    "duot5": lambda folder: tiny_t5.checkpoint(folder / "duot5"),
    "causal-lm": lambda folder: test_causal_lm.qwen(folder, chat=test_causal_lm.CHAT),
    "late-interaction": test_late_interaction.native,
    "sparse": lambda folder: tiny_splade.save(folder, [*tiny_splade.SPECIAL, *"abcdefgh"], 24),
}


def read(prepared: Any) -> list[int]:
    found: list[int] = np.concatenate(prepared.payload.pieces).tolist()
    return found


@pytest.mark.parametrize("family", _MADE)
def test_every_family_names_where_the_ids_of_its_documents_come_from(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = tiny.load(_MADE[family](tmp_path / "model"))
    tokens = tokens_of(scorer, Recipe())
    assert tokens is not None
    asked: list[str] = []
    encode = tokens.store.backend.encode
    monkeypatch.setattr(tokens.store.backend, "encode", lambda texts: [asked.extend(texts), encode(texts)][1])
    text = f"the ids of {family}"
    for _ in range(2):
        if family == "duot5":
            scorer.prepare_pairs("a", [text, "a"], [(0, 1)])
        elif family == "bi-encoder":
            scorer.prepare([text], "document")
        else:
            getattr(scorer, "rerank_inputs", scorer.prepare)("a", [text])
    assert [each for each in asked if text in each] == [tokens.store.prefix + text]


def test_monot5_reads_what_its_tokenizer_gives_for_the_whole_prompt(tmp_path: Path) -> None:
    folder = _MADE["monot5"](tmp_path / "model")
    scorer, tokenizer = tiny.load(folder), AutoTokenizer.from_pretrained(folder)
    for query in ("vitamin", "", " two  words ", "</s>"):
        prompts = [f"Query: {query} Document: {text} Relevant:" for text in made.HOSTILE]
        for each, ids in zip(scorer.prepare(query, made.HOSTILE), tokenizer(prompts)["input_ids"], strict=True):
            assert read(each) == ids
