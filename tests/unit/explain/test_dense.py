"""What a similarity rests on, with vectors that can be reckoned by hand, and in which order it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from zsr_tui.explain import dense
from zsr_tui.explain.segments import CUT
from zsr_tui.scoring.encoder import Encoder

TEXT = "Water is wet. Zinc helps. Nobody slept. Zinc and zinc. Salt with zinc. It rained."


class Counting:
    """A text's vector is how often it says zinc, and salt."""

    def __init__(self) -> None:
        self.known = 0
        self.asked: list[list[str]] = []

    def encode_queries(self, texts: Sequence[str], *_: object) -> np.ndarray:
        return np.array([[each.lower().count(word) for word in ("zinc", "salt")] for each in texts], dtype=np.float32)

    def encode_documents(self, texts: Sequence[str], *_: object, **__: object) -> np.ndarray:
        self.asked.append(list(texts))
        return self.encode_queries(texts)


def test_sentences_alone_come_first_then_those_left_out_the_nearest_first_then_the_words_of_the_query() -> None:
    encoder = Counting()
    first, second, third, last = dense.explain(cast(Encoder, encoder), "zinc salt", TEXT)
    assert (first.score, first.done, first.total) == (5.0, 7, 15)
    assert [part.values for part in first.parts] == [(near, None) for near in (0.0, 1.0, 0.0, 2.0, 2.0, 0.0)]
    assert {part.share for part in first.parts} == {None}
    assert (second.score, second.done) == (5.0, 11)  # with the nearest four
    assert [part.share for part in second.parts] == [0.0, 1.0, None, 2.0, 2.0, None]
    assert (third.done, third.sum, second.sum) == (13, 5.0, None)
    assert [part.share for part in third.parts] == [0.0, 1.0, 0.0, 2.0, 2.0, 0.0]
    assert [part.values[1] for part in third.parts] == [5.0, 4.0, 5.0, 3.0, 3.0, 5.0]
    assert [(part.text, part.share, part.values) for part in last.tables[0].parts] == [
        ("zinc", 4.0, (1.0,)),
        ("salt", 1.0, (4.0,)),
    ]
    assert (last.done, last.total, last.cost.scored) == (15, 15, 16)
    assert [len(texts) for texts in encoder.asked] == [7, 4, 2]
    assert encoder.asked[0][0] == TEXT


@pytest.mark.parametrize(
    ("text", "end", "parts", "said"),
    [
        pytest.param("", None, 0, "no words", id="an empty document"),
        pytest.param("Zinc helps.", None, 1, "one sentence", id="one sentence, which is encoded once"),
        pytest.param("Zinc helps. Zinc helps. Salt.", 23, 2, CUT, id="the same twice, and a cut behind it"),
        pytest.param(TEXT, 20, 2, CUT, id="a document that is cut"),
    ],
)
def test_a_short_document_and_one_that_is_cut(text: str, end: int | None, parts: int, said: str) -> None:
    encoder = Counting()
    *_, last = dense.explain(cast(Encoder, encoder), "zinc", text, end=end)
    assert len(last.parts) == parts
    assert said in last.notes[0]
    assert (last.score, last.done) == (encoder.encode_queries([text])[0, 0], last.total)
    assert all(len(set(texts)) == len(texts) for texts in encoder.asked)
    assert sum(texts.count(text) for texts in encoder.asked) == 1


def test_a_server_is_sent_as_many_requests_as_were_announced() -> None:
    encoder = Counting()
    list(dense.explain(cast(Encoder, encoder), "zinc salt", TEXT, at_once=32))
    assert dense.requests(TEXT) == len(encoder.asked) + 2  # the query, and without its words
