"""The demo corpus is worth comparing systems on."""

from __future__ import annotations

from tests.engine.conftest import BM25, DENSE
from zsr_tui.api.events import AnyEvent, EvaluateFinished, QueryEvaluated
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.library import Library
from zsr_tui.progress import CancelToken


def test_the_demo_corpus_is_no_walkover_and_every_family_wins_somewhere(library: Library) -> None:
    reranked = "bm25 % 10 >> ms-marco-minilm-l12-int8"  # as many as the measure looks at
    events: list[AnyEvent] = []
    request = EvaluateRequest(id="e", dataset="demo", systems=(BM25, DENSE, reranked), measures=("nDCG@10",), limit=24)
    evaluate(library, request, events.append, CancelToken())
    end = events[-1]
    assert isinstance(end, EvaluateFinished)
    for result in end.results:
        assert 0.3 <= (result.means["nDCG@10"] or 0) <= 0.95, result.system
    values = {
        (event.qid, event.system): event.values["nDCG@10"] or 0 for event in events if isinstance(event, QueryEvaluated)
    }
    wins = {0: 0, 1: 0, 2: 0}
    for qid in {qid for qid, _ in values}:
        for system in wins:
            others = [values[qid, other] for other in wins if other != system]
            wins[system] += values[qid, system] > max(others)
    assert min(wins.values()) >= 1, wins
