"""A document that is the query itself is dropped and counted in every kind of system; one with its number is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.conftest import BM25
from zsr_tui import corpora
from zsr_tui.api.events import AnyEvent, EvaluateFinished, Measured, Ranking
from zsr_tui.api.requests import EvaluateRequest, PrepareRequest, SearchRequest
from zsr_tui.domain import Doc, Query
from zsr_tui.engine.evaluation.evaluate import evaluate
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.preparing.prepare import prepare
from zsr_tui.engine.search import search
from zsr_tui.progress import CancelToken

RERANKED = f"{BM25} % 3 >> ms-marco-minilm-l12-int8"
OTHER = f"{BM25} % 1"


def written(folder: Path, docs: list[Doc], query: Query, relevant: str) -> str:
    rows = [{"_id": doc.id, "title": doc.title, "text": doc.text} for doc in docs]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": query.id, "text": query.text}) + "\n")
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{query.id}\t{relevant}\t1\n")
    return str(folder)


@pytest.mark.parametrize(
    ("title", "text", "own"),
    [
        ("", "Über den Cafés ist  Ruhe", True),
        ("", " U\u0308BER den Cafe\u0301s\u00a0ist Ruhe\n", True),
        ("Über den", "Cafés ist Ruhe", True),
        ("Überschrift", "Über den Cafés ist Ruhe", True),
        ("Über den Cafés ist Ruhe", "", True),
        ("Über den Cafés ist Ruhe", "Ein Gedicht.", False),
        ("", "Über den Cafés ist Ruhe.", False),
        ("", "", False),
        ("", "Ein Gedicht.", False),
    ],
    ids=[
        "its text", "written otherwise in Unicode", "title and text", "text below a title", "title alone",
        "title of another text", "one sign more", "nothing", "its number alone",
    ],
)  # fmt: skip
def test_outside_beir_a_self_hit_has_the_text_of_the_query(title: str, text: str, own: bool, tmp_path: Path) -> None:
    query = Query("1", "Über den Cafés ist Ruhe")
    dataset = written(tmp_path, [Doc("1", title, text), Doc("2", "", query.text)], query, "2")
    assert OpenCorpus(corpora.open_corpus(dataset)).self_hit("1") == ("1" if own else None)


def test_in_beirs_own_sets_it_has_the_id_of_the_query(tmp_path: Path) -> None:
    corpus = corpora.open_corpus(written(tmp_path, [Doc("1", "", "text")], Query("1", "another"), "1"))
    corpus.id = "beir/arguana"
    assert OpenCorpus(corpus).self_hit("1") == "1"
    assert OpenCorpus(corpus).self_hit("") is None


@pytest.mark.parametrize("own", [True, False], ids=["its own text", "its number alone"])
def test_what_is_dropped_is_counted_wherever_results_are_given(library: Library, own: bool, tmp_path: Path) -> None:
    query = Query("1", "lantern flame")
    docs = [Doc("1", "", query.text if own else f"{query.text} sea"), Doc("2", "", "A lantern, a flame and the sea.")]
    docs += [Doc("3", "", "The lantern of a ship, and words besides."), Doc("4", "", "A flame.")]
    dataset = written(tmp_path, docs, query, "2" if own else "1")
    run = tmp_path / "theirs.run"
    run.write_text("1 Q0 1 1 9 t\n1 Q0 2 2 8 t\n")
    systems = (BM25, RERANKED, OTHER)
    prepare(library, PrepareRequest(id="p", dataset=dataset, systems=(BM25,)), lambda _: None, CancelToken())
    for drop in (True, False):
        gone = own and drop
        events: list[AnyEvent] = []
        asked = SearchRequest(id="s", dataset=dataset, systems=systems, qid="1", drop_self=drop)
        search(library, asked, events.append, CancelToken())
        lists = [each for each in events if isinstance(each, Ranking) and each.final]
        assert [each.dropped_self for each in lists] == [gone] * 3
        assert ["1" in [row.doc_id for row in each.rows] for each in lists] == [not gone] * 3
        assert all(len(each.rows) >= 1 for each in lists), "the place of the dropped document must be filled"

        request = EvaluateRequest(
            id="e", dataset=dataset, systems=systems, runs=(str(run),), drop_self=drop, measures=("RR@10",)
        )
        evaluate(library, request, events.append, CancelToken())
        end = events[-1]
        assert isinstance(end, EvaluateFinished)
        assert [each.dropped_self for each in end.results] == [gone] * 4
        right = 1.0 if drop or not own else 0.5
        assert [each.means["RR@10"] for each in end.results][::3] == [right, right]
        shown = {each.system: each.values["RR@10"] for each in events if isinstance(each, Measured)}
        assert shown[0] == right


def test_a_system_that_did_not_meet_it_dropped_nothing(library: Library, tmp_path: Path) -> None:
    query = Query("1", "lantern flame")
    docs = [Doc("1", "", query.text), *(Doc(f"x{n}", "", f"lantern flame {'flame ' * n}") for n in range(9))]
    dataset = written(tmp_path, docs, query, "x1")
    prepare(library, PrepareRequest(id="p", dataset=dataset, systems=(BM25,)), lambda _: None, CancelToken())
    events: list[AnyEvent] = []
    longest = "bm25(k1=50, b=0) % 2"  # counts words, so that the query itself stands last
    asked = SearchRequest(id="s", dataset=dataset, systems=(longest, BM25), qid="1")
    search(library, asked, events.append, CancelToken())
    final = {each.system: each.dropped_self for each in events if isinstance(each, Ranking) and each.final}
    assert final == {0: 0, 1: 1}
