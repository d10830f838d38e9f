"""The pieces of a text, and the words of a query, that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from zsr_tui.explanation import Span
from zsr_tui.pipeline import ENGLISH
from zsr_tui.retrieval import boundaries
from zsr_tui.retrieval.marking import terms_of
from zsr_tui.text import STOP_WORDS

LONGEST = 600  # characters of a piece: a text without sentences, as a list of names, is divided between words
MOST = 64  # pieces of a text; of a longer one neighbours go together, so that an explanation stays affordable
_STAY = f"The {len(STOP_WORDS)} English stop words of Lucene (the, of, to …) stay; others, as how and can, do not."
CUT = "The input was cut: what stands behind the cut does not count, and where something is left out nothing moves up."


class Shorter(NamedTuple):
    """A query without each of its different words, by word; `stay` says which are never left out."""

    queries: dict[str, str]
    stay: str


def sentences(text: str, title: str = "", end: int | None = None) -> list[Span]:
    """[start, end) of the pieces of a text that say something, in order, white space behind them included; at most
    `MOST`. A `title` that the text begins with is a piece of its own. What stands at `end` or behind it is left
    out."""
    begins = len(title) if title.strip() and text.startswith(title) else 0
    found = [(0, begins)] if begins else []
    found += [(begins + start, begins + stop) for start, stop in boundaries.sentences(text[begins:])]
    pieces = [piece for span in found for piece in _pieces(text, span)]
    pieces = [span for span in pieces if text[slice(*span)].strip()]
    return _joined([span for span in before(pieces, end) if text[slice(*span)].strip()])


def before(spans: Sequence[Span], end: int | None) -> list[Span]:
    """Of each span what stands before `end`; None: all of it."""
    return list(spans) if end is None else [(start, min(stop, end)) for start, stop in spans if start < end]


def words(text: str, span: Span | None = None) -> list[Span]:
    """[start, end) of the words within `span`, punctuation and white space left out."""
    start, stop = span or (0, len(text))
    return [(start + begins, start + ends) for begins, ends in boundaries.said(text[start:stop])]


def without(text: str, span: Span) -> str:
    """The text with a piece left out."""
    return f"{text[: span[0]]}{text[span[1] :]}".strip()


def without_all(text: str, spans: Sequence[Span]) -> str:
    """The text with several pieces left out."""
    for span in sorted(spans, reverse=True):
        text = without(text, span)
    return text


def without_words(query: str, language: str = ENGLISH) -> Shorter:
    """What Lucene's analyser of the language makes no term of is not left out."""
    found: dict[str, str] = {}
    places = words(query)
    different = dict.fromkeys(query[slice(*span)] for span in places)
    stay = _staying(query, places, language)
    for word in different:
        if word not in stay:
            shorter = query
            for span in reversed([span for span in places if query[slice(*span)] == word]):
                shorter = without(shorter, span)
            found[word] = shorter
    if language == ENGLISH:
        return Shorter(found, _STAY)
    stopped = ", ".join(word for word in different if word in stay)
    return Shorter(found, f"What is no term of the analyser ({language}) stays: {stopped}." if stopped else "")


def _staying(query: str, places: Sequence[Span], language: str) -> set[str]:
    if language == ENGLISH:
        return {word for span in places if (word := query[slice(*span)]).lower() in STOP_WORDS}
    terms = terms_of(query, language).spans(query)
    return {query[start:end] for start, end in places if not any(start < stop and begin < end for begin, stop in terms)}


def only(text: str, spans: Sequence[Span]) -> str:
    """The pieces alone, in their order in the text."""
    return "".join(text[start:stop] for start, stop in sorted(spans)).strip()


def _pieces(text: str, span: Span) -> list[Span]:
    """The span itself, or parts of at most `LONGEST` characters, between words where there are any."""
    start, stop = span
    if stop - start <= LONGEST:
        return [span]
    pieces, last = [], start
    for end in [span[0] + end for _, end in boundaries.words(text[start:stop])]:
        if end - start > LONGEST and last > start:
            pieces.append((start, last))
            start = last
        while end - start > LONGEST:  # a word that is longer by itself
            pieces.append((start, start + LONGEST))
            start += LONGEST
        last = end
    return [*pieces, (start, stop)]


def _joined(pieces: list[Span]) -> list[Span]:
    """As many neighbours together as it takes to have few enough."""
    size = -(-len(pieces) // MOST) or 1
    return [(pieces[at][0], pieces[min(at + size, len(pieces)) - 1][1]) for at in range(0, len(pieces), size)]
