"""Documents that a corpus lacks and another engine has found: kept, so that they can be shown and reranked."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from zsr_tui import caller
from zsr_tui.domain import Doc

MOST = 200_000  # documents of a corpus
CHARACTERS = 200_000_000  # of their texts


class Elsewhere:
    """Of one corpus, each caller's own: what somebody's engine says of a document nobody else reads. Those that were
    not asked for longest leave first. Thread-safe."""

    def __init__(self, most: int = MOST, characters: int = CHARACTERS) -> None:
        self._most, self._characters = most, characters
        self._docs: OrderedDict[tuple[str, str], Doc] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def keep(self, docs: Iterable[Doc]) -> None:
        name = caller.current().name
        with self._lock:
            for doc in docs:
                if (old := self._docs.pop((name, doc.id), None)) is not None:
                    self._held -= _size(old)
                self._docs[name, doc.id] = doc
                self._held += _size(doc)
            while self._docs and (len(self._docs) > self._most or self._held > self._characters):
                self._held -= _size(self._docs.popitem(last=False)[1])

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        """Those of them that are kept."""
        name, found = caller.current().name, {}
        with self._lock:
            for doc_id in ids:
                if (doc := self._docs.get((name, doc_id))) is not None:
                    self._docs.move_to_end((name, doc_id))
                    found[doc_id] = doc
        return found


def _size(doc: Doc) -> int:
    return len(doc.title) + len(doc.text) + sum(len(value) for _, value in doc.metadata)
