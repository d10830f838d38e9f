"""A document: its facts and its whole text."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from zsr_tui.api.events import DocHead
from zsr_tui.api.requests import DocumentView
from zsr_tui.ui.compare.document.facts import DocumentFacts, Facts
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.text_view import Cut, TextView


def cuts_of(document: DocumentView) -> tuple[Cut, ...]:
    """Where models stopped reading, in characters of the text; models read the title before it."""
    doc = document.doc
    whole = f"{doc.title} {doc.text}"
    before = len(doc.title) + 1 - (len(whole) - len(whole.lstrip()))
    return tuple((max(0, offset - before), f"{model} read up to here") for model, offset in document.cut_at)


class DocumentPane(Vertical):
    """Shows a document as far as it is known: first the passage that its list came with, then the full text."""

    def __init__(self, *, full: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.facts = DocumentFacts(full=full)
        self.body = TextView()
        self.copyable: Callable[[], Copyable | None] = lambda: None  # what can be copied of it
        self._shown = ("", "")  # document and text, so that new facts leave the scroll position alone
        self._cuts: tuple[Cut, ...] = ()

    def compose(self) -> ComposeResult:
        yield self.facts
        yield self.body

    def show(self, facts: Facts | None, head: DocHead | None, document: DocumentView | None, problem: str = "") -> None:
        """`document` is None until it has been read; `problem` says why it could not be."""
        self.facts.show(facts)
        if facts is None:
            self._put("", "", ())
        elif problem:
            self._put(facts.doc_id, problem, (), role="error")
        elif document is not None:
            self._put(facts.doc_id, document.doc.text or "(no text)", document.text_terms, cuts=cuts_of(document))
        elif head is not None:
            terms = tuple((start, end) for start, end, _ in head.matches)
            self._put(facts.doc_id, head.passage, terms, role="muted")
        else:
            self._put(facts.doc_id, "", ())

    def _put(
        self,
        doc_id: str,
        text: str,
        spans: tuple[tuple[int, int], ...],
        *,
        role: str = "text",
        cuts: tuple[Cut, ...] = (),
    ) -> None:
        if (doc_id, text) == self._shown:
            if cuts != self._cuts:
                self._cuts = cuts
                self.body.cut_at(cuts)
            return
        self._shown, self._cuts = (doc_id, text), cuts
        self.body.show(text, spans, role=role, cuts=cuts)
