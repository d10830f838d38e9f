"""Whether what a model was found in is still the same, at the price of looking at its files' times.

Finding a model reads and hashes its small files, which takes milliseconds: too long for every query of an evaluation.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from zsr_tui.scoring.models import checkpoint, entries
from zsr_tui.scoring.models.weights import ResolvedModel

_SETTINGS = ("ZSR_TUI_PRECISION", "ZSR_TUI_DEVICES", "ZSR_TUI_TRUST_REMOTE_CODE", "ZSR_TUI_HOME")


@dataclass(frozen=True, slots=True)
class Found:
    """A model with the state of everything that decides what it is."""

    resolved: ResolvedModel
    paths: tuple[Path, ...]
    state: tuple[object, ...]

    @property
    def still(self) -> bool:
        return self.state == _state(self.paths)


def found(resolved: ResolvedModel) -> Found | None:
    """None for a model of a server, whose state nobody sees from here."""
    if resolved.kind == "endpoint":
        return None
    parts = (resolved.path, resolved.tokenizer, resolved.queries.path if resolved.queries else None)
    folders = [folder for folder in parts if folder is not None]
    paths = [entries.own_place(), entries.own_place().parent]
    for folder in folders:
        inside = sorted(folder.glob("*")) if folder.is_dir() else []
        paths += [folder, *inside, *(folder / name for name in sorted(checkpoint.names_in(folder)))]
    return Found(resolved, tuple(paths), _state(paths))


def _state(paths: tuple[Path, ...] | list[Path]) -> tuple[object, ...]:
    return (*(os.environ.get(name) for name in _SETTINGS), *map(_stat, paths))


def _stat(path: Path) -> tuple[int, ...] | None:
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino
