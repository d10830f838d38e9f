"""Finding a dataset query by typing."""

from __future__ import annotations

from zsr_tui.engine.library import Library
from zsr_tui.engine.queries import query_page


def test_without_typing_the_dataset_is_paged_in_its_own_order(library: Library) -> None:
    corpus = library.corpus("demo")
    page = query_page(corpus, "", 10, 5)
    assert page.total == page.matching == len(corpus.queries)
    assert [item.position for item in page.items] == [10, 11, 12, 13, 14]
    assert page.items[0].relevant >= 1
    assert page.items[0].shows


def test_an_id_comes_first_then_what_was_typed_then_what_is_near(library: Library) -> None:
    corpus = library.corpus("demo")
    query = corpus.queries[12]
    assert query_page(corpus, query.id, 0, 5).items[0].id == query.id
    words = query.text.split()
    typed = " ".join(words[:4])
    assert query_page(corpus, typed, 0, 5).items[0].id == query.id
    misspelt = typed[:-2] + typed[-1] + typed[-2]
    assert query.id in [item.id for item in query_page(corpus, misspelt, 0, 5).items]
    assert query_page(corpus, " ".join(words[:4:-1]), 0, 5).items[0].id == query.id


def test_what_is_nowhere_near_finds_nothing(library: Library) -> None:
    assert query_page(library.corpus("demo"), "zzzzqqqq xxxyyy", 0, 5).matching == 0


def test_what_a_demo_query_shows_can_be_typed_too(library: Library) -> None:
    corpus = library.corpus("demo")
    found = query_page(corpus, "negation", 0, 50)
    kinds = [item for item in found.items if item.shows.startswith("negation")]
    assert len(kinds) == sum(query.shows.startswith("negation") for query in corpus.queries) > 0
    assert found.items[0] in kinds


def test_past_the_end_is_empty(library: Library) -> None:
    assert query_page(library.corpus("demo"), "", 10_000, 5).items == ()
