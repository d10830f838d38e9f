"""Learned sparse retrieval: a corpus encoded once into an inverted index, searched exactly by inner product.

The weights are kept as the model gave them, so that a score is the inner product of the two vectors and not an
approximation by quantised impacts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zsr_tui.domain import Corpus, Problem, ScoredDoc
from zsr_tui.progress import CancelToken, Progress, Report
from zsr_tui.retrieval.appended import DamagedFiles
from zsr_tui.retrieval.disk import writing
from zsr_tui.retrieval.encoding import COMMIT_SECONDS, DocumentEncoder, encode_corpus
from zsr_tui.retrieval.fusion import ranked
from zsr_tui.retrieval.postings import SHARD_POSTINGS, Postings, RowWriter, Shard, invert, remove_rows
from zsr_tui.retrieval.problems import DamagedIndex

if TYPE_CHECKING:
    import numpy as np

LARGEST_CHUNK = 64  # texts at once: their vectors are as wide as the vocabulary


def build_sparse(
    corpus: Corpus,
    folder: Path,
    encoder: DocumentEncoder,
    report: Report,
    cancel: CancelToken,
    *,
    name: str = "",
    shard_postings: int = SHARD_POSTINGS,
    commit_seconds: float = COMMIT_SECONDS,
) -> int:
    """Encode a corpus into `folder`, going on behind what the folder holds; the number of documents.

    `name` is the model's, for the progress report. A stop of any kind leaves a folder that the next call continues;
    one that is damaged is emptied first. Raises `Problem` (a full disk, a broken corpus, a model that gives no
    usable vectors) or `Cancelled`; in both cases what was encoded so far is kept.
    """
    with writing(f"The sparse index of {corpus.collection}", folder):
        folder.mkdir(parents=True, exist_ok=True)
        finished = _finished(folder)
        if finished is None:
            (folder / "postings.json").unlink(missing_ok=True)
            writer = _continued(folder, encoder.dimension)
            encode_corpus(
                corpus,
                encoder,
                writer,
                report,
                cancel,
                name=name,
                largest_chunk=LARGEST_CHUNK,
                commit_seconds=commit_seconds,
            )
            report(Progress(f"Inverting {corpus.collection}", writer.rows, writer.rows, "documents"))
            invert(folder, cancel, shard_postings=shard_postings)
            finished = writer.rows
        remove_rows(folder)
    return finished


def _finished(folder: Path) -> int | None:
    """The number of documents, if an earlier run was stopped after its last step."""
    try:
        return Postings(folder).rows
    except DamagedFiles:
        return None


def _continued(folder: Path, dimension: int) -> RowWriter:
    try:
        return RowWriter(folder, dimension)
    except DamagedFiles:
        remove_rows(folder)
        for path in (*folder.glob("postings*"), *folder.glob("ids.*")):
            path.unlink()
        return RowWriter(folder, dimension)


class SparseIndex:
    """The inverted index of a corpus, memory-mapped. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        """Open a folder that `build_sparse` finished. Raises `DamagedIndex`."""
        try:
            self._postings: Postings | None = Postings(folder)
        except DamagedFiles as error:
            raise DamagedIndex(f"The postings in {folder} cannot be read: {error}.") from error
        self.documents = self._postings.rows
        self.dimension = self._postings.dimension

    def search(self, vectors: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """For each row of `vectors` (queries, dimension), the `k` documents of largest inner product above zero.

        A document that shares no term with the query is not found, so a query without terms finds nothing. Products
        are summed in double precision in the order of the terms and rounded to float32; ties by document id
        descending, the k-th place included. Raises `Problem` for vectors of another dimension, a k below 1, and for
        an index that is closed.
        """
        import numpy as np

        held = self._postings
        if held is None:
            raise Problem("The sparse index was closed while it was being searched: search again.")
        queries = np.asarray(vectors, dtype=np.float32)
        if queries.ndim != 2 or queries.shape[1] != held.dimension:
            raise Problem(
                f"The query vectors have shape {queries.shape} and the documents {held.dimension} dimensions: "
                "encode the corpus again with the model that encodes the query."
            )
        if k < 1:
            raise Problem(f"A search returns at least one document, not {k}.", usage=True)
        return [_best(held, query, k) for query in queries]

    def close(self) -> None:
        """Let go of the files; a search that is under way keeps them until it ends."""
        self._postings = None


def _best(postings: Postings, query: np.ndarray, k: int) -> list[ScoredDoc]:
    import numpy as np

    terms = np.flatnonzero(query)
    weights = query[terms].astype(np.float64)
    found_rows = [np.empty(0, dtype=np.int64)]
    found_scores = [np.empty(0, dtype=np.float32)]
    first = 0
    for shard in postings.shards:
        scores = _scores(shard, terms, weights)
        rows = _largest(scores, np.flatnonzero(scores > 0), k)
        found_rows.append(rows + first)
        found_scores.append(scores[rows])
        first += shard.count
    rows, scores = np.concatenate(found_rows), np.concatenate(found_scores)
    best = _largest(scores, np.arange(len(scores)), k)
    docs = zip(rows[best].tolist(), scores[best].tolist(), strict=True)
    return ranked(ScoredDoc(postings.ids[row], score) for row, score in docs)[:k]


def _scores(shard: Shard, terms: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Of every row of the shard, float32 (shard.count,)."""
    import numpy as np

    scores = np.zeros(shard.count, dtype=np.float64)
    bounds = zip(shard.starts[terms].tolist(), shard.starts[terms + 1].tolist(), weights, strict=True)
    for start, end, weight in bounds:
        if start < end:  # a row is at most once in a term's postings, so that adding by position is safe
            scores[shard.rows[start:end]] += weight * shard.weights[start:end]
    return scores.astype(np.float32)


def _largest(scores: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    """Those of `rows` whose score is among the `k` largest, with all that tie with the last of them."""
    import numpy as np

    if len(rows) <= k:
        return rows
    among = scores[rows]
    return rows[among >= np.partition(among, len(among) - k)[len(among) - k]]
