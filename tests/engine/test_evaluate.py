"""Evaluation: means, members, limits, run files; stopped, killed, paused and failing ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
import pytest

from tests.engine.conftest import BM25, DENSE
from tests.waiting import DEADLINE, wait_for
from zsr_tui import pipeline
from zsr_tui.api.events import (
    AnyEvent,
    EvaluateFinished,
    EvaluationStarted,
    JobProgress,
    QueryEvaluated,
    SystemFailed,
    SystemResult,
)
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluation import evaluate as evaluating
from zsr_tui.engine.evaluation import running
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.scoring import ScoringService

SMALL = "bm25 % 5 >> ms-marco-minilm-l12-int8"


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
    places = {event.qid: enumerate(event.ranking) for event in per_query}  # ir_measures would turn ties round
    runs = {qid: {doc_id: -float(place) for place, (doc_id, _) in every} for qid, every in places.items()}
    measures = [ir_measures.parse_measure(name) for name in ("nDCG@10", "AP", "R@100")]
    expected = ir_measures.calc_aggregate(measures, qrels, runs)
    assert result.queries == len(corpus.queries)
    assert result.means == pytest.approx({str(measure): value for measure, value in expected.items()})


def test_a_pair_that_several_retrievers_give_a_reranker_is_scored_once(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a cache of scores."""
    asked: list[tuple[str, str]] = []
    score = ScoringService.score

    def counted(service: ScoringService, model: str, query: str, texts: Sequence[str], **more: Any) -> Any:
        asked.extend((query, text) for text in texts)
        return score(service, model, query, texts, **more)

    monkeypatch.setattr(ScoringService, "score", counted)
    retrievers = [pipeline.parse(each) for each in (BM25, DENSE, f"rrf({BM25}, {DENSE})")]
    systems = list(map(str, pipeline.combined(retrievers, ["ms-marco-minilm-l12-int8"], 5)))
    per_query, results = run(library, *systems, limit=3, measures=("nDCG@10",), rankings=True)

    assert len(results) == 6
    assert len(asked) == len(set(asked))
    lists = {(event.system, event.qid): dict(event.ranking) for event in per_query}
    pairs = {(qid, doc_id) for (system, qid), ranking in lists.items() if system % 2 for doc_id in ranking}
    assert len(asked) == len(pairs) < 3 * 3 * 5
    assert all(len(lists[system, qid]) == 5 for system in (1, 3, 5) for _, qid in lists)
    for system in (3, 5):  # and a document has its score in every list that it is in
        for (_, qid), ranking in [each for each in lists.items() if each[0][0] == system]:
            assert all(lists[1, qid].get(doc_id, score) == score for doc_id, score in ranking.items())


def test_a_limit_takes_the_first_judged_queries(library: Library) -> None:
    per_query, (result,) = run(library, BM25, limit=3)
    assert [event.qid for event in per_query] == [query.id for query in library.corpus("demo").queries[:3]]
    assert result.queries == 3


def test_an_unknown_measure_is_refused_before_anything_runs(library: Library) -> None:
    with pytest.raises(Problem, match="nDCG@10"):
        run(library, BM25, measures=("ndcg@10",))


def all_events(library: Library, *systems: str, cancel: CancelToken | None = None, **asked: object) -> list[AnyEvent]:
    events: list[AnyEvent] = []
    request = EvaluateRequest(id="e", dataset="demo", systems=systems, **asked)  # type: ignore[arg-type]
    evaluate(library, request, events.append, cancel or CancelToken())
    return events


def started(events: list[AnyEvent]) -> EvaluationStarted:
    (event,) = [event for event in events if isinstance(event, EvaluationStarted)]
    return event


def test_a_finished_evaluation_is_answered_from_the_store(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    first = all_events(library, BM25, DENSE, limit=4)
    monkeypatch.setattr(evaluating, "run_chunk", lambda *_: pytest.fail("it was run again"))
    second = all_events(library, BM25, DENSE, limit=4, measures=("AP", "nDCG@10"))
    assert started(second).evaluation == started(first).evaluation
    assert (started(first).done, started(second).done) == (0, 4)
    ends = [events[-1] for events in (first, second)]
    assert all(isinstance(end, EvaluateFinished) for end in ends)
    assert ends[1].results[0].means["AP"] == ends[0].results[0].means["AP"]  # type: ignore[union-attr]
    assert [result.precision for result in ends[1].results] == ["", "fp32"]  # type: ignore[union-attr]
    assert store.find(started(first).evaluation).spec.provenance.command.endswith(" --precision fp32")
    # only what was asked for is answered, though the store has all six measures by now
    assert list(ends[1].results[0].means) == ["AP", "nDCG@10"]  # type: ignore[union-attr]
    # an evaluation of other queries, depth or systems is another one
    monkeypatch.undo()
    others = [all_events(library, BM25, DENSE, limit=3), all_events(library, BM25, limit=4)]
    assert "--precision" not in store.find(started(others[1]).evaluation).spec.provenance.command
    assert len({started(events).evaluation for events in [first, *others]}) == 3


def test_it_goes_on_after_a_kill_where_it_stopped(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    uninterrupted = all_events(library, BM25, limit=9, depth=999)[-1]
    assert isinstance(uninterrupted, EvaluateFinished)
    store.delete(uninterrupted.evaluation)
    program = """
import sys
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.engine.evaluation import evaluate as evaluating
from zsr_tui.engine.library import Library
from zsr_tui.progress import CancelToken
evaluating.LARGEST_CHUNK = 2
real = evaluating.run_chunk
def stop(*arguments):
    if 4 in arguments[3]:
        sys.stdin.read()
    return real(*arguments)
evaluating.run_chunk = stop
request = EvaluateRequest(id="e", dataset="demo", systems=("bm25",), limit=9, depth=999)
evaluating.evaluate(Library(), request, lambda _: None, CancelToken())
"""
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stderr=subprocess.PIPE)

    def begun() -> bool:
        found = [one for one in store.stored() if one.spec.id == uninterrupted.evaluation]
        return bool(found) and found[0].listing().done >= 3

    wait_for(lambda: begun() or child.poll() is not None)
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL, child.stderr and child.stderr.read()
    done = store.find(uninterrupted.evaluation).listing().done
    assert 3 <= done < 9
    ran: list[int] = []
    real = evaluating.run_chunk

    def noted(*arguments: object) -> object:
        ran.extend(arguments[3])  # type: ignore[call-overload]
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluating, "run_chunk", noted)
    events = all_events(library, BM25, limit=9, depth=999)
    assert started(events).done == done
    assert ran == list(range(done, 9))
    end = events[-1]
    assert isinstance(end, EvaluateFinished)
    assert end.results[0].means == uninterrupted.results[0].means
    assert len([event for event in events if isinstance(event, QueryEvaluated)]) == 9


def test_a_cancelled_evaluation_keeps_what_is_finished(library: Library) -> None:
    cancel = CancelToken()
    events: list[AnyEvent] = []

    def emit(event: AnyEvent) -> None:
        events.append(event)
        if isinstance(event, QueryEvaluated):
            cancel.cancel()

    request = EvaluateRequest(id="e", dataset="demo", systems=(BM25,), limit=8, depth=998)
    with pytest.raises(Cancelled):
        evaluate(library, request, emit, cancel)
    listing = store.find(started(events).evaluation).listing()
    assert 0 < listing.done < 8
    assert not listing.complete
    again = all_events(library, BM25, limit=8, depth=998, resume=False)
    assert started(again).done == 0


class Watched(CancelToken):
    """Counts how often the work looks at it."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = threading.Semaphore(0)

    def check(self) -> None:
        self.looks.release()
        super().check()


def test_a_paused_evaluation_waits_and_then_ends(library: Library) -> None:
    events: list[AnyEvent] = []
    watched = Watched()
    paused, finished = threading.Event(), threading.Event()

    def emit(event: AnyEvent) -> None:
        events.append(event)
        if isinstance(event, QueryEvaluated) and not paused.is_set():
            running.pause(started(events).evaluation, True)
            paused.set()

    def work() -> None:
        evaluate(library, EvaluateRequest(id="e", dataset="demo", systems=(BM25,), limit=6, depth=997), emit, watched)
        finished.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert paused.wait(DEADLINE)
    evaluation = started(events).evaluation
    assert running.state(evaluation) == "paused"
    while watched.looks.acquire(blocking=False):
        pass
    for _ in range(20):  # more than an evaluation of six queries needs
        assert watched.looks.acquire(timeout=DEADLINE)
    assert not finished.is_set()
    assert store.find(evaluation).listing().done < 6
    running.pause(evaluation, False)
    thread.join(DEADLINE)
    assert finished.is_set()
    assert running.state(evaluation) == ""
    with pytest.raises(Problem, match="is not running"):
        running.pause(evaluation, True)


def test_one_in_the_background_goes_on_without_its_listener(library: Library) -> None:
    cancel, events = CancelToken(), []
    request = EvaluateRequest(id="a", dataset="demo", systems=(BM25,), limit=7, depth=996, background=True)

    def leave(event: AnyEvent) -> None:
        events.append(event)
        if isinstance(event, JobProgress):
            running.pause(started(events).evaluation, True)
            cancel.cancel()

    with pytest.raises(Cancelled):
        evaluate(library, request, leave, cancel)
    evaluation = started(events).evaluation
    assert running.state(evaluation) == "paused"
    running.pause(evaluation, False)
    joined: list[AnyEvent] = []
    evaluate(library, EvaluateRequest(id="b", dataset="demo", systems=(BM25,), limit=7, depth=996, background=True),
             joined.append, CancelToken())  # fmt: skip
    assert store.find(evaluation).listing().complete
    assert {event.request for event in joined} <= {"b"}


def test_systems_share_what_they_have_in_common(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    index = library.bm25(library.corpus("demo"))
    real = type(index).search
    monkeypatch.setattr(type(index), "search", lambda self, *a, **k: searched.append(a) or real(self, *a, **k))
    events = all_events(library, BM25, "bm25 % 3", SMALL, limit=2, depth=995)
    assert len(searched) == 2
    stored = store.find(started(events).evaluation)
    assert [stage.notation for stage in stored.spec.stages] == [BM25, SMALL]
    lists = stored.lists(0).by_stage
    bm25, cut, reranked = stored.final_lists(0)
    assert bm25 is not None and cut is not None and reranked is not None  # noqa: PT018
    assert cut.doc_ids == bm25.doc_ids[:3]
    assert sorted(reranked.doc_ids) == sorted(lists[0].doc_ids[:5])


def test_a_system_that_fails_does_not_stop_the_others_and_is_tried_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def broken(*_: object) -> None:
            raise Problem("the model is not here: download it.")

        patch.setattr(Library, "encoded", broken)
        events = all_events(library, BM25, DENSE, limit=3, depth=994)
    (failure,) = [event for event in events if isinstance(event, SystemFailed)]
    assert (failure.system, failure.problem.message) == (1, "the model is not here: download it.")
    end = events[-1]
    assert isinstance(end, EvaluateFinished)
    assert [result.queries for result in end.results] == [3, 0]
    assert end.results[1].failed == failure.problem.message
    assert np.isnan(store.find(end.evaluation).evaluation().values[1]).all()
    mended = all_events(library, BM25, DENSE, limit=3, depth=994)[-1]
    assert isinstance(mended, EvaluateFinished)
    assert mended.evaluation == end.evaluation
    assert [(result.queries, result.failed) for result in mended.results] == [(3, ""), (3, "")]


def test_a_run_file_is_one_more_system(library: Library, tmp_path: Path) -> None:
    corpus = library.corpus("demo")
    asked = corpus.judged_queries()[:3]
    relevant = {
        query.id: next(doc for doc, grade in corpus.judgments(query.id).items() if grade > 0) for query in asked
    }
    lines = [f"{query.id} Q0 {relevant[query.id]} 1 2.0 x" for query in asked[:2]]
    lines += [f"{asked[0].id} Q0 no-such-document 2 3.0 x", "another-query Q0 d 1 1 x"]
    path = tmp_path / "theirs.run"
    path.write_text("\n".join(lines))
    events = all_events(library, BM25, runs=(str(path),), limit=3, measures=("RR@10",))
    end = events[-1]
    assert isinstance(end, EvaluateFinished)
    assert end.results[1].queries == 3
    assert end.results[1].means["RR@10"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    notes = " ".join(started(events).notes)
    assert "theirs.run lacks 1 query, which count as 0." in notes
    assert "has 1 query that the dataset does not have, left out" in notes
    assert "names 2 documents that the corpus does not have" in notes
    assert "ranks that contradict the scores in 1 query" in notes


def test_a_subset_by_text_and_by_ids(library: Library) -> None:
    queries = library.corpus("demo").judged_queries()
    word = queries[1].text.split()[0]
    holding = [query.id for query in queries if word.casefold() in query.text.casefold()]
    per_query, _ = run(library, BM25, subset=word.upper())
    assert [event.qid for event in per_query] == holding
    wanted = (queries[3].id, queries[0].id, "no-such-query")
    per_query, _ = run(library, BM25, qids=wanted)
    assert [event.qid for event in per_query] == [queries[0].id, queries[3].id]
    assert (
        "1 listed query id is no judged query of demo: left out."
        in started(all_events(library, BM25, qids=wanted)).notes
    )
    with pytest.raises(Problem, match="no judged query of demo is in the subset"):
        run(library, BM25, subset="zzzzzz")


def test_what_cannot_be_evaluated_is_refused_before_anything_runs(library: Library, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="1 to 40 systems"):
        run(library)
    with pytest.raises(Problem, match="named twice"):
        run(library, BM25, BM25)
    bad = tmp_path / "bad.run"
    bad.write_text("q1 d1 1\n")
    with pytest.raises(Problem, match="line 1, has 3 columns"):
        run(library, BM25, runs=(str(bad),))


def test_a_measure_that_looks_below_the_lists_is_left_out_and_said(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "theirs.run"
    path.write_text(f"{library.corpus('demo').judged_queries()[0].id} Q0 d 1 1.0 x\n")
    events = all_events(library, runs=(str(path),), limit=1, depth=100, measures=("R@1000", "nDCG@10", "R@100"))
    end = events[-1]
    assert isinstance(end, EvaluateFinished)
    assert list(end.results[0].means) == ["nDCG@10", "R@100"]
    said = "R@1000 looks at 1,000 documents and the lists are cut at 100 (--k 1000 keeps them)"
    assert f"{said}: it is left out." in started(events).notes
    with pytest.raises(Problem) as caught:
        all_events(library, runs=(str(path),), limit=1, depth=100, measures=("R@1000",))
    assert caught.value.usage
    assert caught.value.message == f"{said}: choose another measure."
