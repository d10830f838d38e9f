"""The terms of a query that are marked in documents: as BM25 has them in the language of these."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from zsr_tui import pipeline
from zsr_tui.corpora.languages import language_for
from zsr_tui.domain import Problem
from zsr_tui.text import Finder, Terms


def terms(collection: str, query: str, systems: Iterable[str] = ()) -> Finder:
    """In the language that the first BM25 of the `systems` names, else that of the documents. Where its analyser cannot
    be had, which every list of BM25 says in place of its rows, the words are taken for English."""
    language = language_for(collection, next(filter(None, map(_language, systems)), ""))
    if language != pipeline.ENGLISH:
        with suppress(Problem):
            from zsr_tui.retrieval.marking import terms_of

            return terms_of(query, language)
    return Terms.of(query)


def _language(notation: str) -> str:
    """That a system names; none where it is not understood, which its list says."""
    with suppress(Problem):
        steps = pipeline.steps(pipeline.parse(notation))
        return next((step.language for step in steps if isinstance(step, pipeline.Bm25) and step.language), "")
    return ""
