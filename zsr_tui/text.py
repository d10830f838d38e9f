"""Text as the screen needs it: control characters made visible, query terms found, snippets chosen.

Terms match as in the BM25 index of English: words are Lucene's, in every script, English stop words are dropped, and
words are compared by their Porter stem; `zsr_tui.retrieval.marking` has other languages. Spans are [start, end) in
characters of the text that was given.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, Protocol

from zsr_tui import words

Span = tuple[int, int]
Found = tuple[int, int, str]  # a term: start, end, stem
Match = tuple[int, int, int]  # a term: start, end, which one
_stemming = threading.Lock()

# Lucene's EnglishAnalyzer.ENGLISH_STOP_WORDS_SET, which Anserini's default analyzer uses.
STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they "
    "this to was will with".split()
)

_REPLACEMENTS = {code: 0x2400 + code for code in range(0x20)}
_REPLACEMENTS |= {ord("\t"): 0x20, ord("\r"): 0x20, 0x7F: 0x2421, 0x2028: 0x20, 0x2029: 0x20}
_REPLACEMENTS |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)  # C1: some terminals obey them
_REPLACEMENTS |= dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD)
_REPLACEMENTS |= dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)  # lone surrogates cannot be written at all
_REPLACEMENTS |= dict.fromkeys((0xFFFE, 0xFFFF), 0xFFFD)  # no characters: XML has no place for them
del _REPLACEMENTS[ord("\n")]
_NOT_TYPED = dict.fromkeys(_REPLACEMENTS.keys() - {0x09, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029})
_ESCAPES = {code: f"\\u{code:04x}" for code in _REPLACEMENTS if code >= 0x20}  # JSON has escapes for the others anyway

_SPACES = re.compile(r"\s+")
_MARKS = 30  # that stand together in no text (Unicode's stream-safe format, UAX 15)
# of what may be a combining mark, or becomes one
_MANY_MARKS = re.compile(rf"(?:[\uff9e\uff9f]|[^\w\s\x00-\x7f]){{{_MARKS + 1}}}")


def whole_characters(text: str) -> str:
    """The text with a question mark for every half of a surrogate pair, which is no character: tokenizers refuse the
    text. JSON may hold one, where a program has cut a text in the middle of a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def printable(text: str) -> str:
    """The text with control characters as visible pictures, one character for each: an escape sequence in a
    document is shown and not obeyed. Newlines stay, tabs become spaces, characters that reorder text (bidirectional
    overrides) become U+FFFD. Spans of the result are spans of the text."""
    return text.translate(_REPLACEMENTS)


def normalised(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """`unicodedata.normalize`, which takes the square of the time for a run of combining marks: more than `_MARKS` of
    them are taken in pieces."""
    if not _MANY_MARKS.search(text):
        return unicodedata.normalize(form, text)
    pieces, start, run = [], 0, 0
    for place, character in enumerate(text):
        run = run + 1 if unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) else 0
        if run > _MARKS:
            pieces.append(text[start:place])
            start, run = place, 1
    return "".join(unicodedata.normalize(form, piece) for piece in (*pieces, text[start:]))


def same_text(text: str) -> str:
    """Equal for texts that differ in case, spaces, or how Unicode writes them (NFKC)."""
    return " ".join(normalised("NFKC", normalised("NFKC", text).casefold()).split())


def folded(text: str) -> str:
    """What a text is searched by: `same_text` without accents."""
    apart = normalised("NFD", same_text(text))
    return normalised("NFC", "".join(each for each in apart if not unicodedata.combining(each)))


def unquoted(field: str) -> str:
    """A field of a table as csv.writer and pandas write it: in quotes where it has quotes itself, those doubled."""
    inner = field[1:-1]
    if len(field) < 2 or not field[0] == field[-1] == '"' or '"' in inner.replace('""', ""):
        return field
    return inner.replace('""', '"')


def escaped(json: str) -> str:
    """JSON that means the same, with the characters that `printable` replaces as escapes."""
    return json.translate(_ESCAPES)


def flat(text: str) -> str:
    """`printable`, and a space for each newline: for names, which keep their spaces."""
    return printable(text).replace("\n", " ")


def one_line(text: str) -> str:
    """`printable`, with every run of white space as one space."""
    return _SPACES.sub(" ", printable(text)).strip()


def typed(text: str) -> str:
    """A text that was pasted, as a line of its own: its lines one behind the other, nothing in it that a terminal would
    obey. Spaces at its ends stay, line breaks there go."""
    return _SPACES.sub(" ", text.strip("\r\n").translate(_NOT_TYPED))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer  # loads every language it knows; the screens need none of them

    return snowballstemmer.stemmer("porter")


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    if len(word) <= 2:
        return word  # as Porter's own program has it
    with _stemming:  # snowballstemmer keeps the word that it is at in itself
        return str(_stemmer().stemWord(word))


def analysed(text: str) -> list[str]:
    """The terms of a text in order, as the BM25 index holds them: without stop words, each as its stem."""
    return [term for _, term in analysed_words(text)]


def analysed_words(text: str) -> list[tuple[str, str]]:
    """(word, term) for each of `analysed`, the words in small letters."""
    return [(word, _stem(word)) for word in words.words(text) if word not in STOP_WORDS]


class Finder(Protocol):
    """Finds the terms of a query in documents."""

    @property
    def stems(self) -> frozenset[str]: ...

    def find(self, text: str) -> list[Found]: ...

    def spans(self, text: str) -> tuple[Span, ...]: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of an English query, ready to be found in documents."""

    stems: frozenset[str]
    candidates: words.Beginning | None  # every word that may be one of them

    @staticmethod
    @lru_cache(maxsize=64)
    def of(query: str) -> Terms:
        stems = frozenset(_stem(word) for word in words.words(query) if word not in STOP_WORDS)
        # Porter changes the end of a word only, so a candidate begins as its stem does; looking at two characters
        # first spares stemming every word of every document.
        return Terms(stems, words.Beginning({stem[:2] for stem in stems}) if stems else None)

    def find(self, text: str) -> list[Found]:
        """(start, end, stem) of every term in the text, in order."""
        if self.candidates is None:
            return []
        found = []
        for match in self.candidates.finditer(text):
            word = words.plain(match.group())
            stem = _stem(word)
            if stem in self.stems and word not in STOP_WORDS:
                found.append((match.start(), match.end(), stem))
        return found

    def spans(self, text: str) -> tuple[Span, ...]:
        return tuple((start, end) for start, end, _ in self.find(text))


def snippet(text: str, terms: Finder, width: int = 240) -> tuple[str, tuple[Span, ...]]:
    """The window of about `width` characters that holds most of the query: most different terms, then most
    occurrences, then the earliest. Returns it on one line, with an ellipsis where it was cut, and its terms' spans."""
    line = one_line(text)
    start, end = _window(line, terms.find(line) if len(line) > width else [], width)
    window = f"{'…' if start > 0 else ''}{line[start:end]}{'…' if end < len(line) else ''}"
    return window, terms.spans(window)


def passage(text: str, terms: Finder, width: int = 240, around: int = 120) -> tuple[str, tuple[Match, ...]]:
    """The window of `snippet` with some characters `around` it, to cut a narrower one out of it; and the terms in it,
    each with its number among those of the passage."""
    line = one_line(text)
    found = terms.find(line)
    start, end = _window(line, found, width)
    start, end = max(0, start - around), min(len(line), end + around)
    if start > 0:
        start = line.find(" ", start, start + 30) + 1 or start
    if end < len(line):
        space = line.rfind(" ", end - 30, end)
        end = space if space > 0 else end
    shift = start - (start > 0)
    numbers: dict[str, int] = {}
    inside = tuple(
        (first - shift, last - shift, numbers.setdefault(stem, len(numbers)))
        for first, last, stem in found
        if start <= first and last <= end
    )
    return f"{'…' if start > 0 else ''}{line[start:end]}{'…' if end < len(line) else ''}", inside


def about_terms(passage: str, matches: Sequence[Match], width: int) -> str:
    """What `snippet` shows of a passage whose terms are known."""
    start, end = _window(passage, [(first, last, str(number)) for first, last, number in matches], width)
    return f"{'…' if start > 0 else ''}{passage[start:end]}{'…' if end < len(passage) else ''}"


def _window(line: str, found: list[Found], width: int) -> Span:
    """[start, end) of the window of about `width` characters that holds most of what was found."""
    start = 0
    if len(line) > width:
        start = _best_start(found, width)
        if start > 0:
            # leave a little of what stands before the first term, and begin at a word
            start = max(0, min(start - width // 5, len(line) - width))
            start = line.find(" ", start, start + 30) + 1 or start if start else 0
    end = min(len(line), start + width)
    if end < len(line):
        space = line.rfind(" ", start + width // 2, end)
        end = space if space > 0 else end
    return start, end


def _best_start(found: list[Found], width: int) -> int:
    best, best_start, first = (0, 0), 0, 0
    counts: dict[str, int] = {}
    for start, end, stem in found:
        counts[stem] = counts.get(stem, 0) + 1
        while end - found[first][0] > width * 4 // 5 and found[first][0] < start:
            leaving = found[first][2]
            counts[leaving] -= 1
            if not counts[leaving]:
                del counts[leaving]
            first += 1
        value = (len(counts), sum(counts.values()))
        if value > best:
            best, best_start = value, found[first][0]
    return best_start


def shorten_middle(text: str, width: int) -> str:
    """At most `width` characters, cut in the middle: both ends of a name say more than its middle."""
    if len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    left = (width - 1) // 2
    return f"{text[:left]}…{text[len(text) - (width - 1 - left) :]}"


def merged(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Neighbouring spans that touch, joined (Chinese words are found character by character)."""
    result: list[Span] = list(spans[:1])
    for (_, _), (start, end) in pairwise(spans):
        if start == result[-1][1]:
            result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return tuple(result)
