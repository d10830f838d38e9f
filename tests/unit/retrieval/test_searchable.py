"""What of a corpus can be searched, as its manifests alone say."""

from __future__ import annotations

from pathlib import Path

import pytest

from zsr_tui.pipeline import LARGE
from zsr_tui.progress import Cancelled, CancelToken, ignore_progress
from zsr_tui.retrieval.disk import safe_name
from zsr_tui.retrieval.manifest import Manifest, write_manifest
from zsr_tui.retrieval.problems import NotBuilt
from zsr_tui.retrieval.store import IndexStore

from .made_up import HashEncoder, MemoryCorpus, SparseHashEncoder, numbered

_MODEL = "hash"


def complete(folder: Path, manifest: Manifest) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_manifest(folder, manifest)


def test_vectors_and_weighted_terms_once_they_are_built(tmp_path: Path) -> None:
    store, corpus = IndexStore(tmp_path), MemoryCorpus(numbered(300))
    assert not store.searchable("made-up", "dense", _MODEL, "")
    with pytest.raises(Cancelled):
        store.build_encoded("dense", corpus, _MODEL, HashEncoder(cancel_after=1), ignore_progress, CancelToken())
    assert not store.searchable("made-up", "dense", _MODEL, "")
    store.build_encoded("dense", corpus, _MODEL, HashEncoder(), ignore_progress, CancelToken())
    assert store.searchable("made-up", "dense", _MODEL, "")
    assert store.searchable("made-up", "dense", _MODEL, "flat")
    assert not store.searchable("made-up", "dense", _MODEL, "hnsw")
    assert not store.searchable("made-up", "dense", "another", "")
    assert not store.searchable("another", "dense", _MODEL, "")
    assert not store.searchable("made-up", "sparse", _MODEL, "")
    store.build_encoded("sparse", corpus, _MODEL, SparseHashEncoder(), ignore_progress, CancelToken())
    assert store.searchable("made-up", "sparse", _MODEL, "")
    assert store.state("made-up") == (False, (_MODEL,))


def test_very_many_vectors_are_searched_approximately_and_so_need_what_does(tmp_path: Path) -> None:
    store, home, model = IndexStore(tmp_path), tmp_path / safe_name("made-up"), safe_name(_MODEL)
    for precision, documents in (("bf16", 30), ("fp32", LARGE)):
        manifest = Manifest("dense", "made-up", "1", "complete", documents, _MODEL, "1", precision)
        complete(home / "dense" / model / precision, manifest)
    assert store.searchable("made-up", "dense", _MODEL, "flat")
    assert not store.searchable("made-up", "dense", _MODEL, "")
    made = Manifest("approximate", "made-up", "1", "complete", LARGE, _MODEL, "1", "fp32", method="hnsw")
    complete(home / "approximate" / model / "fp32-hnsw", made)
    assert store.searchable("made-up", "dense", _MODEL, "")
    assert store.searchable("made-up", "dense", _MODEL, "hnsw")
    assert not store.searchable("made-up", "dense", _MODEL, "ivfpq")


def test_a_bm25_index_is_of_one_language(tmp_path: Path) -> None:
    store, home = IndexStore(tmp_path), tmp_path / safe_name("made-up")
    complete(home / "bm25-de", Manifest("bm25", "made-up", "1", "complete", 30, "de"))
    assert store.indexed("made-up", "de")
    assert not store.indexed("made-up", "fr")
    assert not store.indexed("made-up")
    complete(home / "bm25", Manifest("bm25", "made-up", "1", "complete", 30))
    assert store.indexed("made-up")
    assert store.state("made-up") == (True, ())


@pytest.mark.parametrize(("language", "what", "system"), [("", "", "bm25"), ("de", " (de)", "'bm25(language=de)'")])
def test_a_bm25_index_that_is_not_there_is_told_with_the_command_that_builds_it(
    tmp_path: Path, language: str, what: str, system: str
) -> None:
    with pytest.raises(NotBuilt) as caught:
        IndexStore(tmp_path).open_bm25(MemoryCorpus(numbered(3)), language)
    assert caught.value.message == (
        f"There is no BM25 index of made-up{what} yet: `zsr-tui index --dataset made-up --system {system}` builds it."
    )
