"""The catalogue agrees with ir_datasets, and costs nothing to list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from tests.waiting import meanwhile
from zsr_tui.corpora import list_corpora, remembered
from zsr_tui.corpora.beir import archive_path
from zsr_tui.corpora.catalogue import catalogue
from zsr_tui.corpora.irds import downloads, ir_datasets
from zsr_tui.domain import CorpusInfo
from zsr_tui.paths import ir_datasets_dir


@pytest.fixture
def listed() -> dict[str, CorpusInfo]:
    return {info.id: info for info in list_corpora()}


def test_every_dataset_of_beir_that_can_be_evaluated_is_there() -> None:
    registry = ir_datasets().registry
    can = {id for id in registry if id.startswith("beir/") and registry[id].has_qrels()}
    assert set(catalogue().entries) == can


@pytest.mark.parametrize("id", sorted(catalogue().entries))
def test_counts_sizes_and_places_are_those_of_ir_datasets(id: str) -> None:
    entry = catalogue().entries[id]
    info = entry.info
    provider = ir_datasets().util.default_metadata_provider
    for kind, count in (("docs", info.docs), ("queries", info.queries), ("qrels", info.judgments)):
        assert provider.get_metadata(id, kind)["count"] == count
    published = downloads("beir")[entry.archive]
    assert published["size_hint"] == info.download_bytes
    assert archive_path(entry.archive) == ir_datasets_dir() / "beir" / published["cache_path"]
    assert ir_datasets().docs_parent_id(id) == entry.collection


def test_what_beir_evaluates_stands_before_the_other_splits() -> None:
    msmarco = [info.id for info in list_corpora() if info.id.startswith("beir/msmarco/")]
    assert msmarco == ["beir/msmarco/dev", "beir/msmarco/train", "beir/msmarco/test"]


def test_cqadupstack_as_a_whole(listed: dict[str, CorpusInfo]) -> None:
    whole = listed["beir/cqadupstack"]
    assert len(whole.members) == 12
    assert whole.docs == sum(listed[member].docs or 0 for member in whole.members) == 457_199
    assert whole.queries == 13_145


def test_the_licensed_ones_say_what_to_do(listed: dict[str, CorpusInfo], fresh: Path) -> None:
    licensed = [info for info in listed.values() if info.group == "licensed"]
    assert [info.id for info in licensed] == ["beir/bioasq", "beir/signal1m", "beir/trec-news", "beir/robust04"]
    for info in licensed:
        assert info.docs
        assert info.queries
        assert str(fresh / "data" / info.id) in info.how_to
        assert not info.state.downloaded
    assert str(ir_datasets_dir() / "disks45/corpus") in listed["beir/robust04"].how_to


def test_the_sources_of_the_licensed_ones_exist_in_ir_datasets() -> None:
    for entry in catalogue().licensed.values():
        if entry.source:
            dataset = ir_datasets().load(entry.source)
            assert dataset.has_docs()
            assert dataset.has_queries()
            assert dataset.has_qrels()
            assert entry.copy.endswith(
                next(row["cache_path"] for row in downloads(entry.source).values() if "instructions" in row)
            )


def test_downloaded_means_the_archive_or_what_was_made_of_it(tmp_path: Path) -> None:
    def downloaded() -> set[str]:
        return {info.id for info in list_corpora() if info.group == "beir" and info.state.downloaded}

    assert downloaded() == set()
    folder = tmp_path / "irds" / "beir" / "fiqa"
    (folder / "docs.pklz4").mkdir(parents=True)
    for name in ("docs.pklz4/idx.doc_id.meta", "queries.json", "dev.qrels"):
        (folder / name).touch()
    assert downloaded() == {"beir/fiqa/dev"}
    (folder / "source.zip").touch()
    assert downloaded() == {"beir/fiqa/dev", "beir/fiqa/test", "beir/fiqa/train"}
    forums = tmp_path / "irds" / "beir" / "cqadupstack"
    forums.mkdir()
    (forums / "source.zip").touch()
    assert len(downloaded()) == 3 + 12 + 1


def test_listing_and_opening_the_demo_import_nothing_heavy(in_new_process: Callable[[str], object]) -> None:
    heavy = in_new_process(
        "import sys, json, zsr_tui.corpora as corpora\n"
        "first = sorted(m for m in ('tomllib', 'zsr_tui.corpora.beir') if m in sys.modules)\n"
        "corpora.list_corpora(); corpora.open_corpus('demo'); corpora.normalise('scifact')\n"
        "names = ('ir_datasets', 'numpy', 'httpx', 'requests', 'torch', 'pandas', 'rapidfuzz')\n"
        "print(json.dumps(first + [name for name in names if name in sys.modules]))"
    )
    assert heavy == []


def test_two_corpora_that_are_opened_at_once_are_both_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, others = remembered._read, [remembered.Remembered("two", str(tmp_path), 1, 1, 1)]
    threads: list[Thread] = []

    def between(file: Path) -> list[remembered.Remembered]:
        found = read(file)
        if others:
            other = others.pop()
            threads.append(meanwhile(lambda: remembered.remember(other)))
        return found

    monkeypatch.setattr(remembered, "_read", between)
    remembered.remember(remembered.Remembered("one", str(tmp_path), 1, 1, 1))
    threads[0].join()
    assert {each.id for each in remembered.remembered()} == {"one", "two"}
