"""Where an index lives and what it is to be: beginning to build it, putting it there, and looking what is there.

See `zsr_tui.retrieval.store` for how the folders lie.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from zsr_tui.domain import Approximation
from zsr_tui.pipeline import ENGLISH
from zsr_tui.retrieval import checks, disk
from zsr_tui.retrieval.manifest import (
    BUILDING_FORMAT,
    Manifest,
    UnreadableManifest,
    read_manifest,
    versions_of,
    write_manifest,
)
from zsr_tui.retrieval.problems import NotBuilt, Reason

BUILDING = ".building"  # behind the name of a folder: what is built to be put there
_ENCODED_BY = ("sentence-transformers", "torch", "onnxruntime")
_BUILT_BY = {
    "bm25": ("pyserini",), "dense": _ENCODED_BY, "sparse": _ENCODED_BY, "tokens": ("tokenizers",),
    "approximate": ("faiss-cpu",),
}  # fmt: skip
Index = TypeVar("Index")


@dataclass(frozen=True, slots=True)
class Place(Generic[Index]):
    """Where an index lives, what it is to be, how it is spoken of, the command that builds it, and how it is opened."""

    folder: Path
    wanted: Manifest
    what: str  # "BM25 index of demo"
    command: str
    load: Callable[[Path], Index]

    @property
    def building(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}{BUILDING}")

    @property
    def lock(self) -> Path:
        return disk.lock_of(self.folder)

    def not_built(self, reason: Reason, detail: str = "") -> NotBuilt:
        return NotBuilt(reason, self.what, self.command, detail)


def bm25_folder(language: str) -> str:
    """Of the index with this language's analyser."""
    return "bm25" if language == ENGLISH else f"bm25-{language}"


def begin(place: Place[Any]) -> None:
    """The folder to build in: what is there of the same work, else a new one."""
    if not resumable(place):
        if place.building.exists():
            shutil.rmtree(place.building)
        place.building.mkdir(parents=True)
    write_manifest(place.building, replace(place.wanted, format=BUILDING_FORMAT))


def put(place: Place[Any], documents: int, approximation: Approximation | None = None) -> None:
    """What was built, into its place."""
    versions = versions_of("zsr-tui", *_BUILT_BY[place.wanted.kind])
    checks.write_checks(place.building)
    complete = replace(place.wanted, state="complete", documents=documents, versions=versions)
    write_manifest(place.building, replace(complete, approximation=approximation))
    disk.swap_in(place.building, place.folder)


def current(place: Place[Any]) -> Manifest:
    """The manifest of what is in place. Raises `NotBuilt` where that is not what is wanted."""
    try:
        manifest = read_manifest(place.folder)
    except UnreadableManifest as error:
        raise place.not_built("foreign" if error.foreign else "damaged", str(error)) from error
    if manifest is None:
        if place.folder.exists():
            raise place.not_built("damaged", f"{place.folder} has no manifest")
        raise place.not_built("incomplete" if place.building.exists() else "absent")
    if manifest.state == "damaged":
        raise place.not_built("damaged", f"{place.folder} was not as it was written")
    if manifest.state != "complete":
        raise place.not_built("incomplete", f"{place.folder} is marked {manifest.state}")
    if not manifest.same_work(place.wanted):
        raise place.not_built("stale", f"{place.folder} holds {manifest}")
    return manifest


def resumable(place: Place[Any]) -> bool:
    manifest = _readable(place.building)
    return manifest is not None and manifest.same_work(place.wanted)


def _readable(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except UnreadableManifest:
        return None


def finished(folder: Path) -> Manifest | None:
    manifest = _readable(folder)
    return manifest if manifest is not None and manifest.state == "complete" else None
