"""Texts a second from the token store, in memory and from a corpus on disk, against the tokenizer itself.

    .venv/bin/python benchmarks/tokens.py --dataset beir/scifact/test --model FOLDER

The model is any folder or hub id with a fast tokenizer; without one, the embedded encoder's is taken.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from transformers import AutoTokenizer

from zsr_tui.domain import Corpus
from zsr_tui.engine.library import Library
from zsr_tui.progress import CancelToken, ignore_progress
from zsr_tui.retrieval.store import IndexStore
from zsr_tui.scoring.models import weights
from zsr_tui.scoring.models.catalogue import DEFAULT_ENCODER, Recipe
from zsr_tui.scoring.tokens import store as stores
from zsr_tui.scoring.tokens.documents import DocumentTokens
from zsr_tui.scoring.tokens.inputs import Pairs

QUERY = "does a deficiency of vitamin B12 raise the level of homocysteine"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dataset", default="demo")
    parser.add_argument("--model", default=DEFAULT_ENCODER)
    parser.add_argument("--texts", type=int, default=1000, help="documents, from the beginning of the corpus")
    parser.add_argument("--repeats", type=int, default=5, help="of which the fastest counts")
    asked = parser.parse_args()
    corpus = Library().corpus(asked.dataset).corpus
    texts = [doc.content for doc in itertools.islice(corpus.iter_docs(), asked.texts)]
    tokenizer = AutoTokenizer.from_pretrained(weights.resolve(asked.model).tokenizer_path, local_files_only=True)
    compare(corpus, texts, tokenizer, asked.repeats)


def compare(corpus: Corpus, texts: Sequence[str], tokenizer: object, repeats: int) -> None:
    began = time.perf_counter()
    pairs = Pairs(tokenizer, 512)
    print(f"{len(texts):,} texts; made ready, and tried out against the tokenizer, in {_seconds(began):.2f} s")
    asked = [QUERY] * len(texts)
    rows: list[tuple[str, Callable[[], object]]] = [
        ("the tokenizer, pairs", lambda: tokenizer(asked, list(texts), truncation="longest_first", max_length=512)),  # type: ignore[operator]
        ("its core alone, texts", lambda: pairs.store.backend.encode(texts)),
        ("digests of the texts", lambda: [stores.digest(text) for text in texts]),
        ("ids that are in memory", lambda: pairs.store.ids(texts)),
        ("pairs joined from them", lambda: pairs.prepare(QUERY, texts)),
    ]
    pairs.store.ids(texts)
    _print(rows, len(texts), repeats)
    if not pairs.joined:
        print("the tokenizer is called for every pair: it has no template that inputs can be joined by")
    with tempfile.TemporaryDirectory() as folder:
        store, cancel = IndexStore(Path(folder)), CancelToken()
        began = time.perf_counter()
        store.build_tokens(corpus, DocumentTokens(pairs.store, Recipe()), ignore_progress, cancel)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        print(f"the whole corpus written in {_seconds(began):.1f} s, {size:,} bytes")
        for fingerprint, index in store.tokens(corpus):
            stores.attach(fingerprint, index)
        _print([("ids of a corpus", rows[3][1]), ("pairs joined from them", rows[4][1])], len(texts), repeats)
        store.close()


def _print(rows: Sequence[tuple[str, Callable[[], object]]], texts: int, repeats: int) -> None:
    for name, work in rows:
        best = min(_timed(work) for _ in range(repeats))
        print(f"  {name:26}{texts / best:12,.0f} texts/s{best / texts * 1e6:10.1f} µs a text")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return _seconds(began)


def _seconds(began: float) -> float:
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
