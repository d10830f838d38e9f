"""What was said of a corpus before: a note that holds each time is said once in a home, in a file for each corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress

from zsr_tui import outside, paths
from zsr_tui.text import flat


def not_yet(dataset: str, notes: Iterable[str]) -> list[str]:
    """Those that were not said of the dataset, in their order; from now on they were. Where that cannot be written
    down, they are said again."""
    file = paths.told_dir() / f"{hashlib.sha256(dataset.encode(errors='replace')).hexdigest()[:16]}.txt"
    known: set[str] = set()
    with suppress(OSError, UnicodeDecodeError):  # none was said, or nobody can read it
        known.update(outside.read_text(file).splitlines())
    lines = {flat(note): note for note in notes}
    new = {line: note for line, note in lines.items() if line not in known}
    if new:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as told:
                told.writelines(f"{line}\n" for line in new)
    return list(new.values())
