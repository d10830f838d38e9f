"""A real SPLADE on SciFact: what sentence-transformers' SparseEncoder gives, and what is asked for is found."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from zsr_tui.domain import Doc, Query
from zsr_tui.evaluation.measures import measure_ranking
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.store import IndexStore
from zsr_tui.scoring import ScoringService

pytestmark = pytest.mark.real
QUERIES, OTHERS = 25, 35


@pytest.fixture(scope="module")
def service() -> Iterator[ScoringService]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZSR_TUI_PRECISION", "fp32")
        service = ScoringService()
        yield service
        service.close()


@pytest.fixture(scope="module")
def weights(shared: Path) -> str:
    folder = shared / "models" / "splade-tiny-msmarco"
    if not folder.is_dir():
        pytest.skip(f"the real SPLADE is not here ({folder})")
    return str(folder)


class PartOfSciFact:
    """The documents that are relevant for the first queries of the test split, and the first others."""

    id = collection = "part-of-scifact"
    chunked = False

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            files = {Path(name).name: archive.read(name).decode() for name in archive.namelist()}
        rows = [line.split("\t") for line in files["test.tsv"].splitlines()[1:]]
        texts = {row["_id"]: row["text"] for row in map(json.loads, files["queries.jsonl"].splitlines())}
        self._queries = [Query(qid, texts[qid]) for qid in list(dict.fromkeys(row[0] for row in rows))[:QUERIES]]
        kept = {query.id for query in self._queries}
        self._judgments = {qid: {doc: int(grade) for q, doc, grade in rows if q == qid} for qid in kept}
        wanted = {doc for judged in self._judgments.values() for doc in judged}
        docs = [
            Doc(row["_id"], row["title"], row["text"]) for row in map(json.loads, files["corpus.jsonl"].splitlines())
        ]
        first = {doc.id for doc in docs[:OTHERS]}
        self._docs = [doc for doc in docs if doc.id in wanted | first]

    def fingerprint(self) -> str:
        return "1"

    def doc_count(self) -> int:
        return len(self._docs)

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        return iter(self._docs[start:])

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        wanted = set(ids)
        return {doc.id: doc for doc in self._docs if doc.id in wanted}

    def queries(self) -> Sequence[Query]:
        return self._queries

    def judgments(self, qid: str) -> Mapping[str, int]:
        return self._judgments.get(qid, {})

    def notes(self) -> tuple[str, ...]:
        return ()


def test_the_index_ranks_as_sparse_encoder_and_finds_the_evidence(
    service: ScoringService, weights: str, shared: Path, tmp_path: Path
) -> None:
    from sentence_transformers import SparseEncoder

    corpus = PartOfSciFact(shared / "ir_datasets" / "beir" / "scifact" / "source.zip")
    encoder, store = service.encoder(weights, "sparse"), IndexStore(tmp_path)
    assert (encoder.precision, encoder.dimension) == ("fp32", 30522)
    store.build_encoded("sparse", corpus, weights, encoder, ignore_progress, CancelToken())
    texts = [query.text for query in corpus.queries()]
    vectors = encoder.encode_queries(texts, CancelToken())
    found = store.open_encoded("sparse", corpus, weights, encoder.fingerprint, encoder.precision).search(vectors, 100)

    model = SparseEncoder(weights, device="cpu", model_kwargs={"dtype": torch.float32})
    model.max_seq_length = 512
    documents = list(corpus.iter_docs())
    scores = model.similarity(
        model.encode_query(texts), model.encode_document([doc.content for doc in documents], batch_size=8)
    ).numpy()
    places = {doc.id: place for place, doc in enumerate(documents)}
    for ranking, row in zip(found, scores, strict=True):
        assert [doc.score for doc in ranking] == pytest.approx(
            np.sort(row)[::-1][: len(ranking)].tolist(), rel=1e-4, abs=1e-4
        )
        assert [doc.score for doc in ranking] == pytest.approx(
            [row[places[doc.doc_id]] for doc in ranking], rel=1e-4, abs=1e-4
        )

    measures = parse_measures(["nDCG@10", "R@100"])
    values = [
        measure_ranking(measures, ranking, corpus.judgments(query.id))
        for query, ranking in zip(corpus.queries(), found, strict=True)
    ]
    means = {name: np.mean([each[name] for each in values]) for name in values[0]}
    assert means["nDCG@10"] > 0.8  # among so few documents; a random model stays below 0.2
    assert means["R@100"] > 0.95


def test_as_a_reranker_its_scores_are_the_products_and_long_texts_are_marked(
    service: ScoringService, weights: str
) -> None:
    query = "how many people live in berlin"
    passages = ["Berlin has 3,520,031 registered inhabitants.", "Berlin has museums.", "", "people " * 600]
    encoder = service.encoder(weights, "sparse")
    expected = encoder.encode_documents(passages, CancelToken()) @ encoder.encode_queries([query], CancelToken())[0]
    batches = list(service.score(weights, query, passages))
    scores = [score for batch in batches for score in batch.scores]
    assert scores == pytest.approx(expected.tolist(), rel=1e-5)
    assert scores[0] > scores[1] > scores[2]
    assert [cut for batch in batches for cut in batch.cut] == [False, False, False, True]
