"""What systems do in different ways, shown by the one that runs the tests."""

from __future__ import annotations

import errno
import os
import socket
import struct
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from zsr_tui import files, machine
from zsr_tui.caller import Bounds
from zsr_tui.corpora.layout import find_layout
from zsr_tui.domain import Problem
from zsr_tui.engine import sent
from zsr_tui.engine.serving import listening
from zsr_tui.engine.serving.door import by_user
from zsr_tui.engine.serving.tokens import Tokens


@pytest.fixture
def as_windows(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """No locks, and files that cannot be removed or replaced while they are open: those that the set names."""
    opened: set[Path] = set()
    unlink, replace = Path.unlink, os.replace

    def refusing(path: Path, missing_ok: bool = False) -> None:
        if path in opened:
            raise PermissionError(errno.EACCES, "it is open", str(path))
        unlink(path, missing_ok)

    def not_over(new: Path, place: Path) -> None:
        if place in opened:
            raise PermissionError(errno.EACCES, "it is open", str(place))
        replace(new, place)

    monkeypatch.setattr(machine, "fcntl", None)
    monkeypatch.setattr(machine, "OPEN_FILES_STAY", True)
    monkeypatch.setattr(Path, "unlink", refusing)
    monkeypatch.setattr(files.os, "replace", not_over)
    return opened


def test_what_is_open_is_in_use_where_there_are_no_locks(as_windows: set[Path], tmp_path: Path) -> None:
    written = files.Unfinished(tmp_path / "report")
    (part,) = tmp_path.iterdir()
    as_windows.add(part)
    assert not files.remove_part(part)
    as_windows.clear()
    assert files.remove_part(part)
    written.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_somebody_reads_is_replaced_when_it_is_read(
    as_windows: set[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "settings"
    files.write_whole(place, b"old")
    as_windows.add(place)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            as_windows.clear()

    monkeypatch.setattr(files, "time", SimpleNamespace(sleep=wait, time=time.time))
    files.write_whole(place, b"new")
    assert (place.read_bytes(), len(waits)) == (b"new", 3)
    as_windows.add(place)
    monkeypatch.setattr(files.time, "sleep", lambda _: None)
    with pytest.raises(PermissionError):  # somebody keeps it open
        files.write_whole(place, b"newer")
    assert place.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [place]


def test_without_locks_a_young_file_may_be_in_use_and_an_old_one_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "fcntl", None)
    written = files.Unfinished(tmp_path / "report")
    (part,) = tmp_path.iterdir()
    assert not files.remove_part(part)
    os.utime(part, (0, time.time() - 4000))
    assert files.remove_part(part)
    written.discard()


def test_serving_on_a_socket_says_what_to_do_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "UNIX_SOCKETS", False)
    with pytest.raises(Problem, match="no Unix sockets to listen at: give --listen"):
        listening.open_unix(None, 0o600)
    with pytest.raises(OSError, match="no Unix sockets"):
        machine.unix_socket()


class End(socket.socket):
    """Of a Unix socket on another system: `told` is what it says of who is at the other end."""

    told: bytes | None = b""

    def getsockopt(self, *asked: int) -> bytes:  # type: ignore[override]
        assert asked == (0, 1, 76)  # SOL_LOCAL, LOCAL_PEERCRED and sizeof(struct xucred) of macOS and FreeBSD
        if self.told is None:
            raise OSError(errno.ENOTCONN, "it has gone")
        return self.told


@pytest.mark.parametrize(
    ("told", "who"),
    [
        pytest.param(struct.pack("=IIh2x16I", 0, 501, 1, 20, *[0] * 15), (501, 0), id="a user"),
        pytest.param(struct.pack("=IIh2x16I", 7, 501, 1, 20, *[0] * 15), None, id="of another version"),
        pytest.param(b"", None, id="one that has gone"),
        pytest.param(None, None, id="one that cannot be asked"),
    ],
)
def test_who_connects_to_a_unix_socket_is_read_as_macos_says_it(
    monkeypatch: pytest.MonkeyPatch, told: bytes | None, who: tuple[int, int] | None
) -> None:
    monkeypatch.setattr(machine, "PEERS", "xucred")
    with End(socket.AF_UNIX) as end:
        end.told = told
        assert machine.peer(end) == who


def test_where_nobody_says_who_connects_an_engine_for_several_wants_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = socket.socketpair()
    with one, other:
        assert machine.peer(one) == (os.getuid(), os.getpid())
        monkeypatch.setattr(machine, "PEERS", "")
        assert machine.peer(one) is None
    with pytest.raises(Problem, match="does not say which user connects to a Unix socket: give --token-file"):
        by_user(Bounds())


def test_a_user_without_an_account_has_a_name() -> None:
    assert machine.account(os.getuid())
    assert machine.account(3_999_999_999) == "uid-3999999999"


@pytest.mark.parametrize("text", ["/a", "./a", "../a", "~", ".", ".."])
@pytest.mark.parametrize("windows", [True, False])
def test_what_only_a_path_begins_with(text: str, windows: bool) -> None:
    assert machine.begins_as_path(text, windows=windows)


@pytest.mark.parametrize(
    "text",
    ["C:\\corpus", "d:/corpus", ".\\corpus", "..\\corpus", "\\\\server\\share"],
    ids=["drive", "drive and slash", "here", "above", "share"],
)
def test_windows_has_paths_of_its_own(text: str) -> None:
    assert machine.begins_as_path(text, windows=True)
    assert not machine.begins_as_path(text, windows=False)


@pytest.mark.parametrize(
    "text",
    ["demo", "beir/scifact/test", "hf:org/name", "package:import/folder", "bm25", ""],
    ids=["demo", "set", "hub", "package", "system", "nothing"],
)
def test_names_are_no_paths(text: str) -> None:
    assert not machine.begins_as_path(text, windows=True)


@pytest.mark.parametrize(
    "name",
    ["con", "NUL.run", "com1", "lpt9.a.b", "aux .txt", "a:b", "a.", "a ", "a?", "a\\b", "a/b", "a<b", "a\nb"],
    ids=["con", "NUL.run", "com1", "lpt9.a.b", "aux and a space", "colon", "point at the end", "space at the end",
         "question mark", "backslash", "slash", "less than", "line break"],
)  # fmt: skip
def test_names_that_windows_gives_to_no_file(name: str) -> None:
    assert not machine.names_a_file(name, windows=True)
    assert machine.names_a_file(name, windows=False)


@pytest.mark.parametrize(
    "name",
    [
        "cone",
        "a.con",
        "com0",
        "com10.txt",
        ".nul",
        "_con.run",
        "console.log",
        pytest.param("é 中.csv", id="other letters"),
    ],
)
def test_names_that_every_system_gives_to_files(name: str) -> None:
    assert machine.names_a_file(name, windows=True)
    assert machine.file_name(name) == name


@pytest.mark.parametrize("name", ["con", "NUL.1f0c2d3e", "com1.v2-1f0c2d3e"])
def test_a_name_that_we_make_is_no_device(name: str) -> None:
    assert machine.names_a_file(machine.file_name(name), windows=True)
    assert machine.file_name(name).endswith(name)


def test_names_that_come_with_files_are_refused_where_no_file_can_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "names_a_file", partial(machine.names_a_file, windows=True))
    with ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("corpus.jsonl", "{}")
        archive.writestr("qrels/aux.tsv", "")
    with pytest.raises(Problem, match=r"c\.zip has a member whose name no file can have on this system \(qrels/aux"):
        find_layout(tmp_path / "c.zip")
    tokens = tmp_path / "tokens"
    tokens.write_text(f"con {'0' * 20}")
    tokens.chmod(0o600)
    with pytest.raises(Problem, match="line 1: no folder can be named con on this system: choose another name"):
        Tokens(tokens)
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    answer = TestClient(Starlette(routes=sent.routes())).post("/files/a:b", content=b"x")
    assert "no file can be named 'a:b' on the engine's machine: give yours another name" in answer.text
    assert not list(tmp_path.rglob("a*b"))
