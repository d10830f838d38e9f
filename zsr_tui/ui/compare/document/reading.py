"""The document under the cursor: when it is read, and where it is shown."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.timer import Timer

from zsr_tui.client.protocol import EngineApi
from zsr_tui.ui.compare.document.pane import DocumentPane
from zsr_tui.ui.compare.document.screen import DocumentScreen
from zsr_tui.ui.compare.document.shown import ReadDocuments
from zsr_tui.ui.compare.messages import DocumentRead
from zsr_tui.ui.compare.ranking.lists import Rankings
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.compare.work import CompareWork
from zsr_tui.ui.parts.screen import BaseScreen

SETTLED = 0.12  # seconds that the cursor rests on a document before it is read


class ReadingScreen(BaseScreen[None]):
    """Lists, and the document under their cursor in a pane below them or on the whole screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+down", "scroll_document(3)", show=False),
        Binding("shift+up", "scroll_document(-3)", show=False),
    ]

    def __init__(self, engine: EngineApi, session: SearchSession) -> None:
        super().__init__()
        self.session = session
        self.rankings = Rankings(session.lists, id="rankings")
        self.pane = DocumentPane(id="document")
        self._engine_work = CompareWork(engine, session.dataset, self.post_message)
        self._documents = ReadDocuments(session)
        self._settle_timer: Timer | None = None
        self._document: DocumentScreen | None = None

    def open_document(self) -> None:
        """The document under the cursor, on the whole screen."""
        doc_id = self.rankings.doc_id
        if doc_id is None:
            self.tell("There is no document under the cursor yet.")
        elif self._document is None:
            self._document = DocumentScreen(doc_id, self._step_document)
            self.app.push_screen(self._document, self._document_closed)
            self.call_after_refresh(self._show_document)
            self._read_document(doc_id)

    def action_scroll_document(self, lines: int) -> None:
        self.pane.body.scroll_relative(y=lines, animate=False)

    def on_rankings_document_changed(self, message: Rankings.DocumentChanged) -> None:
        message.stop()
        if self._settle_timer is not None:
            self._settle_timer.stop()
            self._settle_timer = None
        self._show_document()
        if message.doc_id is not None and self.pane.display:
            self._settle_timer = self.set_timer(SETTLED, self._settled)

    def on_rankings_document_opened(self, message: Rankings.DocumentOpened) -> None:
        message.stop()
        self.open_document()

    def _settled(self) -> None:
        self._settle_timer = None
        if self.rankings.doc_id is not None:
            self._read_document(self.rankings.doc_id)

    def _read_document(self, doc_id: str) -> None:
        if self._documents.missing(doc_id):
            self.ask("document", self._engine_work.document, doc_id, self.session.query, self._models())

    def on_document_read(self, message: DocumentRead) -> None:
        message.stop()
        self._documents.take(message)
        self._show_document()

    def _show_document(self) -> None:
        """In the pane, and on the full screen where that is open."""
        reference = self.rankings.reference
        if self.pane.display:
            self._documents.show_in(self.pane, self.rankings.doc_id, reference)
        if self._document is not None and self._document.is_mounted:
            self._documents.show_in(self._document.pane, self._document.doc_id, reference)

    def _step_document(self, by: int) -> None:
        """The full screen goes on to a neighbour in the active list, and the cursor with it."""
        self.rankings.active_list.action_move(by)
        doc_id = self.rankings.doc_id
        if self._document is not None and doc_id is not None and doc_id != self._document.doc_id:
            self._document.doc_id = doc_id
            self._show_document()
            self._read_document(doc_id)

    def _document_closed(self, _: None) -> None:
        self._document = None

    def _models(self) -> tuple[str, ...]:
        """Of the systems on the screen: what each of them read of a document is shown with it."""
        from zsr_tui import pipeline  # only once a document is read: the program starts sooner

        systems = [pipeline.parse(each.head.notation) for each in self.session.lists if each.head.runnable]
        return tuple(dict.fromkeys(model for system in systems for model in pipeline.models(system)))
