"""A query of the dataset is recognised when it is typed."""

from __future__ import annotations

from typing import Any

import pytest

from zsr_tui.domain import Query
from zsr_tui.engine.library import OpenCorpus
from zsr_tui.text import typed


def corpus_of(*texts: str) -> OpenCorpus:
    queries = [Query(f"q{number}", text) for number, text in enumerate(texts, start=1)]
    corpus: Any = type("Made", (), {"id": "made", "collection": "made", "queries": lambda _: queries})()
    return OpenCorpus(corpus)


def found(corpus: OpenCorpus, text: str) -> str | None:
    query = corpus.find(text, None)
    return query[0].id if query else None


@pytest.mark.parametrize(
    ("written", "in_hand"),
    [
        pytest.param("\u200fשלום עולם", "שלום עולם", id="a mark of the direction"),
        pytest.param("\u202bשלום\u202c עולם", "שלום עולם", id="an embedding"),
        pytest.param("\u2067שלום\u2069 עולם", "שלום עולם", id="an isolate"),
        pytest.param("sugar\x00 syrup\x1b", "sugar syrup", id="control characters"),
        pytest.param("\ufeffsugar syrup", "Sugar  syrup", id="a byte order mark"),
        pytest.param("sugar\nsyrup", "sugar syrup", id="a line break"),
        pytest.param(
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645",
            id="a Persian word typed without its joiner",
        ),
    ],
)
def test_characters_that_nobody_types_do_not_hide_a_query(written: str, in_hand: str) -> None:
    corpus = corpus_of("another", written)
    assert found(corpus, in_hand) == found(corpus, typed(written)) == found(corpus, written) == "q2"
    assert found(corpus, f"{in_hand} x") is None


def test_queries_that_differ_in_a_joiner_alone_are_each_found_as_they_are_written() -> None:
    texts = [
        "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u0937",
        "\u0915\u094d\u200d\u0937",
    ]
    corpus = corpus_of(*texts)
    assert [found(corpus, text) for text in texts] == ["q1", "q2", "q3", "q4"]
