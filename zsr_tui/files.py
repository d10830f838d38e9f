"""Small files that are written whole or not at all, and locks: what must survive a kill at any moment."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zsr_tui import machine
from zsr_tui.domain import Problem
from zsr_tui.progress import CancelToken, Progress, Report, ignore_progress

PRIVATE = 0o600  # the mode of a file that its owner alone reads
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NEVER_SYNCED = {errno.EINVAL, errno.ENOTSUP}  # what some network file systems say of a folder
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | machine.NO_LINK
_LEFT_SECONDS = 3600  # after which a file is what a killed process has left, where no lock can say it
_POLL_SECONDS = 0.1
_REPLACE_TRIES = 20


class Unfinished:
    """A file that is being written: `file` takes its bytes, `finish` gives it its name. It ends with `discard`.

    The temporary file is locked as long as somebody writes it, so that what a killed process has left is known as that.
    """

    def __init__(self, path: Path, mode: int = 0o666, *, noted_in: Path | None = None) -> None:
        """Makes a temporary file beside `path`. What killed processes have left of the same file goes. In `noted_in`, a
        folder, stands where it is, for files in folders that nobody looks through (`remove_noted`)."""
        self.path = path
        name = f".{path.name[:50]}."  # 200 bytes at most, whatever the script: a name may have 255
        with suppress(OSError):  # of a folder that cannot be read
            for old in path.parent.iterdir():
                if old.name.startswith(name) and old.suffix == ".part":
                    remove_part(old)
        while True:
            number = os.urandom(4).hex()
            self._part, self._note = path.with_name(f"{name}{number}.part"), None
            if noted_in is not None:
                noted_in.mkdir(parents=True, exist_ok=True)
                self._note = noted_in / number
                self._note.write_bytes(os.fsencode(self._part.absolute()))
            try:
                self.file = os.fdopen(os.open(self._part, _NEW, mode), "wb")
            except BaseException:
                self._forget_note()
                raise
            with suppress(OSError):  # a file system without locks: what is left there is known by its age
                machine.claim(self.file.fileno(), wait=True)
            if self._part.exists():  # else somebody took it for left before it was locked
                return
            self.discard()

    def finish(self) -> None:
        """Replace what stands under the name, in one step: after a crash it holds the old bytes or the new ones."""
        self.file.flush()
        os.fsync(self.file.fileno())
        if machine.OPEN_FILES_STAY:  # nor can it be renamed: somebody may take it for left there
            self.file.close()
        replace(self._part, self.path)
        self.file.close()  # claimed until it has its name: whoever begins the same file would take it for left
        sync_folder(self.path.parent)

    def discard(self) -> None:
        """Leave nothing behind, on a full disk neither. Harmless after `finish`."""
        with suppress(OSError):  # closing writes what was buffered
            self.file.close()
        self._part.unlink(missing_ok=True)
        self._forget_note()

    def _forget_note(self) -> None:
        if self._note is not None:
            self._note.unlink(missing_ok=True)


def remove_part(part: Path) -> bool:
    """Remove the temporary file of an `Unfinished` that nobody writes any more; whether it is gone."""
    with suppress(OSError):  # it cannot be opened or removed, or somebody was faster
        machine.remove_unclaimed(part, _is_old)
    return not os.path.lexists(part)


def remove_noted(folder: Path) -> None:
    """Remove the temporary files that are noted in a folder and that nobody writes any more."""
    for note in folder.glob("*"):
        with suppress(OSError):  # somebody was faster
            part = Path(os.fsdecode(note.read_bytes()))
            made = part.name.startswith(".") and part.suffix == ".part" and part.exists()
            if remove_part(part) if made else _is_old(note.stat()):  # a young one may be there in a moment
                note.unlink()


def write_whole(path: Path, data: bytes, mode: int = 0o666, *, noted_in: Path | None = None) -> None:
    """Replace a file in one step. Raises OSError; what stood there stays then. `mode` is less what the umask takes;
    `noted_in` as for `Unfinished`."""
    unfinished = Unfinished(path, mode, noted_in=noted_in)
    try:
        unfinished.file.write(data)
        unfinished.finish()
    finally:
        unfinished.discard()


def replace(new: Path, place: Path) -> None:
    """Give a file or folder its name, in one step, over a file that stands there. Raises OSError. Where open files
    cannot be replaced, whoever reads the old one is waited for a moment: it is read whole, and closed."""
    for last in (*(False,) * (_REPLACE_TRIES if machine.OPEN_FILES_STAY else 0), True):
        try:
            return os.replace(new, place)
        except PermissionError:
            if last:
                raise
            time.sleep(_POLL_SECONDS)


def is_file(path: Path) -> bool:
    """Whether a file is there; no for what cannot be the name of one."""
    try:
        return path.is_file()
    except OSError:  # too long a name
        return False


def sync_folder(folder: Path) -> None:
    """Make the renames inside a folder durable, where its file system can. Windows opens no folders."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NEVER_SYNCED:
            raise
    finally:
        os.close(handle)


def is_full(error: OSError) -> bool:
    """Whether the disk, or what the user may have of it, is full."""
    return error.errno in _FULL


def problem_of(error: OSError) -> Problem:
    """What the operating system refused, in a sentence, where nobody can say more about it."""
    why, path = error.strerror or str(error), error.filename
    if is_full(error):
        return Problem("the disk is full: free some space and try again; finished work is kept.", detail=str(error))
    if error.errno == errno.ENAMETOOLONG:
        return Problem(f"{path} is a longer name than this machine allows: give a shorter one.", usage=True)
    about = "" if path is None else f" ({path})"
    return Problem(f"the operating system refuses something: {why}{about}; mend that and try again.", detail=str(error))


def means_full(text: str) -> bool:
    """Whether a message that came through Java is the operating system's word for a full disk."""
    return any(os.strerror(number) in text for number in _FULL)


@contextmanager
def locked(path: Path, cancel: CancelToken, report: Report = ignore_progress, waiting: str = "") -> Iterator[None]:
    """Hold a lock that one thread of one process on this machine can hold, and that ends with the process.

    While somebody else has it, reports the task `waiting`. Raises `Cancelled` when no longer wanted, `Problem` for a
    folder in its place, and OSError.
    """
    told = False
    while True:
        cancel.check()
        with locked_now(path) as mine:
            if mine:
                yield
                return
        if waiting and not told:
            report(Progress(waiting, 0, None, "documents"))
            told = True
        time.sleep(_POLL_SECONDS)


@contextmanager
def locked_now(path: Path) -> Iterator[bool]:
    """Hold such a lock if nobody else does; whether it is held."""
    from filelock import FileLock, Timeout  # 60 ms, which the terminal's side need not pay

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, thread_local=False, fallback_to_soft=False)  # a soft lock outlives a killed process
    try:
        lock.acquire(blocking=False)
    except IsADirectoryError as error:
        raise Problem(f"{path} is a folder where a lock should be: remove it and try again.") from error
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _is_old(about: os.stat_result) -> bool:
    return about.st_mtime < time.time() - _LEFT_SECONDS
