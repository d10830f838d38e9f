"""Queries and judgments that lie beside documents: in BEIR layout, as files that are named, or as those that are found
where the documents are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from zsr_tui.corpora.formats.rows import HUB, reader_of
from zsr_tui.corpora.judgments import Judgments, read_judgments, read_queries
from zsr_tui.corpora.layout import QRELS, QUERIES, Layout, splits_in
from zsr_tui.corpora.mapping import LOOKED_AT, Columns, mapping_of
from zsr_tui.corpora.reference import Reference
from zsr_tui.domain import Problem, Query
from zsr_tui.outside import LONGEST_LINE

_QUERY_FILES = (QUERIES, "queries.tsv", "queries.csv", "queries.parquet", "topics.tsv")
_JUDGMENT_FILES = ("qrels.tsv", "qrels.csv", "qrels.txt", "qrels.trec", "qrels")


@dataclass(frozen=True, slots=True)
class Beside:
    """The names are for sentences about them."""

    queries: Mapping[str, Query] = field(default_factory=dict)
    judgments: Judgments = field(default_factory=Judgments)
    queries_name: str = QUERIES
    judgments_name: str = QRELS
    notes: tuple[str, ...] = ()

    @staticmethod
    def in_layout(folder: Path, split: str) -> Beside:
        file = f"{QRELS}/{split}.tsv"
        queries = read_queries(folder / QUERIES) if os.path.lexists(folder / QUERIES) else {}
        if split:
            return Beside(queries, read_judgments(folder / file), QUERIES, file)
        others = sorted(other.name for other in (folder / QRELS).glob("[!.]*") if other.is_file())
        said = f"{QRELS}/{{}} is not read as judgments: in BEIR layout their name ends in .tsv."
        return Beside(queries, notes=tuple(said.format(other) for other in others[:1]))


def beside_of(reference: Reference, notes: tuple[str, ...]) -> Beside:
    """What the reference names, else what lies in the folder of its documents. `notes` go with it."""
    home = _home(reference)
    queries = _named(reference, "queries") or _first(home, _QUERY_FILES)
    qrels = _named(reference, "qrels") or _judged_in(home)
    found = Beside(notes=notes)
    if queries is not None:
        found = replace(found, queries=queries_in(queries), queries_name=str(queries))
    if qrels is not None:
        found = replace(found, judgments=read_judgments(qrels), judgments_name=str(qrels))
    return found


def queries_in(path: Path) -> dict[str, Query]:
    """Of a file in any of the formats that documents may be in. Raises `Problem`."""
    if path.name == QUERIES:
        return read_queries(path)
    reader = reader_of(str(path))
    if reader is None or not path.is_file():
        raise Problem(f"{path} holds no queries: they are read from JSON lines, TSV, CSV or Parquet.", usage=True)
    from zsr_tui.corpora.formats.rows import Options

    rows = list(reader.rows(str(path), Options(), lambda _: None))
    mapping = mapping_of(rows[:LOOKED_AT], Columns(), str(path), queries=True)
    found: dict[str, Query] = {}
    for number, row in enumerate(rows, 1):
        one = mapping.document(row, number)
        if one.id in found:
            raise Problem(f"{row.where}: query {one.id!r} is there already.")
        found[one.id] = Query(one.id, one.text[:LONGEST_LINE])
    return found


def _home(reference: Reference) -> Path | None:
    if reference.base.startswith(HUB):
        return None
    path = Path(reference.base)
    return path if path.is_dir() else path.parent


def _named(reference: Reference, setting: str) -> Path | None:
    path = Path(reference.one(setting))
    if not reference.one(setting):
        return None
    if not path.is_file():
        raise Problem(f"there is no file {path} for {setting}.", usage=True)
    return path


def _first(home: Path | None, names: tuple[str, ...]) -> Path | None:
    """What is there under one of the names, also what is no file, which is told when it is read."""
    if home is None:
        return None
    return next((home / name for name in names if os.path.lexists(home / name) and not (home / name).is_dir()), None)


def _judged_in(home: Path | None) -> Path | None:
    """`qrels/<split>.tsv` as in BEIR layout, of the split that would be taken there; else a file."""
    if home is None:
        return None
    split = Layout(home, splits_in(home), {}).default_split()
    return home / QRELS / f"{split}.tsv" if split else _first(home, _JUDGMENT_FILES)
