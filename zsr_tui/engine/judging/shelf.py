"""The kept files of the corpora that were asked for, each opened once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from zsr_tui.api.judging import AnySource
from zsr_tui.domain import Doc, Problem
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.judging.keeping import Decided, Judgments, KeptFile, Looks, Preferences, Remarks, Reviewing
from zsr_tui.judging.keeping.rows import AboutQuery
from zsr_tui.text import one_line


@dataclass(frozen=True, slots=True)
class KeptOf:
    """Everything of one corpus."""

    file: KeptFile
    judgments: Judgments
    remarks: Remarks
    preferences: Preferences
    reviewing: Reviewing
    looks: Looks
    decided: Decided


def title_of(doc: Doc) -> str:
    """Where it has none, the beginning of its text."""
    return one_line(doc.title or doc.text[:200])[:120]


class KeptShelf:
    """Thread-safe."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._known: dict[str, KeptOf] = {}
        self._lock = threading.Lock()

    def of(self, dataset: str) -> KeptOf:
        """`dataset` as the user names it. Reads nothing yet."""
        from zsr_tui import corpora

        return self.of_id(corpora.normalise(dataset))

    def of_id(self, dataset: str) -> KeptOf:
        """By the one id of a dataset, which need not be on this machine any more. However documents are cut into
        chunks, they are the same documents."""
        from zsr_tui import corpora

        dataset = corpora.whole_of(dataset)
        with self._lock:
            if dataset not in self._known:
                file = KeptFile(dataset)
                self._known[dataset] = KeptOf(
                    file, Judgments(file), Remarks(file), Preferences(file), Reviewing(file), Looks(file), Decided(file)
                )
            return self._known[dataset]

    def title(self, dataset: str, doc_id: str) -> str:
        """Of a document; "" for none. Raises `Problem` for one that the corpus does not have."""
        if not doc_id:
            return ""
        titles = self.titles(dataset, [doc_id])
        if doc_id not in titles:
            raise Problem(f"{dataset} has no document {doc_id!r}.", usage=True)
        return titles[doc_id]

    def titles(self, dataset: str, doc_ids: list[str]) -> dict[str, str]:
        """Of those documents that the corpus has (`title_of`)."""
        docs = self.library.corpus(dataset).docs(doc_ids)
        return {doc_id: title_of(doc) for doc_id, doc in docs.items()}

    def by_source(self, corpus: OpenCorpus, query: AboutQuery, judged_as: str = "") -> dict[AnySource, dict[str, int]]:
        """The judgments of a query by their source; those of the dataset are `judged_as` another's where it says so."""
        kept = self.of(corpus.id).judgments
        qid = query.query_id or judged_as
        return {
            "dataset": dict(corpus.judgments(qid)) if qid else {},
            "own": kept.grades(query, "own"),
            "model": kept.grades(query, "model"),
        }
