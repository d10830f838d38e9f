"""Which file: one line for its path, whose ending says the format."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from zsr_tui.client.reports import AlreadyThere
from zsr_tui.domain import Problem
from zsr_tui.text import printable
from zsr_tui.ui.parts.line_input import LineInput, absolute
from zsr_tui.ui.parts.screen import BaseScreen

FORMATS = (
    (".jsonl", "everything: who, when, why"),
    (".csv", "the same, for a spreadsheet"),
    (".qrels", "TREC: query, 0, document, grade"),
    (".tsv", "BEIR's"),
)


class FileScreen(BaseScreen[Any]):
    """Dismissed with what `work` gives for the absolute path, or with None. While it raises `Problem` the dialog stays,
    with its sentence and the path; a file that is there is replaced by a second Enter."""

    PLACE = "judgment-file"
    DIALOG = True
    DEFAULT_CSS = """
    FileScreen #problem { height: auto; margin-top: 1; color: $text-error; text-style: bold; display: none; }
    FileScreen #problem.shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Close")]

    def __init__(self, title: str, path: str, keys: str, work: Callable[[Path, bool], Awaitable[Any]]) -> None:
        super().__init__()
        self._title, self._path, self._keys, self._work = title, path, keys, work
        self._at_work, self._refused = False, ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield LineInput(self._path, placeholder="judgments.jsonl", id="path", compact=True, select_on_focus=False)
            yield Static(markup=False, id="problem")
            about = [Content.assemble((f"{ending:<10}", "bold"), what) for ending, what in FORMATS]
            yield Static(Content("\n").join([Content(""), *about]))
            yield Static(self._keys, classes="dialog-title muted", markup=False, id="keys")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() and not self._at_work:
            self._say("")
            self._wait(True)
            self.ask("file", self._finish, absolute(event.value.strip()))

    async def _finish(self, path: str) -> None:
        try:
            self.dismiss(await self._work(Path(path), path == self._refused))
        except AlreadyThere as problem:
            self._refused = path
            sentence = f"{problem.path} is there already: Enter again replaces it, or type another name."
            raise Problem(sentence, usage=True) from problem

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._refused = ""
        self._say("")

    def show_problem(self, sentence: str, group: str) -> None:
        self._wait(False)
        self._say(sentence)

    def _wait(self, waiting: bool) -> None:
        self._at_work = waiting
        self.query_one("#keys", Static).update("at work ..." if waiting else self._keys)

    def _say(self, sentence: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.set_class(bool(sentence), "shown")
        problem.update(Content(printable(sentence)))
