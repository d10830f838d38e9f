"""Judgments and notes over the engine's routes, on the demo corpus."""

from __future__ import annotations

import pytest
from msgspec import structs
from starlette.testclient import TestClient

from tests.engine.conftest import ask, refused
from zsr_tui.api.judging import (
    ClearJudgment,
    Judgment,
    KeepJudgment,
    KeepJudgments,
    MeasureLists,
    ReadJudgments,
    ReadRelevant,
    ReadScale,
    Scale,
    UndoJudgment,
)
from zsr_tui.api.notes import CountTags, DropRemark, KeepRemark, ReadRemarks, Remark, Review
from zsr_tui.engine.app import create_app
from zsr_tui.engine.library import Library


@pytest.fixture
def client(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("ZSR_TUI_DATA", str(tmp_path))
    return TestClient(create_app(Library()))


def test_a_judgment_changes_what_the_measures_say_and_undo_takes_that_back(client: TestClient) -> None:
    corpus = Library().corpus("demo")
    query = corpus.judged_queries()[0]
    official = dict(corpus.judgments(query.id))
    new = next(doc.id for doc in corpus.corpus.iter_docs() if doc.id not in official)
    best = max(official, key=lambda doc_id: official[doc_id])
    lists = ((new, best), (best, new))
    measure = MeasureLists(dataset="demo", query_id=query.id, lists=lists, measures=("nDCG@10", "Judged@10"))
    plain, united = ask(client, measure)
    assert [each.values for each in plain.lists] == [each.values for each in united.lists]
    assert plain.lists[0].placed == {"dataset": 1}

    judged = Judgment(query_id=query.id, query_text=query.text, doc_id=new, grade=max(official.values()), who="ann")
    done = ask(client, KeepJudgment(dataset="demo", judgment=judged))
    assert done.now
    assert done.now.title
    plain, united = ask(client, measure)
    assert plain.lists[0].values["nDCG@10"] < united.lists[0].values["nDCG@10"]  # type: ignore[operator]
    assert united.lists[0].placed == {"own": 1, "dataset": 1}
    deep = structs.replace(measure, measures=("nDCG@10", "R@100"), systems=("bm25 % 20", "bm25"), asked=100)
    cut, whole = ask(client, deep)[1].lists
    assert cut.values == {"nDCG@10": united.lists[0].values["nDCG@10"], "R@100": None}
    assert whole.values["R@100"]
    assert refused(client, structs.replace(deep, systems=("bm25",))) == (400, "2 lists cannot be of 1 system.")
    assert united.counts == {"own": 1, "dataset": len(official)}
    assert dict(Library().corpus("demo").judgments(query.id)) == official  # the dataset is as it was
    assert ask(client, ReadJudgments(dataset="demo", query_id=query.id)).items == (done.now,)
    relevant = ask(client, ReadRelevant(dataset="demo", query_id=query.id)).documents
    assert {each.doc_id for each in relevant if each.source == "dataset"} == {
        doc_id for doc_id, grade in official.items() if grade > 0
    }
    assert [each.doc_id for each in relevant if each.source == "own"] == [new]
    assert not ask(client, ClearJudgment(dataset="demo", query_id=query.id, doc_id=new)).done  # had not seen it
    assert ask(client, UndoJudgment(dataset="demo", revision=done.revision)).done
    assert ask(client, ReadJudgments(dataset="demo")).items == ()


def test_a_typed_query_has_measures_as_soon_as_somebody_judges_it(client: TestClient) -> None:
    measure = MeasureLists(dataset="demo", query_text="my own words", lists=(("cooking-03",),), measures=("RR@10",))
    assert [each.lists[0].values for each in ask(client, measure)] == [{"RR@10": None}] * 2
    judged = [Judgment(query_text="my own words", doc_id=doc_id, grade=1) for doc_id in ("cooking-03", "not-there")]
    assert ask(client, KeepJudgments(dataset="demo", judgments=tuple(judged))).kept == 2
    plain, united = ask(client, measure)
    assert (plain.lists[0].values, united.lists[0].values) == ({"RR@10": None}, {"RR@10": 1.0})


def test_the_scale_is_that_of_the_datasets_own_grades(client: TestClient) -> None:
    assert ask(client, ReadScale(dataset="demo")) == Scale(lowest=0, highest=2, judged=True)


def test_notes_tags_and_bookmarks_go_round(client: TestClient) -> None:
    for kind, text in (("note", "it is about bread"), ("tag", "too short"), ("bookmark", "")):
        remark = Remark(kind=kind, query_text="bread", doc_id="cooking-03", text=text, who="ann")  # type: ignore[arg-type]
        assert ask(client, KeepRemark(dataset="demo", remark=remark)).done
    assert len(ask(client, ReadRemarks(dataset="demo", query_text="Bread"))) == 3
    assert [count.tag for count in ask(client, CountTags(dataset="demo"))] == ["too short"]
    page = ask(client, Review(dataset="demo", match="about BREAD"))
    assert page.counts == {"note": 1}
    assert page.items[0].title  # the document's
    ask(
        client,
        DropRemark(
            dataset="demo", remark=Remark(kind="tag", query_text="bread", doc_id="cooking-03", text="too short")
        ),
    )
    assert ask(client, CountTags(dataset="demo")) == ()


@pytest.mark.parametrize(
    ("judgment", "sentence"),
    [
        (Judgment(query_id="1", doc_id="nobody", grade=1), "demo has no document 'nobody'."),
        (Judgment(doc_id="cooking-03", grade=1), "a judgment needs a query"),
        (Judgment(query_text="a", doc_id="", grade=1), "a judgment needs a document"),
        (Judgment(query_text="a", doc_id="cooking-03", grade=10_000_000), "beyond 1,000,000"),
    ],
    ids=["document", "no query", "no document", "grade"],
)
def test_what_cannot_be_judged_is_refused(client: TestClient, judgment: Judgment, sentence: str) -> None:
    status, told = refused(client, KeepJudgment(dataset="demo", judgment=judgment))
    assert status == 400
    assert sentence in told
