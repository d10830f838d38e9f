"""A document on the whole screen: its judgment, its place in every list, its text."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from zsr_tui.api.events import DocHead
from zsr_tui.api.requests import DocumentView
from zsr_tui.ui.widgets.document_facts import Facts
from zsr_tui.ui.widgets.document_pane import DocumentPane


class DocumentScreen(Screen[None]):
    """Shows one document; whoever opened it hands it what becomes known (`show`)."""

    PLACE = "document"
    CSS_PATH = "document.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,backspace,d", "close", "Back"),
    ]

    def __init__(self, doc_id: str) -> None:
        super().__init__()
        self.doc_id = doc_id
        self.pane = DocumentPane(full=True)

    def compose(self) -> ComposeResult:
        yield self.pane
        yield Static(" ↑ ↓ pgup pgdn scroll   esc back", markup=False, id="document-keys")

    def on_mount(self) -> None:
        self.pane.body.focus()

    def show(self, facts: Facts, head: DocHead | None, document: DocumentView | None, problem: str) -> None:
        self.pane.show(facts, head, document, problem)

    def action_close(self) -> None:
        self.dismiss()
