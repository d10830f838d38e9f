"""The BEIR benchmark as `beir.toml` describes it. Reads nothing else: no ir_datasets, no network."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

SUITE = "beir"
FORUMS = f"{SUITE}/cqadupstack"  # CQADupStack as a whole: the average over its 12 forums


@dataclass(frozen=True, slots=True)
class Entry:
    """One BEIR dataset that can be evaluated."""

    id: str  # as in ir_datasets: beir/scifact/test, beir/nq, beir/cqadupstack/android
    collection: str  # beir/scifact: whose documents
    split: str  # the judgments' split
    archive: str  # what is downloaded, as ir_datasets names it: several collections may share one
    title: str
    licence: str
    bytes: int
    docs: int
    queries: int
    judgments: int

    @property
    def folder(self) -> str:
        """Below ir_datasets' BEIR folder."""
        return self.collection.removeprefix(f"{SUITE}/")


@dataclass(frozen=True, slots=True)
class Licensed:
    """A dataset of the benchmark that nobody may hand out."""

    id: str
    title: str
    docs: int
    queries: int
    how_to: str
    source: str = ""  # the dataset of ir_datasets that reads the user's copy
    copy: str = ""  # where below ir_datasets' folder that copy belongs
    query: str = ""  # what stands as the query: "headline" or "description"

    @property
    def name(self) -> str:
        return self.id.removeprefix(f"{SUITE}/")


@dataclass(slots=True)
class Catalogue:
    entries: dict[str, Entry] = field(default_factory=dict)
    licensed: dict[str, Licensed] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # every other spelling, in lower case -> id
    forums: tuple[str, ...] = ()
    forums_title: str = ""


@cache
def catalogue() -> Catalogue:
    table = tomllib.loads(resources.files(__package__).joinpath("beir.toml").read_text("utf-8"))
    known = Catalogue()
    for name, row in table["datasets"].items():
        main = _add(known, name, row)
        _name(known, main, name, row)
    for name, row in table["licensed"].items():
        chosen = {key: row[key] for key in ("docs", "queries", "how_to", "source", "copy", "query") if key in row}
        entry = Licensed(id=f"{SUITE}/{name}", title=_title(row), **chosen)
        known.licensed[entry.id] = entry
        _name(known, entry.id, name, row)
    return known


def _add(known: Catalogue, name: str, row: dict[str, Any]) -> str:
    """Returns the id that stands for the dataset: the split that BEIR evaluates, or the forums as a whole."""
    common = {"archive": name, "licence": row.get("licence", ""), "bytes": row["bytes"]}
    collection = f"{SUITE}/{name}"
    if "forums" in row:
        for forum, counts in row["forums"].items():
            id = f"{collection}/{forum}"
            known.entries[id] = Entry(
                id=id, collection=id, split="test", title=f"{row['title']} {forum}", **common, **counts
            )
            known.names[f"{name}/{forum}"] = known.names[f"{id}/test"] = id
        known.forums = tuple(f"{collection}/{forum}" for forum in row["forums"])
        known.forums_title = _title(row)
        return collection
    splits = row.get("splits")
    if splits is None:
        known.entries[collection] = Entry(
            id=collection,
            collection=collection,
            split="test",
            title=_title(row),
            docs=row["docs"],
            queries=row["queries"],
            judgments=row["judgments"],
            **common,
        )
        known.names[f"{collection}/test"] = collection
        return collection
    for split, counts in sorted(splits.items(), key=lambda item: item[0] != row["split"]):  # that one first
        id = f"{collection}/{split}"
        title = _title(row) if split == row["split"] else f"{row['title']}, {split} queries"
        known.entries[id] = Entry(
            id=id, collection=collection, split=split, title=title, docs=row["docs"], **common, **counts
        )
    return f"{collection}/{row['split']}"


def _name(known: Catalogue, id: str, name: str, row: dict[str, Any]) -> None:
    for spelling in (name, *row.get("aliases", ())):
        known.names[spelling] = known.names[f"{SUITE}/{spelling}"] = id


def _title(row: dict[str, Any]) -> str:
    return f"{row['title']} ({row['domain']})"
