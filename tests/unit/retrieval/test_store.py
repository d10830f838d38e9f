"""The store with vectors, which need no Java; tests/engine/test_lucene_building.py has the same for BM25."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.waiting import DEADLINE
from zsr_tui.domain import Doc, Problem
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress
from zsr_tui.retrieval import manifest as manifests
from zsr_tui.retrieval import place as places
from zsr_tui.retrieval.disk import safe_name
from zsr_tui.retrieval.manifest import FORMAT, read_manifest
from zsr_tui.retrieval.problems import NotBuilt
from zsr_tui.retrieval.store import IndexStore

from .made_up import HashEncoder, MemoryCorpus, building, numbered

_MODEL = "org/hash@main"
_QUERY = np.ones((1, 8), dtype=np.float32)


@pytest.fixture
def store(tmp_path: Path) -> IndexStore:
    return IndexStore(tmp_path)


def place(root: Path, corpus: MemoryCorpus, model: str = _MODEL) -> Path:
    return root / safe_name(corpus.collection) / "dense" / safe_name(model) / "fp32"


def encode(
    store: IndexStore,
    corpus: MemoryCorpus,
    encoder: HashEncoder | None = None,
    *,
    fingerprint: str = "1",
    precision: str = "fp32",
) -> HashEncoder:
    encoder = encoder or HashEncoder()
    encoder.fingerprint, encoder.precision = fingerprint, precision
    store.build_encoded("dense", corpus, _MODEL, encoder, ignore_progress, CancelToken())
    return encoder


def reason(store: IndexStore, corpus: MemoryCorpus, fingerprint: str = "1") -> str:
    with pytest.raises(NotBuilt) as caught:
        store.open_encoded("dense", corpus, _MODEL, fingerprint, "fp32")
    assert caught.value.message.count(". ") == 0  # one sentence
    assert f"zsr-tui index --dataset {corpus.id} --system 'dense({_MODEL})'" in caught.value.message
    return caught.value.reason


def stop_early(store: IndexStore, corpus: MemoryCorpus, precision: str = "fp32") -> HashEncoder:
    encoder = HashEncoder(cancel_after=1)
    encoder.precision = precision
    with pytest.raises(Cancelled):
        store.build_encoded("dense", corpus, _MODEL, encoder, ignore_progress, CancelToken())
    return encoder


def test_building_and_opening(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(30))
    assert reason(store, corpus) == "absent"

    told: list[Progress] = []
    store.build_encoded("dense", corpus, _MODEL, HashEncoder(), told.append, CancelToken())
    assert {each.task for each in told} == {f"Encoding made-up with {_MODEL}"}

    index = store.open_encoded("dense", corpus, _MODEL, "1", "fp32")
    assert index.documents == 30
    assert len(index.search(_QUERY, 5)[0]) == 5
    assert store.open_encoded("dense", corpus, _MODEL, "1", "fp32") is index
    manifest = read_manifest(place(tmp_path, corpus))
    assert manifest is not None
    assert (manifest.state, manifest.documents, manifest.precision) == ("complete", 30, "fp32")
    assert manifest.versions["zsr-tui"]


def test_a_current_index_is_not_built_again(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)

    assert encode(store, corpus).encoded == 0
    assert encode(IndexStore(tmp_path), corpus).encoded == 0


def test_indexes_of_different_precisions_live_beside_each_other(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)
    first = store.open_encoded("dense", corpus, _MODEL, "1", "fp32")
    with pytest.raises(NotBuilt):
        store.open_encoded("dense", corpus, _MODEL, "2", "bf16")

    assert encode(store, corpus, fingerprint="2", precision="bf16").encoded == 30

    assert store.open_encoded("dense", corpus, _MODEL, "1", "fp32") is first
    assert store.open_encoded("dense", corpus, _MODEL, "2", "bf16").documents == 30
    assert encode(store, corpus).encoded == encode(store, corpus, fingerprint="2", precision="bf16").encoded == 0
    assert sorted(path.name for path in place(tmp_path, corpus).parent.glob("[!.]*")) == ["bf16", "fp32"]
    assert store.state(corpus.collection) == (False, (_MODEL,))


def test_changed_documents_make_it_stale_and_the_old_one_stands_until_the_new_is_done(
    store: IndexStore, tmp_path: Path
) -> None:
    corpus = MemoryCorpus(numbered(300))
    encode(store, corpus)
    held = store.open_encoded("dense", corpus, _MODEL, "1", "fp32")
    before = {path: path.read_bytes() for path in place(tmp_path, corpus).iterdir()}

    changed = MemoryCorpus([Doc(f"new{i}", "", f"text {i}") for i in range(400)], version="2")
    assert reason(store, changed) == "stale"
    stop_early(store, changed)

    assert {path: path.read_bytes() for path in place(tmp_path, corpus).iterdir()} == before
    assert reason(store, changed) == "stale"
    encode(store, changed)
    assert store.open_encoded("dense", changed, _MODEL, "1", "fp32").documents == 400
    assert held.documents == len(held.search(_QUERY, 1000)[0]) == 300  # whoever still has it can go on
    assert reason(store, corpus) == "stale"
    assert not [path for path in place(tmp_path, corpus).parent.iterdir() if path.suffix in (".building", ".old")]


def test_another_model_behind_the_same_name_is_stale(store: IndexStore) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)

    assert reason(store, corpus, fingerprint="2") == "stale"
    assert encode(store, corpus, fingerprint="2").encoded == 30
    assert store.open_encoded("dense", corpus, _MODEL, "2", "fp32").documents == 30


def test_a_partly_built_index_says_so_and_is_continued(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(300))
    before = stop_early(store, corpus).encoded
    assert reason(store, corpus) == "incomplete"
    assert store.state(corpus.collection) == (False, ())

    after = encode(IndexStore(tmp_path), corpus).encoded

    assert before > 0
    assert before + after == 300


def test_a_program_that_knows_no_order_begins_a_partly_built_index_anew(
    store: IndexStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = MemoryCorpus(numbered(300))
    stop_early(store, corpus)
    with monkeypatch.context() as older:
        older.setattr(manifests, "BUILDING_FORMAT", FORMAT)
        older.setattr(places, "BUILDING_FORMAT", FORMAT)
        assert encode(IndexStore(tmp_path), corpus).encoded == 300

    changed = MemoryCorpus(numbered(300), version="2")
    with monkeypatch.context() as older:
        older.setattr(places, "BUILDING_FORMAT", FORMAT)
        before = stop_early(store, changed).encoded
    assert before + encode(IndexStore(tmp_path), changed).encoded == 300  # what the older one left is gone on with


@pytest.mark.parametrize("change", ["documents", "precision"])
def test_a_partly_built_index_of_other_work_is_not_continued(change: str, store: IndexStore) -> None:
    stop_early(store, MemoryCorpus(numbered(300)))

    corpus = MemoryCorpus(numbered(300), version="2" if change == "documents" else "1")
    encoder = encode(store, corpus, precision="bf16" if change == "precision" else "fp32")

    assert encoder.encoded == 300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "damaged"),
        ('{"format": 1, "kind": "den', "damaged"),
        ('{"format": 99, "kind": {"a": 1}}', "foreign"),
        ('{"format": 0}', "foreign"),
        (None, "damaged"),
    ],
)
def test_an_unreadable_manifest_is_never_read_as_complete_and_is_built_again(
    text: str | None, expected: str, store: IndexStore, tmp_path: Path
) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)
    manifest = place(tmp_path, corpus) / "manifest.json"
    manifest.write_text(text) if text is not None else manifest.unlink()

    assert reason(store, corpus) == expected
    assert store.state(corpus.collection) == (False, ())
    assert encode(store, corpus).encoded == 30
    assert store.open_encoded("dense", corpus, _MODEL, "1", "fp32").documents == 30


def test_a_manifest_that_says_building_in_place_is_incomplete(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)
    path = place(tmp_path, corpus) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "state": "building"}))

    assert reason(store, corpus) == "incomplete"


def test_an_index_of_fewer_documents_than_its_manifest_counts_says_how_many(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)
    path = place(tmp_path, corpus) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "documents": 31}))
    with pytest.raises(NotBuilt) as caught:
        IndexStore(tmp_path).open_encoded("dense", corpus, _MODEL, "1", "fp32")
    assert caught.value.detail == "30 documents, where the manifest counts 31"


@pytest.mark.parametrize("damage", ["cut", "gone", "fewer"])
def test_files_that_do_not_match_the_manifest_are_damage_and_are_built_again(
    damage: str, store: IndexStore, tmp_path: Path
) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)
    home = place(tmp_path, corpus)
    if damage == "cut":
        os.truncate(home / "vectors-00000.f32", 100)
    elif damage == "gone":
        (home / "ids.jsonl").unlink()
    else:
        manifest = json.loads((home / "manifest.json").read_text())
        (home / "manifest.json").write_text(json.dumps({**manifest, "documents": 31}))
    fresh = IndexStore(tmp_path)

    assert reason(fresh, corpus) == "damaged"
    assert encode(fresh, corpus).encoded == 30
    assert fresh.open_encoded("dense", corpus, _MODEL, "1", "fp32").documents == 30


def test_an_index_that_another_process_rebuilt_is_opened_anew(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)
    old = store.open_encoded("dense", corpus, _MODEL, "1", "fp32")
    grown = MemoryCorpus(numbered(31), version="2")

    encode(IndexStore(tmp_path), grown)

    assert store.open_encoded("dense", grown, _MODEL, "1", "fp32").documents == 31
    assert len(old.search(_QUERY, 99)[0]) == 30


def test_state_lists_finished_models_and_nothing_else(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(numbered(30))
    assert store.state("unheard/of") == (False, ())
    encode(store, corpus)
    store.build_encoded("dense", corpus, "b/second", HashEncoder(), ignore_progress, CancelToken())
    (place(tmp_path, corpus).parent / "stray").mkdir()
    (place(tmp_path, corpus).parent / "file").touch()
    stop_early(store, MemoryCorpus(numbered(400), version="2"))

    assert store.state(corpus.collection) == (False, ("b/second", _MODEL))


def test_an_empty_corpus_is_refused_and_leaves_nothing(store: IndexStore, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="has no documents"):
        encode(store, MemoryCorpus([]))

    assert not list(tmp_path.iterdir())


def test_two_builders_build_once_and_the_second_waits(store: IndexStore, tmp_path: Path) -> None:
    corpus, tasks, encoder = MemoryCorpus(numbered(300)), [], HashEncoder()
    started, go_on = threading.Event(), threading.Event()

    class Slow(HashEncoder):
        def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
            started.set()
            assert go_on.wait(DEADLINE)
            return super().encode_documents(texts, cancel)

    def report(progress: Progress) -> None:
        tasks.append(progress.task)
        go_on.set()

    first = Slow()
    thread = threading.Thread(target=encode, args=(store, corpus, first))
    thread.start()
    assert started.wait(DEADLINE)
    IndexStore(tmp_path).build_encoded("dense", corpus, _MODEL, encoder, report, CancelToken())
    thread.join(DEADLINE)

    assert tasks == [f"Waiting for another process that builds the index of made-up for {_MODEL}"]
    assert (first.encoded, encoder.encoded) == (300, 0)


def test_a_killed_build_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with building("dense", tmp_path, documents=3000, stop=1500) as process:
        process.kill()
    corpus, store, encoder = MemoryCorpus(numbered(3000)), IndexStore(tmp_path), HashEncoder()
    with pytest.raises(NotBuilt, match="only partly built"):
        store.open_encoded("dense", corpus, "hash", "1", "fp32")

    store.build_encoded("dense", corpus, "hash", encoder, ignore_progress, CancelToken())

    assert 0 < encoder.encoded <= 2900
    [found] = store.open_encoded("dense", corpus, "hash", "1", "fp32").search(_QUERY, 3000)
    assert {doc.doc_id for doc in found} == {doc.id for doc in numbered(3000)}


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem) as caught:
        encode(IndexStore(tmp_path / "file"), MemoryCorpus(numbered(3)))

    assert "cannot be written" in caught.value.message


def test_closing_the_store_closes_what_it_opened(store: IndexStore) -> None:
    corpus = MemoryCorpus(numbered(30))
    encode(store, corpus)
    index = store.open_encoded("dense", corpus, _MODEL, "1", "fp32")

    store.close()

    with pytest.raises(Problem, match="closed"):
        index.search(_QUERY, 1)
    assert store.open_encoded("dense", corpus, _MODEL, "1", "fp32").documents == 30
