"""Files that the user names to be written: whether they can be, and writing them, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from zsr_tui import files, paths
from zsr_tui.domain import Problem


class AlreadyThere(Problem):
    """What would be written over a file that is there, unasked."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is there already: choose another name, or let it be replaced with --force.", usage=True
        )
        self.path = path


def check_target(path: Path, *, replace: bool) -> None:
    """Whether a file can be written there: to be asked before anything long begins. Leaves nothing behind. Raises
    `Problem`; without `replace` `AlreadyThere` for whatever stands there."""
    if path.is_dir():
        raise Problem(f"{path} is a folder: name a file in it.", usage=True)
    _check_kind(path)
    if not replace and os.path.lexists(path):
        raise AlreadyThere(path)
    if not path.parent.is_dir():
        raise Problem(f"the folder {path.parent} does not exist: make it, or choose another place.", usage=True)
    try:
        files.Unfinished(path).discard()
    except OSError as error:
        raise unwritable(path, error) from error


def write(path: Path, content: bytes) -> None:
    """Raises `Problem`; what stood there stays then."""
    _check_kind(path)
    try:
        files.write_whole(path, content, noted_in=paths.unfinished_dir())
    except OSError as error:
        raise unwritable(path, error) from error


def _check_kind(path: Path) -> None:
    """A device or a pipe would be replaced by a file. Raises `Problem`."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise Problem(f"{path} is a device or a pipe, and no file: name a file.", usage=True)


def unwritable(path: Path, error: OSError) -> Problem:
    if files.is_full(error):
        return Problem(
            f"there is no room for {path}: free some space and write it again, nothing is lost.", detail=str(error)
        )
    return Problem(
        f"cannot write {path} ({error.strerror or error}): choose another place.", detail=str(error), usage=True
    )
