from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zsr_tui.scoring.tokens import inputs, long_pairs

from .. import tiny

WORDS = "a b c d e f g h".split()


@pytest.mark.parametrize("joined", [True, False], ids=["joined", "tokenised as a whole"])
@pytest.mark.parametrize("query", [1, 5, 14, 15, 29, 30, 70, 400])
def test_what_the_model_reads_stays_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: int, joined: bool
) -> None:
    """A maximum of 32 tokens, three of them special."""
    if not joined:
        monkeypatch.setattr(inputs, "_pair", lambda *_: None)
    model, tokenizer = tiny.load(tiny.reranker(tmp_path / "model")), tiny.tokenizer()
    asked = " ".join(WORDS[place * 3 % 8] for place in range(query))
    texts = [" ".join(WORDS[place % 8] for place in range(size)) for size in (0, 1, 14, 15, 29, 64, 65, 700)]
    prepared = model.prepare(asked, texts)
    for each, text in zip(prepared, texts, strict=True):
        expected = tokenizer([asked], [text], truncation=True, max_length=32)
        assert np.concatenate(each.payload.pieces).tolist() == expected["input_ids"][0]
        assert each.payload.second == expected["token_type_ids"][0].index(1)
        assert each.cut == (len(tokenizer([asked], [text], truncation=False)["input_ids"][0]) > 32)


def test_only_what_can_never_be_read_is_left_out() -> None:
    class Letters:
        def __init__(self, text: str) -> None:
            self.offsets = [(place, place + 1) for place in range(len(text))]

    query, texts = long_pairs.shortened(
        "q" * 500, ["", "t" * 20, "t" * 499, "t" * 900], 10, lambda each: [*map(Letters, each)]
    )
    assert (len(query), [len(text) for text in texts]) == (20, [0, 19, 19, 21])
    assert long_pairs.shortened("short", ["t" * 900], 10, lambda _: pytest.fail("it was read"))[1] == ["t" * 900]
