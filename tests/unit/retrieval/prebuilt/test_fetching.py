"""A prebuilt index from a server on this machine: interrupted, gone on with, unpacked; and archives that are none."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from tests.unit.corpora.test_fetch import Server, server  # noqa: F401 - a fixture
from zsr_tui import outside
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress
from zsr_tui.retrieval.prebuilt import fetching, place
from zsr_tui.retrieval.prebuilt.lists import Prebuilt

CONTENT = os.urandom(300_000)


def packed(*members: tuple[str, bytes] | tarfile.TarInfo) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for each in members:
            info = each if isinstance(each, tarfile.TarInfo) else tarfile.TarInfo(each[0])
            data = b"" if isinstance(each, tarfile.TarInfo) else each[1]
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def special(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


INDEX = packed(special("lucene.x", tarfile.DIRTYPE), ("lucene.x/_0.cfs", CONTENT), ("lucene.x/segments_1", b"s"))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path))
    return tmp_path / "indexes"


def published(content: bytes, url: str = "http://127.0.0.1:1/lucene.x.tar.gz") -> Prebuilt:
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return Prebuilt("x", "inverted", "", "lucene.x.tar.gz", url, digest, len(content))


def test_a_download_goes_on_and_leaves_nothing_but_the_index(server: Server, cache: Path) -> None:  # noqa: F811
    server.content, server.cuts = INDEX, [100_000]
    index = published(INDEX, server.url)
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.task.startswith("Unpacking"):
            cancel.cancel()

    with pytest.raises(Cancelled):
        fetching.fetch(index, stop, cancel)
    assert server.asked == ["", "bytes=100000-"]  # it went on where the connection broke
    assert not place.is_here(index)
    folder = fetching.fetch(index, ignore_progress, CancelToken())
    assert len(server.asked) == 2  # what was downloaded was kept
    assert folder == cache / f"lucene.x.{index.md5}"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"_0.cfs": CONTENT, "segments_1": b"s"}
    assert [path.name for path in cache.iterdir() if not path.name.endswith(".lock")] == [folder.name]
    assert fetching.fetch(index, ignore_progress, CancelToken()) == folder


def test_an_archive_that_was_put_there_is_held_against_the_published_one(cache: Path) -> None:
    index = published(INDEX)
    cache.mkdir(parents=True)
    (cache / index.file).write_bytes(INDEX[:-5])
    with pytest.raises(
        Problem, match=r"is not the published file of x \(its md5 differs\): put the right one there, or delete it, and"
    ):
        fetching.fetch(index, ignore_progress, CancelToken())
    (cache / index.file).write_bytes(INDEX)
    assert fetching.fetch(index, ignore_progress, CancelToken()).is_dir()  # without a network


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (packed(("x/../../out", b"a")), "is no file of an index: it is not unpacked"),
        (packed(("/x/out", b"a")), "is no file of an index"),
        (packed((r"x/..\..\out", b"a")), "is no file of an index"),
        (packed(("x/a:b", b"a")), "is no file of an index"),
        (packed(("x/nul.cfs", b"a")), "is no file of an index"),
        (packed(("x/a", b"a"), special("x/link", tarfile.SYMTYPE, "/etc/passwd")), "'x/link', which is no file"),
        (packed(("x/a", b"a"), special("x/hard", tarfile.LNKTYPE, "x/a")), "'x/hard', which is no file"),
        (packed(special("x/pipe", tarfile.FIFOTYPE)), "'x/pipe', which is no file"),
        (packed(("x/a", b"a"), ("y/b", b"b")), "'y/b', which is no file"),
        (packed(("x/deep/a", b"a")), "'x/deep/a', which is no file"),
        (packed(special("x/deep", tarfile.DIRTYPE)), "'x/deep', which is no file"),
        (packed(("a", b"a")), "'a', which is no file"),
        (packed(("x/a", b"a"), ("x/a", b"b")), "holds two files of one name"),
        (packed(), "is empty: it is no index"),
        (b"no archive at all", "is damaged"),
        (INDEX[:-200], "is damaged"),
        (packed(("x/a", b"a"), ("x/b", b"b"), ("x/c", b"c")), "holds more than 2 files"),
        (packed(("x/zeros", bytes(1 << 20))), "unpacks to more than 100 times its size"),
    ],
    ids=["out of it", "absolute", "out of it on Windows", "a part of another", "a device",
         "symbolic link", "hard link", "pipe", "two folders", "deeper", "a folder inside", "no folder",
         "twice", "empty", "no archive", "cut off", "many files", "bomb"],
)  # fmt: skip
def test_what_holds_no_index_is_one_sentence_and_nothing_is_written(
    content: bytes, sentence: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_FILES", 2)
    monkeypatch.setattr(outside, "UNPACKED", 1 << 19)
    index = published(content)
    cache.mkdir(parents=True)
    (cache / index.file).write_bytes(content)
    with pytest.raises(Problem) as caught:
        fetching.fetch(index, ignore_progress, CancelToken())
    assert sentence in caught.value.message
    if "is damaged" in sentence or "which is no file" in sentence:
        assert caught.value.detail
    assert {path.name for path in cache.iterdir() if not path.name.startswith(".")} == {index.file}
    assert not [path for path in cache.parent.rglob("*") if path.name in ("out", "a", "link")]
