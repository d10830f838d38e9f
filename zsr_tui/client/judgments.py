"""Judgments as files: the engine makes what is in them, the client writes it, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from zsr_tui import files, paths
from zsr_tui.api.merging import Exported
from zsr_tui.client.reports import AlreadyThere
from zsr_tui.domain import Problem
from zsr_tui.numerals import counted

SOURCES = {"own": "own", "model": "of models", "dataset": "of the dataset"}


def check_path(path: Path, *, replace: bool) -> None:
    """Whether a file can be written there: to be asked before anything else. Raises `Problem`."""
    if path.is_dir():
        raise Problem(f"{path} is a folder: name a file in it.", usage=True)
    if os.path.lexists(path) and not replace:
        raise AlreadyThere(path)
    if not path.parent.is_dir():
        raise Problem(f"the folder {path.parent} does not exist: make it, or choose another place.", usage=True)


def write_judgments(path: Path, made: Exported) -> None:
    """Raises `Problem`; what stood there stays then."""
    try:
        files.write_whole(path, made.text.encode(), noted_in=paths.unfinished_dir())
    except OSError as error:
        raise Problem(
            f"cannot write {path} ({error.strerror or error}): free some space or choose another place.",
            detail=str(error),
        ) from error


def said_of(made: Exported) -> list[str]:
    """What was written and what was not, in sentences without their full stop."""
    total = sum(made.counts.values())
    sources = ", ".join(f"{count:,} {SOURCES[source]}" for source, count in sorted(made.counts.items()))
    said = [f"wrote {counted(total, 'judgment')}{f' ({sources})' if sources else ''}"]
    if made.left_out:
        what = f"{counted(made.left_out, 'judgment')} of typed queries left out"
        said.append(f"{what}: such a query has no id; .csv and .jsonl keep them")
    return said
