"""A corpus whose documents are chunks of another's. Queries and judgments are the other's: what is judged are
documents, and a list of chunks is measured by the first of each document."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from zsr_tui.corpora.beside import Beside
from zsr_tui.corpora.chunking import Chunking
from zsr_tui.corpora.imported import facts_of, folder_of, note_facts, write_documents
from zsr_tui.corpora.local import LocalCorpus
from zsr_tui.corpora.problems import NotDownloaded, told
from zsr_tui.domain import Corpus, Doc, Query
from zsr_tui.files import locked
from zsr_tui.numerals import counted
from zsr_tui.progress import CancelToken, Meter, Report

_VERSION = 3  # of where documents are cut


class ChunkedCorpus:
    """`docs` finds chunks, and whole documents by their own ids."""

    chunked = True

    def __init__(self, whole: Corpus, chunks: LocalCorpus, chunking: Chunking) -> None:
        self.id, self.collection = chunks.id, chunks.collection
        self._whole, self._chunks, self._chunking = whole, chunks, chunking

    def fingerprint(self) -> str:
        return self._chunks.fingerprint()

    def doc_count(self) -> int:
        return self._chunks.doc_count()

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        return self._chunks.iter_docs(start)

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        wanted = list(ids)
        found = self._chunks.docs(wanted)
        left = [id for id in wanted if id not in found]
        return found | self._whole.docs(left) if left else found

    def queries(self) -> Sequence[Query]:
        return self._whole.queries()

    def judgments(self, qid: str) -> Mapping[str, int]:
        return self._whole.judgments(qid)

    def judgment_count(self) -> int:
        return sum(len(self.judgments(query.id)) for query in self.queries())

    def notes(self) -> tuple[str, ...]:
        cut = f"{counted(self._whole.doc_count(), 'document')} in {self.doc_count():,} {self._chunking.about()}"
        return (f"{cut}: a list is measured by the first chunk of each document.", *self._whole.notes())


def make_ready(whole: Corpus, collection: str, chunking: Chunking, report: Report, cancel: CancelToken) -> None:
    """Cuts all documents, unless that has been done."""
    folder, made_of = folder_of(collection), _made_of(whole, chunking)
    if facts_of(folder, made_of) is not None:
        return
    with told(folder, f"cutting {whole.id}"), locked(folder.with_suffix(".lock"), cancel):
        if facts_of(folder, made_of) is None:
            meter = Meter(report, f"Cutting {whole.id} into chunks", whole.doc_count(), "documents")
            write_documents(folder, _cut(whole, chunking, meter), cancel)
            note_facts(folder, made_of)


def open_chunked(
    whole: Corpus, id: str, collection: str, chunking: Chunking, report: Report, cancel: CancelToken
) -> ChunkedCorpus:
    """Raises `NotDownloaded` where `make_ready` is needed first."""
    folder = folder_of(collection)
    if facts_of(folder, _made_of(whole, chunking)) is None:
        raise NotDownloaded(id)
    chunks = LocalCorpus(folder, "", report, cancel, id=id, collection=collection, beside=Beside())
    return ChunkedCorpus(whole, chunks, chunking)


def _cut(whole: Corpus, chunking: Chunking, meter: Meter) -> Iterator[Doc]:
    for doc in whole.iter_docs():
        yield from chunking.chunks(doc)
        meter.advance()


def _made_of(whole: Corpus, chunking: Chunking) -> str:
    return hashlib.sha256(f"{_VERSION} {whole.fingerprint()} {chunking}".encode()).hexdigest()
