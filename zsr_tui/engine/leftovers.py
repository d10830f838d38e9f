"""What killed processes have left in the program's folders, found and removed when an engine starts. What a living
process has is locked, or young; what can be gone on with (a half-built index, a half-run evaluation, a download) stays.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from zsr_tui import files, paths
from zsr_tui.retrieval import disk

_OLD_SECONDS = 3600  # an evaluation without a description is being made, or is left
log = logging.getLogger(__name__)


def remove_in_background() -> None:
    threading.Thread(target=_remove_told, name="leftovers", daemon=True).start()


def _remove_told() -> None:
    try:
        remove()
    except OSError as error:
        log.warning("what killed processes have left cannot be removed: %s", error)


def remove() -> None:
    files.remove_noted(paths.unfinished_dir())
    for folder in {paths.data_dir(), paths.cache_dir(), paths.config_dir(), paths.indexes_dir()}:
        for part in folder.rglob(".*.part"):
            files.remove_part(part)
    disk.remove_replaced(paths.indexes_dir())
    for half, lock in _halves():
        with files.locked_now(lock) as held:
            if held and half.is_dir():
                shutil.rmtree(half, ignore_errors=True)
            elif held:
                half.unlink(missing_ok=True)
    own, of_callers = paths.data_dir().glob("evaluations/*"), paths.data_dir().glob("callers/*/evaluations/*")
    for folder in (*own, *of_callers):
        if not (folder / "spec.json").exists() and _is_old(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _halves() -> Iterator[tuple[Path, Path]]:
    """What is begun anew when it is next wanted, and what whoever makes it holds."""
    for half in paths.cache_dir().glob("unpacked/*/half"):  # archives of corpora
        yield half, half.parent.with_suffix(".lock")
    for half in paths.cache_dir().glob("offsets/*.half*"):  # tables of documents, with SQLite's journals
        yield half, half.with_name(f"{half.name.partition('.')[0]}.lock")
    for half in paths.prebuilt_dir().glob(".*.half"):
        yield half, disk.lock_of(half.with_name(half.name[1:].removesuffix(".half")))


def _is_old(folder: Path) -> bool:
    with suppress(OSError):  # somebody was faster
        newest = max(os.stat(each).st_mtime for each in (folder, *folder.iterdir()))
        return newest < time.time() - _OLD_SECONDS
    return False
