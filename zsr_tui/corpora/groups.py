"""Collections of ir_datasets besides BEIR that the setup lists, as `groups.tsv` has them: counts are those of
ir_datasets' own metadata (a test compares them). Any other of its datasets can be opened by its id."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from zsr_tui.domain import CorpusInfo


@dataclass(frozen=True, slots=True)
class Grouped:
    info: CorpusInfo
    collection: str  # whose documents


@cache
def groups() -> dict[str, Grouped]:
    """By id, in the order of the list. Reads no network and no ir_datasets."""
    _, *rows = resources.files(__package__).joinpath("groups.tsv").read_text("utf-8").splitlines()
    found = {}
    for row in rows:
        group, id, collection, docs, queries, judgments, title = row.split("\t")
        info = CorpusInfo(id, title, group, docs=int(docs), queries=int(queries), judgments=int(judgments))
        found[id] = Grouped(info, collection)
    return found
