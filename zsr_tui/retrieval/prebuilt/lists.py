"""What Anserini and pyserini publish: the lists inside pyserini's jar, and its table of the others. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_args
from zipfile import BadZipFile, ZipFile

import msgspec

from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Problem
from zsr_tui.retrieval.java import anserini_jar

Kind = Literal[
    "inverted", "impact", "flat", "hnsw", "faiss"
]  # terms, weighted terms; vectors: in Lucene twice, in faiss
_LISTS = "prebuilt-indexes/"  # in the jar
_TABLES: Mapping[str, Kind] = {"TF_INDEX": "inverted", "IMPACT_INDEX": "impact", "FAISS_INDEX": "faiss"}  # beginnings


@dataclass(frozen=True, slots=True)
class Prebuilt:
    """One that can be had. `texts` names the index that stores what its documents say, "" where nobody says; `size` in
    bytes of the archive."""

    name: str
    kind: Kind
    about: str
    file: str
    url: str
    md5: str
    size: int
    documents: int | None = None
    texts: str = ""


class _Listed(msgspec.Struct):
    """As a list of the jar has it."""

    name: str
    type: str
    description: str
    filename: str
    urls: list[str]
    md5: str
    compressed_size: int
    documents: int | None = None
    corpus_index: str = ""


@cache
def known() -> Mapping[str, Prebuilt]:
    """By name; the jar's lists first. Raises `Problem` where pyserini is not there, or its lists are of another form.
    Half a second, once."""
    found: dict[str, Prebuilt] = {}
    for each in (*_of_jar(anserini_jar()), *_of_table()):
        found.setdefault(each.name, each)
    return found


def _of_jar(jar: Path) -> Iterator[Prebuilt]:
    try:
        with ZipFile(jar) as archive:
            names = [name for name in archive.namelist() if name.startswith(_LISTS) and name.endswith(".json")]
            lists = [json_decoder(list[_Listed]).decode(archive.read(name)) for name in sorted(names)]
    except (OSError, BadZipFile, msgspec.DecodeError) as error:
        raise Problem(
            f"The lists of prebuilt indexes in {jar} cannot be read: install pyserini again.", detail=str(error)
        ) from error
    for listed in (listed for each in lists for listed in each):
        for kind in get_args(Kind):
            if listed.type == kind and listed.urls:
                yield Prebuilt(
                    listed.name, kind, listed.description, listed.filename, listed.urls[0], listed.md5,
                    listed.compressed_size, listed.documents, listed.corpus_index,
                )  # fmt: skip


def _of_table() -> Iterator[Prebuilt]:
    """The entries that pyserini's module spells out; it would start Java if it were imported."""
    spec = find_spec("pyserini")
    if spec is None or spec.origin is None:
        return
    source = Path(spec.origin).with_name("prebuilt_index_info.py")
    for node in ast.parse(source.read_bytes()).body:
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)):
            continue
        table = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
        for beginning, kind in _TABLES.items():
            if table.startswith(beginning):
                yield from _of_entries(node.value, kind)


def _of_entries(table: ast.Dict, kind: Kind) -> Iterator[Prebuilt]:
    for key, value in zip(table.keys, table.values, strict=True):
        entry: dict[str, Any] | None = _literal(value)
        if isinstance(key, ast.Constant) and entry is not None and entry.get("urls"):
            url = entry["urls"][0]
            yield Prebuilt(
                str(key.value), kind, entry.get("description", ""), entry.get("filename") or url.rsplit("/", 1)[-1],
                url, entry["md5"], entry["size compressed (bytes)"], entry.get("documents"), entry.get("texts", ""),
            )  # fmt: skip


def _literal(value: ast.expr) -> dict[str, Any] | None:
    """None for what is computed: those are the jar's."""
    try:
        found = ast.literal_eval(value)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
