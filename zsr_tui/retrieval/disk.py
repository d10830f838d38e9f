"""Writing what must survive a kill at any moment: names, whole files, locks, and the full disk."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zsr_tui.domain import Problem
from zsr_tui.progress import CancelToken, Progress, Report

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}
OLD = ".old"  # what a finished folder replaces, until it is gone
_POLL_SECONDS = 0.1


def safe_name(name: str) -> str:
    """A readable folder name that no other name shares: `beir/scifact` gives `beir-scifact-1f0c2d3e`."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[-60:].strip("-.")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{readable}-{digest}" if readable else digest


def write_file(path: Path, data: bytes) -> None:
    """Replace a file in one step: after a crash it holds the old bytes or the new ones."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the renames inside a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def swap_in(new: Path, place: Path) -> None:
    """Put a finished folder in its place; what stood there goes away only after that.

    A kill between the two renames leaves `new` finished and the place empty: calling this again puts it right.
    """
    old = place.with_name(f"{place.name}{OLD}")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    sync_folder(place.parent)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def locked(path: Path, cancel: CancelToken, report: Report, waiting: str) -> Iterator[None]:
    """Hold a lock that one thread of one process on this machine can hold, and that ends with the process.

    While somebody else has it, reports the task `waiting` and raises `Cancelled` when no longer wanted.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        said = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                cancel.check()
                if not said:
                    report(Progress(waiting, 0, None, "documents"))
                    said = True
                time.sleep(_POLL_SECONDS)
        yield


@contextmanager
def writing(what: str, folder: Path) -> Iterator[None]:
    """Turn a full or forbidden disk into a `Problem` about `what` ("The BM25 index of demo")."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise no_room(what, folder, str(error)) from error
        if error.errno in _REFUSED:
            raise Problem(
                f"{what} cannot be written to {folder} ({os.strerror(error.errno)}): "
                "allow it, or choose another folder with ZSR_TUI_INDEXES.",
                detail=str(error),
            ) from error
        raise


def no_room(what: str, folder: Path, detail: str = "") -> Problem:
    return Problem(
        f"{what} does not fit on the disk of {folder}: free some space and run the same command again, it goes on "
        "where it stopped, or choose another folder with ZSR_TUI_INDEXES.",
        detail=detail,
    )


def means_full(text: str) -> bool:
    """Whether a message that came through Java is the operating system's word for a full disk."""
    return any(os.strerror(number) in text for number in _FULL)
