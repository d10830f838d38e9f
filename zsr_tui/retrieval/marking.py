"""The terms of a query in documents, found with the very analyser that BM25 of a language has; where that cannot be
had, as words are written."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.pipeline import ENGLISH
from zsr_tui.retrieval import boundaries
from zsr_tui.retrieval.analysers import analyser
from zsr_tui.retrieval.java import call, start_jvm
from zsr_tui.retrieval.lucene import CONTENTS, classes
from zsr_tui.text import Finder, Found, Span, Terms, whole_characters

_ATTRIBUTES = "org.apache.lucene.analysis.tokenattributes."


class LanguageTerms:
    """As `zsr_tui.text.Terms`, of another language than English. Each token is a few calls into Java."""

    def __init__(self, query: str, language: str) -> None:
        """Raises `Problem` as `analysed`."""
        self._language = language
        self.stems = frozenset(term for _, _, term in analysed(language, query))

    def find(self, text: str) -> list[Found]:
        """(start, end, term) of every term of the query in the text, in order; of one that begins in the term before
        it (Chinese is read in overlapping pairs) what is left."""
        found: list[Found] = []
        for start, end, term in analysed(self._language, text) if self.stems else ():
            begins = max(start, found[-1][1]) if found else start
            if term in self.stems and begins < end:
                found.append((begins, end, term))
        return found

    def spans(self, text: str) -> tuple[Span, ...]:
        return tuple((start, end) for start, end, _ in self.find(text))


class WrittenTerms:
    """As `zsr_tui.text.Terms`, of words as they are written, in letters of either size."""

    def __init__(self, query: str) -> None:
        self.stems = frozenset(term for _, _, term in written(query))

    def find(self, text: str) -> list[Found]:
        return [each for each in written(text) if each[2] in self.stems] if self.stems else []

    def spans(self, text: str) -> tuple[Span, ...]:
        return tuple((start, end) for start, end, _ in self.find(text))


def terms_of(query: str, language: str) -> Finder:
    """Of a query in a language of `zsr_tui.pipeline.LANGUAGES`: as they are written where it cannot be analysed here,
    which every list of BM25 says in place of its rows."""
    if language == ENGLISH:
        return Terms.of(query)
    try:
        return _of_language(query, language)
    except Problem:
        return WrittenTerms(query)


@lru_cache(maxsize=64)
def _of_language(query: str, language: str) -> LanguageTerms:
    return LanguageTerms(query, language)


def read(language: str, text: str) -> list[Found]:
    """Of a text in another language than English every term, in order, as `terms_of` has those of a query."""
    try:
        return analysed(language, text)
    except Problem:
        return written(text)


def written(text: str) -> list[Found]:
    return [(start, end, text[start:end].casefold()) for start, end in boundaries.said(text)]


def analysed(language: str, text: str) -> list[Found]:
    """The terms that Lucene makes of a text, in order, and where in the text each stands. Raises `Problem` without
    Java, and where this Java has no analyser of the language."""
    start_jvm()
    from jnius import JavaException

    try:
        return _analysed(language, text)
    except JavaException as error:
        raise Problem(f"Lucene cannot analyse the language {language}: {error.innermessage}.") from error


def _analysed(language: str, text: str) -> list[Found]:
    java, whole = classes(), whole_characters(text)
    stream = call(analyser(language), "tokenStream", CONTENTS, whole)
    try:
        term, offset = (_attribute(java, stream, name) for name in ("CharTermAttribute", "OffsetAttribute"))
        call(stream, "reset")
        found = []
        while call(stream, "incrementToken"):
            found.append((call(offset, "startOffset"), call(offset, "endOffset"), str(call(term, "toString"))))
        call(stream, "end")
    finally:
        call(stream, "close")
    if whole.isascii() or max(whole) <= "\uffff":  # else Java counts two where Python counts one
        return found
    units = whole.encode("utf-16-le")
    return [(_characters(units, start), _characters(units, end), word) for start, end, word in found]


def _attribute(java: Any, stream: Any, name: str) -> Any:
    from jnius import cast

    kind = call(java.Class, "forName", _ATTRIBUTES + name)
    return cast(_ATTRIBUTES + name, call(stream, "addAttribute", kind))


def _characters(units: bytes, place: int) -> int:
    return len(units[: 2 * place].decode("utf-16-le"))
