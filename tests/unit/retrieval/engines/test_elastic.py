"""Elasticsearch and OpenSearch against answers in the shape of their documentation: no real one can run here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines import Elastic, elastic
from zsr_tui import caller
from zsr_tui.domain import Problem
from zsr_tui.pipeline import Served, parse
from zsr_tui.progress import Cancelled, CancelToken
from zsr_tui.retrieval.engines import calling
from zsr_tui.retrieval.engines.elastic import Elastic as Index
from zsr_tui.retrieval.engines.opening import Engines
from zsr_tui.retrieval.engines.records import Told, kept
from zsr_tui.servers.asking import Patience

DOCUMENTS = {
    "d1": {"title": "Folate", "text": "vitamin b12 and folate", "sku": "A-1", "brand": "x"},
    "d2": {"title": "Vitamin", "text": "vitamin vitamin", "sku": ["A-2"]},
    "d3": {"title": "Iron", "text": "iron", "sku": "A-3"},
}


@pytest.fixture(scope="module")
def listening() -> Iterator[Elastic]:
    with elastic(DOCUMENTS) as server:
        yield server


@pytest.fixture
def server(listening: Elastic) -> Elastic:
    listening.refusals, listening.change, listening.log, listening.closed = [], None, [], ()
    listening.refused = ""
    return listening


def index_of(written: str) -> Index:
    found = Engines().open(step_of(written))
    assert isinstance(found, Index)
    found._calls._asking._patience = found._calls.patience = Patience(attempts=3, first_s=0.001, longest_s=2.0)
    return found


def step_of(written: str) -> Served:
    step = parse(written)
    assert isinstance(step, Served)
    return step


def configured(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str, **templates: Any) -> None:
    monkeypatch.setenv("ZSR_TUI_HOME", str(folder))
    (folder / "config" / "templates").mkdir(parents=True)
    (folder / "config" / "engines.toml").write_text(text)
    for name, body in templates.items():
        (folder / "config" / "templates" / f"{name}.json").write_text(json.dumps(body))


def test_lists_are_the_engines_own_in_its_order_and_ask_for_no_texts(server: Elastic) -> None:
    index = index_of(f"es({server.url}/docs)")
    (found,) = index.search(["vitamin folate"], 10, CancelToken())
    assert [(hit.doc_id, hit.score) for hit in found.hits] == [("d1", 3.0), ("d2", 3.0)]
    assert not found.partial
    (body,) = server.searches()
    assert (body["size"], body["_source"], body["track_total_hits"]) == (10, False, 10)
    assert body["query"]["multi_match"]["query"] == "vitamin folate"


def test_many_queries_go_as_few_requests_whose_lists_are_bounded(
    server: Elastic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "MOST_HITS", 20)
    index = index_of(f"opensearch({server.url}/docs)")
    found = index.search([f"vitamin q{number}" for number in range(5)], 10, CancelToken())
    assert [len(each.hits) for each in found] == [2] * 5
    paths = sorted(asked.path for asked in server.log)
    assert paths == ["/docs/_msearch", "/docs/_msearch", "/docs/_search?preference=zsr-tui"]
    server.log.clear()
    server.refusals = [(200, {}, {"responses": [
        {"error": {"root_cause": [], "type": "es_rejected_execution_exception", "reason": "queue full"}, "status": 429},
        {"hits": {"hits": []}, "status": 200}, ]})]  # fmt: skip
    again = index.search(["vitamin", "nothing"], 10, CancelToken())
    assert [len(each.hits) for each in again] == [2, 0]
    assert [len(asked.body) for asked in server.log] == [4, 2], "only the one that was refused is asked again"


def test_an_answer_that_is_too_large_is_asked_for_in_halves(server: Elastic, monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of(f"es({server.url}/docs)")
    monkeypatch.setattr("zsr_tui.servers.receiving.LARGEST", 700)
    found = index.search(["vitamin", "iron", "folate", "b12"], 10, CancelToken())
    assert [[hit.doc_id for hit in each.hits] for each in found] == [["d2", "d1"], ["d3"], ["d1"], ["d1"]]
    asked = [len(asked.body) // 2 for asked in server.log if asked.path.endswith("_msearch")]
    assert asked[0] == 4
    assert max(asked[1:]) == 2
    monkeypatch.setattr("zsr_tui.servers.receiving.LARGEST", 50)
    with pytest.raises(Problem, match="for one query: ask for fewer documents"):
        index.search(["vitamin"], 10, CancelToken())


@pytest.mark.parametrize(
    ("change", "partial"),
    [
        pytest.param({"timed_out": True}, "ran out of time", id="time"),
        pytest.param(
            {"_shards": {"total": 5, "failed": 2, "failures": [{"reason": {"type": "x", "reason": "disk is gone"}}]}},
            r"2 of 5 shards failed \(disk is gone\)",
            id="shards",
        ),
        pytest.param({"_shards": {"total": 5, "failed": 2}}, r"2 of 5 shards failed\.$", id="shards without a reason"),
        pytest.param({"terminated_early": True}, "ended early", id="early"),
        pytest.param(
            {"hits": {"total": {"value": 9, "relation": "gte"}, "hits": []}},
            "gave 0 documents of at least 9",
            id="fewer",
        ),
        pytest.param({"_clusters": {"total": 2, "skipped": 1}}, "1 of its clusters", id="clusters"),
    ],
)
def test_a_list_that_is_not_whole_is_said_to_be(server: Elastic, change: dict[str, Any], partial: str) -> None:
    server.change = lambda answer: answer.update(change)
    (found,) = index_of(f"es({server.url}/docs)").search(["vitamin"], 10, CancelToken())
    told = Told()
    kept(found, set, told, 10)
    ((short, sentence),) = told.told("es(x)", "demo")
    assert short == "not complete"
    assert re.search(partial, sentence), sentence


def test_scores_that_are_missing_more_hits_than_asked_and_documents_twice(server: Elastic) -> None:
    def change(answer: dict[str, Any]) -> None:
        hits = [{"_index": "docs", "_id": id, "_score": score} for id, score in (("b", None), ("a", 2.0), ("b", 5.0))]
        answer["hits"]["hits"] = [*hits, *({"_index": "docs", "_id": f"more{n}", "_score": 1.0} for n in range(9))]

    server.change = change
    (found,) = index_of(f"es({server.url}/docs)").search(["vitamin"], 4, CancelToken())
    told = Told()
    ranking = kept(found, lambda ids: {"a"}, told, 3).ranking
    assert [(each.doc_id, each.score) for each in ranking] == [("b", 0.0), ("a", 2.0), ("more0", 1.0)]
    assert [short for short, _ in told.told("es(x)", "demo")] == [
        "2 not in the corpus",
        "1 listed twice",
        "1 without a score",
    ]


def test_lists_of_which_the_corpus_has_nothing_are_told_with_what_may_mend_them() -> None:
    ((_, some),) = Told(documents=3, lacking=2).told("es(x)", "demo")
    ((_, all_),) = Told(documents=2, lacking=2).told("es(x)", "demo")
    assert some == "es(x): 2 of 3 documents of its lists are not in demo, and so unjudged."
    assert "2 of 2 documents of its lists are not in demo, and so unjudged: if the corpus's ids" in all_
    assert all_.endswith("name that one as id in engines.toml.")


def test_a_list_ends_at_the_window_of_a_search(server: Elastic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zsr_tui.retrieval.engines.elastic.WINDOW", 1)
    (found,) = index_of(f"es({server.url}/docs)").search(["vitamin"], 5, CancelToken())
    told = Told()
    kept(found, set, told, 1)
    assert not [each for each in told.told("es(x)", "demo") if each[0] == "ends at 1"]  # all that is shown is there
    kept(found, set, told, 4)
    several = Told()
    several.add(told)
    several.add(told)
    assert (
        "ends at 1",
        "es(x): 2 of its lists end at 1 document, the most that is asked of one search (index.max_result_window, if "
        "nobody has changed it).",
    ) in several.told("es(x)", "demo")
    assert server.searches()[-1]["size"] == 1


QUERY = 'vitamin "}}], "match_all": {}, \\ {{size}}'


def test_a_template_is_filled_with_a_value_and_never_with_a_query(
    server: Elastic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body = {
        "query": {
            "bool": {"must": {"match": {"text": {"query": "{{query}}"}}}, "filter": [{"term": {"k": "{{size}}"}}]}
        },
        "rescore": {"window_size": "{{size}}"},
    }
    text = f"""
    [products]
    kind = "es"
    address = "{server.url}"
    index = "docs"
    id = "sku"
    title = "title"
    text = ["text"]
    metadata = ["brand"]
    template = "bool.json"
    headers = {{ Authorization = "MY_ES_KEY" }}
    """
    configured(monkeypatch, tmp_path, text, bool=body)
    monkeypatch.setenv("MY_ES_KEY", "ApiKey hunter2")
    index = index_of("es(products)")
    (found,) = index.search([QUERY], 7, CancelToken())
    (sent,) = server.searches()
    assert sent["query"]["bool"]["must"]["match"]["text"]["query"] == QUERY
    assert sent["query"]["bool"]["filter"] == [{"term": {"k": 7}}]
    assert sent["rescore"]["window_size"] == 7
    assert (sent["size"], sent["_source"]) == (7, ["sku"])
    assert {asked.headers["Authorization"] for asked in server.log} == {"ApiKey hunter2"}
    assert [hit.doc_id for hit in found.hits] == ["A-2", "A-1"]
    _, second = index.documents(found.hits, CancelToken())
    assert (second.id, second.title, second.text, second.metadata) == (
        "A-1", "Folate", "vitamin b12 and folate", (("brand", "x"),),
    )  # fmt: skip
    server.refusals = [(403, {}, {"error": "ApiKey hunter2 has no right"})]
    with pytest.raises(Problem, match=r"does not let us in .*\*\*\* has no right") as caught:
        index.search(["vitamin"], 7, CancelToken())
    assert "hunter2" not in caught.value.message + caught.value.detail + repr(index._engine)
    monkeypatch.delenv("MY_ES_KEY")
    with pytest.raises(Problem, match="Authorization with what MY_ES_KEY holds, which is not set"):
        index.search(["vitamin"], 7, CancelToken())


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        pytest.param(
            (400, {}, {"error": {"root_cause": [{"type": "parsing_exception", "reason": "unknown query [mach]"}],
                                 "type": "x", "reason": "all shards failed"}, "status": 400}),
            r"refuses POST /docs/_search \(status 400\): unknown query \[mach\]\.$", id="query",
        ),
        pytest.param((401, {}, {}), r"asks for a key \(POST /docs/_search, status 401\): .*ZSR_TUI_KEY_127_0_0_1 and r",
                     id="no key"),
        pytest.param((404, {}, {"error": {"reason": "no such index [docs]"}}), "has no index 'docs'", id="index"),
        pytest.param((404, {}, b"no such thing"), r"refuses POST /docs/_search \(status 404\): no such thing\.$",
                     id="route"),
        pytest.param((429, {"Retry-After": "90"}, {}), r"takes no more requests .*wait 90 seconds", id="later"),
        pytest.param((200, {}, b"<html>"), "gave an answer as no es does", id="not JSON"),
        pytest.param((200, {}, {"hits": []}), "gave an answer as no es does", id="no list"),
        pytest.param((200, {}, {"hits": {"hits": [{"_score": 1}]}}), "gave an answer as no es does", id="no id"),
        pytest.param((301, {"Location": "http://evil.example/"}, {}), "has moved to http://evil", id="moved"),
    ],
)  # fmt: skip
def test_what_an_engine_refuses_is_one_sentence(server: Elastic, refusal: Any, says: str) -> None:
    asks = 2 if refusal[0] == 400 else 1  # it may be the query: then a plain word is taken
    server.refusals = [refusal] * asks
    with pytest.raises(Problem, match=says) as caught:
        index_of(f"es({server.url}/docs)").search(["vitamin"], 10, CancelToken())
    assert "\n" not in caught.value.message
    assert len(server.log) == asks, "what cannot change is not asked again"


@pytest.mark.parametrize("closed", [(), ("/docs/_msearch",)], ids=["together", "one by one"])
@pytest.mark.parametrize("queries", [["vitamin", "long long", "iron"], ["long long"]], ids=["among others", "alone"])
def test_a_query_that_is_refused_costs_its_own_list_alone(
    server: Elastic, queries: list[str], closed: tuple[str, ...]
) -> None:
    server.refused, server.closed = "long", closed
    found = index_of(f"es({server.url}/docs)").search(queries, 10, CancelToken())
    lists = {"vitamin": ["d2", "d1"], "long long": [], "iron": ["d3"]}
    assert [[hit.doc_id for hit in each.hits] for each in found] == [lists[query] for query in queries]
    told = Told()
    for each in found:
        kept(each, set, told, 10)
    which = "its query" if len(queries) == 1 else "1 of 3 queries"
    assert (
        "1 query refused",
        f"es(x): the engine refuses {which}, and gives no list there: maxClauseCount is set to 1024.",
    ) in told.told("es(x)", "demo")


def test_an_engine_that_refuses_all_queries_is_a_problem(server: Elastic) -> None:
    server.refused = "query"  # which stands in every search
    with pytest.raises(Problem, match="refuses the search: maxClauseCount is set to 1024"):
        index_of(f"es({server.url}/docs)").search(["vitamin", "iron"], 10, CancelToken())


def test_a_server_that_answers_searches_alone_is_searched_and_its_state_is_not_known(server: Elastic) -> None:
    server.closed = ("/", "/docs/_msearch", "/docs/_settings", "/docs/_mapping", "/docs/_count")
    index, engines, step = index_of(f"es({server.url}/docs)"), Engines(), step_of(f"es({server.url}/docs)")
    assert index.hello() == (
        "answers a search and refuses GET / (status 404), does not say in which state its index is"
    )
    assert engines.state(step).about == ""
    assert engines.state(step).digest, "it is told from others by its address"
    server.log.clear()
    found = index.search(["vitamin", "iron"], 10, CancelToken())
    assert [[hit.doc_id for hit in each.hits] for each in found] == [["d2", "d1"], ["d3"]]
    index.search(["vitamin", "iron"], 10, CancelToken())
    paths = [asked.path.partition("?")[0] for asked in server.log]
    assert paths == ["/docs/_msearch", *["/docs/_search"] * 4], "what was refused is not asked again"


def test_an_answer_that_cannot_be_read_and_a_refusal_are_kept_as_details(server: Elastic) -> None:
    index = index_of(f"es({server.url}/docs)")
    server.refusals = [(200, {}, {"responses": [{"hits": {"hits": []}}]})]
    with pytest.raises(Problem, match="gave an answer as no es does") as caught:
        index.search(["vitamin", "iron"], 10, CancelToken())
    assert caught.value.detail == '{"responses": [{"hits": {"hits": []}}]}'
    server.refusals = [(400, {}, {"error": {"reason": "unknown query [mach]"}})] * 2
    with pytest.raises(Problem) as caught:
        index.search(["vitamin"], 10, CancelToken())
    assert caught.value.detail == "unknown query [mach]"


def test_an_explanation_of_another_document_is_none_of_this_one(server: Elastic) -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["hits"]["hits"] = [{"_index": "docs", "_id": "d9", "_score": 9.0, "_explanation": {"value": 9.0}}]

    server.change = change
    found = index_of(f"es({server.url}/docs)").explain("vitamin", "d1", CancelToken())
    assert found.score is None
    assert "answered with 'd9': it does not heed post_filter" in found.notes[0]


def test_a_busy_engine_is_waited_for_as_long_as_it_says_and_no_longer_than_wanted(server: Elastic) -> None:
    index = index_of(f"es({server.url}/docs)")
    naps: list[float] = []
    index._calls._sleep = naps.append
    server.refusals = [(503, {"Retry-After": "1"}, {}), (429, {}, {})]
    (found,) = index.search(["vitamin"], 10, CancelToken())
    assert len(found.hits) == 2
    assert 1.0 <= sum(naps) < 1.2
    cancel = CancelToken()
    index._calls._sleep = lambda _: cancel.cancel()
    server.refusals = [(503, {"Retry-After": "2"}, {})]
    with pytest.raises(Cancelled):
        index.search(["vitamin"], 10, cancel)


def test_the_state_changes_with_the_index_and_with_how_it_is_asked(
    server: Elastic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configured(monkeypatch, tmp_path, "", one={"query": {"match": {"a": "{{query}}"}}})
    engines, plain = Engines(), step_of(f"es({server.url}/docs)")
    before = engines.state(plain)
    assert before.about == "docs (Xa3-uuid), 3 documents"
    assert engines.state(plain).digest == before.digest
    assert engines.state(step_of(f"es({server.url}/docs; template=one.json)")).digest != before.digest
    documents, server.documents = server.documents, {"d1": {}}
    assert engines.state(plain).digest != before.digest
    server.documents = documents
    with pytest.raises(Problem, match="has no index 'absent'"):
        engines.state(step_of(f"es({server.url}/absent)"))


def test_the_engines_own_explanation_adds_up(server: Elastic) -> None:
    index = index_of(f"es({server.url}/docs)")
    found = index.explain("vitamin folate", "d1", CancelToken())
    assert [(part.text, part.share) for part in found.parts] == [
        ("weight(text:folate)", 2.0),
        ("weight(text:vitamin)", 1.0),
    ]
    assert found.score == found.sum == 3.0
    assert [part.text.count("· ") for part in found.tables[0].parts] == [0, 1, 2, 1, 2]
    assert index.explain("iron", "d1", CancelToken()).notes == ("The engine's query does not find this document.",)


def test_a_shared_engine_asks_only_hosts_that_are_allowed(server: Elastic) -> None:
    step, host = step_of(f"es({server.url}/docs)"), server.url.removeprefix("http://")
    for hosts, allowed in ((frozenset({host}), True), (frozenset({"other"}), False)):
        caller.become(caller.Caller("anna", bounds=caller.Bounds(hosts=hosts)))
        try:
            if allowed:
                Engines().open(step)
            else:
                with pytest.raises(caller.NotPermitted, match="asks no server 127"):
                    Engines().open(step)
        finally:
            caller.become(caller.OWN)
