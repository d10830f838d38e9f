"""What matters first is encoded first; nothing twice, nothing left out, and the index is the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zsr_tui.domain import Corpus, Doc
from zsr_tui.pipeline import Kind
from zsr_tui.progress import Cancelled, CancelToken, ignore_progress
from zsr_tui.retrieval.encoded.encoding import encode_corpus
from zsr_tui.retrieval.encoded.index import EncodedIndex
from zsr_tui.retrieval.encoded.order import Order
from zsr_tui.retrieval.problems import NotBuilt
from zsr_tui.retrieval.store import IndexStore

from ..made_up import HashEncoder, MemoryCorpus, SparseHashEncoder, numbered

KINDS: list[Kind] = ["dense", "sparse"]
ENCODERS: dict[Kind, type[HashEncoder]] = {"dense": HashEncoder, "sparse": SparseHashEncoder}
# 160 documents, of which many tie with others
DOCS = [Doc(doc.id, "", f"text {number % 40}") for number, doc in enumerate(numbered(160))]
QUERIES = HashEncoder().encode_documents(["text 3", "text 11", "another"], CancelToken())


class Killed(BaseException):
    """Nothing is committed after it."""


class Recording:
    """An encoder that knows what it encoded; it is killed before the document of a number."""

    def __init__(self, kind: Kind, kill: int | None = None) -> None:
        self._inner, self._kill = ENCODERS[kind](), kill
        self.fingerprint, self.precision, self.dimension = "1", "fp32", self._inner.dimension
        self.document_tokens = None
        self.texts: list[str] = []

    def document_text(self, doc: Doc) -> str:
        return doc.content

    def encode_documents(self, texts: Sequence[str], cancel: CancelToken) -> np.ndarray:
        if self._kill is not None and len(self.texts) >= self._kill:
            raise Killed
        self.texts += texts
        return self._inner.encode_documents(texts, cancel)


class Wanted:
    """Gives these ids in this order; some are of no document, and some come twice."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = list(ids)

    def take(self, count: int) -> Sequence[str]:
        taken, self.ids = self.ids[:count], self.ids[count:]
        return taken


class Beside:
    def __init__(self) -> None:
        self.ids: list[str] = []

    def follow(self, corpus: Corpus, documents: int, cancel: CancelToken) -> None:
        self.ids = [doc.id for doc in corpus.iter_docs()][:documents]

    def append(self, docs: Sequence[Doc]) -> None:
        self.ids += [doc.id for doc in docs]

    def commit(self) -> None: ...


def encode(kind: Kind, folder: Path, encoder: Any, first: Sequence[str] = (), **more: Any) -> None:
    corpus = MemoryCorpus(DOCS)
    encode_corpus(
        kind, corpus, folder, encoder, ignore_progress, CancelToken(), first=Wanted(first), commit_seconds=0.0, **more
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_matters_comes_first_and_the_index_is_that_of_the_corpus_order(kind: Kind, tmp_path: Path) -> None:
    first, beside, encoder = ["d150", "none", "d7", "d150", "d159"], Beside(), Recording(kind)
    encode(kind, tmp_path / "first", encoder, first, beside=beside, shard=64)
    encode(kind, tmp_path / "plain", plain := Recording(kind), shard=64)

    wanted = [DOCS[number].text for number in (150, 7, 159)]
    assert encoder.texts[:3] == wanted
    assert sorted(encoder.texts) == sorted(plain.texts)
    assert beside.ids == [doc.id for doc in DOCS]
    for k in (1, 5, 8, 160):
        found, expected = (EncodedIndex(kind, tmp_path / name).search(QUERIES, k) for name in ("first", "plain"))
        assert found == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kill", [1, 40, 90])
def test_after_a_kill_nothing_is_encoded_twice_and_nothing_left_out(kind: Kind, kill: int, tmp_path: Path) -> None:
    before, after, last = Recording(kind, kill), Recording(kind, 1), Recording(kind)
    for encoder, first in ((before, range(159, 60, -3)), (after, range(0, 160, 7))):
        with pytest.raises(Killed):
            encode(kind, tmp_path / "killed", encoder, [f"d{number}" for number in first], shard=50)
    beside = Beside()
    encode(kind, tmp_path / "killed", last, ["d159", "d158"], beside=beside, shard=50)
    encode(kind, tmp_path / "plain", plain := Recording(kind), shard=50)

    assert sorted([*before.texts, *after.texts, *last.texts]) == sorted(plain.texts)
    assert beside.ids == [doc.id for doc in DOCS]
    killed, whole = EncodedIndex(kind, tmp_path / "killed"), EncodedIndex(kind, tmp_path / "plain")
    assert killed.search(QUERIES, 160) == whole.search(QUERIES, 160)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_durable_of_an_index_finds_what_an_index_of_that_part_would(kind: Kind, tmp_path: Path) -> None:
    corpus, store, encoder = MemoryCorpus(DOCS), IndexStore(tmp_path), ENCODERS[kind](cancel_after=40)
    opened = partial(store.open_growing, kind, corpus, "m", "1", "fp32")
    assert opened() is None
    with pytest.raises(Cancelled):
        store.build_encoded(kind, corpus, "m", encoder, ignore_progress, CancelToken(), first=Wanted(["d150", "d7"]))

    part = opened()
    assert part is not None
    assert part.documents == encoder.encoded < 160
    docs = [DOCS[number] for number in dict.fromkeys((150, 7, *range(160)))][: part.documents]
    encode_corpus(kind, MemoryCorpus(docs), tmp_path / "part", ENCODERS[kind](), ignore_progress, CancelToken())
    assert part.search(QUERIES, 160) == EncodedIndex(kind, tmp_path / "part").search(QUERIES, 160)
    with pytest.raises(NotBuilt, match="only partly built"):
        store.open_encoded(kind, corpus, "m", "1", "fp32")

    store.build_encoded(kind, corpus, "m", ENCODERS[kind](), ignore_progress, CancelToken())
    assert opened() is None
    assert store.open_encoded(kind, corpus, "m", "1", "fp32").documents == 160


def test_an_order_that_does_not_fit_its_rows_begins_anew(tmp_path: Path) -> None:
    encoder = Recording("dense", 60)
    with pytest.raises(Killed):
        encode("dense", tmp_path, encoder, ["d9"])
    counts = tmp_path / "vectors.json"
    counts.write_bytes(counts.read_bytes().replace(b'"walked":', b'"walked":9'))
    last = Recording("dense")
    encode("dense", tmp_path, last)
    assert len(last.texts) == 160


def test_rows_of_before_there_was_an_order_are_those_of_the_corpus() -> None:
    order = Order(walked=5)
    order.took(5, 3, 0)
    order.took(8, 2, 0)
    order.took(10, 2, 3)  # of the next three documents one was early
    order.took(12, 1, 0)
    assert order == Order(walked=8, early=[(5, 10), (12, 13)])
