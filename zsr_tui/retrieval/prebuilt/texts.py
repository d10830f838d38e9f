"""The documents that a prebuilt index stores, as a corpus: `prebuilt:NAME`. It has no queries and no judgments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from zsr_tui.corpora.elsewhere import PREBUILT
from zsr_tui.corpora.problems import NotDownloaded
from zsr_tui.domain import Doc, Problem, Query
from zsr_tui.progress import CancelToken, Report
from zsr_tui.retrieval.java import call
from zsr_tui.retrieval.lucene import ID, LuceneIndex
from zsr_tui.retrieval.prebuilt import place
from zsr_tui.retrieval.prebuilt.lists import Prebuilt
from zsr_tui.retrieval.prebuilt.opening import about
from zsr_tui.text import whole_characters

_STORED = ("raw", "contents")  # fields that may hold a document, the whole one first
_TEXT = ("text", "contents", "passage", "body")  # what a document calls its text


def check(id: str) -> None:
    """Raises `Problem` for an index that there is not, or that is no index of texts."""
    found = _named(id)
    if found.kind != "inverted":
        rather = f": take {PREBUILT}{found.texts}" if found.texts else ""
        raise Problem(f"{found.name} stores no texts{rather}.", usage=True)


def open_corpus(id: str) -> StoredCorpus:
    """Raises `NotDownloaded`, and `Problem` for an index that stores no texts."""
    found = _named(id)
    if not place.is_here(found):
        raise NotDownloaded(id)
    return StoredCorpus(id, found)


def fetch(id: str, report: Report, cancel: CancelToken) -> None:
    """At once where it is here. Raises `Problem` and `Cancelled`."""
    from zsr_tui.retrieval.prebuilt.fetching import fetch as download

    download(_named(id), report, cancel)


def _named(id: str) -> Prebuilt:
    return about(id.removeprefix(PREBUILT))


class StoredCorpus:
    """Every method may be called from any thread."""

    chunked = False

    def __init__(self, id: str, prebuilt: Prebuilt) -> None:
        """Raises `Problem` where the first document has no text."""
        self.id = self.collection = id
        self._prebuilt, self._index = prebuilt, LuceneIndex(place.folder(prebuilt))
        if self._index.documents and next(self.iter_docs(), None) is None:
            raise Problem(
                f"{prebuilt.name} stores ids and no texts: take an index that has them (those of BEIR whose names end "
                "in .flat do), or the dataset itself."
            )

    @cached_property
    def _field(self) -> str:
        """That holds the documents, "" where none does."""
        return next((name for name in _STORED if self._read(0, name) is not None), "")

    def fingerprint(self) -> str:
        return self._prebuilt.md5

    def doc_count(self) -> int:
        return self._index.documents

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        for number in range(start, self._index.documents):
            stored = self._read(number, self._field) if self._field else None
            if stored is None:
                return
            yield _doc(str(self._read(number, ID)), stored)

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        found = {}
        with self._index.searcher() as (java, searcher):
            stored = call(searcher, "storedFields")
            for doc_id in ids:
                wanted = java.TermQuery(java.Term(ID, whole_characters(doc_id)))
                hits = call(searcher, "search", wanted, 1).scoreDocs
                if len(hits):
                    document = call(stored, "document", int(hits[0].doc))
                    found[doc_id] = _doc(doc_id, str(call(document, "get", self._field)))
        return found

    def queries(self) -> Sequence[Query]:
        return ()

    def judgments(self, qid: str) -> Mapping[str, int]:
        return {}

    def notes(self) -> tuple[str, ...]:
        return (f"The documents are those that {self._prebuilt.name} stores; it has no queries of its own.",)

    def _read(self, number: int, field: str) -> str | None:
        with self._index.searcher() as (_, searcher):
            value = call(call(call(searcher, "storedFields"), "document", number), "get", field)
        return None if value is None else str(value)


def _doc(doc_id: str, stored: str) -> Doc:
    """`stored` is JSON in the collections of Anserini, else the text itself."""
    try:
        record: Any = json.loads(stored)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        return Doc(doc_id, "", stored)
    title, text = record.get("title"), next((record[name] for name in _TEXT if name in record), "")
    return Doc(doc_id, title if isinstance(title, str) else "", text if isinstance(text, str) else "")
