"""Run files of any program: TREC's (`qid Q0 docid rank score tag`) and the JSON of ranx. `zsr_tui.trec` writes them.

As trec_eval does, a run is read by its scores (as 32-bit numbers), never by its rank column, and ties stand by document
id descending. What a run can say in two ways is counted and not fatal: ranks that contradict scores, documents that are
listed twice. Ids in quotes, as csv.writer and pandas write them, are read without these.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn

from zsr_tui import outside
from zsr_tui.corpora.records import clean
from zsr_tui.domain import Problem
from zsr_tui.evaluation.results import RankedList
from zsr_tui.numerals import counted
from zsr_tui.progress import CancelToken
from zsr_tui.text import shorten_middle, unquoted

_BOM = b"\xef\xbb\xbf"
_COLUMNS = "qid Q0 docid rank score tag"
_LARGEST_JSON = 1 << 30  # bytes, which take several times as much while they are read
_PIECE = 4096  # bytes that are enough to see what it is
_CHECK_EVERY = 100_000  # lines between looks at the cancel token


@dataclass(slots=True)
class _Lines:
    """What the file says of one query, in its own order."""

    docs: array[int] = field(default_factory=lambda: array("I"))
    scores: array[float] = field(default_factory=lambda: array("d"))
    ranks: array[float] = field(default_factory=lambda: array("d"))


class ImportedRun:
    """A run that was read. `digest` is that of the file's bytes, `tag` its last column (ranx: the file's name)."""

    def __init__(self, path: Path) -> None:
        self.path, self.tag, self.digest = path, "", ""
        self.duplicates = self.rank_contradictions = 0
        self.queries: dict[str, _Lines] = {}
        self.doc_ids: list[str] = []  # every document of the run once
        self._numbers: dict[str, int] = {}

    def ranking(self, qid: str, depth: int, *, without: str | None = None) -> RankedList:
        """The first `depth` documents for a query but the one named `without`; empty for a query that it lacks."""
        import numpy as np

        lines = self.queries.get(qid) or _Lines()
        best: dict[int, float] = {}
        for doc, score in zip(lines.docs, lines.scores, strict=True):
            best[doc] = max(score, best.get(doc, score))
        with np.errstate(over="ignore"):  # of a score beyond what 32 bits hold: infinite there, too
            as_read = np.array(list(best.values())).astype(np.float32).tolist()
        triples = ((read, self.doc_ids[doc], score) for read, (doc, score) in zip(as_read, best.items(), strict=True))
        kept = [triple for triple in sorted(triples, reverse=True) if triple[1] != without][:depth]
        return RankedList(tuple(doc_id for _, doc_id, _ in kept), np.array([score for _, _, score in kept]))

    def holds(self, qid: str, doc_id: str) -> bool:
        """Whether the document is listed for the query."""
        return qid in self.queries and self._numbers.get(doc_id) in self.queries[qid].docs

    def add(self, qid: str, doc_id: str, score: float, rank: float) -> None:
        number = self._numbers.setdefault(doc_id, len(self.doc_ids))
        if number == len(self.doc_ids):
            self.doc_ids.append(doc_id)
        lines = self.queries.setdefault(qid, _Lines())
        lines.docs.append(number)
        lines.scores.append(score)
        lines.ranks.append(rank)

    def count_oddities(self) -> None:
        """Sets `duplicates` (documents) and `rank_contradictions` (queries)."""
        for lines in self.queries.values():
            self.duplicates += len(lines.docs) - len(set(lines.docs))
            by_rank = sorted(zip(lines.ranks, lines.scores, strict=True), key=lambda pair: (pair[0], -pair[1]))
            scores = [score for rank, score in by_rank if rank == rank]
            self.rank_contradictions += any(low < high for low, high in zip(scores, scores[1:], strict=False))


def read_run(path: Path, cancel: CancelToken | None = None) -> ImportedRun:
    """Raises `Problem` with file and line for what is no run, `Cancelled` when it is no longer wanted."""
    run = ImportedRun(path)
    with _opened(run, path) as file:
        pieces = iter(partial(file.readline, _PIECE), b"")
        first = next((piece for piece in pieces if piece.removeprefix(_BOM).strip()), b"")
        if not first:
            _refuse(path, None, f"is empty: a run file has lines of {_COLUMNS}")
        file.rewind()
        if first.removeprefix(_BOM).lstrip().startswith(b"{"):
            _read_json(run, path, file.read(_LARGEST_JSON + 1))
        else:
            _read_lines(run, path, outside.lines(file, path), cancel or CancelToken())
    run.count_oddities()
    return run


@contextmanager
def _opened(run: ImportedRun, path: Path) -> Iterator[outside.Content]:
    """The unpacked file; sets the run's digest."""
    try:
        with outside.opened(path) as file:
            run.digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            yield outside.Content(file, path, packed=packed)
    except FileNotFoundError:
        raise Problem(f"there is no run file {path}.", usage=True) from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Problem(
            f"{path} is a gzip file that ends too early or is damaged: copy it again from where it came.",
            detail=str(error),
            usage=True,
        ) from error
    except OSError as error:
        raise Problem(f"the run file {path} cannot be read ({error.strerror or error}).", usage=True) from error


def _read_lines(run: ImportedRun, path: Path, lines: Iterator[bytes], cancel: CancelToken) -> None:
    """A byte order mark, CRLF and empty lines do not matter."""
    for number, line in enumerate(lines, start=1):
        if number % _CHECK_EVERY == 0:
            cancel.check()
        try:
            columns = (line.removeprefix(_BOM) if number == 1 else line).decode().split()
        except UnicodeDecodeError:
            what = outside.other_than_text(line)
            _refuse(path, number, f"is not UTF-8 text{f' ({what})' if what else ''}")
        if not columns:
            continue
        if len(columns) != 6:
            _refuse(path, number, f"has {counted(len(columns), 'column')} where a run file has 6: {_COLUMNS}")
        qid, q0, doc_id, rank, score, tag = columns
        if b'"' in line:
            everything = q0 == '"Q0"'  # a run of trec_eval's own may have an id that stands in quotes
            qid, doc_id, rank, score, tag = (
                unquoted(field) if everything or '""' in field else field for field in (qid, doc_id, rank, score, tag)
            )
        run.tag = run.tag or tag
        run.add(qid, doc_id, _score(path, number, score), _rank(rank))


def _score(path: Path, number: int, text: str) -> float:
    try:
        score = float(
            text if text.isascii() and "_" not in text else ""
        )  # Python alone takes 1_000, or ١, for a number
    except ValueError:
        _refuse(path, number, f"has the score {text!r}, which is not a number")
    if math.isnan(score):
        _refuse(path, number, f"has the score {text!r}, which cannot be ranked")
    return score


def _rank(text: str) -> float:
    """Only used to notice that it contradicts the scores, so anything may stand there."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _read_json(run: ImportedRun, path: Path, content: bytes) -> None:
    """ranx saves `{query id: {document id: score}}`."""
    if len(content) > _LARGEST_JSON:
        _refuse(path, None, f"has more than {_LARGEST_JSON >> 20} MiB of JSON: write it as a TREC run file")
    try:
        queries = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        _refuse(path, getattr(error, "lineno", None), "is not valid JSON")
    run.tag = path.name.split(".")[0]
    for qid, docs in queries.items():
        if not isinstance(docs, dict):
            _refuse(path, None, f"has no scores by document for query {qid!r}; ranx saves {{qid: {{docid: score}}}}")
        for doc_id, score in docs.items():
            for name in (qid, doc_id):
                if clean(name) != name:
                    _refuse(path, None, f"has the id {clean(name)!r}, which is no text: half a character is lacking")
            run.add(qid, doc_id, _of_json(path, score, qid, doc_id), math.nan)
    if not queries:
        _refuse(path, None, "is empty: ranx saves {qid: {docid: score}}")


def _of_json(path: Path, score: object, qid: str, doc_id: str) -> float:
    try:
        if isinstance(score, int | float) and not isinstance(score, bool) and not math.isnan(score):
            return float(score)
    except OverflowError:  # a whole number of hundreds of digits
        pass
    written = repr(score)
    _refuse(
        path, None, f"has the score {shorten_middle(written, 40)} for query {qid!r}, document {doc_id!r}: not a number"
    )


def _refuse(path: Path, line: int | None, what: str) -> NoReturn:
    raise Problem(f"{path}{f', line {line},' if line else ''} {what}.", usage=True)
