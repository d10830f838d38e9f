"""Lucene's classes, an index that is open for searching, and what becomes of its exceptions.

Lucene is called through pyjnius with few crossings, because each costs ~10 us: a list comes back as two arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from zsr_tui.domain import Problem, ScoredDoc
from zsr_tui.files import means_full
from zsr_tui.retrieval.disk import no_room
from zsr_tui.retrieval.java import call, start_jvm
from zsr_tui.retrieval.problems import DamagedIndex

ID, CONTENTS, TITLE = "id", "contents", "title"
_DAMAGED = {
    "CorruptIndexException", "IndexFormatTooOldException", "IndexFormatTooNewException", "EOFException",
    "IndexNotFoundException", "NoSuchFileException", "FileNotFoundException",
}  # fmt: skip
_TIED = 50  # documents behind the k-th that may have its score
_MOST = 2**31 - 1  # that Lucene can be asked for
_OF_READER = "(Lorg/apache/lucene/index/IndexReader;)V"


@dataclass(frozen=True, slots=True)
class Field:
    """What an index says of a field: the kind of its values for sorting, and of its vectors, if it has any."""

    sorted_by: str
    dimension: int
    similarity: str


class LuceneIndex:
    """An index with document ids, open for searching. Every method may be called from any thread."""

    what = "index"

    def __init__(self, folder: Path) -> None:
        """Open a folder that this program, or Anserini, wrote. Raises `DamagedIndex`, or `Problem` without Java."""
        start_jvm()
        self._folder = folder
        with told(f"The {self.what} in {folder} cannot be opened", folder, damaged=True):
            self._reader = call(classes().DirectoryReader, "open", open_directory(folder))
            self.fields = _fields(self._reader)
        self.documents = int(call(self._reader, "numDocs"))
        if ID not in self.fields:
            self.close()
            raise DamagedIndex(f"The index in {folder} has no document ids.")
        self._order = _orders()[self.fields[ID].sorted_by == "SORTED_SET"]

    @contextmanager
    def searcher(self) -> Iterator[tuple[Any, Any]]:
        """The classes of Lucene and an IndexSearcher, for as long as the files stay open."""
        with self.held("search", "searched: search again") as java:
            # One of its own for every call: similarity is the searcher's state, and one costs ~50 us.
            yield java, java.IndexSearcher(self._reader, signature=_OF_READER)

    def top(self, java: Any, searcher: Any, query: Any, k: int) -> list[ScoredDoc]:
        """The `k` best of a query, in no order; of those that tie for the last places the ones with the first ids."""
        # Lucene can skip documents only when it ranks by score alone, ties by its own numbers: a few more than k are
        # asked for, and where the ties at the k-th place go beyond those, it sorts by id itself.
        more = min(k + _TIED, _MOST)
        found = _listed(java, searcher, call(searcher, "search", query, more))
        if len(found) == more and found[-1].score == found[k - 1].score:
            found = _listed(java, searcher, call(searcher, "search", query, k, self._order, True))
        return found

    def close(self) -> None:
        """Let go of the files; searches that are under way finish first."""
        with told(f"The {self.what} cannot be closed", self._folder):
            call(self._reader, "close")

    @contextmanager
    def held(self, what: str, closed: str) -> Iterator[Any]:
        """The classes of Lucene for a look into the index, whose files stay open that long."""
        if not call(self._reader, "tryIncRef"):
            raise Problem(f"The {self.what} was closed while it was being {closed}.")
        try:
            with told(f"Lucene could not {what} the {self.what}", self._folder):
                yield classes()
        finally:
            call(self._reader, "decRef")


def _listed(java: Any, searcher: Any, top: Any) -> list[ScoredDoc]:
    """Ids and scores, each in one crossing."""
    found = call(java.ScoredDocs, "fromTopDocs", top, searcher)
    return list(map(ScoredDoc, found.docids, found.scores))


def _fields(reader: Any) -> dict[str, Field]:
    each = call(call(classes().FieldInfos, "getMergedFieldInfos", reader), "iterator")
    found = {}
    while call(each, "hasNext"):
        field = call(each, "next")
        found[str(field.name)] = Field(
            str(call(call(field, "getDocValuesType"), "toString")),
            int(call(field, "getVectorDimension")),
            str(call(call(field, "getVectorSimilarityFunction"), "toString")),
        )
    return found


@functools.cache
def _orders() -> tuple[Any, Any]:
    """By score, ties by document id ascending: as Anserini's indexes keep the ids, and as ours do."""
    from jnius import autoclass

    sort, field = autoclass(_LUCENE + "search.Sort"), autoclass(_LUCENE + "search.SortField")
    smallest = autoclass(_LUCENE + "search.SortedSetSelector$Type").MIN
    ours = call(classes().KeywordField, "newSortField", ID, False, smallest)
    anserinis = field(ID, autoclass(_LUCENE + "search.SortField$Type").STRING_VAL)
    return sort(field.FIELD_SCORE, anserinis), sort(field.FIELD_SCORE, ours)


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
    "FieldInfos": _LUCENE + "index.FieldInfos",
    "HashMap": "java.util.HashMap",
    "Float": "java.lang.Float",
    "KnnFloatVectorQuery": _LUCENE + "search.KnnFloatVectorQuery",
    "BooleanQueryBuilder": _LUCENE + "search.BooleanQuery$Builder",
    "Occur": _LUCENE + "search.BooleanClause$Occur",
    "ImpactSimilarity": _ANSERINI + "search.similarity.ImpactSimilarity",
}


@functools.cache
def classes() -> Any:
    """The classes of Lucene and Anserini that are used here, looked up once, and two shared objects."""
    from jnius import autoclass

    java = SimpleNamespace(**{name: autoclass(place) for name, place in _CLASSES.items()})
    # A guard against query languages that expand; a bag of words is as large as its text.
    call(java.IndexSearcher, "setMaxClauseCount", _MOST)
    java.generator = autoclass(_ANSERINI + "search.query.BagOfWordsQueryGenerator")()
    return java


def open_directory(folder: Path) -> Any:
    return call(classes().FSDirectory, "open", call(classes().File(str(folder)), "toPath"))


@contextmanager
def told(what_failed: str, folder: Path, *, written: str = "", damaged: bool = False) -> Iterator[None]:
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
