"""The demo corpus is in good order, and reads through the same checks as any other."""

from __future__ import annotations

from zsr_tui.corpora import list_corpora, open_corpus


def test_it_opens_without_complaint_and_says_what_each_query_shows() -> None:
    demo = open_corpus("demo")
    assert (demo.id, demo.collection) == ("demo", "demo")
    assert demo.notes() == ()
    assert demo.doc_count() >= 250
    assert len(demo.queries()) >= 40
    for query in demo.queries():
        kind, colon, note = query.shows.partition(": ")
        assert kind
        assert colon
        assert note
        grades = demo.judgments(query.id)
        assert set(grades.values()) <= {0, 1, 2}
        assert any(grades.values())


def test_the_listing_counts_what_is_there() -> None:
    info = list_corpora()[0]
    demo = open_corpus("demo")
    assert info.id == "demo"
    assert info.docs == demo.doc_count()
    assert info.queries == len(demo.queries())
    assert info.judgments == sum(len(demo.judgments(query.id)) for query in demo.queries())
    assert info.state.downloaded
