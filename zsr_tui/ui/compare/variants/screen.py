"""Variants of the shown query: measured in the background while the window is open, searched in Compare on Enter."""

from __future__ import annotations

import os
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from zsr_tui.api.events import AnyEvent, Failed, JobProgress, SystemFailed
from zsr_tui.api.questions import WriteVariant
from zsr_tui.api.requests import SearchRequest, VariantsRequest
from zsr_tui.api.variants import Variant, VariantMeasured, VariantsFinished, VariantsFound
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import DATASET_ONLY, AnySource
from zsr_tui.text import one_line, printable
from zsr_tui.ui.compare.variants.table import differs, table
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.grid import Grid
from zsr_tui.ui.parts.judging.marks import GLYPHS, NAMES, named
from zsr_tui.ui.parts.judging.state import Counting
from zsr_tui.ui.parts.screen import BaseScreen

WRITTEN = {"paraphrase": "paraphrase", "answer": "hypothetical answer"}  # by action


class VariantsScreen(BaseScreen[Variant]):
    """Dismissed with the variant that is to be searched. `labels` are the systems', `counts` says over which judgments
    they are measured."""

    PLACE = "variants"
    DIALOG = True
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
        Binding("enter", "choose", "Search it"),
        Binding("p", "write('paraphrase')", "Paraphrase"),
        Binding("h", "write('answer')", "Hypothetical answer"),
    ]

    def __init__(
        self, engine: EngineApi, shown: SearchRequest, query: str, labels: list[str], counts: Counting
    ) -> None:
        super().__init__()
        self._engine, self._shown, self._query, self._labels = engine, shown, query, labels
        self._counts = counts
        self._variants: tuple[Variant, ...] = ()
        self._written: list[Variant] = []
        self._cells: dict[tuple[int, int], VariantMeasured] = {}
        self._failed: dict[int, str] = {}
        self._judged = False
        self._judgments: dict[str, int] = {}
        self._generator = ""
        self._grid = Grid(id="variants-table")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="variants") as dialog:
            dialog.border_title = "Variants of the query"
            dialog.border_subtitle = "enter searches it · esc closes"
            yield Static(Content(one_line(self._query)), id="variants-query", markup=False)
            yield self._grid
            yield Static(id="variants-text", markup=False)
            yield Static("asking the engine", id="variants-state", classes="muted", markup=False)

    def on_mount(self) -> None:
        self._grid.focus()
        self._measure()

    # measuring

    def _measure(self) -> None:
        """All of them; what was searched before is known to the engine's cache."""
        search = msgspec.structs.replace(self._shown, id=f"variants-{os.urandom(4).hex()}")
        counting, beside = self._counts.sources, self._counts.beside
        asked = VariantsRequest(search=search, more=tuple(self._written), counting=counting, beside=beside)
        self.ask("variants", self._follow, asked)

    async def _follow(self, request: VariantsRequest) -> None:
        """Closed, it ends the work."""
        async for event in self._engine.stream(request):
            self._take(event)

    def _take(self, event: AnyEvent) -> None:
        match event:
            case VariantsFound():
                self._variants, self._judged, self._generator = event.variants, event.judged, event.generator
                self._judgments = event.judgments
                self._cells.clear()
                self._failed.clear()
                self._show()
            case VariantMeasured():
                self._cells[event.system, event.variant] = event
                self._show()
            case SystemFailed():
                self._failed[event.system] = event.problem.message
                self._show()
                self._say(" · ".join(self._failures()), problem=True)
            case JobProgress():
                self._say(" · ".join([*self._failures(), *event.progress.numbers()]), problem=bool(self._failed))
            case VariantsFinished():
                self._say(self._ended(event.notes), problem=bool(self._failed))
            case Failed():
                self._say(event.problem.message, problem=True)

    def _show(self) -> None:
        found = table(self._variants, self._labels, self._cells, self._failed, self._over, self._counts.beside)
        self._grid.show(found)
        self._show_text()

    def _failures(self) -> list[str]:
        """Which lists failed and why, each reason once."""
        lists: dict[str, list[str]] = {}
        for system, sentence in self._failed.items():
            lists.setdefault(sentence, []).append(printable(self._labels[system]))
        return [f"{', '.join(labels)}: {sentence}" for sentence, labels in lists.items()]

    def _ended(self, notes: tuple[str, ...]) -> str:
        """What may be done, and what failed."""
        if len(self._variants) == 1:
            return "There is no variant of a query of one word."
        said = [*self._failures(), *map(printable, notes), "◂ what costs most"]
        if self._judged:
            said.append(self._whose())  # one list is too narrow to have it in its head
        if self._generator:
            said.append(f"p paraphrase, h hypothetical answer: by {printable(self._generator)}")
        return " · ".join(said)

    def _whose(self) -> str:
        """The judgments that the figures are over, how many come from each source, and what stands beside them."""
        over, beside = self._over, self._counts.beside
        if over == DATASET_ONLY and not any(map(differs, self._cells.values())):
            return "over the dataset's judgments"
        given = ", ".join(f"{self._judgments[source]} {NAMES[source]}" for source in over)
        glyph = GLYPHS["dataset" if beside == DATASET_ONLY else "own"][0]
        return f"judgments that count: {given}; {glyph} over {named(beside)}, where it is another"

    def _say(self, sentence: str, *, problem: bool = False) -> None:
        state = self.query_one("#variants-state", Static)
        state.set_class(problem, "problem")
        state.update(Content(one_line(sentence)))

    @property
    def _over(self) -> tuple[AnySource, ...]:
        """The sources of the judgments that count, those that have some; () where measures are of no use."""
        return tuple(each for each in self._counts.sources if self._judgments.get(each)) if self._judged else ()

    # the variant under the cursor

    @property
    def _chosen(self) -> Variant | None:
        return self._variants[self._grid.cursor] if self._grid.cursor < len(self._variants) else None

    def on_cursor_view_moved(self, event: CursorView.Moved) -> None:
        event.stop()
        self._show_text()

    def _show_text(self) -> None:
        chosen = self._chosen
        self.query_one("#variants-text", Static).update(Content(one_line(chosen.text) if chosen else ""))

    def on_cursor_view_opened(self) -> None:
        self.action_choose()

    def action_choose(self) -> None:
        if self._chosen is not None:
            self.dismiss(self._chosen)

    # what a model writes, once it is asked to

    def action_write(self, what: str) -> None:
        if not self._generator:
            self._say("No server writes variants: set address in [generation] of config.toml.", problem=True)
            return
        self._say(f"{self._generator} writes a {WRITTEN[what]} ...")
        self.ask("write", self._write, WRITTEN[what])

    async def _write(self, kind: str) -> None:
        query = self._variants[0].text
        self._written.append(await self._engine.call(WriteVariant(query=query, kind=kind)))
        self._measure()

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence, problem=True)
