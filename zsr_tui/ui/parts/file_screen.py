"""Which file: one line for its path, whose ending says the format."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from zsr_tui.client.targets import AlreadyThere
from zsr_tui.domain import Problem
from zsr_tui.text import printable
from zsr_tui.ui.parts.line_input import LineInput, absolute
from zsr_tui.ui.parts.screen import BaseScreen


@dataclass(frozen=True, slots=True)
class Option:
    """What a key switches on; `name` is the keyword by which `work` is told."""

    name: str
    key: str
    about: str


class FileScreen(BaseScreen[Any]):
    """Dismissed with what `work` gives for the absolute path, or with None. While it raises `Problem` the dialog stays,
    with its sentence and the path; a file that is there is replaced by a second Enter. `formats` are endings and what
    they hold."""

    PLACE = "file"
    DIALOG = True
    DEFAULT_CSS = """
    FileScreen #problem { height: auto; margin-top: 1; color: $text-error; text-style: bold; display: none; }
    FileScreen #problem.shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Close")]

    def __init__(
        self,
        title: str,
        path: str,
        keys: str,
        formats: Sequence[tuple[str, str]],
        work: Callable[..., Awaitable[Any]],
        *,
        placeholder: str = "",
        options: Sequence[Option] = (),
    ) -> None:
        super().__init__()
        self._title, self._path, self._keys, self._formats, self._work = title, path, keys, formats, work
        self._placeholder, self._options = placeholder or path, {option.key: option for option in options}
        self._chosen = {option.name: False for option in options}
        self._at_work, self._refused = False, ""  # the path of a file that is there, and which Enter replaces now

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield LineInput(self._path, placeholder=self._placeholder, id="path", compact=True, select_on_focus=False)
            yield Static(markup=False, id="problem")
            width = max(len(ending) for ending, _ in self._formats) + 2
            about = [Content.assemble((f"{ending:<{width}}", "bold"), what) for ending, what in self._formats]
            yield Static(Content("\n").join([Content(""), *about]))
            for option in self._options.values():
                yield Static(self._line(option), id=option.name, markup=False)
            yield Static(self._keys, classes="dialog-title muted", markup=False, id="keys")

    def _line(self, option: Option) -> str:
        return f"[{'x' if self._chosen[option.name] else ' '}] {option.key}: {option.about}"

    def on_key(self, event: events.Key) -> None:
        if (option := self._options.get(event.key)) is not None:
            event.stop()
            if not self._at_work:
                self._chosen[option.name] = not self._chosen[option.name]
                self.query_one(f"#{option.name}", Static).update(self._line(option))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if typed and not self._at_work:
            self._say("")
            self._wait(True)
            self.ask("file", self._finish, absolute(typed))

    async def _finish(self, path: str) -> None:
        try:
            self.dismiss(await self._work(Path(path), replace=path == self._refused, **self._chosen))
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
        self.query_one("#keys", Static).update("At work ..." if waiting else self._keys)

    def _say(self, sentence: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.set_class(bool(sentence), "shown")
        problem.update(Content(printable(sentence)))
