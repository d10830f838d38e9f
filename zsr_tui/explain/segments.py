"""Where sentences and words begin and end: Unicode's text segmentation (UAX 29) as ICU has it, with its dictionaries
for Chinese, Japanese, Thai, Lao, Khmer and Burmese."""

from __future__ import annotations

from collections.abc import Sequence

from icu4py.breakers import SentenceBreaker, WordBreaker

from zsr_tui.explanation import Span
from zsr_tui.text import STOP_WORDS

LONGEST = 600  # characters of a piece: a text without sentences, as a list of names, is divided between words
MOST = 64  # pieces of a text; of a longer one neighbours go together, so that an explanation stays affordable
STAY = f"The {len(STOP_WORDS)} English stop words of Lucene (the, of, to …) stay; others, as how and can, do not."
CUT = "The input was cut: what stands behind the cut does not count, and where something is left out nothing moves up."
_LOCALE = "en"  # sentences are the same in every locale that ICU knows, Greek excepted


def sentences(text: str, title: str = "", end: int | None = None) -> list[Span]:
    """[start, end) of the pieces of a text that say something, in order, white space behind them included; at most
    `MOST`. A `title` that the text begins with is a piece of its own. What stands at `end` or behind it is left
    out."""
    begins = len(title) if title.strip() and text.startswith(title) else 0
    found = [(0, begins)] if begins else []
    found += [(begins + start, begins + stop) for start, stop in _broken(SentenceBreaker, text[begins:])]
    pieces = [piece for span in found for piece in _pieces(text, span)]
    pieces = [span for span in pieces if text[slice(*span)].strip()]
    return _joined([span for span in before(pieces, end) if text[slice(*span)].strip()])


def before(spans: Sequence[Span], end: int | None) -> list[Span]:
    """Of each span what stands before `end`; None: all of it."""
    return list(spans) if end is None else [(start, min(stop, end)) for start, stop in spans if start < end]


def words(text: str, span: Span | None = None) -> list[Span]:
    """[start, end) of the words within `span`, punctuation and white space left out."""
    start, stop = span or (0, len(text))
    found = _broken(WordBreaker, text[start:stop])
    return [(start + a, start + b) for a, b in found if any(map(str.isalnum, text[start + a : start + b]))]


def without(text: str, span: Span) -> str:
    """The text with a piece left out."""
    return f"{text[: span[0]]}{text[span[1] :]}".strip()


def without_all(text: str, spans: Sequence[Span]) -> str:
    """The text with several pieces left out."""
    for span in sorted(spans, reverse=True):
        text = without(text, span)
    return text


def without_words(query: str) -> dict[str, str]:
    """The query without each of its different words, by word; Lucene's stop words are not left out."""
    found: dict[str, str] = {}
    places = words(query)
    for word in dict.fromkeys(query[slice(*span)] for span in places):
        if word.lower() not in STOP_WORDS:
            shorter = query
            for span in reversed([span for span in places if query[slice(*span)] == word]):
                shorter = without(shorter, span)
            found[word] = shorter
    return found


def only(text: str, spans: Sequence[Span]) -> str:
    """The pieces alone, in their order in the text."""
    return "".join(text[start:stop] for start, stop in sorted(spans)).strip()


def _broken(breaker: type[SentenceBreaker | WordBreaker], text: str) -> list[Span]:
    """In characters: ICU counts halves of surrogate pairs."""
    found = list(breaker(text, _LOCALE).segments())
    if text.isascii() or max(text) < "\U00010000":
        return found
    units = [at for at, character in enumerate(text) for _ in range(1 + (character > "\uffff"))]
    units.append(len(text))
    return [(units[start], units[end]) for start, end in found]


def _pieces(text: str, span: Span) -> list[Span]:
    """The span itself, or parts of at most `LONGEST` characters, between words where there are any."""
    start, stop = span
    if stop - start <= LONGEST:
        return [span]
    pieces, last = [], start
    for end in [span[0] + end for _, end in _broken(WordBreaker, text[start:stop])]:
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
