"""What leaves the engine of a list: no more rows than the system has, and none of a document that has no score."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from zsr_tui import pipeline
from zsr_tui.api.event import Event
from zsr_tui.api.events import Heads, Ranking
from zsr_tui.api.requests import SearchRequest
from zsr_tui.domain import Doc, Query, ScoredDoc
from zsr_tui.engine import sending
from zsr_tui.engine.reweighing import FusedLists
from zsr_tui.engine.runner import Reranking
from zsr_tui.engine.search import _SystemJob
from zsr_tui.engine.sending import Outgoing, Sender

FOUND = tuple(f"d{number}" for number in range(1, 9))
BROKEN = "d2"
QUERY = Query("", "text")


class MadeUpRunner:
    """Finds FOUND. The model scores two at a time, the last found highest, and nothing for BROKEN."""

    dropped: frozenset[tuple[str, str]] = frozenset()
    partly: Mapping[str, int] = MappingProxyType({})
    approximations: Mapping[str, object] = MappingProxyType({})

    def told_of(self, system: pipeline.System) -> tuple[tuple[str, str], ...]:
        return ()

    def run(self, system: pipeline.System, queries: Sequence[Query], depth: int) -> list[list[ScoredDoc]]:
        limit = min(depth, system.depth) if isinstance(system, pipeline.Cut) else depth
        return [[ScoredDoc(doc_id, 9.0 - rank) for rank, doc_id in enumerate(FOUND[:limit])]]

    def candidates(self, source: pipeline.System, model: str, queries: Sequence[Query]) -> list[list[ScoredDoc]]:
        return self.run(source, queries, 1000)

    def rerank(
        self,
        model: str,
        query: Query,
        candidates: Sequence[str],
        on_batch: Callable[[Reranking], None],
        on_load: Callable[[str], None],
    ) -> Reranking:
        for done in (*range(2, len(candidates), 2), len(candidates)):
            scores = {doc_id: float(doc_id[1:]) for doc_id in candidates[:done] if doc_id != BROKEN}
            state = Reranking(model, tuple(candidates), scores, broken=frozenset({BROKEN} & set(candidates[:done])))
            on_batch(state)
        return state


def lists(notation: str, depth: int) -> tuple[list[Ranking], set[str]]:
    """Every list that is sent of a system, and the documents whose heads are."""
    events: list[Event] = []
    request = SearchRequest(id="r", dataset="made/up", systems=(notation,), depth=depth)
    corpus = SimpleNamespace(
        collection="made/up",
        docs=lambda ids: {each: Doc(each, f"title {each}", "text") for each in ids},
        document_of=lambda doc_id: doc_id,
        by_document=lambda ranking: ranking,
    )
    scoring = SimpleNamespace(loaded=lambda _: True, device_label=lambda _: "cpu fp32")
    runner: Any = MadeUpRunner()
    library = SimpleNamespace(scoring=scoring, precision=lambda _: "fp32", fused=FusedLists())
    out = Outgoing(library, corpus, request, QUERY, {}, runner, events.append, time.perf_counter())  # type: ignore[arg-type]
    _SystemJob(runner, QUERY, Sender(out, 0, notation)).run(notation, depth)
    heads = {doc_id for event in events if isinstance(event, Heads) for doc_id in event.heads}
    return [event for event in events if isinstance(event, Ranking)], heads


@pytest.mark.parametrize(
    ("notation", "depth", "most"),
    [
        ("bm25 % 3", 100, 3),
        ("bm25", 5, 5),
        ("bm25 % 6 >> m % 3", 100, 3),
        ("bm25 % 6 >> m % 3", 2, 2),
        ("bm25 >> m", 4, 4),
        ("bm25 % 6 >> m >> m % 2", 100, 2),
        ("bm25 >> m >> m", 3, 3),
    ],
    ids=[
        "a cut",
        "the screen",
        "a cut behind a model",
        "both",
        "the screen behind a model",
        "two models",
        "the screen behind two models",
    ],
)
def test_no_list_is_longer_than_its_system_or_what_is_asked_for(notation: str, depth: int, most: int) -> None:
    sent, heads = lists(notation, depth)
    final = sent[-1]
    assert final.final
    assert len(final.rows) == most
    longest = max(len(each.rows) for each in sent)  # the first of two models shows more
    assert longest <= depth if ">> m >> m" in notation else longest == most
    assert {row.doc_id for each in sent for row in each.rows} <= heads


def test_the_first_part_of_a_long_list_does_not_say_that_it_is_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_ROWS", 3)
    sent, _ = lists("bm25", 100)
    assert [(each.scored, each.total, each.final) for each in sent] == [(3, 8, False), (8, 8, True)]


def test_a_second_model_gets_what_the_cut_behind_the_first_has_left() -> None:
    final = lists("bm25 % 6 >> m % 3 >> m", 100)[0][-1]
    assert (final.total, [row.doc_id for row in final.rows]) == (3, ["d6", "d5", "d4"])


def test_a_document_that_the_model_could_not_score_is_in_no_list_and_is_counted() -> None:
    *before, final = lists("bm25 % 6 >> m", 100)[0]
    assert [row.doc_id for row in before[0].rows] == list(FOUND[:6])  # nothing is known yet
    assert [(row.doc_id, row.score) for row in final.rows] == [
        ("d6", 6.0), ("d5", 5.0), ("d4", 4.0), ("d3", 3.0), ("d1", 1.0),
    ]  # fmt: skip
    assert (final.scored, final.broken, final.total) == (5, 1, 6)
    halfway = next(each for each in before if each.broken)
    assert [row.doc_id for row in halfway.rows] == ["d1", "d3", "d4", "d5", "d6"]
    assert [row.score is not None for row in halfway.rows] == [True, False, False, False, False]
    assert (halfway.scored, halfway.final) == (1, False)
