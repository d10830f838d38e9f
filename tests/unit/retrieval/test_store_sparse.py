"""The store with inverted indexes: the same discipline as with dense vectors, in test_store.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zsr_tui.progress import Cancelled, CancelToken, ignore_progress
from zsr_tui.retrieval.disk import safe_name
from zsr_tui.retrieval.manifest import read_manifest
from zsr_tui.retrieval.problems import NotBuilt
from zsr_tui.retrieval.store import IndexStore

from .made_up import HashEncoder, MemoryCorpus, SparseHashEncoder, building, numbered

_MODEL = "org/hash@main"
_QUERY = np.ones((1, 8), dtype=np.float32)


@pytest.fixture
def store(tmp_path: Path) -> IndexStore:
    return IndexStore(tmp_path)


def place(root: Path, corpus: MemoryCorpus) -> Path:
    return root / safe_name(corpus.collection) / "sparse" / safe_name(_MODEL) / "fp32"


def encode(
    store: IndexStore, corpus: MemoryCorpus, encoder: SparseHashEncoder | None = None, fingerprint: str = "1"
) -> SparseHashEncoder:
    encoder = encoder or SparseHashEncoder()
    encoder.fingerprint, encoder.precision = fingerprint, "fp32"
    store.build_encoded("sparse", corpus, _MODEL, encoder, ignore_progress, CancelToken())
    return encoder


def reason(store: IndexStore, corpus: MemoryCorpus, fingerprint: str = "1") -> str:
    with pytest.raises(NotBuilt) as caught:
        store.open_encoded("sparse", corpus, _MODEL, fingerprint, "fp32")
    assert caught.value.message.count(". ") == 0  # one sentence
    assert f"zsr-tui index --dataset {corpus.id} --system 'sparse({_MODEL})'" in caught.value.message
    return caught.value.reason


def test_building_and_opening(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(30))
    assert reason(store, corpus) == "absent"

    encode(store, corpus)

    index = store.open_encoded("sparse", corpus, _MODEL, "1", "fp32")
    assert (index.documents, index.dimension) == (30, 8)
    assert store.open_encoded("sparse", corpus, _MODEL, "1", "fp32") is index
    assert store.state(corpus.collection) == (False, (_MODEL,))
    manifest = read_manifest(place(tmp_path, corpus))
    assert manifest is not None
    assert (manifest.kind, manifest.state, manifest.documents) == ("sparse", "complete", 30)
    assert encode(IndexStore(tmp_path), corpus).encoded == 0


def test_a_sparse_index_is_no_dense_one(store: IndexStore) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)
    with pytest.raises(NotBuilt, match="no index of made-up"):
        store.open_encoded("dense", corpus, _MODEL, "1", "fp32")

    store.build_encoded("dense", corpus, _MODEL, HashEncoder(), ignore_progress, CancelToken())

    found = [store.open_encoded(kind, corpus, _MODEL, "1", "fp32").search(_QUERY, 1) for kind in ("dense", "sparse")]
    assert found[0] != found[1]


def test_changed_documents_or_another_model_make_it_stale(store: IndexStore) -> None:
    corpus, changed = MemoryCorpus(numbered(30)), MemoryCorpus(numbered(31), version="2")
    encode(store, corpus)

    assert reason(store, corpus, fingerprint="2") == "stale"
    assert reason(store, changed) == "stale"
    assert encode(store, changed).encoded == 31
    assert store.open_encoded("sparse", changed, _MODEL, "1", "fp32").documents == 31


def test_a_partly_built_index_says_so_and_is_continued(store: IndexStore, tmp_path: Path) -> None:
    corpus, encoder = MemoryCorpus(numbered(300)), SparseHashEncoder(cancel_after=1)
    with pytest.raises(Cancelled):
        encode(store, corpus, encoder)
    assert reason(store, corpus) == "incomplete"
    assert store.state(corpus.collection) == (False, ())

    assert encoder.encoded + encode(IndexStore(tmp_path), corpus).encoded == 300


def test_a_damaged_shard_is_never_read_and_is_built_again(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)
    shard = place(tmp_path, corpus) / "postings-00000.rows.npy"
    shard.write_bytes(shard.read_bytes()[:-4])
    fresh = IndexStore(tmp_path)

    assert reason(fresh, corpus) == "damaged"
    assert encode(fresh, corpus).encoded == 30
    assert fresh.open_encoded("sparse", corpus, _MODEL, "1", "fp32").documents == 30


def test_a_killed_build_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with building("sparse", tmp_path, documents=3000, stop=1500) as process:
        process.kill()
    corpus, store, encoder = MemoryCorpus(numbered(3000)), IndexStore(tmp_path), SparseHashEncoder()
    with pytest.raises(NotBuilt, match="only partly built"):
        store.open_encoded("sparse", corpus, "hash", "1", "fp32")

    store.build_encoded("sparse", corpus, "hash", encoder, ignore_progress, CancelToken())

    assert 0 < encoder.encoded <= 2900
    matrix = SparseHashEncoder().encode_documents([doc.content for doc in numbered(3000)], CancelToken())
    [found] = store.open_encoded("sparse", corpus, "hash", "1", "fp32").search(_QUERY, 3000)
    assert {doc.doc_id: doc.score for doc in found} == {
        f"d{row}": total for row, total in enumerate(matrix.sum(axis=1).tolist()) if total > 0
    }
