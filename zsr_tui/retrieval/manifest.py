"""What a built index says about itself: `manifest.json` in its folder."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from zsr_tui.decoding import converted
from zsr_tui.domain import Approximation
from zsr_tui.files import write_whole

FORMAT = 2  # raised when an older program could misread what a newer one writes, or the other way round
# of what is being built: its rows may stand in another order than the corpus', and an older program, which would go on
# behind them wrongly, begins anew. A finished index names its rows: any program can read it.
BUILDING_FORMAT = 3
NAME = "manifest.json"

State = Literal["building", "complete", "damaged"]
_WORK = attrgetter("kind", "collection", "fingerprint", "model", "model_fingerprint", "precision", "method", "made_of")
_LATER = (
    "method",
    "made_of",
    "approximation",
)  # fields that older programs do not know: written where they say something


@dataclass(frozen=True, slots=True)
class Manifest:
    """`fingerprint` is the corpus', `model_fingerprint` the encoder's; the model fields are empty for BM25. For token
    ids `model` is the format of the documents, `model_fingerprint` that of the tokenizer. An approximate index has a
    `method`, was `made_of` vectors with this digest, and says what was measured of it."""

    kind: Literal["bm25", "dense", "sparse", "tokens", "approximate"]
    collection: str
    fingerprint: str
    state: State = "building"
    documents: int = 0
    model: str = ""
    model_fingerprint: str = ""
    precision: str = ""
    format: int = FORMAT
    versions: Mapping[str, str] = field(default_factory=dict)
    written: str = ""  # UTC, ISO 8601
    method: str = ""
    made_of: str = ""
    approximation: Approximation | None = None

    def same_work(self, other: Manifest) -> bool:
        """Whether both describe the index of the same documents by the same encoder."""
        return _WORK(self) == _WORK(other)


class UnreadableManifest(Exception):
    """A manifest that is half-written, edited by hand, or of another version (`foreign`)."""

    def __init__(self, why: str, *, foreign: bool = False) -> None:
        super().__init__(why)
        self.foreign = foreign


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder; None where there is no folder or none in it. Raises `UnreadableManifest`."""
    try:
        raw = (folder / NAME).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableManifest(str(error)) from error
    try:
        values = json.loads(raw)
    except ValueError as error:
        raise UnreadableManifest(f"{folder / NAME}: {error}") from error
    return _checked(folder, values)


def _checked(folder: Path, values: Any) -> Manifest:
    if not isinstance(values, dict) or not isinstance(values.get("format"), int):
        raise UnreadableManifest(f"{folder / NAME} is not a manifest")
    known_formats = {FORMAT, BUILDING_FORMAT} if values.get("state") == "building" else {FORMAT}
    if values["format"] not in known_formats:
        raise UnreadableManifest(f"{folder / NAME} has format {values['format']}, not {FORMAT}", foreign=True)
    known = {item.name for item in dataclasses.fields(Manifest)}
    try:
        if not {"kind", "collection", "fingerprint", "state", "documents"} <= values.keys() <= known:
            raise ValueError("its fields are others")
        return converted(values, Manifest)
    except ValueError as error:  # msgspec.ValidationError is one
        raise UnreadableManifest(f"{folder / NAME} lacks fields of format {FORMAT}: {error}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    stamped = dataclasses.replace(manifest, written=datetime.now(UTC).isoformat(timespec="seconds"))
    values = {name: value for name, value in dataclasses.asdict(stamped).items() if value or name not in _LATER}
    write_whole(folder / NAME, json.dumps(values, indent=2).encode() + b"\n")


def versions_of(*packages: str) -> dict[str, str]:
    """Installed versions of packages, for whoever wonders later what wrote an index."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
