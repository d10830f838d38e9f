"""Files of others: only regular ones are read, and no more of one than it can honestly hold."""

from __future__ import annotations

import ast
import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

import zsr_tui
from zsr_tui import outside, paths, settings
from zsr_tui.commands import subset
from zsr_tui.corpora import download, open_corpus
from zsr_tui.corpora.fetch import md5_of
from zsr_tui.domain import Problem
from zsr_tui.evaluation.runs import read_run
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.scoring.models import checkpoint
from zsr_tui.ui import memory

PACKAGE = Path(zsr_tui.__file__).parent
Make = Callable[[Path], object]


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(path.parent)  # its path would be too long
        listener.bind(path.name)


KINDS: dict[str, Make] = {
    "a named pipe": os.mkfifo,
    "a socket": _socket,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": Path.mkdir,
}


def _corpus(place: Path, name: str) -> Path:
    """A folder in BEIR layout without the file `name`."""
    folder = place / "corpus"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text('{"_id": "d", "text": "t"}\n')
    (folder / name).unlink(missing_ok=True)
    return folder / name


READERS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], object]]] = {
    "a run file": (lambda place: place / "a.run", read_run),
    "queries": (lambda place: _corpus(place, "queries.jsonl"), lambda path: open_corpus(str(path.parent))),
    "judgments": (lambda place: _corpus(place, "qrels/test.tsv"), lambda path: open_corpus(str(path.parents[1]))),
    "an archive": (lambda place: place / "c.zip", lambda path: open_corpus(str(path))),
    "query ids": (lambda place: place / "ids", lambda path: subset.parse(f"ids:{path}")),
    "a model's settings": (lambda place: place / "config.json", checkpoint.read_json),
    "a model's folder": (lambda place: place / "config.json", lambda path: checkpoint.names_in(path.parent)),
    "a download": (lambda place: place / "z", lambda path: md5_of(path, "", ignore_progress, CancelToken())),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reader", READERS)
def test_only_a_file_is_read_where_a_file_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, kind: str
) -> None:
    if kind == "a folder" and reader in ("an archive", "a model's folder", "judgments"):
        return  # is one, or none of the judgments
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    place, read = READERS[reader]
    path = place(tmp_path)
    KINDS[kind](path)
    with pytest.raises((Problem, OSError)) as refused:
        read(path)
    message = str(refused.value)
    assert f"it is {kind} and not a file" in message or "neither a file nor a folder" in message


@pytest.mark.parametrize("name", ["queries.jsonl", "qrels/test.tsv"])
def test_links_that_lead_to_no_file_are_told_and_those_to_a_file_read(tmp_path: Path, name: str) -> None:
    path, elsewhere = _corpus(tmp_path, name), tmp_path / "elsewhere"
    path.symlink_to(path)
    with pytest.raises(Problem, match=r"^Too many levels of symbolic links while reading .*\)\.$"):
        open_corpus(str(tmp_path / "corpus"))
    path.unlink()
    path.symlink_to(elsewhere)
    with pytest.raises(Problem, match=r"^No such file or directory while reading .*\)\.$"):
        open_corpus(str(tmp_path / "corpus"))
    elsewhere.write_text('{"_id": "q", "text": "t"}\n' if name == "queries.jsonl" else "q\td\t2\n")
    corpus = open_corpus(str(tmp_path / "corpus"))
    assert len(corpus.queries()) == (name == "queries.jsonl")
    assert corpus.judgments("q") == ({} if name == "queries.jsonl" else {"d": 2})


@pytest.mark.parametrize("name", ["queries.jsonl", "qrels.tsv", "qrels/test.tsv"])
def test_a_pipe_beside_documents_of_another_format_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path / "home"))
    documents = tmp_path / "docs.csv"
    documents.write_text("id,text\nd,a text\n")
    download(str(documents), ignore_progress, CancelToken())
    (tmp_path / "qrels").mkdir()
    os.mkfifo(tmp_path / name)
    if name == "qrels.tsv":
        (tmp_path / "qrels").rmdir()
    with pytest.raises(Problem, match="it is a named pipe and not a file while reading"):
        open_corpus(str(documents))


def test_a_split_that_is_no_file_is_told_when_it_is_asked_for(tmp_path: Path) -> None:
    os.mkfifo(_corpus(tmp_path, "qrels/dev.tsv"))
    (tmp_path / "corpus" / "qrels" / "test.tsv").write_text("q\td\t2\n")
    assert open_corpus(str(tmp_path / "corpus")).judgments("q") == {"d": 2}
    with pytest.raises(Problem, match=r"it is a named pipe and not a file while reading dev\.tsv"):
        open_corpus(f"{tmp_path / 'corpus'}:dev")


def test_a_settings_file_that_is_a_pipe_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    os.mkfifo(paths.config_file())
    os.mkfifo(memory.memory_file())
    assert "it is a named pipe and not a file" in settings.load().complaints[0]
    assert "it is a named pipe and not a file" in memory.load()[1]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "UNPACKED", 10_000)
    monkeypatch.setattr(outside, "LONGEST_LINE", 1_000)


@pytest.mark.parametrize(
    "content", [b"q Q0 d 1 1.0 t\n" * 3000, b'{"q": {"d": 1.0}}' + b" " * 40_000], ids=["TREC", "ranx"]
)
def test_a_run_file_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path: Path, small: None, content: bytes) -> None:
    path = tmp_path / "bomb.run.gz"
    path.write_bytes(gzip.compress(content))
    assert path.stat().st_size * outside.RATIO < len(content)
    with pytest.raises(Problem, match="unpacks to more than 100 times its size"):
        read_run(path)
    path.write_bytes(gzip.compress(content[:9_000]))  # as packed, but small
    read_run(path)


def test_a_line_without_an_end_is_no_text(tmp_path: Path, small: None) -> None:
    path = tmp_path / "a.run"
    path.write_bytes(b"q Q0 d 1 1.0 t\n" + b"x" * 1_000)
    with pytest.raises(Problem, match=r"a\.run, line 2 has more than"):
        read_run(path)
    path.write_bytes(b"q Q0 d 1 1.0 " + b"t" * 986 + b"\n" + b"q Q0 e 1 1.0 t\n")  # as long as may be
    assert len(read_run(path).doc_ids) == 2


def test_a_file_that_is_read_whole_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "ids"
    path.write_bytes(b"a" * 100)
    assert outside.read(path, 100) == b"a" * 100
    with pytest.raises(OSError, match="larger than"):
        outside.read(path, 99)


# what reads files of our own making, or of an installed package
OWN = {
    "edge.py", "files.py", "plots/svg.py", "evaluation/report/page/rendering.py", "evaluation/published.py",
    "evaluation/stored.py", "evaluation/folder.py",
    "evaluation/logs.py", "retrieval", "scoring/devices.py", "scoring/models/remembered.py",
    "scoring/models/entries.py", "scoring/models/catalogue.py", "scoring/models/located.py",
    "corpora/remembered.py", "corpora/listing.py",
    "corpora/general.py", "corpora/catalogue.py", "corpora/beir.py", "corpora/groups.py", "corpora/imported.py",
    "web/server.py", "commands/listing.py",
}  # fmt: skip


def test_files_of_others_are_opened_in_one_place() -> None:
    found = set()
    for file in PACKAGE.rglob("*.py"):
        name = file.relative_to(PACKAGE).as_posix()
        if name == "outside.py" or name in OWN or name.split("/")[0] in OWN:
            continue
        text = file.read_text()
        if not any(f"{word}(" in text for word in ("open", "read_text", "read_bytes")):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and _opens(node):
                found.add(f"{name}, line {node.lineno}")
    assert found == set()


def _opens(call: ast.Call) -> bool:
    """Whether it opens a file by its path to read it."""
    called = call.func
    if isinstance(called, ast.Name):
        return called.id == "open"
    if not isinstance(called, ast.Attribute):
        return False
    owner = called.value.id if isinstance(called.value, ast.Name) else ""
    mode = next((each.value for each in call.args if isinstance(each, ast.Constant)), "")
    reads = called.attr == "open" and isinstance(mode, str) and mode.startswith("r") and owner != "os"
    return owner != "outside" and (reads or called.attr in ("read_text", "read_bytes"))
