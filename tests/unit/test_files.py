from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.waiting import DEADLINE, meanwhile
from zsr_tui import machine
from zsr_tui.files import PRIVATE, Unfinished, is_full, locked, means_full, write_whole
from zsr_tui.progress import Cancelled, CancelToken, Progress, ignore_progress

HOLDS_A_LOCK = """
import sys, pathlib
from zsr_tui.files import locked
from zsr_tui.progress import CancelToken
with locked(pathlib.Path(sys.argv[1]), CancelToken()):
    print("held", flush=True)
    sys.stdin.readline()
"""
IS_IN_THE_MIDDLE = """
import sys, pathlib
from zsr_tui.files import Unfinished
unfinished = Unfinished(pathlib.Path(sys.argv[1]))
unfinished.file.write(b"new")
unfinished.file.flush()
print("in the middle", flush=True)
sys.stdin.readline()
"""


def child(program: str, path: Path) -> subprocess.Popen[str]:
    """Another process that has said its word, and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "memory.json"
    path.write_bytes(b"old")
    return path


def test_a_file_is_replaced(file: Path) -> None:
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    step: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space") as caught:
        write_whole(file, b"new")
    assert is_full(caught.value)
    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_what_a_full_disk_does_not_take_is_discarded_all_the_same(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished = Unfinished(file)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, unfinished.file.fileno())
    os.close(full)
    unfinished.file.write(b"new")  # buffered: the disk says no when it is closed
    unfinished.discard()
    assert unfinished.file.closed
    assert list(file.parent.iterdir()) == [file]


def test_an_error_in_the_middle_leaves_the_old_file_and_nothing_else(file: Path) -> None:
    with pytest.raises(TypeError):
        write_whole(file, "no bytes")  # type: ignore[arg-type]
    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]


def test_a_killed_writer_leaves_the_old_file_and_a_later_one_clears_up(file: Path) -> None:
    kill(child(IS_IN_THE_MIDDLE, file))
    assert file.read_bytes() == b"old"
    (left,) = set(file.parent.iterdir()) - {file}
    write_whole(file, b"newer")
    assert not left.exists()
    assert list(file.parent.iterdir()) == [file]


def test_what_somebody_writes_at_the_moment_stays(file: Path) -> None:
    writer = child(IS_IN_THE_MIDDLE, file)
    (part,) = set(file.parent.iterdir()) - {file}
    write_whole(file, b"newer")
    assert part.exists()
    kill(writer)


def test_two_writers_of_one_file_do_not_mix(file: Path) -> None:
    first, second = Unfinished(file), Unfinished(file)
    first.file.write(b"first")
    second.file.write(b"second")
    first.finish()
    assert file.read_bytes() == b"first"
    second.finish()
    assert file.read_bytes() == b"second"
    first.discard()
    second.discard()
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    "name",
    ["a" * 255, "ü" * 127, "語" * 85, ".hidden", "with space.part"],
    ids=["255 letters", "127 of two bytes", "85 of three bytes", "hidden", "with a space"],
)
def test_a_name_may_be_as_long_as_the_file_system_allows(name: str, tmp_path: Path) -> None:
    write_whole(tmp_path / name, b"new")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_private_file_is_its_owners_alone_and_others_follow_the_umask(file: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(file, b"new", PRIVATE)
        write_whole(tmp_path / "other", b"new")
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "missing" / "file", b"")


def test_a_file_system_that_cannot_sync_a_folder_is_no_problem(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync

    def only_files(handle: int) -> None:
        if os.fstat(handle).st_mode & 0o040000:
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"


def test_what_java_says_of_a_full_disk_is_understood() -> None:
    assert means_full("java.io.IOException: No space left on device\n\tat sun.nio.ch")
    assert not means_full("java.io.IOException: Stream closed")


def test_the_second_holder_of_a_lock_waits_and_says_so(tmp_path: Path) -> None:
    lock, order, waiting = tmp_path / "folder" / "lock", [], threading.Event()

    def second() -> None:
        def report(progress: Progress) -> None:
            order.append(progress.task)
            waiting.set()

        with locked(lock, CancelToken(), report, "Waiting"):
            order.append("second")

    with locked(lock, CancelToken()):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(DEADLINE)
        order.append("first done")
    thread.join(DEADLINE)
    assert order == ["Waiting", "first done", "second"]


def test_waiting_for_a_lock_can_be_cancelled(tmp_path: Path) -> None:
    token = CancelToken()
    with locked(tmp_path / "lock", CancelToken()):
        with pytest.raises(Cancelled), locked(tmp_path / "lock", token, lambda _: token.cancel(), "Waiting"):
            pytest.fail("both hold the lock")


def test_an_error_under_a_lock_frees_it(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), locked(tmp_path / "lock", CancelToken()):
            _ = 1 / 0


def test_another_process_is_waited_for_and_its_lock_ends_with_it(tmp_path: Path) -> None:
    lock, token, waited = tmp_path / "lock", CancelToken(), []
    other = child(HOLDS_A_LOCK, lock)
    with pytest.raises(Cancelled), locked(lock, token, lambda _: token.cancel(), "Waiting"):
        pytest.fail("both hold the lock")

    def kill_the_other(_: Progress) -> None:
        waited.append(True)
        kill(other)

    with locked(lock, CancelToken(), kill_the_other, "Waiting"):
        assert waited == [True]
    with locked(lock, CancelToken(), ignore_progress):
        pass


@pytest.mark.skipif(machine.OPEN_FILES_STAY, reason="no open file can be renamed here: it has to be closed before")
def test_a_writer_that_is_giving_its_file_the_name_has_not_left_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, others = os.replace, [b"other"]

    def between(new: Path, place: Path) -> None:
        if others:
            meanwhile(lambda: write_whole(file, others.pop())).join()
        replace(new, place)

    monkeypatch.setattr(os, "replace", between)
    write_whole(file, b"new")
    assert (others, file.read_bytes()) == ([], b"new")
    assert list(file.parent.iterdir()) == [file]
