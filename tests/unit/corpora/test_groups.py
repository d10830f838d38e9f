"""The collections of ir_datasets that are listed by group."""

from __future__ import annotations

from collections import Counter

from zsr_tui.corpora import collection_of, list_corpora, normalise
from zsr_tui.corpora.groups import groups
from zsr_tui.corpora.irds import ir_datasets
from zsr_tui.ui.setup.corpora import GROUPS


def test_counts_and_collections_are_those_of_ir_datasets() -> None:
    module = ir_datasets()
    for id, one in groups().items():
        dataset = module.registry[id]
        found = (dataset.docs_metadata(), dataset.queries_metadata(), dataset.qrels_metadata())
        assert (one.info.docs, one.info.queries, one.info.judgments) == tuple(each["count"] for each in found), id
        assert one.collection == module.docs_parent_id(id)


def test_they_are_listed_by_group_and_found_by_id() -> None:
    counted = Counter(info.group for info in list_corpora())
    assert {group for group, _ in GROUPS} == {*counted, "local"}
    assert (counted["nano-beir"], counted["bright"], counted["lotte"], counted["miracl"]) == (13, 20, 24, 18)
    assert len({info.title for info in list_corpora()}) == counted.total()
    assert (normalise("MIRACL/de/dev"), collection_of("miracl/de/dev")) == ("miracl/de/dev", "miracl/de")
