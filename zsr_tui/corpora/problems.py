"""Failures of reading and fetching data, each as one sentence."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zsr_tui.domain import Problem
from zsr_tui.files import is_full


class NotDownloaded(Problem):
    """The corpus can be had, and is not on this machine yet: `zsr_tui.corpora.download` fetches it."""

    kind = "not-downloaded"

    def __init__(self, dataset: str) -> None:
        super().__init__(f"{dataset} is not downloaded yet.")
        self.dataset = dataset


def file_problem(error: OSError, path: Path, doing: str) -> Problem:
    """`doing` completes the sentence "... while ", as in "unpacking beir/scifact"."""
    if is_full(error):
        return Problem(
            f"the disk is full while {doing}: free some space on the disk of {path} and start again, "
            "finished work is kept.",
            detail=str(error),
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return Problem(f"no permission while {doing}: {error.filename or path} cannot be used.", detail=str(error))
    return Problem(f"{error.strerror or error} while {doing} ({error.filename or path}).", detail=repr(error))


@contextmanager
def told(path: Path, doing: str) -> Iterator[None]:
    """An error of the file system inside is a `Problem`."""
    try:
        yield
    except OSError as error:
        raise file_problem(error, path, doing) from error


def check_space(folder: Path, needed: int, doing: str) -> None:
    """Raises `Problem` where fewer than `needed` bytes are free. `doing` completes "too full to"."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Problem(
            f"the disk is too full to {doing}: {megabytes(needed)} are needed and {megabytes(free)} are free at "
            f"{folder}; free some space, or move that folder to another disk (zsr-tui locate names the variables)."
        )


def megabytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"
