"""The setup: a corpus, one to five systems, and off to compare them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from zsr_tui.api.questions import FindDataset, ListCorpora, ListModels, ListPresets, ReadSystem
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.text import one_line
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.chosen_systems import MOST, ChosenSystems
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.setup.corpora import CorpusChoice
from zsr_tui.ui.setup.systems import SystemChoice

HINT = "Enter on an empty line compares."


class SetupScreen(BaseScreen[None]):
    """Opens on what was chosen last. Posts `Chosen`; stays until the application has prepared the choice."""

    PLACE = "setup"
    CSS_PATH = "screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - the framework's

    @dataclass
    class Chosen(Message):
        """`typed`: the dataset isn't in the catalogue."""

        dataset: str
        systems: tuple[str, ...]
        typed: bool

    def __init__(self, engine: EngineApi, dataset: str, systems: tuple[str, ...], recent: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._engine, self._dataset = engine, dataset
        self.corpora = CorpusChoice(dataset, recent, id="corpora")
        self.chosen = ChosenSystems(systems, id="chosen")
        self.systems = SystemChoice(id="systems")

    def compose(self) -> ComposeResult:
        yield Static("Choose a corpus and one to five systems", id="title")
        with Horizontal(id="choices"):
            with Vertical(id="left", classes="panel") as left:
                left.border_title = "Corpus"
                yield self.corpora
            with Vertical(id="right", classes="panel") as right:
                right.border_title = "Systems"
                yield self.chosen
                yield self.systems
        with Horizontal(id="bottom"):
            yield Static(HINT, id="message", markup=False)
            yield Button("Compare", id="start", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.corpora.input.focus()
        self.ask("setup-load", self._load)
        self.ask("setup-presets", self._load_presets, self._dataset)

    # from the engine

    async def _load(self) -> None:
        try:
            self.corpora.show(await self._engine.call(ListCorpora()))
        except Problem as problem:
            self.corpora.fail(problem.message)
        self.systems.show_models(await self._engine.call(ListModels()))

    async def _load_presets(self, dataset: str) -> None:
        self.systems.show_presets(await self._engine.call(ListPresets(dataset=dataset)))

    async def _check(self, typed: str, before: str) -> None:
        """Whether there is such a folder or dataset; the choice goes back to what it was if not."""
        try:
            dataset = await self._engine.call(FindDataset(name=typed))
        except Problem as problem:
            self.corpora.take_back(typed, before)
            self._say(problem.message, problem=True)
            return
        self._corpus_is(dataset)

    def _corpus_is(self, dataset: str) -> None:
        self.ask("setup-presets", self._load_presets, dataset)
        self.systems.input.focus()
        self._say(f"{one_line(dataset)} is chosen. {HINT}")

    async def _add(self, notation: str) -> None:
        """Add a system if the engine accepts it; else say why, with the cursor where the notation fails."""
        try:
            head = await self._engine.call(ReadSystem(notation=notation))
        except Problem as problem:
            self._say(problem.message, problem=True)
            column = re.search(r"\bcolumn (\d+)", problem.message)
            if column and self.systems.input.value:
                self.systems.input.cursor_position = int(column.group(1)) - 1
            return
        if not head.runnable:
            self._say(f"{head.notation} cannot run here: {head.why_not}", problem=True)
        elif head.notation in self.chosen.systems:
            self._say(f"{head.notation} is chosen already.", problem=True)
        elif len(self.chosen.systems) >= MOST:
            self._say(f"Five systems fit on the screen; remove one first (F4), then add {head.notation}.", problem=True)
        else:
            self.chosen.systems = (*self.chosen.systems, head.notation)
            self.systems.clear()
            self._say(f"Added {head.notation}. {HINT}")

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence, problem=True)

    # choices

    @on(CorpusChoice.Chosen)
    def _corpus_chosen(self, event: CorpusChoice.Chosen) -> None:
        if self.corpora.typed:
            self.ask("setup-check", self._check, event.dataset, event.before)
        else:
            self._corpus_is(event.dataset)

    @on(SystemChoice.PresetChosen)
    def _preset_chosen(self, event: SystemChoice.PresetChosen) -> None:
        self.chosen.systems = event.preset.systems[:MOST]
        self.systems.clear()
        self._say(f"{event.preset.name}. {HINT}")

    @on(SystemChoice.SystemTyped)
    def _system_typed(self, event: SystemChoice.SystemTyped) -> None:
        if event.notation:
            self.ask("setup-add", self._add, event.notation)
        else:
            self.start()

    @on(SystemChoice.Described)
    def _described(self, event: SystemChoice.Described) -> None:
        self._say(event.text, problem=event.problem)

    @on(Button.Pressed, "#start")
    def start(self) -> None:
        info = self.corpora.info
        if not self.chosen.systems:
            self._say("Choose at least one system: a preset, a model, or type bm25.", problem=True)
            self.systems.input.focus()
        elif info is not None and info.group == "licensed" and not info.state.downloaded:
            self._say(f"{info.title} needs a licence: {info.how_to}", problem=True)
        else:
            self.post_message(self.Chosen(self.corpora.chosen, self.chosen.systems, self.corpora.typed))

    # where to go: handlers of `zsr_tui.ui.keys.bindings`

    def focus_corpora(self) -> None:
        self.corpora.input.focus()

    def focus_systems(self) -> None:
        self.systems.input.focus()

    def focus_chosen(self) -> None:
        self.chosen.focus()

    def _say(self, text: str, *, problem: bool = False) -> None:
        message = self.query_one("#message", Static)
        message.set_class(problem, "problem")
        message.update(Content(one_line(text)))
