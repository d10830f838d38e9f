"""The JSON files in the folder of a stored evaluation, and its disk. See `zsr_tui.evaluation.stored`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Problem
from zsr_tui.evaluation.results import EvaluatedSystem, Provenance, Stage
from zsr_tui.files import is_full

FORMAT = 3  # raised when an older program could misread what a newer one writes, or the other way round
T = TypeVar("T")


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """What is evaluated, as far as it is known before it runs. `key` is all that its id is derived from."""

    format: int = FORMAT
    id: str
    key: dict[str, Any]
    dataset: str
    members: tuple[str, ...]
    measures: tuple[str, ...]
    stages: tuple[Stage, ...]
    systems: tuple[EvaluatedSystem, ...]
    provenance: Provenance
    notes: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences on lists, and what they were made of, by first stage: whoever goes on goes on counting."""

    notes: tuple[str, ...] = ()
    counts: dict[str, dict[str, Any]] = {}


def read(path: Path, kind: type[T]) -> T:
    """A file that is JSON. Raises `Problem` for one that cannot be read."""
    try:
        return json_decoder(kind).decode(path.read_bytes())
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror or error}).", detail=str(error)) from error
    except msgspec.DecodeError as error:
        raise Problem(
            f"{path} is damaged or of another version: delete the evaluation {path.parent.name} and run it again.",
            detail=str(error),
        ) from error


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """A full or forbidden disk in one sentence."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise Problem(
                f"the evaluation does not fit on the disk of {folder}: free some space and run the same command again, "
                "it goes on where it stopped.",
                detail=str(error),
            ) from error
        raise Problem(
            f"the evaluation cannot be written to {folder} ({error.strerror or error}): allow it, or choose another "
            "folder with ZSR_TUI_HOME.",
            detail=str(error),
        ) from error
