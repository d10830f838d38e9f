"""The JSON files in the folder of a stored evaluation, and its disk. See `zsr_tui.evaluation.stored`.

`spec.json` ends with a digest of what stands before it, and has one of `queries.json`, so that a bit that the disk has
lost is noticed. Evaluations that were stored before there were digests are read without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Problem
from zsr_tui.evaluation.results import EvaluatedQuery, EvaluatedSystem, Provenance, Stage
from zsr_tui.files import is_full, write_whole

FORMAT = 3  # raised when an older program could misread what a newer one writes, or the other way round
T = TypeVar("T")
_CHECK = b',"check":"'  # what the digest of a description stands behind


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
    queries_digest: str = ""  # of queries.json


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences on lists, and what they were made of, by first stage: whoever goes on goes on counting."""

    notes: tuple[str, ...] = ()
    counts: dict[str, dict[str, Any]] = {}


def read(path: Path, kind: type[T]) -> T:
    """A file that is JSON. Raises `Problem` for one that cannot be read."""
    return _decoded(path, _bytes(path), kind)


def read_spec(folder: Path) -> Spec:
    """Raises `Problem` for one that is not as it was written, or of another version of the program."""
    path = folder / "spec.json"
    data = _bytes(path)
    spec = _decoded(path, data, Spec)
    described = data[: -len(_checked(b""))]
    if data.startswith(_CHECK, len(described)) and data != _checked(described):
        raise _damaged(path)
    if spec.format != FORMAT:
        raise Problem(f"the evaluation {folder.name} is of another version of the program: delete it and run it again.")
    return spec


def write_spec(folder: Path, spec: Spec) -> None:
    write_whole(folder / "spec.json", _checked(msgspec.json.encode(spec).removesuffix(b"}")))


def read_queries(folder: Path, spec: Spec) -> list[EvaluatedQuery]:
    """Raises `Problem` for what is not as it was written."""
    path = folder / "queries.json"
    data = _bytes(path)
    queries = _decoded(path, data, list[EvaluatedQuery])
    if spec.queries_digest not in ("", _digest(data)):
        raise _damaged(path)
    return queries


def write_new(folder: Path, spec: Spec, queries: Sequence[EvaluatedQuery]) -> None:
    """The description last: it says that the folder is whole."""
    data = msgspec.json.encode(list(queries))
    write_whole(folder / "queries.json", data)
    write_spec(folder, msgspec.structs.replace(spec, queries_digest=_digest(data)))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror or error}).", detail=str(error)) from error


def _decoded(path: Path, data: bytes, kind: type[T]) -> T:
    try:
        return json_decoder(kind).decode(data)
    except msgspec.DecodeError as error:
        raise _damaged(path, " or of another version", str(error)) from error


def _damaged(path: Path, more: str = "", detail: str = "") -> Problem:
    return Problem(
        f"{path} is damaged{more}: delete the evaluation {path.parent.name} and run it again (zsr-tui evaluate "
        "--no-resume does both).",
        detail=detail,
    )


def _checked(described: bytes) -> bytes:
    """A description that lacks its last brace, whole and with its digest."""
    return described + _CHECK + _digest(described).encode() + b'"}'


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


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
