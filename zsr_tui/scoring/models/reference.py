"""What a model's name in the notation points at: a catalogue name, a hub id, a folder, an installed package, or the URL
of a server that runs it."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from zsr_tui import machine
from zsr_tui.domain import Problem
from zsr_tui.pipeline import is_url
from zsr_tui.scoring.endpoints import address

# A revision becomes a part of a path: as git has it, none leads out of the hub's folder.
_HUB_ID = re.compile(r"(?P<id>[A-Za-z0-9][\w.-]*/[\w.-]+)(?:@(?P<revision>(?![./])(?!.*(?:\.\.|/[./]|//))[\w./+-]+))?")
_PACKAGE = re.compile(r"package:(?P<package>\w+)/(?P<folder>[\w./-]+)")
_MODEL = ("config.json", "modules.json", "adapter_config.json")


@dataclass(frozen=True, slots=True)
class Reference:
    """`text` as it was written; `place`: the hub id, the folder, `<import name>/<folder>`, the URL without the model's
    name, or the bare name."""

    text: str
    kind: str  # "hub" | "folder" | "package" | "endpoint" | "name"
    place: str
    revision: str = ""


def parse(model: str) -> Reference:
    """Raises `Problem` for what cannot name a model. Whether it exists is not looked at."""
    text = model.strip()
    if is_url(text):
        return Reference(text, "endpoint", address.parse(text).url)
    if package := _PACKAGE.fullmatch(text):
        return Reference(text, "package", f"{package['package']}/{package['folder'].strip('/')}")
    if machine.begins_as_path(text):
        return Reference(text, "folder", text)
    if hub := _HUB_ID.fullmatch(text):
        return Reference(text, "hub", hub["id"], hub["revision"] or "")
    if text and "/" not in text and ":" not in text and "\\" not in text:
        return Reference(text, "name", text)
    raise Problem(
        f"{model!r} names no model: write a name of the catalogue (zsr-tui models), a Hugging Face id as "
        "org/name or org/name@revision, a folder as ./folder or /folder, package:import_name/folder, or the URL of a "
        "server as http://host:8080/rerank.",
        usage=True,
    )


def is_model_folder(text: str) -> bool:
    """Whether it is the path of a folder that looks like a model's, or of an ONNX file, however it is written."""
    place = Path(text.strip()).expanduser()
    try:
        if place.is_file():
            return place.suffix == ".onnx"
        return any((place / name).is_file() for name in _MODEL) or any(place.glob("*.onnx"))
    except (OSError, ValueError):  # no path: too long, or with a zero byte
        return False


def package_folder(place: str) -> Path | None:
    """The folder inside an installed package, found without importing any of the package's code."""
    package, _, folder = place.partition("/")
    spec = importlib.util.find_spec(package)
    for root in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(root) / folder
        if found.exists():
            return found
    return None
