"""What is made of an engine's answers: documents, lists, its explanation."""

from __future__ import annotations

from typing import Any, cast

import pytest

from zsr_tui.domain import Problem, ScoredDoc
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines.calling import Calls, reason
from zsr_tui.retrieval.engines.elastic import Elastic, explained
from zsr_tui.retrieval.engines.fields import of_source
from zsr_tui.retrieval.engines.named import Engine
from zsr_tui.retrieval.engines.records import Found, Hit, Told, kept

PLAIN = Engine("es", "x", "http://localhost", "docs")


@pytest.mark.parametrize(
    ("value", "text"),
    [("a text", "a text"), (True, "true"), (3, "3"), (None, ""), ({"a": "b"}, ""), (["a", None, 2], "a\n2"), ([], "")],
    ids=["text", "truth", "number", "nothing", "object", "list", "empty list"],
)
def test_a_field_of_any_kind_is_a_text(value: Any, text: str) -> None:
    assert of_source(PLAIN, "d", {"text": value}).text == text


def test_what_the_corpus_lacks_is_kept_for_its_text() -> None:
    hits = [Hit("a", 2.0), Hit("b", None), Hit("a", 1.0), Hit("c", 0.5)]
    told = Told()
    list_ = kept(Found(hits), lambda ids: {"a"} & set(ids), told, 3)
    assert list_.ranking == [ScoredDoc("a", 2.0), ScoredDoc("b", 0.0), ScoredDoc("c", 0.5)]
    assert list_.lacking == [hits[1], hits[3]]
    assert (told.documents, told.lacking, told.twice, told.unscored) == (3, 2, 1, 1)


TREE = {
    "value": 3.0,
    "description": "sum of:",
    "details": [
        {"value": 2.0, "description": "weight(text:b12 in 4) [BM25Similarity], result of:", "details": [
            {"value": 2.0, "description": "idf", "details": None},
        ]},
        {"value": 1, "description": "a constant", "details": "none that can be read"},
    ],
}  # fmt: skip


def test_lucenes_explanation_is_parts_and_a_table_with_its_values() -> None:
    found = explained("es", 3.0, TREE)
    assert (found.family, found.score, found.sum, found.notes) == ("es", 3.0, 3.0, ())
    assert [(part.text, part.share) for part in found.parts] == [("weight(text:b12)", 2.0), ("a constant", 1.0)]
    (table,) = found.tables
    assert (table.title, table.columns, table.note) == ("The engine's explanation", ("value",), "")
    assert [(row.text, row.values) for row in table.parts] == [
        ("sum of:", (3.0,)),
        ("· weight(text:b12 in 4) [BM25Similarity], result of:", (2.0,)),
        ("· · idf", (2.0,)),
        ("· a constant", (1.0,)),
    ]


def test_an_engine_that_explains_nothing_says_so_with_its_score() -> None:
    found = explained("opensearch", 2, None)
    assert (found.family, found.score, found.notes) == ("opensearch", 2.0, ("The engine explains nothing.",))
    assert (found.parts, found.tables) == ((), ())


def test_what_is_deeper_than_anybody_reads_is_left_out_and_said() -> None:
    tree: dict[str, Any] = {"value": 1.0, "description": "last"}
    for number in range(14):
        tree = {"value": 1.0, "description": f"{number}", "details": [tree]}
    (table,) = explained("es", 1.0, tree).tables
    assert len(table.parts) == 13
    assert table.note == "Deeper than 12 is left out."


class Answering:
    """Calls that are answered with one hit."""

    def __init__(self, source: dict[str, Any]) -> None:
        self.source = source

    def ask(self, *_: Any, **__: Any) -> Any:
        return {"hits": {"total": {"value": 1}, "hits": [{"_id": "inner", "_score": 1.0, "_source": self.source}]}}


def ids_of(source: dict[str, Any]) -> list[str]:
    engine = Engine("es", "products", "http://localhost", "docs", id="sku")
    (found,) = Elastic(engine, cast(Calls, Answering(source))).search(["x"], 5, CancelToken())
    return [hit.doc_id for hit in found.hits]


@pytest.mark.parametrize(
    ("value", "id"), [("a", "a"), (["a"], "a"), (7, "7"), (0, "0")], ids=["text", "list", "number", "zero"]
)
def test_an_id_may_be_a_number(value: Any, id: str) -> None:
    assert ids_of({"sku": value}) == [id]


@pytest.mark.parametrize(
    "source", [{"sku": ""}, {"sku": ["a", "b"]}, {"sku": 1.5}, {}], ids=["empty", "two", "fraction", "none"]
)
def test_a_document_without_its_id_is_told_with_what_mends_it(source: dict[str, Any]) -> None:
    with pytest.raises(Problem) as caught:
        ids_of(source)
    assert caught.value.message == (
        "the document 'inner' of products has no id in its field 'sku': correct id in engines.toml, or leave it out "
        "for the engine's own."
    )
    assert caught.value.usage


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"root_cause": [{"type": "t", "reason": "why"}], "reason": "all shards failed"}, "status": 400},
        {"error": {"failed_shards": [{"shard": 0, "reason": {"caused_by": {"reason": "why"}}}], "reason": "x"}},
        {"detail": "why"},
        {"detail": [{"loc": ["query"], "msg": "why"}]},
        {"status": {"error": "why"}, "time": 0.1},
        {"message": "why"},
        "why",
    ],
    ids=["Elasticsearch", "its shards", "FastAPI", "FastAPI's validation", "Qdrant", "a proxy", "text"],
)
def test_the_reason_of_a_refusal_is_found_where_each_engine_writes_it(answer: Any) -> None:
    assert reason(answer) == "why"


def test_a_refusal_without_a_reason_has_none() -> None:
    assert reason({"error": {}, "took": 3}) == reason([]) == reason(None) == ""
