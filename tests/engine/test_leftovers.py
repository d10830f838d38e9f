"""What killed processes have left goes when an engine starts; what somebody has, or can go on with, stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zsr_tui import paths
from zsr_tui.engine import leftovers
from zsr_tui.files import Unfinished, locked, write_whole
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.disk import lock_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def killed(path: Path, **kwargs: Path) -> Path:
    """The temporary file of somebody who was killed while writing it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Unfinished(path, **kwargs)
    unfinished.file.close()  # as the operating system does
    os.utime(unfinished._part, (0, 0))  # so long ago that a system without locks knows it, too
    return unfinished._part


def test_temporary_files_go_wherever_they_are(home: Path, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    dead = [
        killed(paths.data_dir() / "evaluations" / "e1" / "spec.json"),
        killed(paths.cache_dir() / "offsets" / "x"),
        killed(paths.indexes_dir() / "demo" / "bm25" / "manifest.json"),
        killed(reports / "r.html", noted_in=paths.unfinished_dir()),
    ]
    somebodys = reports / ".mine.part"
    somebodys.touch()
    writing = Unfinished(reports / "w.html", noted_in=paths.unfinished_dir())
    leftovers.remove()
    assert [each for each in dead if each.exists()] == []
    assert somebodys.exists()
    writing.file.write(b"whole")
    writing.finish()
    writing.discard()
    assert (reports / "w.html").read_bytes() == b"whole"
    assert list(paths.unfinished_dir().iterdir()) == []


def test_a_write_that_ends_leaves_no_note(tmp_path: Path) -> None:
    write_whole(tmp_path / "r.html", b"x", noted_in=paths.unfinished_dir())
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "no" / "r.html", b"x", noted_in=paths.unfinished_dir())
    assert list(paths.unfinished_dir().iterdir()) == []


@pytest.mark.parametrize(
    "place", ["bm25", "bm25-de", "dense/model/fp32", "approximate/model/fp32-hnsw", "tokens/wordpiece"]
)
def test_a_replaced_index_goes_unless_somebody_builds_or_it_is_all_there_is(place: str) -> None:
    folder = paths.indexes_dir() / "demo-12" / place
    old = folder.with_name(f"{folder.name}.old")
    old.mkdir(parents=True)
    leftovers.remove()
    assert old.exists()  # a kill between two renames: the next build puts it right
    folder.mkdir()
    building = folder.with_name(f"{folder.name}.building")
    building.mkdir()
    with locked(lock_of(folder), CancelToken()):
        leftovers.remove()
        assert old.exists()
    leftovers.remove()
    assert not old.exists()
    assert folder.exists()
    assert building.exists()


@pytest.mark.parametrize(
    ("folder", "half", "lock", "whole"),
    [
        ("cache/unpacked/3f2a", "half/corpus.jsonl", "../3f2a.lock", "300-1/corpus.jsonl"),
        ("cache/offsets", "3f2a.half", "3f2a.lock", "3f2a-300-1-v1.sqlite"),
        ("cache/offsets", "3f2a.half-journal", "3f2a.lock", "3f2a-300-1-v1.sqlite"),
        ("pyserini/indexes", ".index.0c4f.half/segments_1", ".index.0c4f.lock", "index.0c4f/segments_1"),
    ],
    ids=["an archive of a corpus", "a table of documents", "its journal", "a prebuilt index"],
)
def test_what_was_half_made_goes_unless_somebody_makes_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, folder: str, half: str, lock: str, whole: str
) -> None:
    monkeypatch.setenv("PYSERINI_CACHE", str(home / "pyserini"))
    place = home / folder
    for name in (half, whole):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(b"x")
    with locked((place / lock).resolve(), CancelToken()):
        leftovers.remove()
        assert (place / half).exists()
    leftovers.remove()
    assert not (place / half).exists()
    assert not (place / half.partition("/")[0]).exists()
    assert (place / whole).exists()


@pytest.mark.parametrize("of", [".", "callers/anna"], ids=["of the program", "of a caller"])
def test_an_evaluation_without_a_description_goes_when_it_is_old(of: str) -> None:
    root = paths.data_dir() / of / "evaluations"
    for name in ("whole", "young", "left"):
        (root / name).mkdir(parents=True)
        (root / name / "lists.log").touch()
    (root / "whole" / "spec.json").touch()
    for name in ("whole", "left"):
        for each in (root / name / "lists.log", root / name):
            os.utime(each, (0, 0))
    leftovers.remove()
    assert sorted(each.name for each in root.iterdir()) == ["whole", "young"]
