"""The local corpora that somebody has opened on this machine, so that they can choose them again. In an engine that
serves several each has a list of their own, beside that of whoever runs it."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from zsr_tui import caller
from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Problem
from zsr_tui.files import locked, write_whole
from zsr_tui.paths import data_dir
from zsr_tui.progress import CancelToken

NAME = "local_corpora.json"
log = logging.getLogger(__name__)
_opened: dict[str, Remembered] = {}  # by this process, for whomever
_noted: set[tuple[str, str]] = set()  # callers by name, and what is in their lists since then
_told: set[Path] = set()  # lists that cannot be read


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
        try:
            for corpus in _read(file):
                found.setdefault(corpus.id, corpus)
        except (OSError, ValueError) as error:
            if file not in _told:
                _told.add(file)
                log.warning("the list of local corpora in %s cannot be read: %s", file, error)
    return [corpus for corpus in found.values() if Path(corpus.path).exists()]


def remember(corpus: Remembered) -> None:
    """A list that cannot be written costs a line in the log, not the corpus; one that is damaged is set aside."""
    _opened[corpus.id] = corpus
    _noted.add((caller.current().name, corpus.id))
    file = _own()
    try:
        with locked(file.with_suffix(".lock"), CancelToken()):
            try:
                read = _read(file)
            except ValueError as error:
                read, aside = [], _set_aside(file)
                log.warning("the list of local corpora in %s is damaged (%s): it is kept as %s", file, error, aside)
            others = [other for other in read if other.id != corpus.id and Path(other.path).exists()]
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
    """Fields of a newer version are passed over. Raises OSError, and ValueError for a damaged file."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return []
    try:
        return json_decoder(list[Remembered]).decode(data)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error


def _set_aside(file: Path) -> Path:
    number = 1
    while (aside := file.with_name(f"{file.name}.broken-{number}")).exists():
        number += 1
    os.replace(file, aside)
    return aside
