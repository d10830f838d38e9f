"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from zsr_tui.domain import Problem

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_whole(path: Path, data: bytes) -> None:
    """Replaces the file in one step. Raises `Problem` where it cannot be written; what stood there stays."""
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


def check_writable(path: Path) -> None:
    """Fails now in place of after an hour of evaluating. Leaves nothing behind."""
    if path.is_dir():
        raise Problem(f"{path} is a folder: name a file in it.", usage=True)
    if not path.parent.is_dir():
        raise Problem(f"the folder {path.parent} does not exist: make it, or choose another place.", usage=True)
    probe = path.with_name(f".{path.name[:100]}.{os.getpid()}.part")
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> Problem:
    if error.errno in _FULL:
        return Problem(
            f"there is no room for {path}: free some space and write it again, nothing is lost.", detail=str(error)
        )
    return Problem(
        f"cannot write {path} ({error.strerror or error}): choose another place.", detail=str(error), usage=True
    )
