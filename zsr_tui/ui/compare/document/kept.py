"""The documents that were read lately, and how one is shown with what the lists say of it."""

from __future__ import annotations

from textual.cache import LRUCache

from zsr_tui.api.requests import DocumentView
from zsr_tui.ui.compare.document.facts import Facts
from zsr_tui.ui.compare.document.pane import DocumentPane
from zsr_tui.ui.compare.messages import DocumentRead
from zsr_tui.ui.compare.session import SearchSession

KEPT = 64  # documents


class KeptDocuments:
    """By document and query, because a document comes with the query's terms marked. A failure is kept until it is
    shown, so that the next look tries again."""

    def __init__(self, session: SearchSession) -> None:
        self._session = session
        self._documents: LRUCache[tuple[str, str], DocumentView] = LRUCache(KEPT)
        self._failed: DocumentRead | None = None

    def missing(self, doc_id: str) -> bool:
        return self._documents.get((doc_id, self._session.query)) is None

    def take(self, message: DocumentRead) -> None:
        if message.document is not None:
            self._documents[message.doc_id, message.query] = message.document
        self._failed = message if message.document is None else None

    def show_in(self, pane: DocumentPane, doc_id: str | None, reference: int) -> None:
        """As far as the document is known. `reference` is the number of the reference list, from 0."""
        session = self._session
        if doc_id is None:
            pane.show(None, None, None)
            return
        head = session.heads.get(doc_id)
        document = self._documents.get((doc_id, session.query))
        title = document.doc.title if document else head.title if head else ""
        terms = document.title_terms if document else head.title_terms if head else ()
        facts = Facts(doc_id, title, terms, session.has_judgments, list(session.lists), reference)
        failed = self._failed
        problem = failed.problem if failed and (failed.doc_id, failed.query) == (doc_id, session.query) else ""
        pane.show(facts, head, document, problem)
