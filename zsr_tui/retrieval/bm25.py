"""BM25 with Lucene, as pyserini's `bm25-flat` has it: one field, Anserini's English analyzer and query generator.

An index stores ids and the terms of `Doc.content`, nothing else, and is searched with any k1 and b: they only weigh
what the index holds. An index that Anserini wrote may have a second field, the title: the scores of both are added.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from zsr_tui.domain import Corpus, Doc, Problem, ScoredDoc, counted_in
from zsr_tui.fusion import ranked
from zsr_tui.pipeline import ENGLISH
from zsr_tui.progress import Cancelled, CancelToken, Meter, Report
from zsr_tui.retrieval import batches
from zsr_tui.retrieval.analysers import analyser
from zsr_tui.retrieval.disk import writing
from zsr_tui.retrieval.java import call, detach_thread, start_jvm
from zsr_tui.retrieval.lucene import CONTENTS, ID, TITLE, LuceneIndex, classes, open_directory, told
from zsr_tui.retrieval.problems import DamagedIndex
from zsr_tui.text import whole_characters

# What a kill can cost. A commit makes a small segment of what there is, and small segments have to be merged: with one
# for every 10,000 passages indexing took nearly twice the processor's time.
COMMIT_EVERY = 250_000  # documents
_COMMIT_CHARACTERS = 250_000_000
_RAM_BUFFER_MB = 64.0
_EXACT = 24  # lengths below cost a value each of the byte that Lucene keeps of them
_CHAR_FIELD = "(Ljava/lang/String;Ljava/lang/CharSequence;Lorg/apache/lucene/index/IndexableFieldType;)V"


def build_bm25(
    corpus: Corpus,
    folder: Path,
    report: Report,
    cancel: CancelToken,
    *,
    commit_every: int = COMMIT_EVERY,
    threads: int = 0,
    language: str = ENGLISH,
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
    with _continued(folder, what, language) as writer:
        done, characters = writer.count(), 0
        meter = Meter(
            report,
            f"Indexing {corpus.collection} for BM25",
            corpus.doc_count(),
            f"{counted_in(corpus.collection)}s",
            start=done,
        )
        with writer.adding(threads or batches.threads()) as adding:
            try:
                for batch in batches.cut(corpus.iter_docs(done), done, commit_every):
                    writer.add(adding, batch)
                    done += len(batch)
                    characters += sum(len(doc.text) for doc in batch)
                    if done % commit_every == 0 or characters > _COMMIT_CHARACTERS:
                        writer.wait(adding)
                        writer.commit()
                        characters = 0
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


def _continued(folder: Path, what: str, language: str) -> _Writer:
    """A writer behind the last commit of the folder, or in an emptied folder where that cannot be read."""
    try:
        return _Writer(folder, what, language)
    except DamagedIndex:
        for path in folder.iterdir():
            path.unlink()
        return _Writer(folder, what, language)


class _Writer:
    """Lucene's IndexWriter. Each thread has one document that it fills again and again, which Lucene allows."""

    def __init__(self, folder: Path, what: str, language: str) -> None:
        self._folder, self._what = folder, what
        java = classes()
        config = java.IndexWriterConfig(analyser(language))
        call(config, "setSimilarity", java.BM25Similarity())
        call(config, "setRAMBufferSizeMB", _RAM_BUFFER_MB)
        self._merges = java.ConcurrentMergeScheduler()
        call(config, "setMergeScheduler", self._merges)
        with self._told():
            self._directory = open_directory(folder)
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
        return told(f"{self._what} cannot be written", self._folder, written=self._what)


def _fields() -> tuple[Any, Any, Any]:
    """A document, its id and its contents."""
    java = classes()
    kind = java.FieldType()
    call(kind, "setTokenized", True)
    call(kind, "setIndexOptions", java.IndexOptions.DOCS_AND_FREQS)
    document, id = java.Document(), java.KeywordField(ID, "", java.Store.YES)
    contents = java.Field(CONTENTS, java.String(""), kind, signature=_CHAR_FIELD)
    call(document, "add", id)
    call(document, "add", contents)
    return document, id, contents


class Bm25Index(LuceneIndex):
    """A Lucene index, open for searching by terms. Every method may be called from any thread."""

    what = "BM25 index"

    def __init__(self, folder: Path, language: str = ENGLISH) -> None:
        """Open a folder that `build_bm25`, or Anserini, wrote with this language's analyser. Raises `DamagedIndex`, or
        `Problem` without Java."""
        super().__init__(folder)
        self.language = language
        if CONTENTS not in self.fields:
            self.close()
            raise DamagedIndex(f"The index in {folder} has no contents: it is none for BM25.")
        self.searched = tuple(name for name in (CONTENTS, TITLE) if name in self.fields)

    def check_one_field(self) -> None:
        """Raises `Problem` for an index of several fields: what is told of terms and lengths is of one."""
        if len(self.searched) > 1:
            raise Problem(
                f"{' and '.join(self.searched)} are searched apart in this index, and their scores added: its scores "
                "are not taken apart. An index whose name ends in .flat has one field.",
                usage=True,
            )

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
        with self.weighing(k1, b) as (java, searcher):
            return ranked(self.top(java, searcher, self.bag_of_words(query), k))[:k]

    def search_all(
        self, queries: Sequence[str], k: int, *, k1: float, b: float, threads: int = 0
    ) -> list[list[ScoredDoc]]:
        """As `search` for each, on as many threads as there are processors, unless `threads` says how many."""
        threads = min(len(queries), threads or batches.threads())
        if threads < 2:
            return [self.search(query, k, k1=k1, b=b) for query in queries]

        def some(first: int) -> list[list[ScoredDoc]]:
            try:
                return [self.search(query, k, k1=k1, b=b) for query in queries[first::threads]]
            finally:
                detach_thread()

        found: list[list[ScoredDoc]] = [[] for _ in queries]
        with ThreadPoolExecutor(threads, "bm25") as pool:
            for first, lists in enumerate(pool.map(some, range(threads))):
                found[first::threads] = lists
        return found

    @contextmanager
    def weighing(self, k1: float, b: float) -> Iterator[tuple[Any, Any]]:
        """As `searcher`, with BM25's weights."""
        with self.searcher() as (java, searcher):
            call(searcher, "setSimilarity", java.BM25Similarity(k1, b))
            yield java, searcher

    @property
    def analyser(self) -> Any:
        """What makes terms of texts and queries."""
        return analyser(self.language)

    def terms(self, text: str) -> list[str]:
        """Of a text, in order."""
        found = call(classes().AnalyzerUtils, "analyze", self.analyser, whole_characters(text))
        return list(call(found, "toArray"))

    def bag_of_words(self, query: str) -> Any:
        """The query that Lucene runs: each term once, as often as it is there its weight; in each of the fields."""
        java = classes()
        if len(self.searched) == 1:
            return call(java.generator, "buildQuery", CONTENTS, self.analyser, whole_characters(query))
        weights = java.HashMap()
        for name in self.searched:
            call(weights, "put", name, java.Float(1.0))
        return call(java.generator, "buildQuery", weights, self.analyser, whole_characters(query))

    def idf(self, text: str) -> list[float]:
        """Of every term that the analyzer finds in the text, in order. Raises `Problem` for an index that is closed."""
        with self.held("read", "read: ask again") as java:
            terms = self.terms(text)
            counts = [int(call(self._reader, "docFreq", java.Term(CONTENTS, term))) for term in terms]
        return [idf(self.documents, n) for n in counts]

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """How many documents have each of these terms, as the index has them (`zsr_tui.text.analysed`). Raises
        `Problem` for an index that is closed."""
        with self.held("read", "read: ask again") as java:
            return {term: int(call(self._reader, "docFreq", java.Term(CONTENTS, term))) for term in terms}

    def score(self, query: str, text: str, *, k1: float, b: float) -> float:
        """The score of a document with this text, which need not be in the index: with the counts of the index as they
        are, and the text's length as coarse as Lucene keeps it. 0 where it has no term of the query."""
        self.check_one_field()
        with self.weighing(k1, b) as (java, searcher):
            asked, said = (Counter(self.terms(each)) for each in (query, text))
            counts = {term: int(call(self._reader, "docFreq", java.Term(CONTENTS, term))) for term in asked}
            statistics = call(searcher, "collectionStatistics", CONTENTS)
            average = call(statistics, "sumTotalTermFreq") / max(1, call(statistics, "docCount"))
            documents = int(call(statistics, "docCount"))
        norm = k1 * (1 - b + b * kept_length(said.total()) / average)
        shares = {term: said[term] / (said[term] + norm) for term in asked if said[term] and counts[term]}
        return math.fsum(asked[term] * idf(documents, counts[term]) * share for term, share in shares.items())


def idf(documents: int, n: int) -> float:
    """Inverse document frequency of a term that `n` of so many documents have, as Lucene's BM25Similarity has it."""
    return math.log(1 + (documents - n + 0.5) / (n + 0.5))


def kept_length(tokens: int) -> int:
    """The length that a byte of Lucene's norms gives back (SmallFloat.intToByte4): exact to 40, then four bits."""
    above = tokens - _EXACT
    shift = max(0, above.bit_length() - 4) if above > 0 else 0
    return tokens if above <= 0 else _EXACT + (above >> shift << shift)
