"""The token ids of a corpus on disk: built beside vectors and alone, found by what a text says, never half."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from zsr_tui.domain import Doc, Problem
from zsr_tui.files import locked_now
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress
from zsr_tui.retrieval import tokens as token_files
from zsr_tui.retrieval.disk import safe_name
from zsr_tui.retrieval.manifest import Manifest, read_manifest, write_manifest
from zsr_tui.retrieval.place import Place, begin
from zsr_tui.retrieval.problems import DamagedIndex
from zsr_tui.retrieval.store import IndexStore
from zsr_tui.scoring.models.catalogue import Recipe
from zsr_tui.scoring.models.documents import anserini_json
from zsr_tui.scoring.tokens.backend import Backend
from zsr_tui.scoring.tokens.documents import DocumentTokens
from zsr_tui.scoring.tokens.memory import Memory
from zsr_tui.scoring.tokens.store import TokenStore, digest
from zsr_tui.text import whole_characters

from .made_up import HashEncoder, MemoryCorpus, numbered

_DOCS = [*numbered(150), Doc("empty", "", ""), Doc("again", "number3", "shared colour3"), Doc("half", "", "\ud800 x")]


class Letters:
    """A tokenizer of letters; `texts` that it was asked for."""

    def __init__(self, size: int = 1 << 16, mark: str = "letters") -> None:
        self.texts: list[str] = []
        self.stop: CancelToken | None = None
        self.tokens = self.of(Recipe(), size, mark)

    def of(self, recipe: Recipe, size: int = 1 << 16, mark: str = "letters") -> DocumentTokens:
        return DocumentTokens(TokenStore(Backend(self.encode, None, size, mark), memory=Memory()), recipe)

    def encode(self, texts: list[str]) -> list[list[int]]:
        self.texts += texts
        if self.stop is not None and len(self.texts) >= 60:
            self.stop.cancel()
        return [[ord(letter) for letter in text] for text in texts]


@pytest.fixture
def store(tmp_path: Path) -> IndexStore:
    return IndexStore(tmp_path)


def build(store: IndexStore, corpus: MemoryCorpus, tokens: DocumentTokens, cancel: CancelToken | None = None) -> None:
    store.build_tokens(corpus, tokens, ignore_progress, cancel or CancelToken())


def encode(store: IndexStore, corpus: MemoryCorpus, letters: Letters, *, stop: int | None = None) -> None:
    encoder = HashEncoder(cancel_after=stop)
    encoder.document_tokens = letters.tokens
    store.build_encoded("dense", corpus, "hash", encoder, ignore_progress, CancelToken())


def assert_holds(store: IndexStore, corpus: MemoryCorpus, texts: Sequence[str]) -> None:
    ((mark, index),) = store.tokens(corpus)
    assert mark == Letters().tokens.store.fingerprint
    found = index.find([digest(text) for text in [*texts, "unknown"]])
    assert found[-1] is None
    for text, ids in zip(texts, found, strict=False):
        assert ids is not None
        assert ids.tolist() == [ord(letter) for letter in text]


def texts_of(docs: Sequence[Doc]) -> list[str]:
    return [whole_characters(doc.content) for doc in docs]


def folder(root: Path, corpus: MemoryCorpus, ending: str = "") -> Path:
    return root / safe_name(corpus.collection) / "tokens" / f"{Letters().tokens.store.fingerprint}{ending}"


def test_every_document_is_found_by_what_it_says(store: IndexStore, tmp_path: Path) -> None:
    corpus, letters = MemoryCorpus(_DOCS), Letters()
    assert store.tokens(corpus) == []
    told: list[Progress] = []
    store.build_tokens(corpus, letters.tokens, told.append, CancelToken())
    assert [f"{told[-1].task}: {words}" for words in told[-1].numbers()][:1] == [
        "Tokenising made-up: 153 of 153 documents"
    ]
    assert_holds(store, corpus, texts_of(_DOCS))
    assert_holds(IndexStore(tmp_path), corpus, texts_of(_DOCS))
    assert sorted(path.name for path in folder(tmp_path, corpus).iterdir()) == [
        "checks.json", "found.npy", "ids.bin", "manifest.json", "tokens.json",
    ]  # fmt: skip
    build(store, corpus, letters.tokens)
    assert len(letters.texts) == len(set(texts_of(_DOCS)))


@pytest.mark.parametrize(("size", "width"), [(1 << 16, 2), (1 << 17, 4)])
def test_ids_take_two_bytes_where_the_vocabulary_allows(
    store: IndexStore, tmp_path: Path, size: int, width: int
) -> None:
    corpus = MemoryCorpus([Doc("a", "", "abc")])
    build(store, corpus, Letters(size).tokens)
    assert (folder(tmp_path, corpus) / "ids.bin").stat().st_size == 3 * width
    assert_holds(store, corpus, ["abc"])


def test_texts_of_another_format_are_other_texts(store: IndexStore) -> None:
    docs = [Doc("a", "title", "text")]
    corpus, letters = MemoryCorpus(docs), Letters()
    build(store, corpus, letters.tokens)
    build(store, corpus, letters.of(Recipe(document_format="anserini-json")))
    found = [index.find([digest(anserini_json(docs[0])), digest("title text")]) for _, index in store.tokens(corpus)]
    assert sorted([[ids is not None for ids in each] for each in found]) == [[False, True], [True, False]]


def test_digests_that_begin_alike_are_told_apart(store: IndexStore, tmp_path: Path, monkeypatch: Any) -> None:
    def alike(text: str) -> bytes:
        return b"8 bytes." + digest(text)[8:]

    monkeypatch.setattr(token_files, "digest", alike)
    corpus = MemoryCorpus(_DOCS)
    build(store, corpus, Letters().tokens)
    ((_, index),) = store.tokens(corpus)
    for text in texts_of(_DOCS):
        (ids,) = index.find([alike(text)])
        assert ids is not None
        assert ids.tolist() == [ord(letter) for letter in text]
    assert index.find([alike("unknown"), b"\xff" * 16, b"\x00" * 16]) == [None] * 3


def test_what_was_stopped_is_never_read_and_goes_on(store: IndexStore, tmp_path: Path) -> None:
    corpus, letters = MemoryCorpus(_DOCS), Letters()
    letters.stop = CancelToken()
    with pytest.raises(Cancelled):
        build(store, corpus, letters.tokens, letters.stop)
    before = len(letters.texts)
    assert 60 <= before < 100
    assert store.tokens(corpus) == []
    again = Letters()
    build(IndexStore(tmp_path), corpus, again.tokens)
    assert before + len(again.texts) <= len(_DOCS)
    assert_holds(store, corpus, texts_of(_DOCS))


def test_a_kill_costs_what_was_not_committed(store: IndexStore, tmp_path: Path) -> None:
    corpus, letters = MemoryCorpus(_DOCS), Letters()
    letters.stop = CancelToken()
    with pytest.raises(Cancelled):
        build(store, corpus, letters.tokens, letters.stop)
    for name in ("ids.bin", "lengths.i32", "digests.bin"):
        with (folder(tmp_path, corpus, ".building") / name).open("ab") as file:
            file.write(b"left behind the last commit")
    build(store, corpus, Letters().tokens)
    assert_holds(store, corpus, texts_of(_DOCS))


@pytest.mark.parametrize("harm", ["shorter", "gone", "other kind", "no counts"])
def test_a_folder_that_cannot_be_continued_is_begun_anew(store: IndexStore, tmp_path: Path, harm: str) -> None:
    corpus, letters = MemoryCorpus(_DOCS), Letters()
    letters.stop = CancelToken()
    with pytest.raises(Cancelled):
        build(store, corpus, letters.tokens, letters.stop)
    building = folder(tmp_path, corpus, ".building")
    if harm == "shorter":
        (building / "ids.bin").write_bytes(b"12")
    elif harm == "gone":
        (building / "digests.bin").unlink()
    elif harm == "other kind":
        counts = building / "tokens.json"
        counts.write_text(counts.read_text().replace("<u2", "<i4"))
    else:
        (building / "tokens.json").write_text("{")
    build(store, corpus, Letters().tokens)
    assert_holds(store, corpus, texts_of(_DOCS))


@pytest.mark.parametrize("harm", ["stale", "building", "counts", "found", "ids"])
def test_what_is_stale_unfinished_or_damaged_is_not_read(store: IndexStore, tmp_path: Path, harm: str) -> None:
    corpus = MemoryCorpus(_DOCS)
    build(store, corpus, Letters().tokens)
    place = folder(tmp_path, corpus)
    if harm == "stale":
        corpus.version = "2"
    elif harm == "building":
        manifest = read_manifest(place)
        assert manifest is not None
        write_manifest(place, Manifest("tokens", manifest.collection, manifest.fingerprint))
    elif harm == "counts":
        (place / "tokens.json").write_text('{"documents": 1, "ids": 2, "kind": "<u2"}')
    elif harm == "found":
        (place / "found.npy").write_bytes((place / "found.npy").read_bytes()[:-8])
    else:
        (place / "ids.bin").write_bytes(b"")
    fresh = IndexStore(tmp_path)
    assert fresh.tokens(corpus) == []
    build(fresh, corpus, Letters().tokens)
    assert_holds(fresh, corpus, texts_of(_DOCS))


def test_a_folder_that_lost_its_counts_says_so(store: IndexStore, tmp_path: Path) -> None:
    corpus = MemoryCorpus(_DOCS)
    build(store, corpus, Letters().tokens)
    place = folder(tmp_path, corpus)
    (place / "tokens.json").unlink()
    with pytest.raises(DamagedIndex) as caught:
        token_files.TokenIndex(place)
    assert caught.value.message == f"The token ids in {place} cannot be read: {place / 'tokens.json'} is missing."


def test_ids_that_were_found_outlive_their_index(store: IndexStore) -> None:
    corpus = MemoryCorpus(_DOCS)
    build(store, corpus, Letters().tokens)
    ((_, index),) = store.tokens(corpus)
    (ids,) = index.find([digest(texts_of(_DOCS)[5])])
    corpus.version = "2"
    build(store, corpus, Letters().tokens)
    assert ids is not None
    assert "".join(map(chr, ids)) == texts_of(_DOCS)[5]
    assert len(index.find([digest("x")])) == 1


class TestBesideVectors:
    def test_what_the_encoder_reads_is_kept(self, store: IndexStore) -> None:
        corpus, letters = MemoryCorpus(_DOCS), Letters()
        encode(store, corpus, letters)
        assert_holds(store, corpus, texts_of(_DOCS))
        before = len(letters.texts)
        build(store, corpus, letters.tokens)
        assert len(letters.texts) == before

    @pytest.mark.parametrize("behind", ["alike", "ahead", "lost"])
    def test_both_go_on_together(self, store: IndexStore, tmp_path: Path, behind: str) -> None:
        corpus = MemoryCorpus(_DOCS)
        with pytest.raises(Cancelled):
            encode(store, corpus, Letters(), stop=20)
        building = folder(tmp_path, corpus, ".building")
        assert 0 < token_files._continued(building, "<u2").documents < len(_DOCS)
        if behind == "ahead":
            stopped = Letters()
            stopped.stop = CancelToken()
            with pytest.raises(Cancelled):
                build(store, corpus, stopped.tokens, stopped.stop)
        elif behind == "lost":
            (building / "tokens.json").unlink()
        encode(IndexStore(tmp_path), corpus, Letters())
        assert store.open_encoded("dense", corpus, "hash", "1", "fp32").documents == len(_DOCS)
        assert_holds(store, corpus, texts_of(_DOCS))

    def test_a_full_disk_costs_the_ids_and_not_the_vectors(
        self,
        store: IndexStore,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        corpus = MemoryCorpus(_DOCS)
        monkeypatch.setattr(token_files.Writer, "append", full)
        encode(store, corpus, Letters())
        assert store.open_encoded("dense", corpus, "hash", "1", "fp32").documents == len(_DOCS)
        assert store.tokens(corpus) == []
        place = folder(tmp_path, corpus, ".building")
        assert not place.exists()
        assert f"token ids are not kept in {place}: [Errno 28] No space left on device" in caplog.messages

    def test_a_folder_that_cannot_be_made_costs_the_ids_and_not_the_vectors(
        self, store: IndexStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(place: Place[Any]) -> None:
            if place.wanted.kind == "tokens":
                raise OSError(errno.EACCES, "Permission denied")
            begin(place)

        corpus = MemoryCorpus(_DOCS)
        monkeypatch.setattr("zsr_tui.retrieval.store.begin", refused)
        encode(store, corpus, Letters())
        assert store.open_encoded("dense", corpus, "hash", "1", "fp32").documents == len(_DOCS)
        assert store.tokens(corpus) == []

    def test_another_process_that_writes_them_is_left_alone(self, store: IndexStore, tmp_path: Path) -> None:
        corpus = MemoryCorpus(_DOCS)
        with locked_now(folder(tmp_path, corpus).with_name(f".{folder(tmp_path, corpus).name}.lock")) as mine:
            assert mine
            encode(store, corpus, Letters())
        assert store.open_encoded("dense", corpus, "hash", "1", "fp32").documents == len(_DOCS)
        assert store.tokens(corpus) == []


def test_a_full_disk_is_one_sentence(store: IndexStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(token_files.Writer, "append", full)
    with pytest.raises(Problem, match="The token index of made-up does not fit on the disk"):
        build(store, MemoryCorpus(_DOCS), Letters().tokens)
