"""The application: which screen is shown, what is remembered, and how problems reach the user.

The first screen is painted before the engine is started or any model, dataset or HTTP code is imported. Screens other
than the first one are imported when they are opened.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from textual import on
from textual.command import Provider
from textual.filter import LineFilter
from textual.worker import Worker, WorkerState

from zsr_tui.client.protocol import EngineApi
from zsr_tui.settings import Settings, load
from zsr_tui.settings.table import COMPACT, DATASET, DEPTH, KEYS, LAST_QUERY, LIVE, REFERENCE, SYSTEMS, THEME
from zsr_tui.ui import memory, themes
from zsr_tui.ui.keys.action import ANYWHERE
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.parts import lacking, problems
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.parts.messages import CompareWanted, Comparison, NothingToLeave, WindowWanted
from zsr_tui.ui.parts.opening import NOTHING_ELSE, Opening
from zsr_tui.ui.themes.in_use import ThemeInUse

if TYPE_CHECKING:
    from textual.command import CommandPalette

    from zsr_tui.api.requests import EvaluateRequest
    from zsr_tui.ui.compare.messages import HistoryChanged, LiveChanged, SystemsTaken
    from zsr_tui.ui.compare.screen import CompareScreen
    from zsr_tui.ui.evaluation.running import EvaluationAsked, EvaluationChanged, EvaluationWatch
    from zsr_tui.ui.findings import Findings
    from zsr_tui.ui.setup.screen import SetupScreen
    from zsr_tui.ui.tour.guide import Tours
    from zsr_tui.ui.windows import Windows


def _commands() -> type[Provider]:
    from zsr_tui.ui.keys.palette import ActionCommands

    return ActionCommands


class ZsrTuiApp(KeyedApp):
    """`dataset`, `systems` and `query` or `qid` open Compare on them; what is not given is what the settings name, or
    what was chosen last. `settings` are the user's file's, where they are not given. `depth` and `drop_self` hold for
    every comparison. `tour` begins it, or offers it where this is the user's first start. `opening` says more of what
    is shown first.

    The engine is started after the first paint and closed on exit.
    """

    TITLE = "zsr-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    COMMANDS = {_commands}  # noqa: RUF012 (a class variable of Textual's)

    def __init__(
        self,
        engine: EngineApi,
        *,
        dataset: str | None = None,
        systems: tuple[str, ...] = (),
        query: str = "",
        qid: str | None = None,
        depth: int | None = None,
        drop_self: bool = True,
        settings: Settings | None = None,
        tour: Literal["", "offer", "begin"] = "",
        opening: Opening = NOTHING_ELSE,
    ) -> None:
        super().__init__()
        self.settings = settings or load()
        self.engine = StartedEngine(engine)
        self._tour = "" if tour == "offer" and memory.memory_file().exists() else tour
        self.memory, complaint = memory.load()
        self._memory_file = memory.MemoryFile(lambda: self.memory)
        self.keys = KeyTable(self.settings.tables.get(KEYS), lambda action_id: self.settings.at(KEYS, action_id))
        last = self.memory.systems if dataset is None else memory.SYSTEMS
        self.dataset = dataset or self.settings[DATASET] or self.memory.dataset
        self.systems = systems or self.settings[SYSTEMS] or last
        self._first, self._opening = memory.Asked(query, qid), opening
        named = query or qid or dataset or systems or self._tour or opening != NOTHING_ELSE
        if not named and self.settings[LAST_QUERY]:
            self._first = self.memory.asked_of(self.dataset)
        self._depth, self._drop_self = depth or self.settings[DEPTH], drop_self
        self._live = self.settings[LIVE]
        self.compare: CompareScreen  # the lowest screen that is ever shown
        self.keys.install(self, ANYWHERE)
        unseen = themes.install(self, self.settings[THEME] or self.memory.theme)
        told = (*opening.told, complaint, *self.settings.complaints, *self.keys.complaints, unseen)
        self._complaints = [sentence for sentence in told if sentence]
        self.themes = ThemeInUse(self, lambda name: self._remember(theme=name))
        self.set_reactive(KeyedApp.compact, self.settings[COMPACT] or self.memory.compact)

    @cached_property
    def windows(self) -> Windows:
        from zsr_tui.ui.windows import Windows

        return Windows(self)

    @cached_property
    def findings(self) -> Findings:
        from zsr_tui.ui.findings import Findings

        return Findings(self)

    @cached_property
    def tours(self) -> Tours:
        from zsr_tui.ui.tour.guide import Tours

        return Tours(self)

    @cached_property
    def evaluations(self) -> EvaluationWatch:
        from zsr_tui.ui.evaluation.running import EvaluationWatch

        return EvaluationWatch(self.engine, self.post_message)

    # the start and the end

    def on_mount(self) -> None:
        self.compare = self.make_compare(self._opening.first or self._comparison(self._first))
        self.push_screen(self.compare)
        if self._opening.finding is not None:
            self.findings.show(self._opening.finding)
        self.themes.begin()
        self.call_after_refresh(self._after_first_paint)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return themes.line_filters(self, super().get_line_filters())

    def _after_first_paint(self) -> None:
        # What is alive now stays alive: a full collection would look at all of it for longer than a key may take.
        gc.freeze()
        gc.enable()  # `open_application` had it off
        from zsr_tui.ui.recording import Recording

        self.recording = Recording(self, self.engine, self.settings)
        if self._opening.place and self._opening.first is not None:
            from zsr_tui.ui.reopening import Reopening

            Reopening(self, self._opening.place, self._opening.first.doc_id or "")
        for complaint in self._complaints:
            self.notify(complaint, severity="warning", timeout=12, markup=False)
        if self._tour:
            (self.tours.go_on if self._tour == "begin" else self.tours.offer)()
        self._work(self._start(), "start")

    async def _start(self) -> None:
        from zsr_tui.ui.starting import has_started

        if await has_started(self, self.engine):
            self._work(self.windows.get_ready, "ready")
            if self.screen is self.compare:  # else the user is already choosing something
                self.begin_comparing()

    def begin_comparing(self) -> None:
        self._work(self._open(self.dataset, self.systems), "open")

    async def on_unmount(self) -> None:
        self._keep(self.memory.having_asked(self.compare.session.dataset, self._asked))
        await self.engine.close()

    # what is compared

    def make_compare(self, first: Comparison) -> CompareScreen:
        from zsr_tui.ui.compare.screen import CompareScreen

        return CompareScreen(self.engine, first, self.memory.history)

    @property
    def _asked(self) -> memory.Asked:
        """What was asked last."""
        return memory.Asked(*self.compare.session.asked, self.compare.session.change_of)

    def _comparison(self, asked: memory.Asked) -> Comparison:
        """As the settings have it."""
        return Comparison(
            dataset=self.dataset,
            systems=self.systems,
            **asked._asdict(),
            depth=self._depth,
            reference=self.settings[REFERENCE] - 1,
            live=self._live,
            drop_self=self._drop_self,
        )

    async def _open(self, dataset: str, systems: tuple[str, ...]) -> None:
        """The first screen by the names that the engine has; if it knows none, the user chooses something else."""
        from zsr_tui.ui.parts.naming import named_by_engine

        named = await named_by_engine(self, self.engine, dataset, systems)
        if named is None:
            self.windows.setup()
        elif named != (dataset, systems):
            asked = self._asked  # the command line's, or one that was typed meanwhile
            await self._compare(*named, asked=asked if any(asked) else self._first)
        else:
            self._choose(dataset, systems)

    async def _switch(self, chosen: SetupScreen.Chosen) -> None:
        from zsr_tui.ui.parts.naming import named_by_engine

        if named := await named_by_engine(self, self.engine, chosen.dataset, chosen.systems):
            await self._compare(*named, typed=chosen.typed)

    async def _compare(
        self,
        dataset: str,
        systems: tuple[str, ...],
        *,
        typed: bool = False,
        asked: memory.Asked = memory.NOTHING,
    ) -> None:
        """On the same dataset the query that was asked last is asked of the new systems."""
        self._choose(dataset, systems, typed=typed)
        if asked == memory.NOTHING and dataset == self.dataset:
            asked = self._asked
        self.dataset, self.systems = dataset, systems
        while self.screen is not self.compare:
            await self.pop_screen()
        after = getattr(self.compare.session, "latest", None) if asked == self._asked else None
        first = replace(self._comparison(asked), after=after)
        line = self.compare.query_line.input
        self.compare = self.make_compare(replace(first, draft=line.draft, typing=line.has_focus))
        await self.switch_screen(self.compare)

    # actions: handlers of `zsr_tui.ui.keys.table`

    def quit_program(self) -> None:
        """At once, or while an evaluation runs after a question: it ends with the engine. What is prepared is said."""
        if "evaluations" not in self.__dict__ or not self.evaluations.busy:  # made when one is first looked at
            return self._end()
        from zsr_tui.ui.evaluation.quitting import ask

        ask(self, self.evaluations, self._end)

    def exit(self, *arguments: Any, **named: Any) -> None:
        if "recording" in self.__dict__:  # made after the first paint
            self.recording.look()  # the last time that there is a screen
        super().exit(*arguments, **named)

    def _end(self) -> None:
        self.exit(message="\n".join(lacking.kept(self.compare.preparing.under_way)))

    def toggle_compact(self) -> None:
        self.compact = not self.compact
        self._remember(compact=self.compact)

    # what screens say

    def on_command_palette_option_highlighted(self, event: CommandPalette.OptionHighlighted) -> None:
        self.themes.highlighted(event)

    def on_command_palette_closed(self, event: CommandPalette.Closed) -> None:
        self.themes.closed(event)

    def on_history_changed(self, message: HistoryChanged) -> None:
        self.memory = msgspec.structs.replace(self.memory, history=tuple(message.history))
        self._work(self._keep_behind(), "history")

    def on_systems_taken(self, message: SystemsTaken) -> None:
        """Not from a query of an evaluation, whose systems are its own."""
        if self.screen is self.compare:
            self.systems = message.systems
            self._keep(self.memory.chosen(self.dataset, self.systems))

    def on_live_changed(self, message: LiveChanged) -> None:
        self._live = message.on

    def on_setup_screen_chosen(self, message: SetupScreen.Chosen) -> None:
        self._work(self._switch(message), "open")

    def on_compare_wanted(self, message: CompareWanted) -> None:
        self.push_screen(self.make_compare(message.comparison))

    @on(WindowWanted)
    def open_window(self, message: WindowWanted) -> None:
        self.windows.open(message)

    # evaluations

    def on_evaluation_asked(self, message: EvaluationAsked) -> None:
        self.evaluations.begin(message.request)
        self._work(self._evaluate(message.request), "evaluation")

    async def _evaluate(self, request: EvaluateRequest) -> None:
        from zsr_tui.ui.evaluation.agreeing import agreed

        if await agreed(self, self.engine, request.dataset, request.systems):
            await self.evaluations.follow(request)
        else:
            self.evaluations.give_up("Nothing was started.")

    def on_evaluation_changed(self, message: EvaluationChanged) -> None:
        for screen in self.screen_stack:
            screen.post_message(type(message)(message.job))

    def on_nothing_to_leave(self, _message: NothingToLeave) -> None:
        self.tours.leave()

    # what is remembered

    def _choose(self, dataset: str, systems: tuple[str, ...], *, typed: bool = False) -> None:
        """What the tour begins with was not chosen."""
        if self._tour != "begin" or self.tours.now is None:
            self._keep(self.memory.chosen(dataset, systems, typed=typed))

    def _remember(self, **changes: Any) -> None:
        self._keep(msgspec.structs.replace(self.memory, **changes))

    def _keep(self, changed: memory.Memory) -> None:
        self.memory = changed
        self._complain(self._memory_file.write())

    async def _keep_behind(self) -> None:
        """What was just asked, and the keys that follow, do not wait for the disk."""
        await asyncio.sleep(memory.BEHIND)
        self._complain(await asyncio.to_thread(self._memory_file.write))

    def _complain(self, sentence: str) -> None:
        if sentence:
            self.notify(sentence, severity="warning", markup=False)

    # problems

    def _work(self, work: Any, group: str) -> None:
        self.run_worker(work, group=group, exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.notify(problems.sentence(event.worker.error), severity="error", timeout=20, markup=False)

    def _fatal_error(self) -> None:
        """Textual's end after an unhandled exception, with a sentence in place of its traceback."""
        if not problems.ends(self, sys.exc_info()[1]):
            super()._fatal_error()
