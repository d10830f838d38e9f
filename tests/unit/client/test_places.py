"""The folder of an engine's socket: short enough, its owner's alone, and gone when its owner is."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from zsr_tui import machine
from zsr_tui.client import places
from zsr_tui.client.places import LONGEST, SocketFolder
from zsr_tui.domain import Problem


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only one that there is; short, whatever the test's name."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        monkeypatch.setattr(places, "_OTHERS", ())
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        choose(name, monkeypatch)
        yield Path(name)


def choose(folder: str | Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


def left(place: Path, *, lock: bool = True) -> Path:
    """What an engine leaves whose owner was killed together with it."""
    folder = Path(tempfile.mkdtemp(prefix="zsr-tui-", dir=place))
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(folder / "engine.sock"))
    if lock:
        (folder / "owner.lock").touch()
    return folder


def test_it_is_private_and_goes() -> None:
    folder = SocketFolder()
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.socket.touch()
    folder.remove()
    assert not folder.path.exists()


def test_a_short_place_is_found_where_the_first_is_too_long(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    choose(deep, monkeypatch)
    with pytest.raises(Problem, match="set TMPDIR to a short path"):
        SocketFolder()
    monkeypatch.setattr(places, "_OTHERS", (str(place),))
    folder = SocketFolder()
    assert folder.path.parent == place
    assert len(os.fsencode(folder.socket)) <= LONGEST
    folder.remove()


@pytest.mark.parametrize("lock", [True, False], ids=["with its lock", "of an engine that locks nothing"])
def test_what_killed_processes_left_goes_with_the_next_start(place: Path, lock: bool) -> None:
    dead = left(place, lock=lock)
    folder = SocketFolder()
    assert list(place.iterdir()) == [folder.path]
    assert not dead.exists()
    folder.remove()


def test_what_belongs_to_the_living_or_is_not_an_engines_stays(place: Path) -> None:
    living = SocketFolder()
    just_made = Path(tempfile.mkdtemp(prefix="zsr-tui-", dir=place))
    listening = left(place, lock=False)
    (listening / "engine.sock").unlink()
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(listening / "engine.sock"))
        engine.listen()
        backup = place / "zsr-tui-notes"
        backup.mkdir()
        somebodys = Path(tempfile.mkdtemp(prefix="zsr-tui-", dir=place))
        (somebodys / "notes.txt").touch()
        os.utime(somebodys, (0, 0))
        SocketFolder().remove()
        assert all(each.exists() for each in (living.path, just_made, listening, backup, somebodys / "notes.txt"))
    living.remove()


def test_a_link_is_not_followed(place: Path, tmp_path: Path) -> None:
    elsewhere = left(tmp_path)
    (place / "zsr-tui-abcdefgh").symlink_to(elsewhere)
    SocketFolder().remove()
    assert sorted(each.name for each in elsewhere.iterdir()) == ["engine.sock", "owner.lock"]


def test_without_locks_the_folder_of_an_engine_that_listens_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "fcntl", None)
    kept, gone = SocketFolder(), SocketFolder()
    with machine.unix_socket() as engine, machine.unix_socket() as killed:
        for folder, listener in ((kept, engine), (gone, killed)):
            listener.bind(str(folder.socket))
            listener.listen()
        killed.close()
        places.remove_left()
        assert (kept.path.exists(), gone.path.exists()) == (True, False)
    kept.remove()
    assert list(place.iterdir()) == []
