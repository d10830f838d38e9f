"""Zip archives in BEIR layout."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.unit.corpora.conftest import Write
from zsr_tui import outside
from zsr_tui.corpora import normalise, open_corpus
from zsr_tui.corpora import problems as errors
from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled, CancelToken, Progress


def pack(folder: Path, target: Path, prefix: str = "", **extra: str) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"{prefix}{file.relative_to(folder)}")
        for name, text in extra.items():
            archive.writestr(name, text)
    return target


@pytest.mark.parametrize("prefix", ["", "top/"], ids=["at the top", "in a folder"])
def test_an_archive_reads_like_its_folder(write: Write, tmp_path: Path, prefix: str) -> None:
    folder = write()
    path = pack(
        folder, tmp_path / "corpus.zip", prefix, **{"__MACOSX/corpus.jsonl": "", f"{prefix}qrels/._test.tsv": ""}
    )
    corpus = open_corpus(str(path))
    assert (corpus.id, corpus.collection) == (str(path), str(path))
    assert list(corpus.iter_docs()) == list(open_corpus(str(folder)).iter_docs())
    assert corpus.judgments("q1") == {"d1": 2, "d2": 0}
    assert corpus.fingerprint() == open_corpus(str(folder)).fingerprint()


def test_splits_of_an_archive(write: Write, tmp_path: Path) -> None:
    path = pack(write(dev="q1\td1\t1\n", test="q2\td3\t1\n"), tmp_path / "c.zip", "c/")
    assert normalise(f"{path}:dev") == f"{path}:dev"
    assert normalise(f"{path}:test") == str(path)
    assert [query.id for query in open_corpus(f"{path}:dev").queries()] == ["q1"]


def test_it_is_unpacked_once_and_anew_when_it_changes(write: Write, tmp_path: Path, fresh: Path) -> None:
    path = pack(write(), tmp_path / "c.zip")
    first = open_corpus(str(path))
    reports: list[Progress] = []
    assert open_corpus(str(path), reports.append).doc_count() == 3
    assert reports == []
    pack(write([{"_id": "n", "text": "new"}]), path)
    assert [doc.id for doc in open_corpus(str(path)).iter_docs()] == ["n"]
    assert first.fingerprint() != open_corpus(str(path)).fingerprint()
    assert len(list((fresh / "cache" / "unpacked").rglob("corpus.jsonl"))) == 1  # the old one is gone


def test_a_cancelled_unpacking_leaves_nothing(write: Write, tmp_path: Path, fresh: Path) -> None:
    path = pack(write([{"_id": f"d{n}", "text": "x" * 1000} for n in range(3000)]), tmp_path / "c.zip")
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        open_corpus(str(path), lambda _: cancel.cancel(), cancel)
    assert list(fresh.rglob("*.jsonl")) == []
    assert open_corpus(str(path)).doc_count() == 3000


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../corpus.jsonl", id="parent"),
        pytest.param("../../etc/evil", id="several parents"),
        pytest.param("/corpus.jsonl", id="absolute"),
        pytest.param("a/../../corpus.jsonl", id="parents in the middle"),
        pytest.param("..\\x", id="backslash"),
    ],
)
def test_members_outside_the_archive(write: Write, tmp_path: Path, name: str) -> None:
    path = pack(write(), tmp_path / "c.zip", **{name: "{}"})
    with pytest.raises(Problem, match="points outside the archive"):
        open_corpus(str(path))
    assert not (tmp_path.parent / "etc").exists()


def test_a_truncated_archive(write: Write, tmp_path: Path) -> None:
    path = pack(write(), tmp_path / "c.zip")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Problem, match="neither a folder nor a complete zip archive"):
        open_corpus(str(path))


def test_damaged_contents(write: Write, tmp_path: Path, fresh: Path) -> None:
    path = pack(write([{"_id": f"d{n}", "text": f"{n} words"} for n in range(300)]), tmp_path / "c.zip")
    content = bytearray(path.read_bytes())
    content[200:300] = bytes(100)
    path.write_bytes(bytes(content))
    with pytest.raises(Problem, match="is damaged"):
        open_corpus(str(path))
    assert list(fresh.rglob("corpus.jsonl")) == []


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        pytest.param(6, b"\x63\0", "neither a folder nor a complete zip archive", id="a version that nobody knows"),
        pytest.param(8, b"\x01\0", "cannot be unpacked", id="encrypted"),
        pytest.param(10, b"\x61\0", "cannot be unpacked", id="a compression that nobody knows"),
        pytest.param(46, b"\xff", "neither a folder nor a complete zip archive", id="a name that is no UTF-8"),
    ],
)
def test_an_archive_whose_directory_is_damaged_is_one_sentence(
    write: Write, tmp_path: Path, place: int, value: bytes, said: str
) -> None:
    path = pack(write(), tmp_path / "c.zip")
    content = bytearray(path.read_bytes())
    begin = content.index(b"PK\x01\x02")
    content[begin + 9] |= 8 if value == b"\xff" else 0  # names are UTF-8
    content[begin + place : begin + place + len(value)] = value
    local = {8: 6, 10: 8}.get(place)
    if local is not None:
        content[local : local + len(value)] = value
    path.write_bytes(bytes(content))
    with pytest.raises(Problem, match=said):
        open_corpus(str(path))


def test_a_damaged_archive_of_another_compression_is_one_sentence(write: Write, tmp_path: Path, fresh: Path) -> None:
    folder, path = write([{"_id": f"d{n}", "text": f"{n} words"} for n in range(300)]), tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, file.relative_to(folder))
    content = bytearray(path.read_bytes())
    begin = content.index(b"corpus.jsonl") + len(b"corpus.jsonl")
    content[begin + 4 : begin + 60] = bytes(56)
    path.write_bytes(bytes(content))
    with pytest.raises(Problem, match="is damaged"):
        open_corpus(str(path))


def test_too_little_space(write: Write, tmp_path: Path, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(write(), tmp_path / "c.zip")
    monkeypatch.setattr(errors.shutil, "disk_usage", lambda _: type("usage", (), {"free": 10}))
    with pytest.raises(Problem, match=r"too full to unpack c\.zip"):
        open_corpus(str(path))
    assert list(fresh.rglob("*.jsonl")) == []


def test_what_is_not_a_corpus(tmp_path: Path, write: Write) -> None:
    text = tmp_path / "notes.bin"
    text.write_text("hello")
    with pytest.raises(Problem, match="neither a folder nor a complete zip archive") as caught:
        open_corpus(str(text))
    assert caught.value.usage
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with pytest.raises(Problem, match=r"holds no corpus\.jsonl"):
        open_corpus(str(tmp_path / "empty.zip"))
    both = pack(write(), tmp_path / "both.zip", "a/", **{"b/corpus.jsonl": "{}"})
    with pytest.raises(Problem, match="holds 2 corpora") as caught:
        open_corpus(str(both))
    assert caught.value.usage


def test_an_archive_that_unpacks_to_far_more_than_it_is_is_refused_and_leaves_nothing(
    write: Write, tmp_path: Path, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "UNPACKED", 10_000)
    path = pack(write(), tmp_path / "c.zip", **{"qrels/train.tsv": "q1\td1\t1\n" * 30_000})
    with pytest.raises(Problem, match="unpacks to more than 100 times its size"):
        open_corpus(str(path))
    assert not list((fresh / "cache").rglob("*.tsv"))
    assert open_corpus(str(pack(write(), path))).doc_count() == 3


def test_what_an_archive_unpacks_to_is_not_kept_where_it_is_no_corpus(
    write: Write, tmp_path: Path, fresh: Path
) -> None:
    path = tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("corpus.jsonl", "[" * 100_000)
    with pytest.raises(Problem, match=r"corpus\.jsonl, line 1: not valid JSON"):
        open_corpus(str(path))
    assert not list((fresh / "cache").rglob("corpus.jsonl"))
