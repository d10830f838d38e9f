"""A corpus in memory, an encoder without a model, and a program that builds with them, to be killed.

Run as `python made_up.py bm25|dense|sparse ROOT DOCUMENTS STOP`: prints a line per progress report, `stopped` at the
document with that number, from which it goes on when it is sent a line, and `built` at the end.
"""

from __future__ import annotations

import functools
import hashlib
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from zsr_tui.domain import Doc, Query
from zsr_tui.progress import CancelToken, Progress
from zsr_tui.scoring.tokens.documents import DocumentTokens


class MemoryCorpus:
    chunked = False

    def __init__(self, docs: Sequence[Doc], name: str = "made-up", version: str = "1") -> None:
        self.id = self.collection = name
        self.version = version
        self.stop_at: int | None = None
        self.asked_from: list[int] = []  # where reading began, each time
        self._docs = list(docs)

    def fingerprint(self) -> str:
        return self.version

    def doc_count(self) -> int:
        return len(self._docs)

    def iter_docs(self, start: int = 0) -> Iterator[Doc]:
        self.asked_from.append(start)
        for position, doc in enumerate(self._docs[start:], start):
            if position == self.stop_at:
                print("stopped", flush=True)
                sys.stdin.readline()
            yield doc

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        wanted = set(ids)
        return {doc.id: doc for doc in self._docs if doc.id in wanted}

    def queries(self) -> Sequence[Query]:
        return ()

    def judgments(self, qid: str) -> Mapping[str, int]:
        return {}

    def notes(self) -> tuple[str, ...]:
        return ()


class HashEncoder:
    """Vectors of small whole numbers that depend on nothing but the text, so that inner products are exact."""

    def __init__(self, dimension: int = 8, cancel_after: int | None = None) -> None:
        self.dimension, self.fingerprint, self.precision = dimension, "1", "fp32"
        self.document_tokens: DocumentTokens | None = None
        self.encoded = 0
        self._cancel_after = cancel_after

    def document_text(self, doc: Doc) -> str:
        return doc.content

    def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
        cancel.check()
        self.encoded += len(texts)
        if self._cancel_after is not None and self.encoded >= self._cancel_after:
            cancel.cancel()
        digests = [hashlib.sha256(text.encode("utf-8", "replace")).digest()[: self.dimension] for text in texts]
        return np.array([list(digest) for digest in digests], dtype=np.float32).reshape(len(texts), -1) - 128


class SparseHashEncoder(HashEncoder):
    """The same, with about three quarters of the weights zero and none below it."""

    def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
        vectors = super().encode_documents(texts, cancel)
        return np.where(vectors % 4 == 0, np.abs(vectors), 0)


def numbered(count: int) -> list[Doc]:
    """Document i holds the word `number<i>` alone and one of ten colours that it shares."""
    return [Doc(f"d{i}", f"number{i}", f"shared colour{i % 10}") for i in range(count)]


def commit_often(documents: int = 100) -> None:
    """Commit BM25 indexes after every so many documents and vectors after every batch, for the rest of the process.

    The real intervals are longer than the builds of a test.
    """
    from zsr_tui.retrieval import store

    vars(store)["build_bm25"] = functools.partial(store.build_bm25, commit_every=documents)
    vars(store)["encode_corpus"] = functools.partial(store.encode_corpus, commit_seconds=0.0)


def building(kind: str, root: Path, documents: int, stop: int) -> subprocess.Popen[str]:
    """The program, once it has stopped; everything before is committed as `commit_often` says."""
    command = [sys.executable, __file__, kind, str(root), str(documents), str(stop)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "stopped\n" in iter(process.stdout.readline, ""), "it ended before"
    return process


def main() -> None:
    kind, root, count, stop = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    from zsr_tui.retrieval import store as store_module

    commit_often()
    corpus, store = MemoryCorpus(numbered(count)), store_module.IndexStore(root)
    corpus.stop_at = stop

    def report(progress: Progress) -> None:
        print(progress.done, flush=True)

    if kind == "bm25":
        store.build_bm25(corpus, report, CancelToken())
    elif kind == "dense":
        store.build_encoded("dense", corpus, "hash", HashEncoder(), report, CancelToken())
    else:
        store.build_encoded("sparse", corpus, "hash", SparseHashEncoder(), report, CancelToken())
    print("built", flush=True)


if __name__ == "__main__":
    main()
