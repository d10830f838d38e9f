"""Token ids of a corpus in the engine: used where they are, made in the background where they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zsr_tui.domain import DeviceStatus
from zsr_tui.engine.library import Library
from zsr_tui.engine.tokens import CorpusTokens
from zsr_tui.retrieval.store import IndexStore
from zsr_tui.scoring.models.catalogue import DEFAULT_ENCODER
from zsr_tui.scoring.tokens.store import digest

from ..unit.retrieval.made_up import MemoryCorpus, numbered
from ..unit.retrieval.test_tokens import Letters
from ..waiting import wait_for


class Scoring:
    """A service with one model, loaded or not."""

    def __init__(self, letters: Letters) -> None:
        self.letters, self.loaded, self.asked = letters, True, 0

    def document_tokens(self, model: str) -> Any:
        return self.letters.tokens if self.loaded else None

    def status(self) -> tuple[DeviceStatus, ...]:
        self.asked += 1
        return (DeviceStatus(name="cpu", precision="fp32", waiting=self.asked == 1),)


def made(tokens: CorpusTokens, store: IndexStore, corpus: MemoryCorpus) -> bool:
    return bool(store.tokens(corpus)) and tokens.progress is None


def test_after_the_first_rerank_every_document_is_known_and_after_a_restart_too(tmp_path: Path) -> None:
    corpus, scoring, store = MemoryCorpus(numbered(100)), Scoring(Letters()), IndexStore(tmp_path)
    tokens = CorpusTokens(lambda: store, lambda: scoring)  # type: ignore[arg-type,return-value]
    tokens.attach(corpus)
    tokens.keep("model", corpus)
    tokens.keep("model", corpus)
    wait_for(lambda: made(tokens, store, corpus))
    assert len(scoring.letters.texts) == 100
    assert scoring.asked > 1, "it gave way to nobody"
    store.close()

    again, store = Letters(), IndexStore(tmp_path)
    CorpusTokens(lambda: store, lambda: scoring).attach(corpus)  # type: ignore[arg-type,return-value]
    (ids,) = again.tokens.store.ids(["number7 shared colour7"])
    assert "".join(map(chr, ids)) == "number7 shared colour7"
    assert again.texts == []
    store.close()
    again.tokens.store.ids(["number7 shared colour7"])
    assert again.texts == ["number7 shared colour7"]


def test_a_model_that_was_not_loaded_is_asked_again(tmp_path: Path) -> None:
    """A list whose scores were all known loads none."""
    corpus, scoring, store = MemoryCorpus(numbered(5)), Scoring(Letters()), IndexStore(tmp_path)
    tokens = CorpusTokens(lambda: store, lambda: scoring)  # type: ignore[arg-type,return-value]
    scoring.loaded = False
    tokens.keep("model", corpus)
    assert list(tmp_path.iterdir()) == []
    scoring.loaded = True
    tokens.keep("model", corpus)
    wait_for(lambda: made(tokens, store, corpus))
    store.close()


def test_what_cannot_be_made_is_said_in_the_log_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    empty, corpus = MemoryCorpus([], name="empty"), MemoryCorpus(numbered(5))
    scoring, store = Scoring(Letters()), IndexStore(tmp_path)
    tokens = CorpusTokens(lambda: store, lambda: scoring)  # type: ignore[arg-type,return-value]
    tokens.keep("model", empty)
    tokens.keep("model", corpus)
    wait_for(lambda: made(tokens, store, corpus))
    assert "the token ids of empty are not kept: empty has no documents" in caplog.text
    store.close()


def test_the_ids_of_the_demo_corpus_are_kept_while_it_is_encoded(library: Library) -> None:
    corpus = library.corpus("demo").corpus
    tokens = library.scoring.encoder(DEFAULT_ENCODER).document_tokens
    assert tokens is not None
    found = dict(library.store.tokens(corpus))[tokens.store.fingerprint]
    assert found.documents == corpus.doc_count()
    texts = [tokens.text(doc) for doc in corpus.iter_docs()]
    expected = tokens.store.backend.encode([tokens.store.prefix + text for text in texts])
    for ids, other in zip(found.find([digest(text) for text in texts]), expected, strict=True):
        assert ids is not None
        assert ids.tolist() == other.tolist()


def test_what_goes_wrong_for_one_corpus_leaves_the_next_ones_to_be_made(tmp_path: Path) -> None:
    class Broken(MemoryCorpus):
        def iter_docs(self, start: int = 0) -> Any:
            raise LookupError("its file has gone")

    corpus, scoring, store = MemoryCorpus(numbered(5)), Scoring(Letters()), IndexStore(tmp_path)
    tokens = CorpusTokens(lambda: store, lambda: scoring)  # type: ignore[arg-type,return-value]
    tokens.keep("model", Broken(numbered(5), "broken"))
    tokens.keep("model", corpus)
    wait_for(lambda: made(tokens, store, corpus))
    store.close()
