"""A search, from the request to its events, with real Lucene, faiss and models."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.engine.conftest import BM25, DENSE, RERANKED
from zsr_tui.api.events import AnyEvent, Heads, Measured, Ranking, SearchFinished, SearchStarted, SystemFailed
from zsr_tui.api.requests import SearchRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.library import Library
from zsr_tui.engine.search import search
from zsr_tui.progress import Cancelled, CancelToken

Search = Callable[..., list[AnyEvent]]


def finals(events: list[AnyEvent]) -> dict[int, Ranking]:
    return {event.system: event for event in events if isinstance(event, Ranking) and event.final}


def test_each_list_arrives_whole_with_its_judgments_and_measures(run_search: Search, library: Library) -> None:
    query = library.corpus("demo").queries[0]
    events = run_search(BM25, DENSE, RERANKED, "bm25 % 20", qid=query.id)
    started = events[0]
    assert isinstance(started, SearchStarted)
    assert (started.qid, started.query, started.position) == (query.id, query.text, 0)
    assert isinstance(events[-1], SearchFinished)
    lists = finals(events)
    assert set(lists) == {0, 1, 2, 3}
    judgments = library.corpus("demo").judgments(query.id)
    for ranking in lists.values():
        assert ranking.rows
        scores = [row.score for row in ranking.rows]
        assert scores == sorted(scores, reverse=True)
        assert all(row.grade == judgments.get(row.doc_id) for row in ranking.rows)
    assert [lists[system].precision for system in range(3)] == ["", "fp32", "int8"]
    measured = {event.system: event.values for event in events if isinstance(event, Measured)}
    assert set(measured) == {0, 1, 2, 3}
    assert set(measured[0]) == {"nDCG@10", "RR@10", "R@100", "Judged@10"}
    assert None not in measured[0].values()
    assert measured[3] == {**measured[0], "R@100": None}  # it ends before that


def test_no_row_comes_before_its_head(run_search: Search) -> None:
    known: set[str] = set()
    for event in run_search(BM25, DENSE, RERANKED, query="how to keep bread fresh"):
        if isinstance(event, Heads):
            assert not known & set(event.heads), "a head was sent twice"
            known |= set(event.heads)
        elif isinstance(event, Ranking):
            assert {row.doc_id for row in event.rows} <= known


def test_a_free_query_has_no_judgments_and_no_measures(run_search: Search) -> None:
    events = run_search(BM25, query="zebra bread moon")
    assert events[0].qid is None  # type: ignore[union-attr]
    assert not [event for event in events if isinstance(event, Measured)]
    assert all(row.grade is None for row in finals(events)[0].rows)


def test_a_typed_query_equal_to_a_dataset_query_gets_its_judgments(run_search: Search, library: Library) -> None:
    query = library.corpus("demo").queries[7]
    events = run_search(BM25, query=f"  {query.text.upper()} ")
    assert events[0].qid == query.id  # type: ignore[union-attr]
    assert [event for event in events if isinstance(event, Measured)]


def test_a_changed_query_is_measured_with_the_judgments_of_the_one_before(run_search: Search, library: Library) -> None:
    query = library.corpus("demo").queries[0]
    judgments = library.corpus("demo").judgments(query.id)
    events = run_search(BM25, query=f"{query.text} really", judged_as=query.id)
    started = events[0]
    assert isinstance(started, SearchStarted)
    assert (started.qid, started.judged_as, started.position) == (None, query.id, None)
    assert (started.relevant, started.judged) == (library.corpus("demo").relevant(query.id), len(judgments))
    assert [row.grade for row in finals(events)[0].rows if row.doc_id in judgments] != []
    assert all(row.grade == judgments.get(row.doc_id) for row in finals(events)[0].rows)
    assert [event.borrowed for event in events if isinstance(event, Measured)] == [True]
    itself = run_search(BM25, query=query.text, judged_as=library.corpus("demo").queries[1].id)
    assert (itself[0].qid, itself[0].judged_as) == (query.id, None)  # type: ignore[union-attr]
    assert [event.borrowed for event in itself if isinstance(event, Measured)] == [False]
    with pytest.raises(Problem, match="no query 'nobody'"):
        run_search(BM25, query="bread", judged_as="nobody")


def test_the_reranker_scores_the_current_top_first_and_settles_in_batches(run_search: Search) -> None:
    events = run_search("bm25 % 100 >> ms-marco-minilm-l12-int8", query="water in the garden")
    rankings = [event for event in events if isinstance(event, Ranking)]
    assert len(rankings) >= 4
    assert rankings[0].scored == 0
    assert [row.candidate_rank for row in rankings[0].rows] == list(range(1, len(rankings[0].rows) + 1))
    first = [row for row in rankings[1].rows if row.score is not None]
    assert {row.candidate_rank for row in first} == set(range(1, len(first) + 1)), "not the top of the candidates"
    for ranking in rankings:
        unscored = [row.score is None for row in ranking.rows]
        assert unscored == sorted(unscored), "scored rows must come first"
        assert sum(row.score is not None for row in ranking.rows) == ranking.scored
    assert rankings[-1].final
    assert rankings[-1].scored == rankings[-1].total
    assert {row.doc_id for row in rankings[0].rows} == {row.doc_id for row in rankings[-1].rows}


def test_cuts_and_fusion_do_what_the_notation_says(run_search: Search) -> None:
    events = run_search(
        "bm25 % 7", "bm25 % 20 >> ms-marco-minilm-l12-int8 % 5", f"rrf(bm25 % 10, {DENSE} % 10)",
        "bm25 % 10", f"{DENSE} % 10", query="cold weather",
    )  # fmt: skip
    lists = finals(events)
    assert len(lists[0].rows) == 7
    assert len(lists[1].rows) == 5
    assert lists[1].total == 20
    # of two lists of ten: the sum of 1 / (60 + rank) over those that have the document
    ranks = [{row.doc_id: rank for rank, row in enumerate(lists[place].rows, start=1)} for place in (3, 4)]
    fused = {row.doc_id: row.score for row in lists[2].rows}
    assert fused.keys() == ranks[0].keys() | ranks[1].keys()
    for doc_id, score in fused.items():
        assert score == pytest.approx(sum(1 / (60 + each[doc_id]) for each in ranks if doc_id in each)), doc_id
    assert any(doc_id in ranks[0] and doc_id in ranks[1] for doc_id in fused)
    assert [lists[system].precision for system in range(3)] == ["", "int8", "fp32"]


def test_k1_and_b_change_the_scores_of_that_list_only(run_search: Search) -> None:
    events = run_search("bm25", "bm25(k1=2, b=1)", query="how long does cooked rice keep")
    again = run_search("bm25", query="how long does cooked rice keep")
    scores = [[row.score for row in ranking.rows] for _, ranking in sorted(finals(events).items())]
    assert scores[0] != scores[1]
    assert scores[0] == [row.score for row in finals(again)[0].rows]


def test_one_system_that_fails_leaves_the_others_alone(run_search: Search) -> None:
    events = run_search(BM25, "bm25 % 10 >> ./no-such-model", query="bread")
    failed = [event for event in events if isinstance(event, SystemFailed)]
    assert [event.system for event in failed] == [1]
    assert "no-such-model" in failed[0].problem.message
    assert finals(events)[0].rows
    assert isinstance(events[-1], SearchFinished)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        pytest.param("", "empty", id="nothing"),
        pytest.param("  \n ", "empty", id="blanks"),
        pytest.param("long " * 2001, "10,005 characters", id="too long"),
    ],
)
def test_a_query_that_cannot_be_searched_is_refused(run_search: Search, query: str, says: str) -> None:
    with pytest.raises(Problem, match=says) as failure:
        run_search(BM25, query=query)
    assert failure.value.exit_code == 2


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("x" * 10_000, id="one long word"),
        pytest.param("word " * 2000, id="many words"),
        pytest.param("\x1b[31mred\x00\x07", id="control characters"),
        pytest.param("البحث عن الخبز", id="Arabic"),
        pytest.param("如何保存面包", id="Chinese"),
        pytest.param("🍞 👩‍🍳 bread", id="emoji"),
        pytest.param('title:"bread" AND (a OR b) ~^*?\\/ [0 TO 9]', id="query syntax"),
        pytest.param("the of and", id="stop words"),
    ],
)
def test_odd_queries_are_searched_like_any_other(run_search: Search, query: str) -> None:
    events = run_search(BM25, DENSE, query=query)
    assert not [event for event in events if isinstance(event, SystemFailed)]
    assert set(finals(events)) == {0, 1}
    assert finals(events)[1].rows


def test_cancelling_stops_within_a_batch(library: Library) -> None:
    cancel, seen = CancelToken(), []

    def emit(event: AnyEvent) -> None:
        seen.append(event)
        if isinstance(event, Ranking) and event.scored:
            cancel.cancel()

    request = SearchRequest(
        id="r", dataset="demo", systems=("bm25 % 200 >> ms-marco-minilm-l12-int8",), query="the water"
    )
    with pytest.raises(Cancelled):
        search(library, request, emit, cancel)
    assert len([event for event in seen if isinstance(event, Ranking) and event.scored]) == 1


WRITTEN = "Ångström’s naïve ﬁlter"
ASKED = {
    "as it is written": (WRITTEN, "a"),
    "decomposed, in capitals": ("A\u030angstro\u0308m’s NAI\u0308VE filter", "a"),
    "in several lines": ("Ångström’s\n naïve\tﬁlter ", "a"),
    "one that differs by its form alone": ("x²", "square"),
    "and the other": ("x2", "two"),
    "another": ("Ångström’s filter", None),
}


@pytest.mark.parametrize("how", ASKED)
def test_a_query_is_the_datasets_however_unicode_writes_it(tmp_path: Path, how: str) -> None:
    text, qid = ASKED[how]
    events: list[AnyEvent] = []
    request = SearchRequest(id="r", dataset=str(_dataset(tmp_path)), systems=(), query=text)
    search(Library(), request, events.append, CancelToken())
    assert isinstance(events[0], SearchStarted)
    assert events[0].qid == qid


@pytest.mark.parametrize("asked", [{"qid": "long"}, {"query": "word " * 4000}], ids=["by its id", "by its text"])
def test_a_query_of_the_dataset_may_be_of_any_length(tmp_path: Path, asked: dict[str, str]) -> None:
    library, events = Library(), list[AnyEvent]()
    request = SearchRequest(id="r", dataset=str(_dataset(tmp_path)), systems=(), **asked)  # type: ignore[arg-type]
    search(library, request, events.append, CancelToken())
    assert isinstance(events[0], SearchStarted)
    assert events[0].qid == "long"
    assert isinstance(events[-1], SearchFinished)
    with pytest.raises(Problem, match="the query has 20,001 characters"):
        search(library, replace(request, qid=None, query="x" * 20_001), events.append, CancelToken())


def _dataset(folder: Path) -> Path:
    (folder / "corpus.jsonl").write_text('{"_id": "d", "text": "t"}\n')
    queries = {"a": WRITTEN, "two": "x2", "square": "x²", "long": "word " * 4000}
    lines = (json.dumps({"_id": qid, "text": text}) for qid, text in queries.items())
    (folder / "queries.jsonl").write_text("\n".join(lines))
    return folder


def test_two_searches_at_once_do_not_disturb_each_other(library: Library) -> None:
    results: dict[str, list[str]] = {}

    def run(query: str) -> None:
        events: list[AnyEvent] = []
        request = SearchRequest(id=query, dataset="demo", systems=(BM25, DENSE, RERANKED), query=query)
        search(library, request, events.append, CancelToken())
        assert {event.request for event in events} == {query}
        results[query] = [row.doc_id for row in finals(events)[2].rows]

    alone = {}
    for query in ("bread", "train"):
        run(query)
        alone[query] = results[query]
    threads = [threading.Thread(target=run, args=(query,)) for query in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == alone
