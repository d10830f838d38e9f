"""The stored evaluations: one folder each below `evaluations/` of the data directory, or of the caller's own folder.
See `zsr_tui.evaluation.stored`.

The folder's name is derived from what the evaluation is, so that the same question finds its answer, or goes on with
it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zsr_tui import caller
from zsr_tui.domain import Problem
from zsr_tui.evaluation.folder import Spec, disk
from zsr_tui.evaluation.results import EvaluatedQuery
from zsr_tui.evaluation.stored import Stored
from zsr_tui.files import write_whole


def evaluation_id(key: Mapping[str, Any]) -> str:
    """Twelve hexadecimal digits that change with anything in `key`."""
    return hashlib.sha256(msgspec.json.encode(key, order="deterministic")).hexdigest()[:12]


def root() -> Path:
    """Of whoever asks."""
    return caller.home() / "evaluations"


def create(spec: Spec, queries: Sequence[EvaluatedQuery]) -> Stored:
    """A new folder, or the one that is there. Raises `Problem` for a full or forbidden disk."""
    folder = root() / spec.id
    if not (folder / "spec.json").exists():
        with disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / "queries.json", msgspec.json.encode(list(queries)))
            write_whole(folder / "spec.json", msgspec.json.encode(spec))  # last: it says that the folder is whole
    return Stored(folder)


def find(evaluation: str) -> Stored:
    """By id. Raises `Problem` for one that is not there."""
    folder = root() / evaluation
    if not evaluation.isalnum() or not (folder / "spec.json").exists():
        raise Problem(f"there is no stored evaluation {evaluation!r}: zsr-tui evaluate makes one.", usage=True)
    return Stored(folder)


def stored() -> list[Stored]:
    """All that can be read, the newest first."""
    found = []
    for path in sorted(root().glob("*/spec.json")):
        try:
            found.append(Stored(path.parent))
        except Problem:
            continue  # of another version: `find` says so when it is asked for
    return sorted(found, key=lambda one: one.spec.provenance.date, reverse=True)


def delete(evaluation: str) -> None:
    """Raises `Problem` for one that is not there."""
    folder = root() / evaluation
    if not evaluation.isalnum() or not folder.is_dir():
        raise Problem(f"there is no stored evaluation {evaluation!r} to delete.", usage=True)
    (folder / "spec.json").unlink(missing_ok=True)  # first: what is left after a kill is no evaluation any more
    shutil.rmtree(folder)
