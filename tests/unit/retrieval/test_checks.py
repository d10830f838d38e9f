"""A bit that the disk has lost is noticed, whichever it is, and the index is built again, which is said."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

import numpy as np
import pytest

from tests.waiting import wait_for
from zsr_tui.pipeline import Kind
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval import checks, damaged, store
from zsr_tui.retrieval.problems import NotBuilt
from zsr_tui.retrieval.store import IndexStore

from .made_up import HashEncoder, MemoryCorpus, SparseHashEncoder, numbered

_CORPUS = MemoryCorpus(numbered(60))
_ENCODERS: dict[Kind, type[HashEncoder]] = {"dense": HashEncoder, "sparse": SparseHashEncoder}
_QUERY = np.ones((1, 8), dtype=np.float32)


def built(root: Path, kind: Kind) -> tuple[HashEncoder, str]:
    """Who has encoded, if somebody had to, and what was said."""
    encoder = _ENCODERS[kind]()
    said = IndexStore(root).build_encoded(kind, _CORPUS, "hash", encoder, ignore_progress, CancelToken())
    return encoder, said


def found(index_store: IndexStore, kind: Kind) -> list[str]:
    index = index_store.open_encoded(kind, _CORPUS, "hash", "1", "fp32")
    return [scored.doc_id for scored in index.search(_QUERY, 10)[0]]


def flip(path: Path, rnd: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[rnd.randrange(len(data))] ^= 1 << rnd.randrange(8)
    path.write_bytes(data)


def files(root: Path) -> list[Path]:
    """Of the only index, those that are compared, and what they are compared with."""
    return sorted(path for path in root.rglob("*") if path.is_file() and path.suffix not in (".lock", "") and
                  path.name != "manifest.json")  # fmt: skip


def test_a_name_among_the_checks_that_is_no_text_any_more_is_damage(tmp_path: Path) -> None:
    built(tmp_path, "dense")
    (place,) = tmp_path.rglob(checks.NAME)
    place.write_bytes(place.read_bytes().replace(b"vectors", b"\xf6ectors"))  # the highest bit of a letter
    assert str(place) in checks.damage(place.parent)
    encoder, said = built(tmp_path, "dense")
    assert encoder.encoded == 60
    assert "damaged" in said


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_a_flipped_bit_of_any_file_makes_it_damaged_and_it_is_built_again(tmp_path: Path, kind: Kind) -> None:
    built(tmp_path, kind)
    whole, rnd = found(IndexStore(tmp_path), kind), random.Random(7)
    names = [path.relative_to(tmp_path) for path in files(tmp_path)]
    assert len(names) >= 4
    for name in names:
        flip(tmp_path / name, rnd)
        with pytest.raises(NotBuilt, match=r"is damaged: `zsr-tui index .*` builds it again\.") as failure:
            found(IndexStore(tmp_path), kind)
        assert str(name.parent) in failure.value.detail
        encoder, said = built(tmp_path, kind)
        assert encoder.encoded == 60, name
        assert said.endswith("of made-up for hash was damaged and has been built again.")
        assert found(IndexStore(tmp_path), kind) == whole
    assert built(tmp_path, kind)[1] == ""


def test_a_large_index_is_compared_behind_the_first_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(tmp_path, "dense")
    flip(next(tmp_path.rglob("vectors-*.f32")), random.Random(7))
    monkeypatch.setattr(store, "COMPARED_AT_ONCE", 0)
    index_store = IndexStore(tmp_path)
    assert len(found(index_store, "dense")) == 10

    def noticed() -> bool:
        try:
            found(index_store, "dense")
        except NotBuilt as problem:
            return problem.reason == "damaged"
        return False

    wait_for(noticed)
    with pytest.raises(NotBuilt, match="is damaged") as caught:  # the next process need not look
        found(IndexStore(tmp_path), "dense")
    assert caught.value.detail.endswith("was not as it was written")


def test_all_indexes_are_looked_through(tmp_path: Path) -> None:
    for kind in _ENCODERS:
        built(tmp_path, kind)
    assert list(damaged.below(tmp_path)) == [("dense of made-up for hash", ""), ("sparse of made-up for hash", "")]
    flip(next(tmp_path.rglob("postings-*.weights.npy")), random.Random(7))
    (_, dense), (_, sparse) = damaged.below(tmp_path)
    assert (dense, "weights.npy is not as it was written, from byte 0" in sparse) == ("", True)
    assert list(damaged.below(tmp_path)) == [("dense of made-up for hash", "")]  # what is damaged is no index any more


def test_all_indexes_are_looked_through_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in _ENCODERS:
        built(tmp_path, kind)
    opened = os.open

    def protected(path: Path, flags: int, *mode: int, **more: int) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, flags, *mode, **more)

    monkeypatch.setattr("os.open", protected)  # permissions do not bind the super-user
    assert list(damaged.below(tmp_path)) == [("dense of made-up for hash", ""), ("sparse of made-up for hash", "")]
    flip(next(tmp_path.rglob("vectors-*.f32")), random.Random(7))
    (_, dense), (_, sparse) = damaged.below(tmp_path)
    assert "is not as it was written, from byte 0; it cannot be marked as damaged (Read-only file system)" in dense
    assert sparse == ""


def test_what_others_leave_in_a_folder_is_no_part_of_its_index(tmp_path: Path) -> None:
    (tmp_path / "ids.jsonl").write_bytes(b"whole")
    (tmp_path / ".DS_Store").write_bytes(b"of a file manager")
    checks.write_checks(tmp_path)
    (tmp_path / ".DS_Store").unlink()
    assert checks.damage(tmp_path) == ""
    assert checks.size(tmp_path) == len(b"whole")


def test_no_flip_of_many_blocks_escapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_BLOCK", 64)
    rnd = random.Random(7)
    (tmp_path / "lucene").mkdir()
    for name in ("lucene/_0.cfs", "lucene/segments_1", "ids.jsonl"):
        (tmp_path / name).write_bytes(rnd.randbytes(1000))
    checks.write_checks(tmp_path)
    for name in ["lucene/_0.cfs", "lucene/segments_1", "ids.jsonl"] * 40:
        whole = (tmp_path / name).read_bytes()
        flip(tmp_path / name, rnd)
        assert f"{name} is not as it was written" in checks.damage(tmp_path)
        (tmp_path / name).write_bytes(whole)
    (tmp_path / "ids.jsonl").write_bytes(b"short")
    assert "longer or shorter" in checks.damage(tmp_path)
    (tmp_path / "ids.jsonl").unlink()
    assert "ids.jsonl" in checks.damage(tmp_path)
