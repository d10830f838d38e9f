"""Token ids of the corpora that are searched: those on disk are used from a corpus' first rerank on; those that are not
there are made in the background after it, while nobody waits for a score."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from zsr_tui.domain import Corpus
from zsr_tui.progress import CancelToken, Progress

if TYPE_CHECKING:
    from zsr_tui.retrieval.store import IndexStore
    from zsr_tui.scoring.service import ScoringService
    from zsr_tui.scoring.tokens.documents import DocumentTokens

_PAUSE_S = 0.2  # that a chunk of documents waits at most while a device has work
_log = logging.getLogger(__name__)


class CorpusTokens:
    """Every method may be called from any thread."""

    def __init__(self, store: Callable[[], IndexStore], scoring: Callable[[], ScoringService]) -> None:
        self._store, self._scoring = store, scoring
        self._met: set[tuple[str, str]] = set()  # corpora, and models that have reranked them
        self._wanted: queue.SimpleQueue[tuple[DocumentTokens, Corpus]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.progress: Progress | None = None  # of the ids that are being made

    def attach(self, corpus: Corpus) -> None:
        """Before a model reads documents of the corpus."""
        if self._first(corpus.collection, ""):
            self._attach(corpus)

    def keep(self, model: str, corpus: Corpus) -> None:
        """After a model has read documents of the corpus: has the ids of all of them made, unless they are there."""
        if (tokens := self._scoring().document_tokens(model)) and self._first(corpus.collection, model):
            self._wanted.put((tokens, corpus))
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="tokens", daemon=True)
                    self._thread.start()

    def _first(self, collection: str, model: str) -> bool:
        with self._lock:
            known = (collection, model) in self._met
            self._met.add((collection, model))
            return not known

    def _attach(self, corpus: Corpus) -> None:
        from zsr_tui.scoring.tokens import store as stores

        for fingerprint, index in self._store().tokens(corpus):
            stores.attach(fingerprint, index)

    def _work(self) -> None:
        while True:
            self._make(*self._wanted.get())

    def _make(self, tokens: DocumentTokens, corpus: Corpus) -> None:
        """What cannot be made costs nothing but time: documents are then tokenised when they are read."""
        try:
            self._store().build_tokens(corpus, tokens, self._report, _GivesWay(self._busy))
            self._attach(corpus)
        except Exception as error:  # noqa: BLE001 - the thread's last frame: the next corpus is waiting for it
            _log.warning("the token ids of %s are not kept: %s", corpus.collection, error)
        finally:
            self.progress = None

    def _report(self, progress: Progress) -> None:
        """An encoding of the corpus may be making them: to wait for that is no work."""
        self.progress = progress if progress.done else None

    def _busy(self) -> bool:
        return any(device.waiting for device in self._scoring().status())


class _GivesWay(CancelToken):
    """Looked at between chunks, it makes them wait for work that somebody waits for."""

    def __init__(self, busy: Callable[[], bool]) -> None:
        super().__init__()
        self._busy = busy

    def check(self) -> None:
        super().check()
        if self._busy():
            self._event.wait(_PAUSE_S)
