"""The files of a report: where one cannot be written, a sentence says so."""

from __future__ import annotations

from pathlib import Path

from zsr_tui import files
from zsr_tui.domain import Problem


def write_whole(path: Path, data: bytes) -> None:
    """Replaces the file in one step. Raises `Problem` where it cannot be written; what stood there stays."""
    try:
        files.write_whole(path, data)
    except OSError as error:
        raise _unwritable(path, error) from error


def check_writable(path: Path) -> None:
    """Fails now in place of after an hour of evaluating. Leaves nothing behind."""
    if path.is_dir():
        raise Problem(f"{path} is a folder: name a file in it.", usage=True)
    if not path.parent.is_dir():
        raise Problem(f"the folder {path.parent} does not exist: make it, or choose another place.", usage=True)
    try:
        files.Unfinished(path).discard()
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> Problem:
    if files.is_full(error):
        return Problem(
            f"there is no room for {path}: free some space and write it again, nothing is lost.", detail=str(error)
        )
    return Problem(
        f"cannot write {path} ({error.strerror or error}): choose another place.", detail=str(error), usage=True
    )
