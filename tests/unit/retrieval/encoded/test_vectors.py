from __future__ import annotations

import errno
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.waiting import DEADLINE
from zsr_tui.domain import Doc, Problem, ScoredDoc
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress
from zsr_tui.retrieval.encoded import appended
from zsr_tui.retrieval.encoded import vectors as vectors_module
from zsr_tui.retrieval.encoded.appended import DocIds, DocIdWriter
from zsr_tui.retrieval.encoded.encoding import encode_corpus
from zsr_tui.retrieval.encoded.index import EncodedIndex
from zsr_tui.retrieval.problems import DamagedIndex

from ..made_up import HashEncoder, MemoryCorpus, numbered

_NAUGHTY_IDS = [
    "plain",
    "with space",
    'quote"',
    "line\nbreak",
    "\u2028",
    "文書",
    "😀",
    "back\\slash",
    "",
    "\x00",
    "\ud800",
]


def build(folder: Path, count: int = 50, *, shard: int = 16, encoder: HashEncoder | None = None) -> EncodedIndex:
    corpus = MemoryCorpus(numbered(count))
    encode_corpus("dense", corpus, folder, encoder or HashEncoder(), ignore_progress, CancelToken(), shard=shard)
    return EncodedIndex("dense", folder)


def by_hand(docs: Sequence[Doc], queries: np.ndarray, k: int) -> list[list[ScoredDoc]]:
    matrix = HashEncoder().encode_documents([doc.content for doc in docs], CancelToken())
    lists = []
    for scores in queries @ matrix.T:
        everything = [ScoredDoc(doc.id, float(score)) for doc, score in zip(docs, scores, strict=True)]
        lists.append(sorted(everything, key=lambda doc: (-doc.score, doc.doc_id))[:k])
    return lists


@pytest.mark.parametrize("count", [1, 15, 16, 17, 32, 50])
@pytest.mark.parametrize("k", [1, 10, 1000])
def test_search_is_exact_across_shards(count: int, k: int, tmp_path: Path) -> None:
    queries = HashEncoder().encode_documents(["a", "b", "c"], CancelToken())

    index = build(tmp_path, count)

    expected = by_hand(numbered(count), queries, k)
    got = index.search(queries, k)
    assert [[doc.score for doc in one] for one in got] == [[doc.score for doc in one] for one in expected]
    assert got[0][0] == expected[0][0]


@pytest.mark.parametrize("tied", [5, 30, 400])
def test_equal_scores_go_by_document_id_ascending_also_where_the_list_is_cut(tied: int, tmp_path: Path) -> None:
    ids = sorted(map(str, range(tied)))
    docs = [Doc(doc_id, "", "the same text") for doc_id in ids[::-1]] + numbered(40)
    encode_corpus("dense", MemoryCorpus(docs), tmp_path, HashEncoder(), ignore_progress, CancelToken(), shard=16)
    index = EncodedIndex("dense", tmp_path)
    queries = HashEncoder().encode_documents(["number 7", "the same text", "number 9"], CancelToken())

    for k in (1, 3, tied - 1):
        assert [doc.doc_id for doc in index.search(queries, k)[1]] == ids[:k]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=8), min_size=1, max_size=20, unique=True), st.integers(1, 7))
def test_any_document_id_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], shard_rows: int
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    docs = [Doc(doc_id, "", doc_id) for doc_id in ids]
    encode_corpus("dense", MemoryCorpus(docs), folder, HashEncoder(), ignore_progress, CancelToken(), shard=shard_rows)

    [found] = EncodedIndex("dense", folder).search(np.ones((1, 8), dtype=np.float32), len(ids))

    assert {doc.doc_id for doc in found} == set(ids)


def test_ids_that_break_line_formats_come_back(tmp_path: Path) -> None:
    docs = [Doc(doc_id, "", str(number)) for number, doc_id in enumerate(_NAUGHTY_IDS)]
    encode_corpus("dense", MemoryCorpus(docs), tmp_path, HashEncoder(), ignore_progress, CancelToken())

    [found] = EncodedIndex("dense", tmp_path).search(np.ones((1, 8), dtype=np.float32), 99)

    assert sorted(doc.doc_id for doc in found) == sorted(_NAUGHTY_IDS)


def test_a_cancelled_build_goes_on_where_it_stopped(tmp_path: Path) -> None:
    corpus, encoder = MemoryCorpus(numbered(500)), HashEncoder(cancel_after=100)

    with pytest.raises(Cancelled):
        encode_corpus("dense", corpus, tmp_path, encoder, ignore_progress, CancelToken(), shard=64)
    done = encoder.encoded
    assert 100 <= done < 500
    with pytest.raises(DamagedIndex):
        EncodedIndex("dense", tmp_path)

    seen: list[Progress] = []
    second = HashEncoder()
    encode_corpus("dense", corpus, tmp_path, second, seen.append, CancelToken(), shard=64)

    assert corpus.asked_from == [0, done]
    assert second.encoded == 500 - done
    assert seen[0].done == done
    queries = second.encode_documents(["q"], CancelToken())
    assert EncodedIndex("dense", tmp_path).search(queries, 500) == by_hand(numbered(500), queries, 500)


def test_rows_that_were_never_committed_are_written_again(tmp_path: Path) -> None:
    folder, whole = tmp_path / "cut", build(tmp_path / "whole", 40)
    corpus, encoder = MemoryCorpus(numbered(40)), HashEncoder(cancel_after=1)
    with pytest.raises(Cancelled):
        encode_corpus("dense", corpus, folder, encoder, ignore_progress, CancelToken(), shard=10)
    done = encoder.encoded
    for name in ("ids.jsonl", f"vectors-{done // 10:05d}.f32", "vectors-00009.f32"):
        with (folder / name).open("ab") as file:
            file.write(b'"half a line')

    encode_corpus("dense", corpus, folder, HashEncoder(), ignore_progress, CancelToken(), shard=10)

    assert corpus.asked_from == [0, done]
    queries = np.eye(8, dtype=np.float32)
    assert EncodedIndex("dense", folder).search(queries, 40) == whole.search(queries, 40)


def test_ids_are_found_behind_the_first_part_of_a_long_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appended, "_CHUNK", 100)
    queries = np.eye(8, dtype=np.float32)
    assert build(tmp_path, 200).search(queries, 200) == by_hand(numbered(200), queries, 200)
    assert (tmp_path / "ids.jsonl").stat().st_size > 1000


def test_the_row_of_an_id_is_its_own_and_not_that_of_one_that_ends_like_it(tmp_path: Path) -> None:
    writer = DocIdWriter(tmp_path, 0)
    writer.append(['q"x', "x", "é", "y"])
    writer.finish()
    writer.close()
    ids = DocIds(tmp_path, 4)
    assert [ids.row(doc_id) for doc_id in ("x", 'q"x', "y", "é", "z", "")] == [1, 0, 3, 2, None, None]


@pytest.mark.parametrize("number", [0, 1, 2], ids=["the first", "one between", "the last"])
def test_a_missing_shard_is_noticed_and_encoded_again(number: int, tmp_path: Path) -> None:
    corpus, encoder = MemoryCorpus(numbered(200)), HashEncoder(cancel_after=1)
    with pytest.raises(Cancelled):
        encode_corpus("dense", corpus, tmp_path, encoder, ignore_progress, CancelToken(), shard=10)
    shards = sorted(tmp_path.glob("vectors-*.f32"))
    (shards[0], shards[len(shards) // 2], shards[-1])[number].unlink()

    encode_corpus("dense", corpus, tmp_path, HashEncoder(), ignore_progress, CancelToken(), shard=10)

    assert corpus.asked_from[-1] == 0
    queries = np.eye(8, dtype=np.float32)
    assert EncodedIndex("dense", tmp_path).search(queries, 200) == by_hand(numbered(200), queries, 200)


@pytest.mark.parametrize("damage", ["vectors.json", "ids.jsonl", "vectors-00000.f32"])
def test_an_unfinished_folder_that_lost_a_file_starts_again(damage: str, tmp_path: Path) -> None:
    corpus, encoder = MemoryCorpus(numbered(200)), HashEncoder(cancel_after=1)
    with pytest.raises(Cancelled):
        encode_corpus("dense", corpus, tmp_path, encoder, ignore_progress, CancelToken(), shard=10)
    (tmp_path / damage).write_bytes(b"")

    encode_corpus("dense", corpus, tmp_path, HashEncoder(), ignore_progress, CancelToken(), shard=10)

    assert corpus.asked_from[-1] == 0
    queries = np.eye(8, dtype=np.float32)
    assert EncodedIndex("dense", tmp_path).search(queries, 200) == by_hand(numbered(200), queries, 200)


def test_a_full_disk_keeps_what_was_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, encoder = MemoryCorpus(numbered(300)), HashEncoder()
    append, room = vectors_module.Writer.append, 100

    def filling(writer: vectors_module.Writer, ids: Sequence[str], rows: np.ndarray, *, walked: int) -> None:
        if writer.rows + len(ids) > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(writer, ids, rows, walked=walked)
        writer.commit()

    with monkeypatch.context() as patch:
        patch.setattr(vectors_module.Writer, "append", filling)
        with pytest.raises(Problem, match="does not fit on the disk"):
            encode_corpus("dense", corpus, tmp_path, encoder, ignore_progress, CancelToken())

    encode_corpus("dense", corpus, tmp_path, encoder, ignore_progress, CancelToken())
    assert 0 < corpus.asked_from[-1] <= room
    assert EncodedIndex("dense", tmp_path).documents == 300


def test_a_broken_corpus_keeps_what_came_before_the_break(tmp_path: Path) -> None:
    class Broken(MemoryCorpus):
        def iter_docs(self, start: int = 0) -> Iterator[Doc]:
            for number, doc in enumerate(super().iter_docs(start), start=start):
                if number == 120:
                    raise Problem("corpus.jsonl, line 121: not JSON.")
                yield doc

    with pytest.raises(Problem, match="line 121"):
        encode_corpus("dense", Broken(numbered(300)), tmp_path, HashEncoder(), ignore_progress, CancelToken())

    mended = MemoryCorpus(numbered(300))
    encode_corpus("dense", mended, tmp_path, HashEncoder(), ignore_progress, CancelToken())
    assert mended.asked_from[0] > 0


class Separating(HashEncoder):
    """Reads titles as DPR does."""

    def document_text(self, doc: Doc) -> str:
        return f"{doc.title} [SEP] {doc.text}"


def test_what_is_encoded_is_what_the_model_reads_for_a_document(tmp_path: Path) -> None:
    index = build(tmp_path, 5, encoder=Separating())
    query = HashEncoder().encode_documents(["number3 [SEP] shared colour3"], CancelToken())
    ((best, *_),) = index.search(query, 1)
    assert (best.doc_id, best.score) == ("d3", float(query[0] @ query[0]))


class Wrong(HashEncoder):
    def __init__(self, answer: np.ndarray) -> None:
        super().__init__()
        self._answer = answer

    def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
        return self._answer


def test_vectors_that_are_not_finite_are_refused_by_document(tmp_path: Path) -> None:
    answer = np.ones((3, 8), dtype=np.float32)
    answer[1, 4] = np.nan

    with pytest.raises(Problem, match=r"not finite for document 'd1'.*fp32"):
        encode_corpus("dense", MemoryCorpus(numbered(3)), tmp_path, Wrong(answer), ignore_progress, CancelToken())


def test_vectors_of_a_wrong_shape_are_refused(tmp_path: Path) -> None:
    answer = np.ones((2, 8), dtype=np.float32)

    with pytest.raises(Problem, match=r"shape \(2, 8\) for 3 documents"):
        encode_corpus("dense", MemoryCorpus(numbered(3)), tmp_path, Wrong(answer), ignore_progress, CancelToken())


def test_a_query_of_another_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="8 dimensions"):
        build(tmp_path).search(np.ones((1, 4), dtype=np.float32), 10)


def test_no_queries_give_no_lists_and_k_must_be_positive(tmp_path: Path) -> None:
    index = build(tmp_path)

    assert index.search(np.empty((0, 8), dtype=np.float32), 3) == []
    with pytest.raises(Problem, match="at least one"):
        index.search(np.ones((1, 8), dtype=np.float32), 0)


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    index = build(tmp_path)
    index.close()

    with pytest.raises(Problem, match="closed"):
        index.search(np.ones((1, 8), dtype=np.float32), 1)


def test_threads_search_at_once(tmp_path: Path) -> None:
    index, results = build(tmp_path, 50), []
    queries = HashEncoder().encode_documents(["q"], CancelToken())
    threads = [threading.Thread(target=lambda: results.append(index.search(queries, 10))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)

    assert results == [by_hand(numbered(50), queries, 10)] * 6


def test_the_files_are_mapped_and_not_read_into_memory(tmp_path: Path) -> None:
    index = build(tmp_path)

    held = index._held
    assert isinstance(held, vectors_module.Stored)
    assert all(isinstance(shard, np.memmap) for shard in held.shards)
