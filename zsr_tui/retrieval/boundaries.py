"""Where sentences and words begin and end: Unicode's text segmentation (UAX 29) as ICU has it, with its dictionaries
for Chinese, Japanese, Thai, Lao, Khmer and Burmese."""

from __future__ import annotations

from icu4py.breakers import SentenceBreaker, WordBreaker

from zsr_tui.text import Span

_LOCALE = "en"  # sentences are the same in every locale that ICU knows, Greek excepted


def sentences(text: str) -> list[Span]:
    """[start, end) of each, white space behind it included."""
    return _broken(SentenceBreaker, text)


def words(text: str) -> list[Span]:
    """[start, end) of what lies between two places where a word begins or ends: words, punctuation, white space."""
    return _broken(WordBreaker, text)


def said(text: str) -> list[Span]:
    """[start, end) of the words: punctuation and white space left out."""
    return [(start, end) for start, end in words(text) if any(map(str.isalnum, text[start:end]))]


def _broken(breaker: type[SentenceBreaker | WordBreaker], text: str) -> list[Span]:
    """In characters: ICU counts halves of surrogate pairs."""
    found = list(breaker(text, _LOCALE).segments())
    if text.isascii() or max(text) < "\U00010000":
        return found
    units = [at for at, character in enumerate(text) for _ in range(1 + (character > "\uffff"))]
    units.append(len(text))
    return [(units[start], units[end]) for start, end in found]
