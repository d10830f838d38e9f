"""The local corpora that somebody has opened on this machine, so that they can choose them again. In an engine that
serves several each has a list of their own, beside that of whoever runs it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from zsr_tui import caller
from zsr_tui.domain import Problem
from zsr_tui.files import locked, write_whole
from zsr_tui.paths import data_dir
from zsr_tui.progress import CancelToken

NAME = "local_corpora.json"
log = logging.getLogger(__name__)
_opened: dict[str, Remembered] = {}  # by this process, for whomever
_noted: set[tuple[str, str]] = set()  # callers by name, and what is in their lists since then


@dataclass(frozen=True, slots=True)
class Remembered:
    id: str
    path: str
    docs: int
    queries: int
    judgments: int
    about: str = ""  # how its files are read


def remembered() -> list[Remembered]:
    """The caller's, the latest first, then those of whoever runs the engine; without those whose path is gone."""
    found: dict[str, Remembered] = {}
    for file in dict.fromkeys((_own(), data_dir() / NAME)):
        for corpus in _read(file):
            found.setdefault(corpus.id, corpus)
    return [corpus for corpus in found.values() if Path(corpus.path).exists()]


def remember(corpus: Remembered) -> None:
    """A list that cannot be written costs a line in the log, not the corpus."""
    _opened[corpus.id] = corpus
    _noted.add((caller.current().name, corpus.id))
    file = _own()
    try:
        with locked(file.with_suffix(".lock"), CancelToken()):
            others = [other for other in _read(file) if other.id != corpus.id and Path(other.path).exists()]
            write_whole(file, json.dumps([asdict(one) for one in (corpus, *others)], indent=1).encode())
    except (OSError, Problem) as error:
        log.warning("%s cannot be remembered: %s", corpus.id, error)


def remember_open(id: str) -> None:
    """For a caller who asks for a corpus that somebody else had opened."""
    if id in _opened and (caller.current().name, id) not in _noted:
        remember(_opened[id])


def _own() -> Path:
    return caller.home() / NAME


def _read(file: Path) -> list[Remembered]:
    if not file.is_file():
        return []
    try:
        return [Remembered(**row) for row in json.loads(file.read_text("utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        log.warning("the list of local corpora in %s cannot be read and starts anew: %s", file, error)
        return []
