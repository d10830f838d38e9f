"""Indexes that are not as they were written: found by their checksums, and marked, so that they are opened no more."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from zsr_tui.files import locked_now
from zsr_tui.retrieval.checks import damage
from zsr_tui.retrieval.disk import OLD, lock_of
from zsr_tui.retrieval.manifest import NAME, Manifest, write_manifest
from zsr_tui.retrieval.place import BUILDING, finished

_log = logging.getLogger(__name__)


def below(root: Path) -> Iterator[tuple[str, str]]:
    """Every finished index below `root` in words ("bm25 of beir/scifact"), and what is wrong with it, "" where nothing
    is. Reads every byte, and marks what is damaged, so that it is built again when it is next wanted."""
    for path in sorted(root.rglob(NAME)):
        folder = path.parent
        manifest = finished(folder)
        if manifest is not None and folder.suffix not in (BUILDING, OLD):
            model = f" for {manifest.model}" if manifest.model else ""
            yield f"{manifest.kind} of {manifest.collection}{model}", compare(folder, manifest)


def compare(folder: Path, manifest: Manifest) -> str:
    """What is damaged, "" for nothing; the index is marked then, if anything can be written there."""
    found = damage(folder)
    if not found:
        return ""
    try:
        with locked_now(lock_of(folder)) as held:  # else its successor is being built
            if not held or finished(folder) != manifest:
                return ""
            _log.error("damaged: %s", found)
            write_manifest(folder, replace(manifest, state="damaged"))
    except OSError as error:
        _log.error("damaged: %s; it cannot be marked: %s", found, error)
        return f"{found}; it cannot be marked as damaged ({error.strerror})"
    return found
