"""What a reranker is fed and given to rerank, for models of a protocol of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from zsr_tui import pipeline
from zsr_tui.domain import Query
from zsr_tui.engine.library import Library
from zsr_tui.engine.runner import Runner
from zsr_tui.progress import CancelToken
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.scoring.models.documents import anserini_json

RERANKER = "ms-marco-minilm-l12-int8"
QUERY = Query("", "bread in winter and trains across the mountains")


@pytest.fixture
def fed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """The queries and texts that the scoring service is asked for."""
    asked: list[tuple[str, list[str]]] = []
    score = ScoringService.score

    def listening(
        service: ScoringService, model: str, query: str, texts: Sequence[str], **options: Any
    ) -> Iterator[Any]:
        asked.append((query, list(texts)))
        return score(service, model, query, texts, **options)

    monkeypatch.setattr(ScoringService, "score", listening)
    return asked


def run(library: Library, notation: str, query: Query = QUERY) -> list[str]:
    runner = Runner(library, library.corpus("demo"), CancelToken())
    [ranking] = runner.run(pipeline.parse(notation), [query], 100)
    return [scored.doc_id for scored in ranking]


def test_an_ordinary_model_reads_title_and_text_of_what_the_whole_query_finds(
    library: Library, fed: list[tuple[str, list[str]]]
) -> None:
    candidates = run(library, "bm25 % 5")
    assert set(run(library, f"bm25 % 5 >> {RERANKER}")) == set(candidates)
    docs = library.corpus("demo").docs(candidates)
    assert fed == [(QUERY.text, [docs[doc_id].content for doc_id in candidates])]


def test_a_protocol_decides_what_is_read_and_what_is_retrieved(
    library: Library, fed: list[tuple[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(query_characters=5, document_format="anserini-json")
    monkeypatch.setattr(catalogue, "recipe_of", lambda _: recipe)
    candidates = run(library, "bm25 % 5", Query("", "bread"))
    assert candidates != run(library, "bm25 % 5")

    assert set(run(library, f"bm25 % 5 >> {RERANKER}")) == set(candidates)

    docs = library.corpus("demo").docs(candidates)
    assert fed == [(QUERY.text, [anserini_json(docs[doc_id]) for doc_id in candidates])]


def test_the_second_of_two_rerankers_gets_what_the_first_made_of_the_whole_query(
    library: Library, fed: list[tuple[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "recipe_of", lambda _: Recipe(query_characters=5))
    run(library, f"bm25 % 4 >> {RERANKER} % 3 >> {RERANKER}")
    assert [(query, len(texts)) for query, texts in fed] == [(QUERY.text, 4), (QUERY.text, 3)]
