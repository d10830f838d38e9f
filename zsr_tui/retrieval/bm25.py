"""BM25 with Lucene, as pyserini's `bm25-flat` has it: one field, Anserini's English analyzer and query generator.

An index stores ids and the terms of `Doc.content`, nothing else, and is searched with any k1 and b: they only weigh
what the index holds. Lucene is called through pyjnius with few crossings per document, because each costs ~10 us.
"""

from __future__ import annotations

import functools
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from zsr_tui.domain import Corpus, Doc, Problem, ScoredDoc
from zsr_tui.files import means_full
from zsr_tui.fusion import ranked
from zsr_tui.progress import Cancelled, CancelToken, Meter, Report
from zsr_tui.retrieval import batches
from zsr_tui.retrieval.disk import no_room, writing
from zsr_tui.retrieval.java import call, start_jvm
from zsr_tui.retrieval.problems import DamagedIndex
from zsr_tui.text import whole_characters

COMMIT_EVERY = 10_000  # documents that a kill can cost
_RAM_BUFFER_MB = 64.0
_DAMAGED = {
    "CorruptIndexException", "IndexFormatTooOldException", "IndexFormatTooNewException", "EOFException",
    "IndexNotFoundException", "NoSuchFileException", "FileNotFoundException",
}  # fmt: skip
_TIED = 50  # documents behind the k-th that may have its score
_MOST = 2**31 - 1  # that Lucene can be asked for
_EXACT = 24  # lengths below cost a value each of the byte that Lucene keeps of them
ID, CONTENTS = "id", "contents"
_CHAR_FIELD = "(Ljava/lang/String;Ljava/lang/CharSequence;Lorg/apache/lucene/index/IndexableFieldType;)V"
_OF_READER = "(Lorg/apache/lucene/index/IndexReader;)V"


def build_bm25(
    corpus: Corpus,
    folder: Path,
    report: Report,
    cancel: CancelToken,
    *,
    commit_every: int = COMMIT_EVERY,
    threads: int = 0,
) -> int:
    """Index a corpus into `folder`, going on from the last commit that the folder holds; the number of documents.
    On as many threads as there are processors, unless `threads` says how many.

    A stop of any kind leaves a folder that the next call continues. Raises `Problem` (no Java, a full
    disk, a broken corpus) or `Cancelled`; in both cases what was indexed so far is kept.
    """
    start_jvm()
    what = f"The BM25 index of {corpus.collection}"
    with writing(what, folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _continued(folder, what) as writer:
        done = writer.count()
        meter = Meter(report, f"Indexing {corpus.collection} for BM25", corpus.doc_count(), "documents", start=done)
        with writer.adding(threads or batches.threads()) as adding:
            try:
                for batch in batches.cut(corpus.iter_docs(done), done, commit_every):
                    writer.add(adding, batch)
                    done += len(batch)
                    if done % commit_every == 0:
                        writer.wait(adding)
                        writer.commit()
                    meter.update(done)
                    cancel.check()
            except (Cancelled, Problem):
                writer.wait(adding)
                writer.commit()
                raise
            writer.wait(adding)
            writer.commit()
        writer.wait_for_merges(cancel)
    return done


def _continued(folder: Path, what: str) -> _Writer:
    """A writer behind the last commit of the folder, or in an emptied folder where that cannot be read."""
    try:
        return _Writer(folder, what)
    except DamagedIndex:
        for path in folder.iterdir():
            path.unlink()
        return _Writer(folder, what)


class _Writer:
    """Lucene's IndexWriter. Each thread has one document that it fills again and again, which Lucene allows."""

    def __init__(self, folder: Path, what: str) -> None:
        self._folder, self._what = folder, what
        java = _java()
        config = java.IndexWriterConfig(java.analyzer)
        call(config, "setSimilarity", java.BM25Similarity())
        call(config, "setRAMBufferSizeMB", _RAM_BUFFER_MB)
        self._merges = java.ConcurrentMergeScheduler()
        call(config, "setMergeScheduler", self._merges)
        with self._told():
            self._directory = _open_directory(folder)
            self._writer = java.IndexWriter(self._directory, config)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        """Close without another commit: what was not committed is dropped, running merges are abandoned."""
        with self._told():
            call(self._writer, "rollback")
            call(self._directory, "close")

    def count(self) -> int:
        return int(call(self._writer, "getDocStats").numDocs)

    def adding(self, threads: int) -> batches.Batches:
        return batches.Batches(self._writer, _fields, threads)

    def add(self, adding: batches.Batches, batch: list[Doc]) -> None:
        with self._told():
            adding.add(batch)

    def wait(self, adding: batches.Batches) -> None:
        with self._told():
            adding.wait()

    def commit(self) -> None:
        if call(self._writer, "isOpen"):  # else an earlier error closed it; its own message is on the way
            with self._told():
                call(self._writer, "commit")

    def wait_for_merges(self, cancel: CancelToken) -> None:
        """Let the merges that fewer, larger segments need finish; they change no score."""
        while call(self._merges, "mergeThreadCount") > 0:
            cancel.check()
            time.sleep(0.02)
        self.commit()

    def _told(self) -> AbstractContextManager[None]:
        return _told(f"{self._what} cannot be written", self._folder, written=self._what)


def _fields() -> tuple[Any, Any, Any]:
    """A document, its id and its contents."""
    java = _java()
    kind = java.FieldType()
    call(kind, "setTokenized", True)
    call(kind, "setIndexOptions", java.IndexOptions.DOCS_AND_FREQS)
    document, id = java.Document(), java.KeywordField(ID, "", java.Store.YES)
    contents = java.Field(CONTENTS, java.String(""), kind, signature=_CHAR_FIELD)
    call(document, "add", id)
    call(document, "add", contents)
    return document, id, contents


class Bm25Index:
    """A Lucene index, open for searching. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        """Open a folder that `build_bm25` wrote. Raises `DamagedIndex`, or `Problem` without Java."""
        start_jvm()
        self._folder = folder
        with _told(f"The BM25 index in {folder} cannot be opened", folder, damaged=True):
            self._reader = call(_java().DirectoryReader, "open", _open_directory(folder))
        self.documents = int(call(self._reader, "numDocs"))

    def search(self, query: str, k: int, *, k1: float, b: float) -> list[ScoredDoc]:
        """The `k` best documents of a bag of words, by BM25 score; ties by document id ascending, as Anserini has them.

        Any text is a query: Lucene's query syntax means nothing here, and a text without a single known term (stop
        words, punctuation) finds nothing. A repeated term counts as often as it is there. Raises `Problem` for a k1
        below 0, a b outside 0..1, a k below 1, and for an index that is closed.
        """
        if not (k1 >= 0.0 and 0.0 <= b <= 1.0) or k1 == float("inf"):
            raise Problem(f"BM25 takes k1 >= 0 and b from 0 to 1, not k1={k1:g} b={b:g}.", usage=True)
        if k < 1:
            raise Problem(f"A search returns at least one document, not {k}.", usage=True)
        with self.searcher(k1, b) as (java, searcher):
            return self._search(java, query, k, searcher)

    @contextmanager
    def searcher(self, k1: float, b: float) -> Iterator[tuple[Any, Any]]:
        """The classes of Lucene and an IndexSearcher that weighs so, for as long as the files stay open."""
        with self._held("search", "searched: search again") as java:
            # One of its own for every call: similarity is the searcher's state, and one costs ~50 us.
            searcher = java.IndexSearcher(self._reader, signature=_OF_READER)
            call(searcher, "setSimilarity", java.BM25Similarity(k1, b))
            yield java, searcher

    def _search(self, java: Any, query: str, k: int, searcher: Any) -> list[ScoredDoc]:
        bag = bag_of_words(java, query)
        # Lucene can skip documents only when it ranks by score alone, ties by its own numbers: a few more than k are
        # asked for, and where the ties at the k-th place go beyond those, it sorts by id itself.
        more = min(k + _TIED, _MOST)
        found = call(java.ScoredDocs, "fromTopDocs", call(searcher, "search", bag, more), searcher)
        if len(found.scores) == more and found.scores[-1] == found.scores[k - 1]:
            found = call(java.ScoredDocs, "fromTopDocs", call(searcher, "search", bag, k, java.order, True), searcher)
        return ranked(map(ScoredDoc, found.docids, found.scores))[:k]

    def idf(self, text: str) -> list[float]:
        """Of every term that the analyzer finds in the text, in order. Raises `Problem` for an index that is closed."""
        with self._held("read", "read: ask again") as java:
            terms = call(java.AnalyzerUtils, "analyze", java.analyzer, whole_characters(text)).toArray()
            counts = [int(call(self._reader, "docFreq", java.Term(CONTENTS, term))) for term in terms]
        return [idf(self.documents, n) for n in counts]

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """How many documents have each of these terms, as the index has them (`zsr_tui.text.analysed`). Raises
        `Problem` for an index that is closed."""
        with self._held("read", "read: ask again") as java:
            return {term: int(call(self._reader, "docFreq", java.Term(CONTENTS, term))) for term in terms}

    def score(self, query: str, text: str, *, k1: float, b: float) -> float:
        """The score of a document with this text, which need not be in the index: with the counts of the index as they
        are, and the text's length as coarse as Lucene keeps it. 0 where it has no term of the query."""
        with self.searcher(k1, b) as (java, searcher):
            asked, said = (
                Counter(call(java.AnalyzerUtils, "analyze", java.analyzer, whole_characters(each)).toArray())
                for each in (query, text)
            )
            counts = {term: int(call(self._reader, "docFreq", java.Term(CONTENTS, term))) for term in asked}
            statistics = call(searcher, "collectionStatistics", CONTENTS)
            average = call(statistics, "sumTotalTermFreq") / max(1, call(statistics, "docCount"))
            documents = int(call(statistics, "docCount"))
        norm = k1 * (1 - b + b * kept_length(said.total()) / average)
        shares = {term: said[term] / (said[term] + norm) for term in asked if said[term] and counts[term]}
        return math.fsum(asked[term] * idf(documents, counts[term]) * share for term, share in shares.items())

    def close(self) -> None:
        """Let go of the files; searches that are under way finish first."""
        with _told("The BM25 index cannot be closed", self._folder):
            call(self._reader, "close")

    @contextmanager
    def _held(self, what: str, closed: str) -> Iterator[Any]:
        """The classes of Lucene for a look into the index, whose files stay open that long."""
        if not call(self._reader, "tryIncRef"):
            raise Problem(f"The BM25 index was closed while it was being {closed}.")
        try:
            with _told(f"Lucene could not {what} the BM25 index", self._folder):
                yield _java()
        finally:
            call(self._reader, "decRef")


def idf(documents: int, n: int) -> float:
    """Inverse document frequency of a term that `n` of so many documents have, as Lucene's BM25Similarity has it."""
    return math.log(1 + (documents - n + 0.5) / (n + 0.5))


def kept_length(tokens: int) -> int:
    """The length that a byte of Lucene's norms gives back (SmallFloat.intToByte4): exact to 40, then four bits."""
    above = tokens - _EXACT
    shift = max(0, above.bit_length() - 4) if above > 0 else 0
    return tokens if above <= 0 else _EXACT + (above >> shift << shift)


def bag_of_words(java: Any, query: str) -> Any:
    """The query that Lucene runs: each term once, as often as it is there its weight."""
    return call(java.generator, "buildQuery", CONTENTS, java.analyzer, whole_characters(query))


_LUCENE, _ANSERINI = "org.apache.lucene.", "io.anserini."
_CLASSES = {
    "String": "java.lang.String",
    "File": "java.io.File",
    "FSDirectory": _LUCENE + "store.FSDirectory",
    "Document": _LUCENE + "document.Document",
    "Field": _LUCENE + "document.Field",
    "FieldType": _LUCENE + "document.FieldType",
    "KeywordField": _LUCENE + "document.KeywordField",
    "Store": _LUCENE + "document.Field$Store",
    "IndexOptions": _LUCENE + "index.IndexOptions",
    "IndexWriter": _LUCENE + "index.IndexWriter",
    "IndexWriterConfig": _LUCENE + "index.IndexWriterConfig",
    "ConcurrentMergeScheduler": _LUCENE + "index.ConcurrentMergeScheduler",
    "DirectoryReader": _LUCENE + "index.DirectoryReader",
    "IndexSearcher": _LUCENE + "search.IndexSearcher",
    "BM25Similarity": _LUCENE + "search.similarities.BM25Similarity",
    "ScoredDocs": _ANSERINI + "search.ScoredDocs",
    "AnalyzerUtils": _ANSERINI + "analysis.AnalyzerUtils",
    "Term": _LUCENE + "index.Term",
    "TermQuery": _LUCENE + "search.TermQuery",
    "BoostQuery": _LUCENE + "search.BoostQuery",
    "CharTermAttribute": _LUCENE + "analysis.tokenattributes.CharTermAttribute",
    "OffsetAttribute": _LUCENE + "analysis.tokenattributes.OffsetAttribute",
    "Class": "java.lang.Class",
}


@functools.cache
def _java() -> Any:
    """The classes of Lucene and Anserini that are used here, looked up once, and three shared objects."""
    from jnius import autoclass

    java = SimpleNamespace(**{name: autoclass(place) for name, place in _CLASSES.items()})
    # A guard against query languages that expand; a bag of words is as large as its text.
    call(java.IndexSearcher, "setMaxClauseCount", _MOST)
    smallest = autoclass(_LUCENE + "search.SortedSetSelector$Type").MIN
    by_id = call(java.KeywordField, "newSortField", ID, False, smallest)
    java.order = autoclass(_LUCENE + "search.Sort")(autoclass(_LUCENE + "search.SortField").FIELD_SCORE, by_id)
    java.analyzer = call(autoclass(_ANSERINI + "analysis.DefaultEnglishAnalyzer"), "newDefaultInstance")
    java.generator = autoclass(_ANSERINI + "search.query.BagOfWordsQueryGenerator")()
    return java


def _open_directory(folder: Path) -> Any:
    return call(_java().FSDirectory, "open", call(_java().File(str(folder)), "toPath"))


@contextmanager
def _told(what_failed: str, folder: Path, *, written: str = "", damaged: bool = False) -> Iterator[None]:
    """Turns a Java exception into one sentence: a `DamagedIndex` where its class says so, or whatever it is where
    `damaged`. `written` names what is being written, "" for a reader."""
    from jnius import JavaException

    try:
        yield
    except JavaException as error:
        trace = "\n".join(error.stacktrace or ()) or str(error)
        if written and means_full(trace):
            raise no_room(written, folder, trace) from error
        kind = DamagedIndex if damaged or (error.classname or "").rpartition(".")[2] in _DAMAGED else Problem
        cause = (error.innermessage or error.classname or str(error)).strip().splitlines()[0]
        raise kind(f"{what_failed}: {cause}", detail=trace) from error
