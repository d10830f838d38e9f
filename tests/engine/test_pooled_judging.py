"""Pooled judging over the engine's routes, on the demo corpus with lists that are made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from tests.engine.conftest import ask, refused
from tests.unit.evaluation.made_up import append_all, ranked, spec
from zsr_tui.api.judging import Judgment, KeepJudgment, ReadJudgments
from zsr_tui.api.pooling import (
    AllSessions,
    Filtered,
    JudgePooled,
    OneQuery,
    Pooling,
    PoolView,
    ReadPool,
    ReadPoolEffect,
    UndoPooled,
)
from zsr_tui.engine.app import create_app
from zsr_tui.engine.judging.pool import queries as pool_queries
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store
from zsr_tui.evaluation.results import EvaluatedQuery
from zsr_tui.judging.pooling import BLOCK, again_left
from zsr_tui.selection import QuerySelection

DOCS = 24
ALL = DOCS + 3  # looks: one of ten is at a document that was judged before


@pytest.fixture(scope="module")
def demo() -> Library:
    return Library()


@pytest.fixture
def client(demo: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("ZSR_TUI_HOME", str(tmp_path))
    return TestClient(create_app(demo))


@pytest.fixture
def about(demo: Library) -> OneQuery:
    """Two lists over a query's judged documents and others; the last ones are in the second list alone."""
    corpus = demo.corpus("demo")
    query = corpus.judged_queries()[0]
    official = dict(corpus.judgments(query.id))
    new = [doc.id for doc in corpus.corpus.iter_docs() if doc.id not in official][:DOCS]
    first = (*new[:3], *official, *new[3:12])
    second = (*reversed(new[12:]), *official, *new[:6])
    return OneQuery(query_id=query.id, query_text=query.text, systems=("bm25", "bm25(k1=2)"), lists=(first, second))


@pytest.fixture
def pooling(about: OneQuery) -> Pooling:
    return Pooling(session="s1", dataset="demo", about=about, seed=11, depth=100, who="ann", blind=False)


def judged(client: TestClient, pooling: Pooling, view: PoolView, grade: int | None = 1, **more: Any) -> PoolView:
    assert view.item is not None
    return ask(client, JudgePooled(pooling=pooling, item=view.item, grade=grade, seconds=2.0, looks=view.looks, **more))


def undone(client: TestClient, pooling: Pooling, view: PoolView) -> PoolView:
    return ask(client, UndoPooled(pooling=pooling, looks=view.looks))


def test_what_is_most_at_stake_comes_first_and_one_judgment_changes_what_is_next(
    client: TestClient, pooling: Pooling, about: OneQuery
) -> None:
    view = ask(client, ReadPool(pooling=pooling))
    assert (view.left, view.queries, view.lowest, view.highest) == (ALL, 1, 0, 2)
    assert view.item is not None
    assert view.item.change
    assert (view.item.grade, {view.item.gains, view.item.loses}) == (2, {"bm25", "bm25(k1=2, b=0.4)"})
    assert [place.rank for place in view.item.places] == [
        each.index(view.item.doc_id) + 1 if each and view.item.doc_id in each else None for each in about.lists
    ]
    changes, seen = [], set()
    for _ in range(5):
        assert view.item is not None
        changes.append(view.item.change)
        seen.add(view.item.doc_id)
        view = judged(client, pooling, view, 0)
    assert changes == sorted(changes, reverse=True)  # not relevant changes nothing of nDCG
    assert len(seen) == 5
    assert (view.left, view.judged, view.median_seconds) == (ALL - 5, 5, 2.0)
    kept = ask(client, ReadJudgments(dataset="demo", query_id=about.query_id))
    assert {each.judgment.doc_id for each in kept.items} == seen
    assert all(each.judgment.system and each.judgment.rank and each.judgment.who == "ann" for each in kept.items)


def test_blind_tells_no_systems_and_shows_the_ten_that_matter_most_in_an_order_of_the_seed(
    client: TestClient, pooling: Pooling
) -> None:
    most: list[str] = []
    opened = ask(client, ReadPool(pooling=pooling))
    while len(most) < BLOCK - 4:  # before one comes again
        assert opened.item is not None
        most.append(opened.item.doc_id)
        opened = judged(client, pooling, opened, None)

    def shown(seed: int) -> list[str]:
        blind = replace(pooling, blind=True, seed=seed, session=f"blind {seed}")
        view, found = ask(client, ReadPool(pooling=blind)), []
        while len(found) < BLOCK - 4:
            assert view.item is not None
            assert (view.item.places, view.item.change, view.item.gains, view.item.grade) == ((), None, "", None)
            found.append(view.item.doc_id)
            view = judged(client, blind, view, None)  # passed over: nothing is kept
        return found

    one, other = shown(1), shown(2)
    assert one != other
    assert one != most
    assert len({*one, *other, *most}) <= BLOCK


def test_one_of_ten_comes_again_and_the_first_grade_counts(client: TestClient, demo: Library, pooling: Pooling) -> None:
    view = ask(client, ReadPool(pooling=pooling))
    shown: list[str] = []
    for _ in range(BLOCK):
        assert view.item is not None
        again = view.item.doc_id in shown
        assert view.item.places  # a second look is like the first
        shown.append(view.item.doc_id)
        view = judged(client, pooling, view, 2 if again else 1)
    assert len(set(shown)) == BLOCK - 1
    assert (view.twice, view.same, view.judged, view.left) == (1, 0, BLOCK, ALL - BLOCK)
    restarted = TestClient(create_app(demo))
    assert replace(ask(restarted, ReadPool(pooling=pooling)), item=None) == replace(view, item=None, kept=None)
    effect = ask(restarted, ReadPoolEffect(pooling=pooling))
    (disagreement,) = effect.disagreements
    assert (disagreement.first, disagreement.second) == (1, 2)
    assert (effect.own, effect.twice, effect.same, effect.unjudged) == (BLOCK - 1, 1, 0, DOCS - BLOCK + 1)
    assert effect.all_sessions is None
    for who in ("ann", "ben"):  # another session of hers, and one of somebody else
        other = replace(pooling, session=f"of {who}", who=who)
        judged(client, other, ask(client, ReadPool(pooling=other)), 1)
    every = ask(client, ReadPoolEffect(pooling=pooling)).all_sessions
    assert every == AllSessions(sessions=2, judged=BLOCK, same=0, twice=1, kappa=None, median_seconds=2.0)
    first, second = effect.systems
    assert first.before != first.after
    assert second.difference_after == pytest.approx(second.after - first.after)  # type: ignore[operator]
    assert second.difference_before == pytest.approx(second.before - first.before)  # type: ignore[operator]
    assert (second.low, first.difference_after) == (None, None)  # one query
    assert all(each.judgment.grade == 1 for each in ask(client, ReadJudgments(dataset="demo")).items)


def test_undo_brings_back_the_last_one_with_what_it_had_kept(client: TestClient, pooling: Pooling) -> None:
    view = ask(client, ReadPool(pooling=pooling))
    assert undone(client, pooling, view) == view  # there is none
    second = judged(client, pooling, view)
    third = judged(client, pooling, second, None)
    assert (third.passed, third.judged) == (1, 1)
    assert undone(client, pooling, third) == replace(second, kept=None)
    assert undone(client, pooling, third) == replace(second, kept=None)  # asked again after the engine was lost
    assert replace(undone(client, pooling, second), item=None) == replace(view, item=None, kept=None)
    assert ask(client, ReadPool(pooling=pooling)).item == view.item
    assert ask(client, ReadJudgments(dataset="demo")).items == ()


def test_what_somebody_else_has_judged_meanwhile_is_offered_and_not_replaced_unseen(
    client: TestClient, pooling: Pooling, about: OneQuery
) -> None:
    view = ask(client, ReadPool(pooling=pooling))
    assert view.item is not None
    theirs = Judgment(query_id=about.query_id, query_text=about.query_text, doc_id=view.item.doc_id, grade=0, who="bob")
    ask(client, KeepJudgment(dataset="demo", judgment=theirs))
    told = judged(client, pooling, view, 2)
    assert told.taken is not None
    assert (told.taken.judgment.who, told.taken.judgment.grade) == ("bob", 0)
    assert told.item is not None
    assert (told.item.doc_id, told.judged) == (view.item.doc_id, 0)
    done = judged(client, pooling, told, 2, seen=told.taken.revision)
    assert (done.taken, done.judged) == (None, 1)
    (kept,) = ask(client, ReadJudgments(dataset="demo")).items
    assert (kept.judgment.grade, kept.judgment.who) == (2, "ann")
    ask(client, KeepJudgment(dataset="demo", judgment=theirs, seen=kept.revision))
    status, sentence = refused(client, UndoPooled(pooling=pooling, looks=done.looks))
    assert (status, sentence) == (409, "bob has judged this document since: it was not taken back.")


def test_the_queries_of_an_evaluation_are_pooled_over_all_its_lists(
    client: TestClient, demo: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = demo.corpus("demo")
    chosen = corpus.judged_queries()[:3]
    ids = [doc.id for doc in corpus.corpus.iter_docs()][:DOCS]
    queries = [EvaluatedQuery(each.id, each.text, "demo", dict(corpus.judgments(each.id))) for each in chosen]
    stored = store.create(spec("e1", dataset="demo", members=("demo",)), queries)
    lists = [{0: ranked(*ids[:9]), 1: ranked(*ids[6:15]), 2: ranked(*ids[12:20])} for _ in queries]
    append_all(stored, [0, 1, 2], lists)
    selection = QuerySelection(system=1, baseline=0)
    pooling = Pooling(
        session="e", dataset="demo", about=Filtered(evaluation="e1", selection=selection), depth=9, blind=False
    )
    view = ask(client, ReadPool(pooling=pooling))
    unjudged = sum(doc_id not in query.judgments for query in queries for doc_id in ids[:20])
    assert (view.queries, view.matching, view.left) == (3, 3, unjudged + again_left([], unjudged))
    assert view.item is not None
    assert {view.item.gains, view.item.loses} == {"bm25", "dense m"}  # the pair of the selection
    assert len(view.item.places) == 3
    before = ask(client, ReadPoolEffect(pooling=pooling))
    for _ in range(4):
        view = judged(client, pooling, view, 2)
    effect = ask(client, ReadPoolEffect(pooling=pooling))
    assert (effect.queries, effect.own, len(effect.systems)) == (3, 4, 3)
    assert [each.before for each in effect.systems] == [each.before for each in before.systems]
    assert effect.systems[1].low is not None
    assert effect.systems[1].difference_after != effect.systems[1].difference_before
    judged_too = Filtered(evaluation="e1~own+dataset", selection=selection)  # a table that counts them
    again = ask(client, ReadPoolEffect(pooling=replace(pooling, about=judged_too)))
    assert again.systems == effect.systems
    monkeypatch.setattr(pool_queries, "MOST", 2)
    paged = replace(pooling, session="pages")
    pages = [ask(client, ReadPool(pooling=replace(paged, page=page))) for page in range(2)]
    assert [(each.first, each.queries, each.matching, each.looks) for each in pages] == [(0, 2, 3, 0), (2, 1, 3, 0)]
    seen = judged(client, replace(paged, page=1), pages[1], None)
    assert (seen.looks, ask(client, ReadPool(pooling=paged)).looks) == (1, 0)  # each page is gone through by itself
    assert "no query behind the 3" in refused(client, ReadPool(pooling=replace(paged, page=2)))[1]
    nothing = Filtered(evaluation="e1", selection=QuerySelection(match="no such words"))
    status, sentence = refused(client, ReadPool(pooling=replace(pooling, about=nothing)))
    assert (status, sentence) == (400, "no query of the evaluation matches: there is nothing to judge.")


def test_what_is_asked_again_after_the_engine_was_lost_counts_once(
    client: TestClient, pooling: Pooling, about: OneQuery
) -> None:
    view = ask(client, ReadPool(pooling=pooling))
    assert view.item is not None
    half = Judgment(
        query_id=about.query_id, query_text=about.query_text, doc_id=view.item.doc_id, grade=1, who=pooling.who
    )
    ask(client, KeepJudgment(dataset="demo", judgment=half))  # kept, and the look at it was not
    done = judged(client, pooling, view)
    assert (done.judged, done.taken) == (1, None)
    assert done.kept == replace(half, when=done.kept.when)  # type: ignore[union-attr]
    assert judged(client, pooling, view) == replace(done, kept=None)
    assert undone(client, pooling, done).judged == 0
    assert ask(client, ReadJudgments(dataset="demo")).items == ()


def test_bad_input_is_one_sentence(client: TestClient, pooling: Pooling) -> None:
    view = ask(client, ReadPool(pooling=pooling))
    assert view.item is not None
    judge = JudgePooled(pooling=pooling, item=view.item, grade=3, seconds=1.0, looks=0)
    wrong = {
        "the grades of demo go from 0 to 2: take one of these.": judge,
        "the seconds of a look must be a number from 0 on.": replace(judge, grade=1, seconds=-1.0),
        "the pool has no query 'other'.": replace(judge, grade=1, item=replace(view.item, query_id="other")),
    }
    for sentence, question in wrong.items():
        assert refused(client, question) == (400, sentence)
    status, sentence = refused(client, ReadPool(pooling=replace(pooling, measure="nDGC@10")))
    assert status == 400
    assert "nDCG@10" in sentence


def test_a_typed_query_has_no_value_without_judgments_and_one_with_them(client: TestClient, pooling: Pooling) -> None:
    assert isinstance(pooling.about, OneQuery)
    typed = replace(pooling, about=replace(pooling.about, query_id="", query_text="my own words"), session="typed")
    view = ask(client, ReadPool(pooling=typed))
    assert view.item is not None
    judged(client, typed, view, 2)
    effect = ask(client, ReadPoolEffect(pooling=typed))
    assert [each.before for each in effect.systems] == [None, None]
    first, second = effect.systems
    assert (effect.own, second.difference_before) == (1, None)
    assert second.difference_after == pytest.approx(second.after - first.after)  # type: ignore[operator]
    assert second.difference_after
