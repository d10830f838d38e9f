"""Where a report goes: one line for the path, whose ending says the format."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from zsr_tui.client.reports import AlreadyThere, Written
from zsr_tui.domain import Problem
from zsr_tui.text import printable
from zsr_tui.ui.parts.line_input import LineInput, absolute
from zsr_tui.ui.parts.screen import BaseScreen

FORMATS = (
    (".html", "everything on one page, with plots and queries"),
    (".md .tex", "the tables"),
    (".csv .json .parquet", "every query's values"),
    (".svg .png", "the plot by model size"),
)
KEYS = "Enter writes it · esc closes"
SPREADSHEET, EXPLAIN, KEPT = "ctrl+t", "f4", "f6"


class Write(Protocol):
    async def __call__(self, path: Path, *, spreadsheet: bool, explain: bool, kept: bool, replace: bool) -> Written: ...


class ReportPathScreen(BaseScreen[Written]):
    """Dismissed with the report once it is written, or with None. `write` takes what was typed
    as an absolute path; while it raises `Problem` the dialog stays, with its sentence and the path. A file that is
    there is replaced by a second Enter."""

    PLACE = "evaluation-report"
    DIALOG = True
    DEFAULT_CSS = """
    ReportPathScreen #problem { height: auto; margin-top: 1; color: $text-error; text-style: bold; display: none; }
    ReportPathScreen #problem.shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "close", "Close"),
        (SPREADSHEET, "spreadsheet", "For a spreadsheet"),
        (EXPLAIN, "explain", "With explanations"),
        (KEPT, "kept", "With judgments and notes"),
    ]

    def __init__(self, path: str, write: Write) -> None:
        super().__init__()
        self._path, self._write = path, write
        self._writing = self._spreadsheet = self._explain = self._kept = False
        self._refused = ""  # the path of a file that is there, and which Enter replaces now

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Write a report", classes="dialog-title", markup=False)
            yield LineInput(self._path, placeholder="report.html", id="path", compact=True, select_on_focus=False)
            yield Static(markup=False, id="problem")
            about = [Content.assemble((f"{ending:<22}", "bold"), what) for ending, what in FORMATS]
            yield Static(Content("\n").join([Content(""), *about]), id="formats")
            yield Static(self._for_spreadsheet(), id="spreadsheet", markup=False)
            yield Static(self._with_explanations(), id="explain", markup=False)
            yield Static(self._with_kept(), id="kept", markup=False)
            yield Static(KEYS, classes="dialog-title muted", markup=False, id="keys")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if not typed or self._writing:
            return

        self._say("")
        self._wait(True)
        self.ask("report", self._finish, absolute(typed))

    async def _finish(self, path: str) -> None:
        replace = path == self._refused
        try:
            self.dismiss(
                await self._write(
                    Path(path), spreadsheet=self._spreadsheet, explain=self._explain, kept=self._kept, replace=replace
                )
            )
        except AlreadyThere as problem:
            self._refused = path
            sentence = f"{problem.path} is there already: Enter again replaces it, or type another name."
            raise Problem(sentence, usage=True) from problem

    def action_spreadsheet(self) -> None:
        if not self._writing:
            self._spreadsheet = not self._spreadsheet
            self.query_one("#spreadsheet", Static).update(self._for_spreadsheet())

    def _for_spreadsheet(self) -> str:
        mark = "x" if self._spreadsheet else " "
        return f"[{mark}] {SPREADSHEET}: in .csv, ' before what a spreadsheet would compute"

    def action_explain(self) -> None:
        if not self._writing:
            self._explain = not self._explain
            self.query_one("#explain", Static).update(self._with_explanations())

    def _with_explanations(self) -> str:
        mark = "x" if self._explain else " "
        return f"[{mark}] {EXPLAIN}: in .html .md .json, why documents are on top or missed; slow"

    def action_kept(self) -> None:
        if not self._writing:
            self._kept = not self._kept
            self.query_one("#kept", Static).update(self._with_kept())

    def _with_kept(self) -> str:
        mark = "x" if self._kept else " "
        return f"[{mark}] {KEPT}: in .html .md, what was judged and noted of its queries"

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._refused = ""
        self._say("")

    def show_problem(self, sentence: str, group: str) -> None:
        self._wait(False)
        self._say(sentence)

    def _wait(self, writing: bool) -> None:
        self._writing = writing
        self.query_one("#keys", Static).update("Writing the report ..." if writing else KEYS)

    def _say(self, sentence: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.set_class(bool(sentence), "shown")
        problem.update(Content(printable(sentence)))
