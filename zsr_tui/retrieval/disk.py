"""Folders of indexes: their names, putting a finished one in its place, and the full disk."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zsr_tui import machine
from zsr_tui.domain import Problem
from zsr_tui.files import is_full, locked_now, sync_folder

_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}
OLD = ".old"  # what a finished folder replaces, until it is gone
_PLACES = ("*/bm25", "*/bm25-*", "*/dense/*/*", "*/sparse/*/*", "*/approximate/*/*", "*/tokens/*")  # of indexes


def safe_name(name: str) -> str:
    """A readable folder name that no other name shares: `beir/scifact` gives `beir-scifact-1f0c2d3e`."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[-60:].strip("-.")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return machine.file_name(f"{readable}-{digest}") if readable else digest


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


def remove_replaced(root: Path) -> None:
    """Remove what finished folders below `root` have replaced, where a kill left it; not while somebody builds."""
    for old in (each for pattern in _PLACES for each in root.glob(f"{pattern}{OLD}")):
        place = old.with_name(old.name.removesuffix(OLD))
        with locked_now(lock_of(place)) as held:
            if held and place.exists():  # else a kill came between the two renames, and the next build puts it right
                shutil.rmtree(old, ignore_errors=True)


def lock_of(place: Path) -> Path:
    """What whoever builds the index of this folder holds."""
    return place.with_name(f".{place.name}.lock")


@contextmanager
def writing(what: str, folder: Path) -> Iterator[None]:
    """Turn a full or forbidden disk into a `Problem` about `what` ("The BM25 index of demo")."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise no_room(what, folder, str(error)) from error
        if machine.OPEN_FILES_STAY and isinstance(error, PermissionError) and folder.exists():
            raise Problem(
                f"{what} cannot be put in its place, {folder}, while a program has the files there open: close the "
                "other windows of zsr-tui, and run the same command again.",
                detail=str(error),
            ) from error
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
