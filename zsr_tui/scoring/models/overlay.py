"""A model whose files lie in several places as one folder: links to what is kept of each, beside what is written anew.

Such a folder is in the cache, named by all that is in it: it is made once, and can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from zsr_tui import paths
from zsr_tui.domain import Problem


def folder(files: Mapping[str, Path | bytes]) -> Path:
    """With these files by their names: a path is linked to, bytes are written. Raises `Problem` where the cache cannot
    be written."""
    known = hashlib.sha256()
    for name, content in sorted(files.items()):
        known.update(f"{name}\0".encode() + (content if isinstance(content, bytes) else os.fsencode(content)) + b"\0")
    place = paths.cache_dir() / "models" / known.hexdigest()[:32]
    if not place.is_dir():
        try:
            _make(place, files)
        except OSError as error:
            raise Problem(
                f"{place.parent} cannot be written ({error.strerror}): the files of a model are put together there; "
                "free some space, or make it writable.",
                detail=str(place),
            ) from error
    return place


def _make(place: Path, files: Mapping[str, Path | bytes]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=place.parent, prefix="."))
    try:
        for name, content in files.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                (made / name).write_bytes(content)
            else:
                _link(content.absolute(), made / name)
        with suppress(FileExistsError, OSError):  # another process may have been quicker
            made.rename(place)
        if not place.is_dir():
            raise OSError(0, "the folder cannot be named")
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _link(target: Path, place: Path) -> None:
    """Where links need a permission that is not there, another name of the file, or a copy."""
    try:
        place.symlink_to(target)
    except OSError:
        try:
            os.link(target, place)
        except OSError:
            shutil.copyfile(target, place)
