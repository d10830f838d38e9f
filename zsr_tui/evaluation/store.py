"""The stored evaluations: one folder each below `evaluations/` of the data directory, or of the caller's own folder.
See `zsr_tui.evaluation.stored`.

The folder's name is derived from what the evaluation is, so that the same question finds its answer, or goes on with
it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from zsr_tui import caller
from zsr_tui.domain import Problem
from zsr_tui.evaluation.folder import Spec, disk, write_new
from zsr_tui.evaluation.results import EvaluatedQuery
from zsr_tui.evaluation.stored import Stored
from zsr_tui.files import locked, locked_now
from zsr_tui.progress import CancelToken


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
        with disk(folder), locked(folder / ".lock", CancelToken()):
            if not (folder / "spec.json").exists():  # another program was not faster
                write_new(folder, spec, queries)
    return Stored(folder)


def find(evaluation: str) -> Stored:
    """By id. Raises `Problem` for one that is not there."""
    folder = root() / evaluation
    if not evaluation.isalnum() or not (folder / "spec.json").exists():
        raise Problem(f"there is no stored evaluation {evaluation!r}: zsr-tui evaluate makes one.", usage=True)
    return Stored(folder)


def stored() -> list[Stored]:
    """All that can be read, the newest first; `find` says what is wrong with another one when it is asked for."""
    return readable()[0]


def readable() -> tuple[list[Stored], dict[Path, Problem]]:
    """All that can be read, the newest first, and why others cannot, by folder."""
    found, why_not = [], {}
    for path in sorted(root().glob("*/spec.json")):
        try:
            found.append(Stored(path.parent))
        except Problem as problem:
            if path.exists():  # else it was deleted meanwhile
                why_not[path.parent] = problem
    return sorted(found, key=lambda one: one.spec.provenance.date, reverse=True), why_not


def delete(evaluation: str) -> None:
    """Raises `Problem` for one that is not there, or that somebody writes."""
    folder = root() / evaluation
    if not evaluation.isalnum() or not folder.is_dir():
        raise Problem(f"there is no stored evaluation {evaluation!r} to delete.", usage=True)
    lock = folder / ".lock"
    with locked_now(lock) as held:
        if not held:
            raise Problem(
                f"the evaluation {evaluation} is running in another program: stop it there before it is deleted or "
                "begins anew."
            )
        (folder / "spec.json").unlink(missing_ok=True)  # first: what is left after a kill is no evaluation any more
        for path in folder.iterdir():
            if path != lock:
                path.unlink(missing_ok=True)
    with suppress(OSError):  # who waited for the lock has it, or has begun the same anew
        lock.unlink(missing_ok=True)
        folder.rmdir()
