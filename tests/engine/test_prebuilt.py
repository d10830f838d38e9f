"""Indexes in the format of Anserini and pyserini, made with their own classes: downloaded, searched, explained."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.corpora.test_fetch import Server, server  # noqa: F401 - a fixture
from zsr_tui.api.events import AnyEvent, PrepareFinished, Ranking, SystemFailed
from zsr_tui.api.preparing import BeginPreparing
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.answers import begin
from zsr_tui.engine.preparing.prepare import prepare
from zsr_tui.explain import bm25
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.analysers import analyser
from zsr_tui.retrieval.bm25 import Bm25Index
from zsr_tui.retrieval.java import call, start_jvm
from zsr_tui.retrieval.lucene import classes, open_directory
from zsr_tui.retrieval.prebuilt import matching
from zsr_tui.retrieval.prebuilt.lists import Prebuilt
from zsr_tui.retrieval.prebuilt.lucene import Impacts, LuceneVectors

FLAT = "bm25(index=demo.flat)"
LUCENE = "org.apache.lucene."


def anserinis(folder: Path, docs: list[dict[str, str]], *options: str) -> None:
    """By Anserini's own indexer."""
    start_jvm()
    from jnius import autoclass

    indexer = autoclass("io.anserini.index.SimpleIndexer")
    words = ["-input", "x", "-collection", "JsonCollection", "-index", str(folder), *options]
    writer = indexer(call(indexer, "parseArgs", words))
    for doc in docs:
        call(writer, "addRawDocument", json.dumps(doc))
    call(writer, "close")


@pytest.fixture
def published(library: Library, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:  # noqa: F811
    """The demo corpus, as `demo.flat` and, with its titles in a field of their own, as `demo.multifield`."""
    docs = list(library.corpus("demo").corpus.iter_docs())
    anserinis(tmp_path / "lucene.demo", [{"id": doc.id, "contents": doc.content} for doc in docs], "-storeRaw")
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        archive.add(tmp_path / "lucene.demo", "lucene.demo", filter=lambda each: None if "lock" in each.name else each)
    server.content = made.getvalue()
    digest = hashlib.md5(server.content, usedforsecurity=False).hexdigest()
    index = Prebuilt("demo.flat", "inverted", "", "lucene.demo.tar.gz", server.url, digest, len(server.content))
    for module in ("lists", "matching", "opening"):
        monkeypatch.setattr(f"zsr_tui.retrieval.prebuilt.{module}.known", lambda: {"demo.flat": index})
    monkeypatch.setattr(matching, "collections", lambda _: ("demo", "prebuilt:demo.flat"))
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "cache"))
    return server


def test_one_is_asked_about_downloaded_though_the_line_breaks_and_finds_what_ours_finds(
    published: Server, library: Library, run_search: Callable[..., list[AnyEvent]]
) -> None:
    asked = begin(library, BeginPreparing(dataset="demo", systems=(FLAT,)))
    assert [part.asks for part in asked.parts] == [f"download demo.flat, {len(published.content) / 1000:.0f} kB packed"]
    [failed] = [event for event in run_search(FLAT, query="ticks") if isinstance(event, SystemFailed)]
    assert (failed.problem.message, failed.problem.kind) == ("demo.flat is not downloaded yet.", "not-downloaded")

    published.cuts = [len(published.content) // 2]
    told: list[Any] = []
    prepare(library, PrepareRequest(id="p", dataset="demo", systems=(FLAT,)), told.append, CancelToken())
    assert [each != "" for each in published.asked] == [False, True]  # the second one for what was missing
    assert isinstance(told[-1], PrepareFinished)
    for query in ("vaccination against ticks", "bread", "of the"):
        events = run_search(FLAT, "bm25", query=query)
        found = {event.system: event.rows for event in events if isinstance(event, Ranking)}
        assert [(row.doc_id, row.score) for row in found[0]] == [(row.doc_id, row.score) for row in found[1]]
    assert not begin(library, BeginPreparing(dataset="demo", systems=(FLAT,))).parts

    events = run_search(FLAT, query="bread", dataset="prebuilt:demo.flat")  # of the index alone: no corpus is needed
    best = next(event.rows[0].doc_id for event in events if isinstance(event, Ranking))
    texts, docs = library.corpus("prebuilt:demo.flat").corpus, library.corpus("demo").corpus
    assert [doc.content for doc in texts.iter_docs(3)] == [doc.content for doc in docs.iter_docs(3)]
    assert best in texts.docs([best, "none"])
    assert (texts.doc_count(), list(texts.queries()), len(texts.docs(["none"]))) == (270, [], 0)

    corpus = library.corpus("demo")
    doc = corpus.docs(["health-24"])["health-24"]
    theirs = bm25.explain(library.bm25(corpus, "demo.flat"), "vaccination against ticks", doc)
    ours = bm25.explain(library.bm25(corpus), "vaccination against ticks", doc)
    assert theirs.parts == ours.parts
    assert theirs.score == ours.score


def test_titles_in_a_field_of_their_own_are_searched_too(tmp_path: Path) -> None:
    docs = [{"id": "b", "contents": "wine", "title": "bread"}, {"id": "a", "contents": "wine", "title": "salt"},
            {"id": "c", "contents": "bread", "title": "bread"}]  # fmt: skip
    anserinis(tmp_path / "two", docs, "-fields", "title")
    index = Bm25Index(tmp_path / "two")
    assert [doc.doc_id for doc in index.search("bread", 9, k1=0.9, b=0.4)] == ["c", "b"]
    assert [doc.doc_id for doc in index.search("wine", 1, k1=0.9, b=0.4)] == ["a"]  # ties: by id, whatever was first
    with pytest.raises(Problem, match=r"contents and title are searched apart in this index, and their scores added"):
        index.score("bread", "bread", k1=0.9, b=0.4)
    assert index.search_all(["bread", "wine", "x"] * 3, 2, k1=0.9, b=0.4) == [
        index.search(query, 2, k1=0.9, b=0.4) for query in ["bread", "wine", "x"] * 3
    ]
    index.close()


def test_impacts_are_the_products_of_whole_weights(tmp_path: Path) -> None:
    words = ["apple", "##pear"]
    docs = [{"id": f"d{n}", "contents": "apple " * n + "##pear " * 5} for n in (3, 1, 2)]
    anserinis(tmp_path / "impacts", docs, "-impact", "-pretokenized")
    index = Impacts(tmp_path / "impacts", lambda dimensions: [words[each] for each in dimensions])
    two, one, none = index.search(np.array([[5.0, 0.0], [0.0, 2.5], [0.0, 0.001]]), 2)
    assert [(doc.doc_id, doc.score) for doc in two] == [("d3", 3 * 256), ("d2", 2 * 256)]
    assert [(doc.doc_id, doc.score) for doc in one] == [("d1", 5 * 128), ("d2", 5 * 128)]
    assert none == []
    index.close()
    with pytest.raises(Problem, match="holds no vectors whose inner product is searched"):
        LuceneVectors(tmp_path / "impacts")


def test_vectors_in_lucene_have_their_inner_product(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).standard_normal((40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    _write_vectors(tmp_path / "graph", vectors)
    index = LuceneVectors(tmp_path / "graph")
    [found] = index.search(vectors[:1], 5)
    exact = np.sort(vectors @ vectors[0])[::-1][:5]
    assert [doc.score for doc in found] == pytest.approx(exact, abs=1e-6)
    assert found[0].doc_id == "d0"
    with pytest.raises(Problem, match="have 3 dimensions and the index 8: name the model that the index was made with"):
        index.search(np.ones((1, 3)), 5)
    index.close()


def _write_vectors(folder: Path, vectors: np.ndarray) -> None:
    """With the fields that Anserini writes."""
    start_jvm()
    from jnius import autoclass

    java = classes()
    field, text, values = (
        autoclass(f"{LUCENE}document.{name}") for name in ("KnnFloatVectorField", "StringField", "BinaryDocValuesField")
    )
    product = autoclass(f"{LUCENE}index.VectorSimilarityFunction").DOT_PRODUCT
    of_text = "(Ljava/lang/CharSequence;)V"
    writer = java.IndexWriter(open_directory(folder), java.IndexWriterConfig(analyser("en")))
    for number, vector in enumerate(vectors.tolist()):
        document, id = java.Document(), f"d{number}"
        call(document, "add", text("id", id, java.Store.YES))
        call(document, "add", values("id", autoclass(f"{LUCENE}util.BytesRef")(java.String(id), signature=of_text)))
        call(document, "add", field("vector", vector, product))
        call(writer, "addDocument", document)
    call(writer, "close")
