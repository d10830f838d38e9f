"""The lists of another engine as first stages: their documents' ids those of the corpus, what it lacks with a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zsr_tui.domain import Doc, Problem, ScoredDoc
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.explanation import Explanation
from zsr_tui.pipeline import Served
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines.records import Hit, Told, kept


class ServedLists:
    """Of one request and one engine."""

    def __init__(self, library: Library, corpus: OpenCorpus, step: Served, cancel: CancelToken, owner: str) -> None:
        self._library, self._corpus, self.step = library, corpus, step
        self._cancel, self._owner = cancel, owner
        self.index = library.engines.open(step)
        self._told: dict[int, Told] = {}  # by depth: the same list, shorter, is not told twice
        self._lacking: dict[str, Hit] = {}  # documents that the corpus has not
        self._docs: dict[str, Doc] = {}  # of these, those that were asked for
        self._shown: set[str] = set()  # of all, those that stand in a list that is shown

    def search(self, queries: Sequence[str], depth: int, *, interactive: bool) -> list[list[ScoredDoc]]:
        """The first `depth` documents of each query, one more than are shown. A list that is not complete is shown, and
        said to be; no figure is made of it: where the search is not `interactive`, that is a `Problem`."""
        found = self.index.search(self.asked(queries, interactive=interactive), depth, self._cancel)
        partial = next((each.partial for each in found if each.partial), "")
        if partial and not interactive:
            raise Problem(
                f"{self.step}: a list is not complete ({partial}), and no figure is made of it: ask again, it goes on "
                "where it stopped."
            )
        told = self._told.setdefault(depth, Told())
        lists = [kept(each, self._holds, told, depth - 1) for each in found]
        self._lacking |= {hit.doc_id: hit for each in lists for hit in each.lacking}
        self._shown |= {scored.doc_id for each in lists for scored in each.ranking[: depth - 1]}
        if interactive:
            self.documents(list(self._lacking))
        return [each.ranking for each in lists]

    @property
    def told(self) -> Told:
        """What is to be told of the longest lists so far."""
        return self._told[max(self._told)] if self._told else Told()

    def documents(self, ids: Sequence[str]) -> dict[str, Doc]:
        """Those of these documents that it has found and the corpus lacks. They can be read of the corpus, too, from
        then on."""
        new = [self._lacking[doc_id] for doc_id in ids if doc_id in self._lacking and doc_id not in self._docs]
        if new:
            docs = self.index.documents(new, self._cancel)
            self.told.textless += sum(not doc.content and doc.id in self._shown for doc in docs)
            self._corpus.elsewhere.keep(docs)
            self._docs |= {doc.id: doc for doc in docs}
        return {doc_id: self._docs[doc_id] for doc_id in ids if doc_id in self._docs}

    def asked(self, queries: Sequence[str], *, interactive: bool) -> Any:
        """As the engine takes them: their texts, or what its model makes of them."""
        model = self.index.model
        if not model:
            return queries
        encoder = self._library.scoring.encoder(model, self.index.kind, cancel=self._cancel, owner=self._owner)
        return encoder.encode_queries(queries, self._cancel, interactive=interactive)

    def explain(self, query: str, doc_id: str) -> Explanation:
        """The engine's own explanation of a document that it has."""
        (asked,) = self.asked([query], interactive=True)
        return self.index.explain(asked, doc_id, self._cancel)

    def _holds(self, ids: Sequence[str]) -> set[str]:
        return set(self._corpus.corpus.docs(ids))
