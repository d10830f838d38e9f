"""What was asked for in the background and is not finished: a small file for each part, written whole or not at all.

Engines of several programs share the folder. Whoever finishes a part removes its file; that only one of them makes it
is the business of the locks of indexes and downloads.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from zsr_tui import outside, paths
from zsr_tui.api.preparing import PartKind
from zsr_tui.api.requests import ProblemView
from zsr_tui.decoding import json_decoder
from zsr_tui.engine.preparing.parts import Part
from zsr_tui.files import PRIVATE, write_whole
from zsr_tui.pipeline import Kind, Method

Left = Literal["wanted", "paused", "stopped", "failed"]
_log = logging.getLogger(__name__)


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """`tries` engines in a row have begun it and come no further than `done`, of `total` where that is known."""

    kind: PartKind
    dataset: str
    name: str
    how: Kind | None
    method: Method | None = None
    state: Left = "wanted"
    problem: ProblemView | None = None
    tries: int = 0
    done: int = 0
    total: int | None = None

    @property
    def part(self) -> Part:
        return Part(self.kind, self.dataset, self.name, self.how, self.method)


def of(part: Part, state: Left, problem: ProblemView | None, tries: int, done: int) -> Remembered:
    what = Remembered(kind=part.kind, dataset=part.dataset, name=part.name, how=part.how, method=part.method)
    return msgspec.structs.replace(what, state=state, problem=problem, tries=tries, done=done)


def keep(what: Remembered) -> None:
    """A disk that is full costs no more than that the next engine does not know of it."""
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        write_whole(_file(what.part), msgspec.json.encode(what), PRIVATE)
    except OSError as error:
        _log.warning("what is being prepared is not remembered: %s", error)


def forget(part: Part) -> None:
    try:
        _file(part).unlink(missing_ok=True)
    except OSError as error:
        _log.warning("what was prepared is not forgotten: %s", error)


def read() -> Iterator[Remembered]:
    """All that there is; what cannot be read goes."""
    for path in sorted(_folder().glob("*.json")):
        try:
            yield json_decoder(Remembered).decode(outside.read(path))
        except FileNotFoundError:
            continue  # another engine has finished it meanwhile
        except (OSError, ValueError) as error:
            _log.warning("%s cannot be read and is removed: %s", path, error)
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return paths.data_dir() / "preparing"


def _file(part: Part) -> Path:
    return _folder() / f"{hashlib.sha256(part.id.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.json"
