"""Where a report goes: one line for the path, whose ending says the format."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from zsr_tui.ui.widgets.line_input import LineInput

FORMATS = (
    (".html", "everything on one page, with plots and queries"),
    (".md .tex", "the tables"),
    (".csv .json .parquet", "every query's values"),
    (".svg .png", "the plot by model size"),
)


class ReportPathScreen(ModalScreen[str | None]):
    """Dismissed with a path, or None."""

    PLACE = "evaluation-report"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Close")]

    def __init__(self, path: str) -> None:
        super().__init__(classes="dialog-screen")
        self._path = path

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Write a report", classes="dialog-title", markup=False)
            yield LineInput(self._path, placeholder="report.html", id="path", compact=True, select_on_focus=False)
            about = [Content.assemble((f"{ending:<22}", "bold"), what) for ending, what in FORMATS]
            yield Static(Content("\n").join([Content(""), *about]), id="formats")
            yield Static("Enter writes it · esc closes", classes="dialog-title muted", markup=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.dismiss(event.value.strip())

    def action_close(self) -> None:
        self.dismiss(None)
