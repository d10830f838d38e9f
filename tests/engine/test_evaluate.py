"""Evaluation: means, members, limits."""

from __future__ import annotations

import ir_measures
import pytest

from tests.engine.conftest import BM25, DENSE, RERANKED
from zsr_tui.api.events import AnyEvent, EvaluateFinished, QueryEvaluated, SystemResult
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluate import evaluate
from zsr_tui.engine.library import Library
from zsr_tui.progress import CancelToken


def run(library: Library, *systems: str, **asked: object) -> tuple[list[QueryEvaluated], tuple[SystemResult, ...]]:
    events: list[AnyEvent] = []
    request = EvaluateRequest(id="e", dataset="demo", systems=systems, **asked)  # type: ignore[arg-type]
    evaluate(library, request, events.append, CancelToken())
    assert isinstance(events[-1], EvaluateFinished)
    return [event for event in events if isinstance(event, QueryEvaluated)], events[-1].results


def test_means_are_ir_measures_own_over_all_judged_queries(library: Library) -> None:
    per_query, (result,) = run(library, BM25, rankings=True, measures=("nDCG@10", "AP", "R@100"))
    corpus = library.corpus("demo")
    qrels = {query.id: dict(corpus.judgments(query.id)) for query in corpus.queries}
    runs = {event.qid: dict(event.ranking) for event in per_query}
    measures = [ir_measures.parse_measure(name) for name in ("nDCG@10", "AP", "R@100")]
    expected = ir_measures.calc_aggregate(measures, qrels, runs)
    assert result.queries == len(corpus.queries)
    assert result.means == pytest.approx({str(measure): value for measure, value in expected.items()})


def test_the_demo_corpus_is_no_walkover_and_every_family_wins_somewhere(library: Library) -> None:
    per_query, results = run(library, BM25, DENSE, RERANKED, measures=("nDCG@10",))
    for result in results:
        assert result.means["nDCG@10"] <= 0.95, result.system
        assert result.means["nDCG@10"] >= 0.3, result.system
    values = {(event.qid, event.system): event.values["nDCG@10"] for event in per_query}
    wins = {0: 0, 1: 0, 2: 0}
    for qid in {event.qid for event in per_query}:
        for system in wins:
            others = [values[qid, other] for other in wins if other != system]
            wins[system] += values[qid, system] > max(others)
    assert min(wins.values()) >= 1, wins


def test_a_limit_takes_the_first_judged_queries(library: Library) -> None:
    per_query, (result,) = run(library, BM25, limit=3)
    assert [event.qid for event in per_query] == [query.id for query in library.corpus("demo").queries[:3]]
    assert result.queries == 3


def test_an_unknown_measure_is_refused_before_anything_runs(library: Library) -> None:
    with pytest.raises(Problem, match="nDCG@10"):
        run(library, BM25, measures=("ndcg@10",))
