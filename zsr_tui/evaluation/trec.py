"""TREC run files: `qid Q0 docid rank score tag`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from zsr_tui.domain import Problem
from zsr_tui.files import Unfinished


def run_name(system: str) -> str:
    """A file name for a system's run: readable, with a short hash of the notation against collisions."""
    digest = hashlib.sha256(system.encode()).hexdigest()[:8]
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", system).strip("-")[:80]
    return f"{readable}.{digest}"


class RunFile:
    """Writes one system's rankings as they come. The file appears under its name when it is whole."""

    def __init__(self, folder: Path, system: str) -> None:
        self._tag = run_name(system)
        self.path = folder / f"{self._tag}.run"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._unfinished = Unfinished(self.path)
        except OSError as error:
            raise Problem(
                f"cannot write run files to {folder}: {error.strerror or error}; choose another --run-dir.",
                usage=True,
            ) from error

    def write(self, qid: str, ranking: Sequence[tuple[str, float]]) -> None:
        """`ranking` holds (document id, score) in order."""
        for name in (qid, *(doc_id for doc_id, _ in ranking)):
            if not name or any(character.isspace() for character in name):
                raise Problem(f"the id {name!r} has white space in it, which a TREC run file cannot hold.")
        lines = (f"{qid} Q0 {doc_id} {rank} {score!r} {self._tag}\n" for rank, (doc_id, score) in enumerate(ranking, 1))
        try:
            self._unfinished.file.writelines(line.encode() for line in lines)
        except OSError as error:
            raise self._failed(error) from error

    def finish(self) -> Path:
        try:
            self._unfinished.finish()
        except OSError as error:
            raise self._failed(error) from error
        return self.path

    def discard(self) -> None:
        """Leave nothing behind; harmless after `finish`."""
        self._unfinished.discard()

    def _failed(self, error: OSError) -> Problem:
        return Problem(f"cannot write {self.path}: {error.strerror or error}; free some space and run it again.")
