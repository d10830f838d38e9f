from __future__ import annotations

import errno
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.waiting import DEADLINE
from zsr_tui.domain import Doc, Problem, ScoredDoc
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress
from zsr_tui.retrieval.encoded import appended, rows
from zsr_tui.retrieval.encoded import postings as postings_module
from zsr_tui.retrieval.encoded.encoding import encode_corpus
from zsr_tui.retrieval.encoded.index import EncodedIndex
from zsr_tui.retrieval.problems import DamagedIndex

from ..made_up import MemoryCorpus, SparseHashEncoder, numbered

EVERYTHING = np.ones((1, 8), dtype=np.float32)


class Given:
    """Rows of a matrix as the vectors of the documents, in order."""

    def __init__(self, matrix: np.ndarray) -> None:
        self._matrix, self._next = matrix, 0
        self.dimension = matrix.shape[1]

    def document_text(self, doc: Doc) -> str:
        return doc.content

    def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
        rows = self._matrix[self._next : self._next + len(texts)]
        self._next += len(texts)
        return rows


def index_of(folder: Path, matrix: np.ndarray, *, shard: int = 1 << 20) -> EncodedIndex:
    corpus = MemoryCorpus(numbered(len(matrix)))
    encode_corpus("sparse", corpus, folder, Given(matrix), ignore_progress, CancelToken(), shard=shard)
    return EncodedIndex("sparse", folder)


def build(folder: Path, corpus: MemoryCorpus, encoder: SparseHashEncoder, **options: float) -> EncodedIndex:
    encode_corpus("sparse", corpus, folder, encoder, ignore_progress, CancelToken(), **options)  # type: ignore[arg-type]
    return EncodedIndex("sparse", folder)


def by_hand(matrix: np.ndarray, queries: np.ndarray, k: int) -> list[list[ScoredDoc]]:
    """Every document's inner product, in double precision and rounded to float32; ties by id; the first k."""
    lists = []
    for scores in (queries.astype(np.float64) @ matrix.astype(np.float64).T).astype(np.float32):
        found = [ScoredDoc(f"d{row}", float(score)) for row, score in enumerate(scores) if score > 0]
        lists.append(sorted(found, key=lambda doc: (-doc.score, doc.doc_id))[:k])
    return lists


def hashed(count: int) -> np.ndarray:
    return SparseHashEncoder().encode_documents([doc.content for doc in numbered(count)], CancelToken())


# eighths: sums of products are exact in double precision whatever the order, and many documents tie
_weights = st.one_of(st.just(0.0), st.integers(0, 16).map(lambda n: n / 8))
_dimensions = st.shared(st.integers(1, 6), key="dimension")
_matrices = _dimensions.flatmap(
    lambda width: arrays.arrays(np.float32, st.tuples(st.integers(1, 25), st.just(width)), elements=_weights)
)
_queries = _dimensions.flatmap(
    lambda width: arrays.arrays(np.float32, st.tuples(st.integers(0, 3), st.just(width)), elements=_weights)
)


@settings(max_examples=25, deadline=None)
@given(_matrices, _queries, st.integers(1, 30), st.integers(1, 40))
def test_search_equals_the_product_of_the_matrices(
    tmp_path_factory: pytest.TempPathFactory, matrix: np.ndarray, queries: np.ndarray, k: int, shard_postings: int
) -> None:
    index = index_of(tmp_path_factory.mktemp("index"), matrix, shard=shard_postings)

    assert index.documents == len(matrix)
    assert index.search(queries, k) == by_hand(matrix, queries, k)


@settings(max_examples=8, deadline=None)
@given(
    arrays.arrays(np.float32, (12, 5), elements=st.floats(0, 100, width=32)),
    arrays.arrays(np.float32, (2, 5), elements=st.floats(0, 100, width=32)),
)
def test_scores_are_the_model_s_weights_multiplied_and_summed(
    tmp_path_factory: pytest.TempPathFactory, matrix: np.ndarray, queries: np.ndarray
) -> None:
    found = index_of(tmp_path_factory.mktemp("index"), matrix, shard=9).search(queries, 12)

    for query, ranking in zip(queries, found, strict=True):
        products = matrix.astype(np.float64) @ query.astype(np.float64)
        assert {doc.doc_id for doc in ranking} == {f"d{row}" for row in np.flatnonzero(np.float32(products) > 0)}
        for doc in ranking:
            assert doc.score == pytest.approx(products[int(doc.doc_id[1:])], rel=1e-7)


def test_the_place_of_a_document_is_that_in_the_whole_list(tmp_path: Path) -> None:
    matrix = np.array([[1, 2], [0, 5], [3, 1], [2, 2.5]], dtype=np.float32)
    index, query = index_of(tmp_path, matrix, shard=3), np.array([1, 0.5], dtype=np.float32)
    places = {f"d{row}": index.place(query, f"d{row}") for row in range(4)}
    assert places == {"d2": (3.5, 1), "d3": (3.25, 2), "d1": (2.5, 3), "d0": (2.0, 4)}
    assert index.place(query, "unknown") is None


def test_documents_and_queries_without_terms_meet_nobody(tmp_path: Path) -> None:
    matrix = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], dtype=np.float32)
    index = index_of(tmp_path, matrix)

    assert index.documents == 3
    assert index.search(np.array([[5, 2, 1], [0, 0, 0], [9, 0, 9]], dtype=np.float32), 10) == [
        [ScoredDoc("d1", 2.0)],
        [],
        [],
    ]
    assert index.search(np.empty((0, 3), dtype=np.float32), 10) == []


def test_a_corpus_without_any_term_can_be_built_and_searched(tmp_path: Path) -> None:
    index = index_of(tmp_path, np.zeros((5, 4), dtype=np.float32))

    assert index.documents == 5
    assert index.search(np.ones((1, 4), dtype=np.float32), 3) == [[]]


def test_which_of_equal_documents_are_found_does_not_depend_on_their_place(tmp_path: Path) -> None:
    docs = [Doc(doc_id, "", "number1 shared colour1") for doc_id in ("b", "10", "c", "9", "a")]
    for folder, order in ((tmp_path / "a", docs), (tmp_path / "b", docs[::-1])):
        index = build(folder, MemoryCorpus(order), SparseHashEncoder(), shard=3)

        [found] = index.search(EVERYTHING, 3)

        assert [doc.doc_id for doc in found] == ["10", "9", "a"]


def test_a_cancelled_build_goes_on_where_it_stopped(tmp_path: Path) -> None:
    corpus, encoder = MemoryCorpus(numbered(500)), SparseHashEncoder(cancel_after=100)
    with pytest.raises(Cancelled):
        encode_corpus("sparse", corpus, tmp_path, encoder, ignore_progress, CancelToken())
    done = encoder.encoded
    assert 100 <= done < 500
    with pytest.raises(DamagedIndex):
        EncodedIndex("sparse", tmp_path)

    seen: list[Progress] = []
    second = SparseHashEncoder()
    encode_corpus("sparse", corpus, tmp_path, second, seen.append, CancelToken())

    assert corpus.asked_from == [0, done]
    assert second.encoded == 500 - done
    assert seen[0].done == done
    queries = np.eye(8, dtype=np.float32)
    assert EncodedIndex("sparse", tmp_path).search(queries, 500) == by_hand(hashed(500), queries, 500)


def test_an_encoder_is_never_given_more_than_64_texts(tmp_path: Path) -> None:
    sizes: list[int] = []

    class Counting(SparseHashEncoder):
        def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
            sizes.append(len(texts))
            return super().encode_documents(texts, cancel)

    build(tmp_path, MemoryCorpus(numbered(500)), Counting())

    assert max(sizes) == 64


def test_rows_that_were_never_committed_are_written_again(tmp_path: Path) -> None:
    corpus, encoder = MemoryCorpus(numbered(40)), SparseHashEncoder(cancel_after=1)
    with pytest.raises(Cancelled):
        encode_corpus("sparse", corpus, tmp_path, encoder, ignore_progress, CancelToken())
    done = encoder.encoded
    for name in ("ids.jsonl", "lengths.i32", "terms.i32", "weights.f32"):
        with (tmp_path / name).open("ab") as file:
            file.write(b'"half an entry')

    index = build(tmp_path, corpus, SparseHashEncoder())

    assert corpus.asked_from == [0, done]
    queries = np.eye(8, dtype=np.float32)
    assert index.search(queries, 40) == by_hand(hashed(40), queries, 40)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("rows.json", b"", id="no row count"),
        pytest.param("rows.json", b'{"rows": -1}', id="negative row count"),
        pytest.param("ids.jsonl", b"", id="no ids"),
        pytest.param("lengths.i32", b"", id="no lengths"),
        pytest.param("terms.i32", b"", id="no terms"),
        pytest.param("weights.f32", None, id="no weights"),
        pytest.param("lengths.i32", bytes(4096), id="other lengths"),
    ],
)
def test_an_unfinished_folder_that_is_damaged_starts_again(name: str, content: bytes | None, tmp_path: Path) -> None:
    corpus, encoder = MemoryCorpus(numbered(200)), SparseHashEncoder(cancel_after=1)
    with pytest.raises(Cancelled):
        encode_corpus("sparse", corpus, tmp_path, encoder, ignore_progress, CancelToken())
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)

    index = build(tmp_path, corpus, SparseHashEncoder())

    assert corpus.asked_from[-1] == 0
    queries = np.eye(8, dtype=np.float32)
    assert index.search(queries, 200) == by_hand(hashed(200), queries, 200)


@pytest.mark.parametrize("written", [0, 1, 4, 7])
def test_a_stop_while_the_postings_are_made_costs_no_encoding(
    written: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, write, left = MemoryCorpus(numbered(100)), appended.write_whole, [written]

    def stopping(path: Path, data: bytes) -> None:
        if path.name.startswith("postings"):
            if not left[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            left[0] -= 1
        write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(appended, "write_whole", stopping)
        with pytest.raises(Problem, match="does not fit on the disk"):
            build(tmp_path, corpus, SparseHashEncoder(), shard=60)
    with pytest.raises(DamagedIndex):
        EncodedIndex("sparse", tmp_path)
    second, told = SparseHashEncoder(), list[Progress]()

    encode_corpus("sparse", corpus, tmp_path, second, told.append, CancelToken(), shard=60)

    assert told[-1].task == "Inverting made-up"
    assert second.encoded == 0
    queries = np.eye(8, dtype=np.float32)
    assert EncodedIndex("sparse", tmp_path).search(queries, 100) == by_hand(hashed(100), queries, 100)


def test_a_shard_has_a_bounded_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SHARD_ROWS", 2)
    assert list(rows.cut(np.array([1, 1, 1, 0, 0]), 100)) == [(0, 2), (2, 4), (4, 5)]


def test_a_stop_after_the_last_step_costs_nothing(tmp_path: Path) -> None:
    corpus, encoder = MemoryCorpus(numbered(50)), SparseHashEncoder()
    build(tmp_path, corpus, encoder)
    (tmp_path / "rows.json").write_text('{"rows": 50, "postings": 0, "dimension": 8}')  # not removed yet

    assert encode_corpus("sparse", corpus, tmp_path, encoder, ignore_progress, CancelToken()) == 50
    assert encoder.encoded == 50
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ids.jsonl",
        "ids.offsets.npy",
        "postings-00000.rows.npy",
        "postings-00000.starts.npy",
        "postings-00000.weights.npy",
        "postings.json",
    ]


@pytest.mark.parametrize(
    ("name", "says"),
    [("postings.json", "postings.json is missing"), ("ids.jsonl", "No such file or directory")],
)
def test_a_lost_file_is_named(name: str, says: str, tmp_path: Path) -> None:
    build(tmp_path, MemoryCorpus(numbered(60)), SparseHashEncoder())
    (tmp_path / name).unlink()
    with pytest.raises(DamagedIndex, match=says):
        EncodedIndex("sparse", tmp_path)


@pytest.mark.parametrize("damage", ["cut", "gone", "another", "ids", "description"])
def test_a_damaged_index_is_not_read(damage: str, tmp_path: Path) -> None:
    build(tmp_path, MemoryCorpus(numbered(60)), SparseHashEncoder(), shard=40)
    shard = tmp_path / "postings-00001.weights.npy"
    if damage == "cut":
        shard.write_bytes(shard.read_bytes()[:-1])
    elif damage == "gone":
        shard.unlink()
    elif damage == "another":
        np.save(shard, np.ones(3, dtype=np.float32))
    elif damage == "ids":
        (tmp_path / "ids.jsonl").write_bytes(b'"d0"\n')
    else:
        (tmp_path / "postings.json").write_text('{"dimension": 8, "shards": [3]}')

    with pytest.raises(DamagedIndex):
        EncodedIndex("sparse", tmp_path)


def test_weights_that_are_not_finite_are_refused_by_document(tmp_path: Path) -> None:
    matrix = np.ones((3, 8), dtype=np.float32)
    matrix[1, 4] = np.inf

    with pytest.raises(Problem, match=r"not finite for document 'd1'.*fp32"):
        index_of(tmp_path, matrix)


def test_a_query_of_another_vocabulary_is_refused_and_k_must_be_positive(tmp_path: Path) -> None:
    index = index_of(tmp_path, np.ones((3, 8), dtype=np.float32))

    with pytest.raises(Problem, match="8 dimensions"):
        index.search(np.ones((1, 4), dtype=np.float32), 10)
    with pytest.raises(Problem, match="at least one"):
        index.search(EVERYTHING, 0)


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    index = index_of(tmp_path, np.ones((3, 8), dtype=np.float32))
    index.close()

    with pytest.raises(Problem, match="closed"):
        index.search(EVERYTHING, 1)


def test_threads_search_at_once(tmp_path: Path) -> None:
    index, results = index_of(tmp_path, hashed(50)), []
    threads = [threading.Thread(target=lambda: results.append(index.search(EVERYTHING, 10))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)

    assert results == [by_hand(hashed(50), EVERYTHING, 10)] * 6


def test_the_postings_are_mapped_and_not_read_into_memory(tmp_path: Path) -> None:
    held = index_of(tmp_path, hashed(20))._held
    assert isinstance(held, postings_module.Stored)
    assert all(
        isinstance(part, np.memmap) for shard in held.shards for part in (shard.starts, shard.rows, shard.weights)
    )
