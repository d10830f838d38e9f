"""A dataset of ir_datasets as a `Corpus`."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from zsr_tui.corpora.irds import reading
from zsr_tui.corpora.judgments import grade_of
from zsr_tui.corpora.records import clean
from zsr_tui.domain import LARGEST_GRADE, Doc, Query


class IndexedCorpus:
    """`dataset` is ir_datasets' own object, and everything that it reads is on this machine.

    `source` is what the documents were made of (an md5), for the fingerprint. `query_text` gives the text of one of
    its queries; by default it is what ir_datasets has. `only_relevant` leaves out queries without a relevant document.
    """

    chunked = False

    def __init__(
        self,
        dataset: Any,
        *,
        id: str,
        collection: str,
        count: int,
        source: str,
        notes: tuple[str, ...] = (),
        query_text: Callable[[Any], str] | None = None,
        only_relevant: bool = False,
    ) -> None:
        self.id, self.collection = id, collection
        self._dataset, self._count, self._source, self._notes = dataset, count, source, notes
        self._query_text, self._only_relevant = query_text or text_of_query, only_relevant
        self._lock = threading.Lock()  # a document store reads through one file handle
        with reading(id):
            self._store = dataset.docs_handler().docs_store()

    def fingerprint(self) -> str:
        return hashlib.sha256(f"{self.collection} {self._source} {self._count}".encode()).hexdigest()

    def doc_count(self) -> int:
        return self._count

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        with reading(self.id):
            documents = self._dataset.docs_iter()
            if start and hasattr(documents, "__getitem__"):
                documents = documents[start:] if start < self._count else iter(())
            else:
                documents = islice(documents, start, None)
            for document in documents:
                yield as_doc(document)

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        wanted = set(ids)
        if not wanted:
            return {}
        with self._lock, reading(self.id):
            found = self._store.get_many(sorted(wanted))
        # the store compares ids up to the length of its longest one
        return {id: as_doc(document) for id, document in found.items() if id in wanted}

    def queries(self) -> Sequence[Query]:
        with self._lock:
            return self._queries

    def judgments(self, qid: str) -> Mapping[str, int]:
        with self._lock:
            return self._grades.get(qid, {})

    def notes(self) -> tuple[str, ...]:
        return self._notes

    @cached_property
    def _queries(self) -> tuple[Query, ...]:
        if not self._dataset.has_queries():
            return ()
        with reading(self.id):
            queries = tuple(Query(query.query_id, self._text(query)) for query in self._dataset.queries_iter())
        if not self._only_relevant:
            return queries
        return tuple(query for query in queries if any(g > 0 for g in self._grades.get(query.id, {}).values()))

    @cached_property
    def _grades(self) -> dict[str, dict[str, int]]:
        grades: dict[str, dict[str, int]] = {}
        if self._dataset.has_qrels():
            with reading(self.id):
                for judgment in self._dataset.qrels_iter():
                    grade = judgment.relevance
                    if not isinstance(grade, int) or abs(grade) > LARGEST_GRADE:
                        where = f"{self.id}, query {judgment.query_id}, document {judgment.doc_id}"
                        grade = grade_of(str(grade), where)
                    grades.setdefault(judgment.query_id, {})[judgment.doc_id] = grade
        return grades

    def _text(self, query: Any) -> str:
        if not hasattr(query, "text") and hasattr(query, "doc_id"):  # background linking: the query is a document
            found = self._store.get_many([query.doc_id])
            return as_doc(found[query.doc_id]).title if query.doc_id in found else query.doc_id
        return clean(self._query_text(query))


def text_of_query(query: Any) -> str:
    return query.default_text() if hasattr(query, "default_text") else query.text


def as_doc(document: Any) -> Doc:
    """Title and text; without a title of its own, the text that ir_datasets says represents the document."""
    title = getattr(document, "title", "") or ""
    if hasattr(document, "title") and hasattr(document, "text"):
        text = document.text
    elif hasattr(document, "default_text"):
        text = document.default_text()
        text = text.removeprefix(title).lstrip() if title else text
    else:
        kept = (value for key, value in document._asdict().items() if key not in ("doc_id", "title", "url"))
        text = "\n".join(value for value in kept if isinstance(value, str))
    return Doc(document.doc_id, clean(title), clean(text or ""))
