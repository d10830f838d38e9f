"""Finds dataset queries by typing."""

from __future__ import annotations

from functools import lru_cache

from zsr_tui.api.requests import QueryItem, QueryPage
from zsr_tui.engine.library import OpenCorpus

GOOD_ENOUGH = 70.0  # of 100, rapidfuzz's partial ratio
NEAR = 200  # at most so many that only nearly match
SHORTEST_NEAR = 5  # characters; a few letters are near to everything


def query_page(corpus: OpenCorpus, match: str, offset: int, limit: int) -> QueryPage:
    """Queries in the dataset's order, or, with `match`, the best matches first: the id, texts that hold what was
    typed, texts that hold its words, texts that nearly hold it."""
    places = _matching(corpus, match.strip().casefold()) if match.strip() else range(len(corpus.queries))
    return QueryPage(
        total=len(corpus.queries),
        matching=len(places),
        items=tuple(_item(corpus, place) for place in places[offset : offset + limit]),
    )


def _item(corpus: OpenCorpus, place: int) -> QueryItem:
    query = corpus.queries[place]
    return QueryItem(
        position=place, id=query.id, text=query.text, shows=query.shows, relevant=corpus.relevant(query.id)
    )


@lru_cache(maxsize=32)
def _matching(corpus: OpenCorpus, typed: str) -> list[int]:
    from rapidfuzz import fuzz, process

    texts = _lowered(corpus)
    words = typed.split()
    near = []
    if len(typed) >= SHORTEST_NEAR:
        near = process.extract(typed, texts, scorer=fuzz.partial_ratio, score_cutoff=GOOD_ENOUGH, limit=NEAR)
    found = [
        *(place for place, query in enumerate(corpus.queries) if query.id.casefold() == typed),
        *(place for place, text in enumerate(texts) if typed in text),
        *(place for place, text in enumerate(texts) if all(word in text for word in words)),
        *(place for _, _, place in near),
    ]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=4)
def _lowered(corpus: OpenCorpus) -> list[str]:
    """What is matched: the text and, for the demo corpus, the kind of query that it is."""
    return [f"{query.text} {query.shows.split(':')[0]}".casefold() for query in corpus.queries]
