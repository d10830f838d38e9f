"""Which published figures a stored evaluation has beside its own."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.unit.evaluation.made_up import append, numbered, queries, ranked, spec
from zsr_tui.engine.evaluation.published import published_figures
from zsr_tui.evaluation import store
from zsr_tui.evaluation.rejudged import Rejudged
from zsr_tui.evaluation.results import EvaluatedSystem
from zsr_tui.evaluation.stored import Stored

RERANKED = "bm25 % 1000 >> cross-encoder/ms-marco-MiniLM-L-6-v2"
SYSTEMS = (
    EvaluatedSystem("bm25", "bm25", "bm25", None, stages=(0,)),
    EvaluatedSystem("dense(facebook/contriever)", "contriever", "bi-encoder", None, stages=(1,)),
)
RERANKING = (EvaluatedSystem(RERANKED, "MiniLM", "cross-encoder", None, stages=(0, 2)),)
LISTS = {stage: ranked(*numbered(3)) for stage in range(3)}


@pytest.fixture(autouse=True)
def _nothing_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))


def begun(
    dataset: str = "beir/scifact/test", systems: tuple[EvaluatedSystem, ...] = SYSTEMS, **provenance: Any
) -> Stored:
    made = spec()
    facts = {"provenance": dataclasses.replace(made.provenance, **provenance), "members": (dataset,)}
    made = spec(dataset=dataset, systems=systems, measures=("nDCG@10", "RR@10"), **facts)
    return store.create(made, queries({"d1": 1}, {"d2": 1}, member=dataset))


def told() -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for figure in published_figures(store.find("e1").evaluation()):
        found.setdefault(figure.system, []).append(figure.value)
    return found


def test_a_system_has_figures_as_soon_as_it_has_run_every_query() -> None:
    one = begun()
    assert told() == {}
    append(one, 0, LISTS)
    assert told() == {}
    append(one, 1, {0: LISTS[0]})  # the second system failed here
    assert told() == {0: [0.6789]}
    append(one, 1, LISTS)
    assert told() == {0: [0.6789], 1: [0.6493]}


def test_a_part_of_the_queries_has_none() -> None:
    one = begun(subset="the first 2")
    for number in range(2):
        append(one, number, LISTS)
    assert told() == {}


def test_lists_in_which_a_query_finds_itself_have_none() -> None:
    one = begun(drop_self=False)
    for number in range(2):
        append(one, number, LISTS)
    assert told() == {}


def test_other_judgments_than_the_datasets_own_have_none() -> None:
    one = begun()
    for number in range(2):
        append(one, number, LISTS)
    assert published_figures(Rejudged(one, {}, "none is another").evaluation())
    assert not published_figures(Rejudged(one, {1: {"d1": 1}}, "one is another").evaluation())


def test_the_closest_comes_first_and_the_others_stand_behind_it() -> None:
    one = begun("beir/msmarco/dev", RERANKING)
    for number in range(2):
        append(one, number, LISTS)
    assert told() == {0: [0.390, 0.3901]}
