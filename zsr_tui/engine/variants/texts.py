"""The texts of a query's variants. Terms are those of the documents' language; nothing else here knows a language, but
for the few English words that negate, and that German writes all its nouns with a capital.

What is shortened keeps *names* (a word with a digit, with a capital inside, or in capitals; one that begins with a
capital where the others do not) and the terms that are rarest in the corpus: see docs/decisions/0010.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from zsr_tui.api.variants import Variant
from zsr_tui.pipeline import ENGLISH
from zsr_tui.text import STOP_WORDS, Finder, one_line

MOST_TERMS = 30  # that are left out one by one
KEPT = 0.5  # of the terms of a query that is shortened
_NEGATION = re.compile(r"\b(?:not|no|never|without|nor|neither|cannot|\w+n['’]t)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\s]+")
_CAPITAL_NOUNS = "de"
_CONNECTS = {"but", "and", "or"}
_ENDS = re.compile(r"[.,;:!?)]$")
Idf = Callable[[str], Sequence[float]]


def variants(query: str, idf: Idf | None, terms: Finder, language: str = ENGLISH) -> list[Variant]:
    """Those whose text is another than the query's, and not empty. `idf` of the terms of a text, where the corpus has
    an index that knows it; `terms` of the query, in the `language` of the documents."""
    nouns = language == _CAPITAL_NOUNS
    found = [
        *([Variant(kind="shortened", text=_shortened(query, idf, terms, nouns))] if idf is not None else []),
        *([Variant(kind="without negated words", text=without_negated(query))] if language == ENGLISH else []),
        *([] if nouns else [Variant(kind="without title case", text=without_title_case(query, terms))]),
        *(Variant(kind="without", term=term, text=text) for term, text in left_out(query, terms)),
    ]
    kept: dict[str, Variant] = {}
    for variant in found:
        if variant.text and variant.text != one_line(query):
            kept.setdefault(variant.text, variant)
    return list(kept.values())


def left_out(query: str, terms: Finder) -> list[tuple[str, str]]:
    """(term, the query without it) for each of the first MOST_TERMS terms, wherever it stands in the query. A query of
    one term has none."""
    places: dict[str, list[tuple[int, int]]] = {}
    for start, end, stem in terms.find(query):
        places.setdefault(stem, []).append((start, end))
    if len(places) < 2:
        return []
    return [(one_line(query[slice(*spans[0])]), _without(query, spans)) for spans in list(places.values())[:MOST_TERMS]]


def _without(query: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        query = f"{query[:start]} {query[end:]}"
    return re.sub(r"\s+([.,;:!?)])", r"\1", one_line(query)).strip(" -")


def _shortened(query: str, idf: Idf, terms: Finder, nouns: bool) -> str:
    """Its names and its rarest terms, half of all, in the query's order."""
    found = terms.find(query)
    rarity: dict[str, float] = {}
    names = set()
    for start, end, stem in found:
        word = query[start:end]
        rarity[stem] = max(idf(word), default=0.0)
        if _is_name(word, query, start, terms, nouns):
            names.add(stem)
    wanted = max(1, round(KEPT * len(rarity)), len(names))
    by_rarity = sorted(rarity, key=lambda stem: (stem not in names, -rarity[stem]))
    kept = set(by_rarity[:wanted])
    left, at = "", -1
    for start, end, stem in found:
        if stem in kept:
            left += query[start:end] if start == at else f" {query[start:end]}"  # some scripts have no spaces
            at = end
    return one_line(left)


def _is_name(word: str, query: str, start: int, terms: Finder, nouns: bool) -> bool:
    """`nouns`: a capital at the beginning says nothing."""
    if any(character.isdigit() for character in word) or any(character.isupper() for character in word[1:]):
        return not query.isupper()
    begins = word[:1].isupper() and bool(query[:start].strip())
    return begins and not nouns and not is_title_case(query, terms)


def is_title_case(query: str, terms: Finder) -> bool:
    """Every word but stop words begins with a capital."""
    words = [word for word in _WORD.findall(query) if word[:1].isalpha() and terms.find(word)]
    return len(words) > 1 and all(word[0].isupper() for word in words)


def without_title_case(query: str, terms: Finder) -> str:
    """Words with a capital at their beginning alone are written small, where all words of the query have one; the
    first one of another query is."""
    words = _WORD.findall(query)
    if is_title_case(query, terms):
        return " ".join(word.lower() if word[1:] == word[1:].lower() else word for word in words)
    first = words[0] if words else ""
    return " ".join([first.lower() if len(first) > 1 and first[1:] == first[1:].lower() else first, *words[1:]])


def without_negated(query: str) -> str:
    """Without the words that negate, a "but" before them, and what they negate: the words behind them up to the next
    stop word or comma."""
    kept: list[str] = []
    negated = seen = False
    for word in _WORD.findall(query):
        plain = word.strip(".,;:!?()").casefold()
        if _NEGATION.fullmatch(plain):
            negated, seen = True, False
            if kept and kept[-1].casefold() in _CONNECTS:
                kept.pop()
        elif negated and plain in STOP_WORDS and not seen:
            continue  # "not of the": the negated words are still to come
        elif negated and plain not in STOP_WORDS and plain not in _CONNECTS:
            seen = True
        else:
            negated = False
            kept.append(word)
        if negated and seen and _ENDS.search(word):
            negated = False
    return " ".join(kept)
