"""The terms of a query that are marked in documents: as BM25 has them in the language of these."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from zsr_tui import pipeline
from zsr_tui.corpora.languages import language_for
from zsr_tui.domain import Problem
from zsr_tui.text import Finder, Terms, analysed_words


def terms(collection: str, query: str, systems: Iterable[str] = ()) -> Finder:
    """Ready to be found, in the language of `language_in`. Where its analyser cannot be had, words are terms as they
    are written."""
    language = language_in(collection, systems)
    if language == pipeline.ENGLISH:
        return Terms.of(query)
    from zsr_tui.retrieval.marking import terms_of

    return terms_of(query, language)


def terms_in(systems: Iterable[str], dataset: str, query: str) -> Finder:
    """`terms` of a query of a dataset."""
    from zsr_tui import corpora

    return terms(corpora.collection_of(dataset), query, systems)


def worded(text: str, language: str) -> list[tuple[str, str]]:
    """(word, term) for every term of a text, in order; the words in small letters."""
    if language == pipeline.ENGLISH:
        return analysed_words(text)
    from zsr_tui.retrieval.marking import read

    return [(text[start:end].lower(), term) for start, end, term in read(language, text)]


def language_in(collection: str, systems: Iterable[str] = ()) -> str:
    """The one that the first BM25 of the `systems` names, else that of the documents."""
    return language_for(collection, next(filter(None, map(_language, systems)), ""))


def _language(notation: str) -> str:
    """That a system names; none where it is not understood, which its list says."""
    with suppress(Problem):
        steps = pipeline.steps(pipeline.parse(notation))
        return next((step.language for step in steps if isinstance(step, pipeline.Bm25) and step.language), "")
    return ""
