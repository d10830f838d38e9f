"""Finds dataset queries by typing."""

from __future__ import annotations

from functools import lru_cache

from zsr_tui.api.requests import QueryItem, QueryPage
from zsr_tui.engine.library import OpenCorpus

GOOD_ENOUGH = 60.0  # of 100, rapidfuzz's partial token-set ratio


def query_page(corpus: OpenCorpus, match: str, offset: int, limit: int) -> QueryPage:
    """Queries in the dataset's order, or, with `match`, the best matches first: an id or a text that holds what was
    typed, then texts that nearly do."""
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
    same_id = [place for place, query in enumerate(corpus.queries) if query.id.casefold() == typed]
    holding = [place for place, text in enumerate(texts) if typed in text]
    taken = {*same_id, *holding}
    near = process.extract(
        typed,
        texts,
        scorer=fuzz.partial_token_set_ratio if " " in typed else fuzz.partial_ratio,
        score_cutoff=GOOD_ENOUGH,
        limit=200,
    )
    found = [place for place in holding if place not in same_id]
    return same_id + found + [place for _, _, place in near if place not in taken]


@lru_cache(maxsize=4)
def _lowered(corpus: OpenCorpus) -> list[str]:
    """What is matched: the text and, for the demo corpus, what the query is there to show."""
    return [f"{query.text} {query.shows}".casefold() for query in corpus.queries]
