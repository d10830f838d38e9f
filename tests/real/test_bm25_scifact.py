"""BM25 on SciFact gives the figures that pyserini publishes for bm25-flat."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import ir_measures
import pytest

from zsr_tui.domain import Doc, Query
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.store import IndexStore

pytestmark = pytest.mark.real


class SciFact:
    """The documents of a BEIR zip, read from beginning to end."""

    id, collection = "beir/scifact/test", "beir/scifact"
    chunked = False

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self._files = {Path(name).name: archive.read(name) for name in archive.namelist() if "." in name}
        self._docs = [Doc(row["_id"], row["title"], row["text"]) for row in self._rows("corpus.jsonl")]

    def _rows(self, name: str) -> Iterator[dict[str, str]]:
        return map(json.loads, self._files[name].splitlines())

    def fingerprint(self) -> str:
        return "scifact"

    def doc_count(self) -> int:
        return len(self._docs)

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        return iter(self._docs[start:])

    def qrels(self) -> list[ir_measures.Qrel]:
        table = csv.DictReader(io.StringIO(self._files["test.tsv"].decode()), delimiter="\t")
        return [ir_measures.Qrel(row["query-id"], row["corpus-id"], int(row["score"])) for row in table]

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        wanted = set(ids)
        return {doc.id: doc for doc in self._docs if doc.id in wanted}

    def queries(self) -> Sequence[Query]:
        return [Query(row["_id"], row["text"]) for row in self._rows("queries.jsonl")]

    def judgments(self, qid: str) -> Mapping[str, int]:
        return {qrel.doc_id: qrel.relevance for qrel in self.qrels() if qrel.query_id == qid}

    def notes(self) -> tuple[str, ...]:
        return ()


def test_the_published_figures(tmp_path: Path, shared: Path) -> None:
    corpus = SciFact(shared / "ir_datasets" / "beir" / "scifact" / "source.zip")
    store = IndexStore(tmp_path)
    store.build_bm25(corpus, ignore_progress, CancelToken())
    index = store.open_bm25(corpus)
    qrels = corpus.qrels()
    texts = {query.id: query.text for query in corpus.queries()}
    run = [
        ir_measures.ScoredDoc(qid, doc.doc_id, doc.score)
        for qid in sorted({qrel.query_id for qrel in qrels})
        for doc in index.search(texts[qid], 1000, k1=0.9, b=0.4)
    ]
    store.close()

    measures = [ir_measures.parse_measure("nDCG@10"), ir_measures.parse_measure("R@100")]
    figures = ir_measures.calc_aggregate(measures, qrels, run)

    assert {str(measure): round(value, 4) for measure, value in figures.items()} == {
        "nDCG@10": 0.6789,
        "R@100": 0.9253,
    }
