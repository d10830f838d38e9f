"""The BEIR benchmark as `beir.toml` describes it. Reads nothing else: no ir_datasets, no network."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from zsr_tui.domain import CorpusInfo

SUITE = "beir"
FORUMS = f"{SUITE}/cqadupstack"  # CQADupStack as a whole: the average over its 12 forums


@dataclass(frozen=True, slots=True)
class Entry:
    """One BEIR dataset that can be evaluated."""

    info: CorpusInfo  # its id as in ir_datasets: beir/scifact/test, beir/nq, beir/cqadupstack/android
    collection: str  # beir/scifact: whose documents
    split: str  # the judgments' split
    archive: str  # what is downloaded, as ir_datasets names it: several collections may share one

    @property
    def id(self) -> str:
        return self.info.id


@dataclass(frozen=True, slots=True)
class Licensed:
    """A dataset of the benchmark that nobody may hand out."""

    info: CorpusInfo  # `how_to` of it: how to get a copy, not yet where to put it
    source: str = ""  # the dataset of ir_datasets that reads the user's copy
    copy: str = ""  # where below ir_datasets' folder that copy belongs
    query: str = ""  # what stands as the query: "headline" or "description"

    @property
    def id(self) -> str:
        return self.info.id


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
        _name(known, _add(known, name, row), name, row)
    for name, row in table["licensed"].items():
        info = CorpusInfo(
            id=f"{SUITE}/{name}",
            title=_title(row),
            group="licensed",
            docs=row["docs"],
            queries=row["queries"],
            licence="on request",
            how_to=row["how_to"],
        )
        chosen = {key: row[key] for key in ("source", "copy", "query") if key in row}
        known.licensed[info.id] = Licensed(info, **chosen)
        _name(known, info.id, name, row)
    return known


def _add(known: Catalogue, name: str, row: dict[str, Any]) -> str:
    """Returns the id that stands for the dataset: the split that BEIR evaluates, or the forums as a whole."""
    collection = f"{SUITE}/{name}"
    forums, splits = row.get("forums"), row.get("splits")
    first = row.get("split", "")  # the one that BEIR evaluates
    parts = forums or splits or {"": row}
    for part, counts in sorted(parts.items(), key=lambda each: each[0] != first):
        id = f"{collection}/{part}" if part else collection
        if forums:
            title = f"{row['title']} {part}"
        else:
            title = _title(row) if part == first else f"{row['title']}, {part} queries"
        info = CorpusInfo(
            id=id,
            title=title,
            group="beir",
            docs=counts["docs"] if forums else row["docs"],
            queries=counts["queries"],
            judgments=counts["judgments"],
            download_bytes=row["bytes"],
            licence=row.get("licence", ""),
        )
        known.entries[id] = Entry(info, id if forums else collection, part if splits else "test", name)
        if not splits:
            known.names[f"{id}/test"] = id
    if forums:
        known.names |= {f"{name}/{forum}": f"{collection}/{forum}" for forum in forums}
        known.forums = tuple(f"{collection}/{forum}" for forum in forums)
        known.forums_title = _title(row)
    return f"{collection}/{first}" if splits else collection


def _name(known: Catalogue, id: str, name: str, row: dict[str, Any]) -> None:
    for spelling in (name, *row.get("aliases", ())):
        known.names[spelling] = known.names[f"{SUITE}/{spelling}"] = id


def _title(row: dict[str, Any]) -> str:
    return f"{row['title']} ({row['domain']})"
