"""A whole document, its query's terms marked, and where each model stopped reading; what a corpus begins with."""

from __future__ import annotations

from dataclasses import replace

from zsr_tui.api.questions import ReadCorpus, ReadDocument
from zsr_tui.api.requests import CorpusView, DocumentView
from zsr_tui.domain import Problem
from zsr_tui.engine.library import Library
from zsr_tui.engine.terms import terms
from zsr_tui.text import printable


def document_view(library: Library, asked: ReadDocument) -> DocumentView:
    """Raises `Problem` for a document that the dataset does not have."""
    corpus = library.corpus(asked.dataset)
    doc = corpus.docs([asked.doc_id]).get(asked.doc_id)
    if doc is None:
        raise Problem(f"{asked.dataset} has no document {asked.doc_id!r}.", usage=True)
    found = terms(corpus.collection, asked.query, asked.systems)
    return DocumentView(
        doc=doc,
        title_terms=found.spans(printable(doc.title)),
        text_terms=found.spans(printable(doc.text)),
        cut_at=tuple(
            (model, offset)
            for model in asked.models
            if (offset := library.scoring.cut_offset(model, asked.query, doc.content)) is not None
        ),
    )


def corpus_view(library: Library, asked: ReadCorpus) -> CorpusView:
    """Raises `Problem` for one that there is not, and where its first documents cannot be read."""
    from zsr_tui.corpora import collection_of
    from zsr_tui.corpora.describing import described

    info, first = described(asked.name, asked.first)
    bm25, encoded = library.store.state(collection_of(info.id))
    return CorpusView(info=replace(info, state=replace(info.state, bm25=bm25, encoded=encoded)), first=tuple(first))
