"""Other weights for a fused list: what a search with them would return, from the lists of the last search."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context

import pytest

from tests.engine.conftest import BM25, DENSE
from zsr_tui import caller
from zsr_tui.api.events import AnyEvent, Heads, Measured, Ranking, SystemFailed
from zsr_tui.api.judging import AnySource, Judgment, KeepJudgment, MeasureLists
from zsr_tui.api.weights import FindBestWeight, Reweigh
from zsr_tui.caller import Caller
from zsr_tui.domain import Problem
from zsr_tui.engine import reweighing
from zsr_tui.engine.judging.judge import best_weight, keep, measure
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import Library
from zsr_tui.engine.systems import head
from zsr_tui.pipeline import CANDIDATES

Search = Callable[..., list[AnyEvent]]
FUSED = f"linear({BM25}, {DENSE}; weights=[0.7, 0.3]) % 40"


def asked(pane: str, *weights: float, search: str = "r", system: int = 0) -> Reweigh:
    return Reweigh(pane=pane, search=search, system=system, weights=weights)


def test_the_list_is_the_one_that_a_search_with_these_weights_returns(
    run_search: Search, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    qid = library.corpus("demo").queries[3].id
    events = run_search(FUSED, BM25, qid=qid, pane="slider", depth=30)
    sent = {doc_id for event in events if isinstance(event, Heads) for doc_id in event.heads}
    other = f"linear({BM25}, {DENSE}; weights=[0.2, 0.8]) % 40"
    again = run_search(other, qid=qid, depth=30)
    assert not [event for event in again if isinstance(event, SystemFailed)]
    (ranking,) = [event for event in again if isinstance(event, Ranking) and event.final]
    (measured,) = [event for event in again if isinstance(event, Measured)]

    def nothing_is_retrieved(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Library, "bm25", nothing_is_retrieved)
    monkeypatch.setattr(Library, "encoded", nothing_is_retrieved)
    found = library.fused.reweighed(asked("slider", 0.2, 0.8))

    assert found.rows == ranking.rows
    assert found.rows != next(event for event in events if isinstance(event, Ranking) and event.final).rows
    assert found.measures == measured.values
    assert found.system == head(other)
    assert found.heads.keys() == {row.doc_id for row in found.rows} - sent
    assert len(library.fused.reweighed(asked("slider", 9, 1)).rows) == 30

    def by_another_caller() -> None:
        caller.become(Caller("ben"))
        library.fused.reweighed(asked("slider", 9, 1))

    with pytest.raises(Problem, match="not kept any more"):
        copy_context().run(by_another_caller)
    assert CANDIDATES > 40  # the lists inside are deeper than what is shown of them


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        pytest.param(asked("nobody", 1, 1), "run the query again", id="another pane"),
        pytest.param(asked("p", 1, 1, search="before"), "run the query again", id="an older search"),
        pytest.param(asked("p", 1, 1, system=1), "run the query again", id="a list that is not fused"),
        pytest.param(asked("p", 1, 1, system=2), "run the query again", id="a reranked list"),
        pytest.param(asked("p", 1), "takes 2 weights above 0", id="too few weights"),
        pytest.param(asked("p", 1, 0), "takes 2 weights above 0", id="no weight"),
        pytest.param(asked("p", 1, float("nan")), "takes 2 weights above 0", id="no number"),
    ],
)
def test_what_is_not_kept_or_makes_no_sense_is_said(
    run_search: Search, library: Library, question: Reweigh, sentence: str
) -> None:
    reranked = f"rrf({BM25}, {DENSE}) % 2 >> ms-marco-minilm-l12-int8"
    run_search(f"rrf({BM25}, {DENSE})", BM25, reranked, query="cold weather", pane="p")

    with pytest.raises(Problem, match=sentence):
        library.fused.reweighed(question)


def test_the_best_weight_of_a_query_is_the_one_that_all_others_are_no_better_than(
    run_search: Search, library: Library
) -> None:
    qid = next(query.id for query in library.corpus("demo").judged_queries())
    run_search(FUSED, qid=qid, pane="best")

    def value(share: float) -> float:
        measures = library.fused.reweighed(asked("best", share, 1 - share)).measures
        assert measures is not None
        return measures["nDCG@10"]

    found = library.fused.best(FindBestWeight(pane="best", search="r", system=0, weights=(0.7, 0.3)))
    assert found is not None
    values = {share: value(share / 100) for share in range(1, 100)}
    assert found.value == pytest.approx(max(values.values()))
    best = {share for share, each in values.items() if each == pytest.approx(found.value)}
    assert round(found.share * 100) == min(best, key=lambda share: abs(share - 70))
    assert {*range(round(100 * found.low), round(100 * found.high) + 1)} <= best
    assert not {round(100 * found.low) - 1, round(100 * found.high) + 1} & best
    run_search(FUSED, query="bread", pane="best")
    assert library.fused.best(FindBestWeight(pane="best", search="r", system=0, weights=(0.7, 0.3))) is None


def test_the_best_weight_is_over_the_judgments_that_count(run_search: Search, library: Library) -> None:
    """As the measures beside the slider are."""
    corpus, shelf = library.corpus("demo"), KeptShelf(library)
    query = next(iter(corpus.judged_queries()))
    run_search(FUSED, qid=query.id, pane="best")
    last = library.fused.reweighed(asked("best", 0.01, 0.99)).rows[-1]
    judged = Judgment(query_id=query.id, doc_id=last.doc_id, grade=max(corpus.grades), who="ann")
    keep(shelf, KeepJudgment(dataset="demo", judgment=judged))

    def best(*sources: AnySource) -> float:
        found = best_weight(
            shelf,
            FindBestWeight(pane="best", search="r", system=0, weights=(0.7, 0.3), sources=sources, query_id=query.id),
        )
        assert found is not None
        return found.value

    lists = [
        tuple(row.doc_id for row in library.fused.reweighed(asked("best", share, 100 - share)).rows)
        for share in range(1, 100)
    ]
    unions: tuple[tuple[AnySource, ...], ...] = (("own", "dataset"), ("dataset",), ("own",))
    measured = measure(
        shelf, MeasureLists(dataset="demo", query_id=query.id, lists=tuple(lists), measures=("nDCG@10",), unions=unions)
    )
    highest = [max(each.values["nDCG@10"] or 0.0 for each in union.lists) for union in measured]
    assert [best(*union) for union in unions] == [pytest.approx(value) for value in highest]
    assert highest[0] != pytest.approx(highest[1])


def test_lists_are_kept_for_a_few_panes(run_search: Search, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reweighing, "PANES", 2)
    for number in range(3):
        run_search(f"rrf({BM25}, {DENSE})", query="bread", pane=f"pane {number}")

    with pytest.raises(Problem, match="not kept any more"):
        library.fused.reweighed(asked("pane 0", 1, 2))
    assert library.fused.reweighed(asked("pane 1", 1, 2)).measures is None  # a free query
