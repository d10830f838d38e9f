"""The setup: a corpus, one to five systems, and off to compare them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static

from zsr_tui.api.questions import ListCorpora, ListModels, ListPresets, ReadCorpus
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Preset, Problem
from zsr_tui.text import one_line
from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.chosen_systems import MOST, OF_CURRENT, ChosenSystems
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.steps import Steps
from zsr_tui.ui.setup.changes import Changes, Choice
from zsr_tui.ui.setup.corpora import CorpusChoice
from zsr_tui.ui.setup.editing import EditedSystem, Editing
from zsr_tui.ui.setup.filtered_list import FilteredList
from zsr_tui.ui.setup.known import KnownSystems, one_names
from zsr_tui.ui.setup.notation import go_to_error, looks_like_notation
from zsr_tui.ui.setup.preset import PresetScreen
from zsr_tui.ui.setup.published import Published, there
from zsr_tui.ui.setup.systems import SystemChoice

HINT = "Enter on an empty line compares."
FULL = "Five systems fit on the screen: remove one first (F4, then Delete), or edit one"
UNFINISHED = "Enter takes what stands in this line; Ctrl+U clears it. Then compare."


class SetupScreen(BaseScreen[None]):
    """Opens on what was chosen last; the `changes` that led to it can be taken back. Posts `Chosen`; stays until the
    application has found the names."""

    PLACE = "setup"
    CSS_PATH = "screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - the framework's

    @dataclass
    class Chosen(Message):
        """`typed`: the dataset isn't in the catalogue."""

        dataset: str
        systems: tuple[str, ...]
        typed: bool

    def __init__(
        self,
        engine: EngineApi,
        dataset: str,
        systems: tuple[str, ...],
        recent: tuple[str, ...] = (),
        changes: Changes | None = None,
    ) -> None:
        super().__init__()
        self._engine, self._dataset = engine, dataset
        self._corpora_there, self._models_there, self._presets_there = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._steps = Steps(self, partial(self._say, problem=True))
        self._changes = Changes() if changes is None else changes
        self._described_system = ""
        self.corpora = CorpusChoice(dataset, recent, id="corpora")
        self.chosen = ChosenSystems(systems, none="none yet: choose a preset or a model below", id="chosen")
        self.systems = SystemChoice(id="systems")
        self._published = Published(engine, self.corpora, self.systems)
        self._known = KnownSystems(engine, self.chosen)
        self._editing = Editing(self.chosen)

    def compose(self) -> ComposeResult:
        yield Static("Choose a corpus and one to five systems", id="title")
        with Horizontal(id="choices"):
            with Vertical(id="left", classes="panel") as left:
                left.border_title = "Corpus"
                yield self.corpora
            with Vertical(id="right", classes="panel") as right:
                right.border_title = "Systems"
                with Vertical(id="places"):  # beside each other: no key goes through both
                    yield self.chosen
                    yield self._editing.line
                yield self.systems
        with Horizontal(id="bottom"):
            yield Static(HINT, id="message", markup=False)
            yield Button("Compare", id="start", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        self.watch(self.chosen, "systems", self.systems.show_chosen)
        self.corpora.input.next = self.systems.input
        self.corpora.input.focus()
        self.ask("setup-load", self._load)
        self.ask("setup-presets", self._load_presets, self._dataset)
        self.ask("setup-known", self._learn)

    def applies(self, action: Action) -> bool:
        if action.id in OF_CURRENT:
            return self.chosen.has_focus and bool(self.chosen.systems)
        return super().applies(action) and (action.id != "undo" or bool(self._changes))

    # from the engine

    async def _load(self) -> None:
        try:
            corpora = await self._engine.call(ListCorpora())
            self.corpora.show(corpora, await one_names(self._engine, self.corpora.foreign(corpora)))
        except Problem as problem:
            self.corpora.fail(problem.message)
        finally:
            self._corpora_there.set()
        with there(self._models_there):
            self.systems.show_models(await self._engine.call(ListModels()))
        await self._published.learn()

    async def _load_presets(self, dataset: str) -> None:
        with there(self._presets_there):
            self.systems.show_presets(await self._engine.call(ListPresets(dataset=dataset)))

    async def _learn(self) -> None:
        await self._known.learn()
        if self._described_system:
            self._describe_system(self._described_system)

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence, problem=True)

    # what is entered

    @on(FilteredList.Entered, "#corpora")
    def _corpus_entered(self, event: FilteredList.Entered) -> None:
        self.set_focus(self.systems.input)
        self._steps.add(partial(self._choose_corpus, event))

    @on(FilteredList.Entered, "#systems")
    def _system_entered(self, event: FilteredList.Entered) -> None:
        if event.option_id or event.typed:
            self._steps.add(partial(self._choose_system, event))
        else:
            self.start()

    @on(FilteredList.Typed)
    def _typed(self) -> None:
        """What was wrong with something else is."""
        self._say(HINT)

    async def _choose_corpus(self, event: FilteredList.Entered) -> None:
        """What the list offers for it, or a folder or dataset that there is; else it stands in its line again."""
        await self._corpora_there.wait()
        dataset = self.corpora.dataset_of(event.option_id or self.corpora.first_for(event.typed)) or event.typed
        if not dataset:
            return
        if not self.corpora.knows(dataset):
            try:
                dataset = self.corpora.told(await self._engine.call(ReadCorpus(name=dataset)))
            except Problem:
                self.corpora.put_back(event.typed)
                if not self.systems.input.value:
                    self.corpora.input.focus()
                raise
        self._change(f"{dataset} was chosen", dataset=dataset)
        self._say(f"{dataset} is chosen. {HINT}")

    async def _choose_system(self, event: FilteredList.Entered) -> None:
        """As `_choose_corpus`, with the cursor where a notation fails."""
        try:
            option = event.option_id
            if not option and not looks_like_notation(event.typed):
                await self._models_there.wait()
                await self._presets_there.wait()
                option = self.systems.first_for(event.typed)
            chosen = self.systems.chosen(option) if option else event.typed
            if isinstance(chosen, Preset):
                await self._take_preset(chosen)
            else:
                await self._add(chosen)
        except Problem:
            self.systems.put_back(event.typed)
            go_to_error(self.systems.input)
            raise

    async def _add(self, typed: str) -> None:
        notation = await self._known.read(typed, self._editing.systems)
        if len(self.chosen.systems) >= MOST:
            raise Problem(f"{FULL}; then add {notation}.")
        self._change(f"{notation} was added", systems=(*self._editing.systems, notation))
        self._say(f"Added {notation}. {HINT}")

    async def _take_preset(self, preset: Preset) -> None:
        before, systems = self._editing.systems, preset.systems[:MOST]
        if before == systems:
            raise Problem(f"These are the systems of {preset.name} already.")
        answer = await self.app.push_screen_wait(PresetScreen(preset, before)) if before else "replace"
        if answer == "add":
            systems = (*before, *(system for system in preset.systems if system not in before))[:MOST]
        if answer:
            self._change(f"{preset.name} was taken", systems=systems)
            self._say(f"{preset.name}. {HINT}")

    # the chosen systems

    @on(ChosenSystems.Changed)
    def _rearranged(self, event: ChosenSystems.Changed) -> None:
        before, systems = event.before, event.systems
        if self._editing.under_way:  # and its copy counts for nothing
            before, systems = self._editing.line.edit.before, tuple(dict.fromkeys(systems))
            self._editing.close()
            self.chosen.systems = systems
        self._changed(event.what, Choice(self.corpora.chosen, before))

    @on(ChosenSystems.Pointed)
    def _pointed(self, event: ChosenSystems.Pointed) -> None:
        if not self._editing.under_way:  # else it is what is typed that matters
            self._describe_system(event.system)

    def _describe_system(self, system: str) -> None:
        """Until something else is said; again once more is known of it."""
        self._say(self._known.about(system), problem=system in self.chosen.blocked)
        self._described_system = system

    @on(ChosenSystems.EditWanted)
    def edit_system(self) -> None:
        self._editing.open()
        self._say("Enter keeps it, Esc leaves it as it was.")

    def duplicate_system(self) -> None:
        if len(self.chosen.systems) >= MOST:
            self._say(f"{FULL}.", problem=True)
        else:
            self._editing.open(copy=True)
            self._say("A copy, to be changed: Enter keeps it, Esc drops it.")

    def move_system(self, step: int) -> None:
        self.chosen.action_shift(step)

    def remove_system(self) -> None:
        self.chosen.action_remove()

    @on(Input.Changed, "#edited")
    def _edit_typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._editing.under_way:
            text, problem = self._editing.line.about
            self._say(text, problem=problem)

    @on(EditedSystem.GivenUp)
    def _edit_given_up(self) -> None:
        self._editing.close()
        self._say(HINT)

    @on(EditedSystem.Done)
    def _edited(self, event: EditedSystem.Done) -> None:
        self._steps.add(partial(self._keep_edited, event))

    async def _keep_edited(self, event: EditedSystem.Done) -> None:
        """If there is such a system and it is not chosen already. What was typed on or left meanwhile isn't meant."""
        line = self._editing.line
        if not event.typed and line.awaits(event):
            raise Problem("A system cannot be empty: Esc leaves it as it was, Delete then removes it.")
        try:
            notation = await self._known.read(event.typed, line.edit.others)
        except Problem:
            if line.awaits(event):
                raise
        if not line.awaits(event):
            return
        edit, systems = line.edit, line.edit.with_system(notation)
        self._editing.close()
        what = f"{notation} was added" if edit.inserted else f"{edit.before[edit.place]} was edited"
        if systems != edit.before:
            self._change(what, systems=systems)
        self.chosen.cursor = edit.place
        self._say(f"{self._known.about(notation)}. {HINT}")

    # changes

    def undo(self) -> None:
        """Take the last change back."""
        self._editing.close()
        what, before = self._changes.take_back()
        self._set(before)
        self._say(f"Taken back: {what}.")
        self.refresh_bindings()

    def _change(self, what: str, *, dataset: str | None = None, systems: tuple[str, ...] | None = None) -> None:
        before = Choice(self.corpora.chosen, self._editing.systems)
        self._set(Choice(dataset or before.dataset, before.systems if systems is None else systems))
        self._changed(what, before)

    def _changed(self, what: str, before: Choice) -> None:
        self._changes.add(what, before, Choice(self.corpora.chosen, self._editing.systems))
        self.refresh_bindings()

    def _set(self, choice: Choice) -> None:
        if choice.dataset != self.corpora.chosen:
            self.ask("setup-presets", self._load_presets, choice.dataset)
        self.corpora.choose(choice.dataset)
        self._published.offer()
        self._editing.take(choice.systems)
        self.ask("setup-known", self._learn)

    # and off

    @on(Button.Pressed, "#start")
    def start(self) -> None:
        """Once all that was entered before has come about."""
        self._steps.add(self._start, all=True)

    async def _start(self) -> None:
        info = self.corpora.info
        unfinished = next((each for each in (self.corpora, self.systems) if each.input.value.strip()), None)
        if self._editing.under_way:
            self._editing.line.focus()
            self._say("Enter keeps the edited system, Esc leaves it as it was. Then compare.", problem=True)
        elif unfinished is not None:
            unfinished.input.focus()
            self._say(UNFINISHED, problem=True)
        elif not self.chosen.systems:
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

    @on(SystemChoice.Described)
    def _described(self, event: SystemChoice.Described) -> None:
        self._say(event.text)

    def _say(self, text: str, *, problem: bool = False) -> None:
        self._described_system = ""
        message = self.query_one("#message", Static)
        message.set_class(problem, "problem")
        message.update(Content(one_line(text)))
