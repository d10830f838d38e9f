"""Approximate indexes of vectors made up for the test, held against every product computed by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.unit.retrieval.made_up import HashEncoder, MemoryCorpus, numbered
from zsr_tui.domain import Approximation, Problem, ScoredDoc
from zsr_tui.files import locked_now
from zsr_tui.pipeline import LARGE, Dense, Method, parse
from zsr_tui.progress import Cancelled, CancelToken, Progress, Report, ignore_progress
from zsr_tui.retrieval.approximate import building, methods
from zsr_tui.retrieval.approximate.recall import recall
from zsr_tui.retrieval.disk import lock_of, safe_name
from zsr_tui.retrieval.encoded import vectors
from zsr_tui.retrieval.encoded.index import EncodedIndex
from zsr_tui.retrieval.encoded.vectors import Stored
from zsr_tui.retrieval.problems import NotBuilt
from zsr_tui.retrieval.store import IndexStore

DOCUMENTS, DIMENSION, MODEL = 700, 24, "org/hash"
CORPUS = MemoryCorpus(numbered(DOCUMENTS))


def made_up(texts: list[str]) -> np.ndarray:
    return HashEncoder(DIMENSION).encode_documents(texts, CancelToken())


VECTORS = made_up([doc.content for doc in CORPUS.iter_docs()])
QUERIES = made_up([f"query {number}" for number in range(20)])


@pytest.fixture
def store(tmp_path: Path) -> IndexStore:
    store = IndexStore(tmp_path)
    encode(store)
    return store


def encode(store: IndexStore) -> None:
    store.build_encoded("dense", CORPUS, MODEL, HashEncoder(DIMENSION), ignore_progress, CancelToken())


def build(
    store: IndexStore, method: Method, report: Report = ignore_progress, cancel: CancelToken | None = None
) -> str:
    return store.build_approximate(CORPUS, MODEL, "1", "fp32", method, lambda: QUERIES, report, cancel or CancelToken())


def opened(store: IndexStore, method: Method = "hnsw") -> EncodedIndex:
    return store.open_approximate(CORPUS, MODEL, "1", "fp32", method)


def file_of(store: IndexStore, method: Method = "hnsw") -> Path:
    home = store._root / safe_name(CORPUS.collection) / "approximate" / safe_name(MODEL)
    return home / f"fp32-{method}" / "index.faiss"


@pytest.mark.parametrize("method", ["hnsw", "sq8"])
def test_what_is_found_has_its_exact_score_and_the_recall_that_is_told_is_true(
    store: IndexStore, monkeypatch: pytest.MonkeyPatch, method: Method
) -> None:
    monkeypatch.setattr(methods, "_THOROUGH", 1)
    monkeypatch.setattr(methods, "LINKS", 4)  # a poor graph: what it loses is to be told
    build(store, method)
    index = opened(store, method)

    ids, products = [doc.id for doc in CORPUS.iter_docs()], QUERIES @ VECTORS.T
    shares = []
    for query, found in enumerate(index.search(QUERIES, 100)):
        assert [each.score for each in found] == sorted(products[query, ids.index(d.doc_id)] for d in found)[::-1]
        least = np.sort(products[query])[-100]
        shares.append(sum(each.score >= least for each in found) / 100)
    told = index.approximation
    assert told == Approximation(method, pytest.approx(np.mean(shares)), 100, 20, CORPUS.id)
    assert 0.5 < np.mean(shares) <= 1
    assert (told.recall < 1) == (method == "hnsw")
    assert str(told) == f"{method}, recall@100 {int(np.mean(shares) * 1000) / 1000:.3f} of exact"
    assert index.place(QUERIES[0], ids[7]) == (products[0, 7], 1 + int((products[0] > products[0, 7]).sum()))


def test_a_stopped_build_goes_on_with_what_it_had(store: IndexStore, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel = CancelToken()
    with monkeypatch.context() as patch:
        patch.setattr(building.Meter, "update", lambda _, done: done and cancel.cancel())
        with pytest.raises(Cancelled):
            build(store, "hnsw", cancel=cancel)
    with pytest.raises(NotBuilt) as caught:
        opened(store)
    assert caught.value.reason == "incomplete"
    assert "--system 'dense(org/hash; index=hnsw)'" in caught.value.message

    told: list[Progress] = []
    build(store, "hnsw", told.append)
    first = next(progress for progress in told if progress.unit)
    assert first.done == 256
    assert told[0].task != f"Learning the hnsw index of {CORPUS.collection}"
    assert opened(store).approximation.recall == 1.0  # type: ignore[union-attr]


def test_batches_take_about_a_second_and_few_of_them_are_saved(
    store: IndexStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, sizes, saved, told = [0.0], list[int](), list[int](), list[Progress]()
    rows, save = building._rows, building._save

    def added(stored: Stored, first: int, most: int) -> np.ndarray:
        now[0] += 0.1 if len(sizes) < 3 else 2.5  # seconds that it takes
        sizes.append(most)
        return rows(stored, first, most)

    def saving(index: Any, path: Path) -> None:
        saved.append(index.ntotal)
        save(index, path)

    monkeypatch.setattr(building, "_SMALLEST", 16)
    monkeypatch.setattr(building, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(building, "_rows", added)
    monkeypatch.setattr(building, "_save", saving)
    build(store, "sq8", told.append)
    assert sizes[:8] == [16, 32, 64, 128, 64, 32, 16, 16]
    assert len(saved) == 2, "after a minute's work, and at the end"
    assert 300 < saved[0] < saved[1] == DOCUMENTS
    assert told[0].task == "Learning the sq8 index of made-up"


def test_scores_are_exact_whichever_shard_a_document_lies_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "SHARD_ROWS", 100)
    store = IndexStore(tmp_path)
    encode(store)
    build(store, "sq8")
    [found] = opened(store, "sq8").search(QUERIES[:1], 20)
    assert [doc.score for doc in found] == sorted((VECTORS @ QUERIES[0]).tolist(), reverse=True)[:20]


def test_another_process_that_builds_it_is_waited_for(store: IndexStore) -> None:
    cancel, tasks = CancelToken(), []

    def report(progress: Progress) -> None:
        tasks.append(progress.task)
        cancel.cancel()

    with locked_now(lock_of(file_of(store).parent)) as mine:
        assert mine
        with pytest.raises(Cancelled):
            build(store, "hnsw", report, cancel)
    assert tasks == ["Waiting for another process that builds the hnsw index of made-up for org/hash"]


def test_a_killed_build_has_what_was_saved(store: IndexStore, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def kill(_: object, done: int) -> None:
        if done > 256:
            raise Killed

    folder, vectors = file_of(store).parent, store._encoded("dense", CORPUS, MODEL, "1", "fp32").folder
    with monkeypatch.context() as patch:
        patch.setattr(building.Meter, "update", kill)
        with pytest.raises(Killed):
            building.build(folder, vectors, "hnsw", "made-up", ignore_progress, CancelToken(), save_seconds=0)
    told: list[Progress] = []
    building.build(folder, vectors, "hnsw", "made-up", told.append, CancelToken())
    assert next(progress.done for progress in told if progress.unit) == 256


def _cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _of_others(path: Path) -> None:
    building.build(path.parent, _other_vectors(path.parent), "sq8", "others", ignore_progress, CancelToken())


def _other_vectors(near: Path) -> Path:
    store = IndexStore(near.with_name("others"))
    few = MemoryCorpus(numbered(7))
    store.build_encoded("dense", few, MODEL, HashEncoder(DIMENSION), ignore_progress, CancelToken())
    return store._encoded("dense", few, MODEL, "1", "fp32").folder


@pytest.mark.parametrize(
    "harm", [_cut_off, _flipped, lambda path: path.write_bytes(b"no index"), _of_others],
    ids=["cut off", "a bit flipped", "no index at all", "of other vectors"],
)  # fmt: skip
def test_a_damaged_file_is_one_sentence_and_is_built_again(store: IndexStore, harm) -> None:
    build(store, "sq8")
    path = file_of(store, "sq8")
    if harm is _of_others:
        path.unlink()
    harm(path)
    fresh = IndexStore(store._root)
    with pytest.raises(NotBuilt) as caught:
        opened(fresh, "sq8")
    assert caught.value.reason == "damaged"
    assert caught.value.message == (
        "The sq8 index of made-up for org/hash is damaged: `zsr-tui index --dataset made-up --system "
        "'dense(org/hash; index=sq8)'` builds it again."
    )
    assert build(fresh, "sq8") == "The sq8 index of made-up for org/hash was damaged and has been built again."
    assert len(opened(fresh, "sq8").search(QUERIES, 3)[0]) == 3


def test_it_belongs_to_the_vectors_that_it_was_made_of(store: IndexStore) -> None:
    assert not store.searchable(CORPUS.collection, "dense", MODEL, "sq8")
    build(store, "sq8")
    assert store.searchable(CORPUS.collection, "dense", MODEL, "sq8")
    assert not store.searchable(CORPUS.collection, "dense", MODEL, "hnsw")
    vectors = store._encoded("dense", CORPUS, MODEL, "1", "fp32").folder
    (vectors / "vectors-00000.f32").write_bytes(b"")
    again = IndexStore(store._root)
    encode(again)
    with (vectors / "checks.json").open("ab") as file:
        file.write(b" ")  # as those of vectors in another order would be others
    with pytest.raises(NotBuilt) as caught:
        opened(IndexStore(store._root), "sq8")
    assert caught.value.reason == "stale"


def test_codes_are_not_learned_of_too_few_documents(store: IndexStore) -> None:
    with pytest.raises(Problem, match="learns its codes from at least 9,984 documents, and made-up has 700: leave"):
        build(store, "ivfpq")


def test_codes_find_most_where_there_are_enough_to_learn_from(
    store: IndexStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(methods.WAYS, "ivfpq", replace(methods.WAYS["ivfpq"], fewest=1))
    build(store, "ivfpq")
    told = opened(store, "ivfpq").approximation
    assert told is not None
    assert 0.6 < told.recall <= 1  # type: ignore[operator]


def test_without_queries_no_recall_is_told(store: IndexStore) -> None:
    none = np.empty((0, DIMENSION), dtype=np.float32)
    store.build_approximate(CORPUS, MODEL, "1", "fp32", "sq8", lambda: none, ignore_progress, CancelToken())
    assert str(opened(store, "sq8").approximation) == "sq8, recall not measured"


def test_recall_counts_a_document_with_the_last_ones_score_as_that_one() -> None:
    class Lists:
        def __init__(self, *docs: tuple[str, float]) -> None:
            self._docs = [ScoredDoc(*doc) for doc in docs]

        def search(self, vectors: np.ndarray, k: int) -> list[list[ScoredDoc]]:
            return [self._docs[:k] for _ in vectors]

    exact = Lists(("a", 3.0), ("b", 2.0), ("c", 1.0), ("d", 1.0))
    one = np.zeros((1, 2), dtype=np.float32)
    assert recall(exact, Lists(("a", 3.0), ("b", 2.0), ("d", 1.0)), one, 3, CancelToken()) == 1.0
    assert recall(exact, Lists(("a", 3.0), ("x", 0.5), ("y", 0.4)), one, 3, CancelToken()) == pytest.approx(1 / 3)
    assert recall(Lists(), Lists(), one, 3, CancelToken()) == 1.0


def test_from_a_million_vectors_on_it_is_the_usual_way() -> None:
    usual, exact = parse("dense(a/b)"), parse("dense(a/b; index=flat)")
    assert isinstance(usual, Dense)
    assert isinstance(exact, Dense)
    assert [usual.method(count) for count in (1, LARGE - 1, LARGE, 10 * LARGE)] == ["flat", "flat", "hnsw", "hnsw"]
    assert exact.method(10 * LARGE) == "flat"
