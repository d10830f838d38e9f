"""The shell around a stand-in for the Compare screen, and an engine whose start a test can steer."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.timer import Timer
from textual.widgets import Input, Static

from tests.waiting import until
from zsr_tui import pipeline
from zsr_tui.api.questions import FindQueries, ListPresets, ReadSystem
from zsr_tui.api.requests import QueryItem, QueryPage, SystemHead
from zsr_tui.domain import Problem
from zsr_tui.ui import memory
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.compare.query.all_queries import AllQueries
from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.messages import Comparison
from zsr_tui.ui.parts.picker import Picker
from zsr_tui.ui.parts.screen import BaseScreen

from .fake import catalogue
from .fake.engine import FakeEngine

SIZES = [(80, 24), (120, 40), (200, 50)]
HOSTILE = "[b]x[/b] [red]y[/] \x1b[31mz"


class ShellEngine(FakeEngine):
    """The fake engine with systems in the real notation, whose start a test can steer."""

    def __init__(self) -> None:
        super().__init__()
        self.start_problems: list[Problem] = []
        self.start_gate: asyncio.Event | None = None
        self.catalogue = catalogue.corpora()
        self.answers[ListPresets] = lambda _: catalogue.presets(memory.SYSTEMS)

    async def start(self) -> None:
        if self.start_gate is not None:
            await self.start_gate.wait()
        if self.start_problems:
            raise self.start_problems.pop(0)
        await super().start()

    def system(self, asked: ReadSystem) -> SystemHead:
        head = super().system(asked)
        return SystemHead(notation=str(pipeline.parse(asked.notation)), label=head.notation)

    def queries(self, asked: FindQueries) -> QueryPage:
        if asked.dataset == "demo":
            return super().queries(asked)
        if asked.dataset == "beir/broken":
            raise Problem("beir/broken has no queries file; download it again.")
        items = [QueryItem(position=n, id=str(n), text=f"question number {n}", relevant=n % 3) for n in range(3000)]
        found = [item for item in items if asked.match in item.text]
        shown = found[asked.offset : asked.offset + asked.limit]
        return QueryPage(total=3000, matching=len(found), items=tuple(shown))


class StandIn(BaseScreen[None]):
    """Notes what is called on it. Has an input, as the Compare screen does."""

    PLACE = "compare"

    def __init__(self, first: Comparison) -> None:
        super().__init__()
        self.first = first
        self.dataset, self.systems, self.query_text = first.dataset, first.systems, first.query
        self.calls: list[tuple[Any, ...]] = []
        self.query_line = SimpleNamespace(input=SimpleNamespace(draft="", has_focus=False))
        self.session = SimpleNamespace(asked=("", None), change_of=None, dataset=first.dataset)
        self.preparing = SimpleNamespace(under_way=())

    def compose(self) -> ComposeResult:
        yield Static(f"{self.dataset}: {' | '.join(self.systems)}", markup=False)
        yield Input(id="query", disabled=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.set_focus(None)

    def focus_query(self) -> None:
        self.query_one(Input).focus()

    def find_query(self) -> None:
        self.app.push_screen(Picker(AllQueries(self.app.engine, self.app.dataset)), self._picked)

    def _picked(self, item: QueryItem | None) -> None:
        if item is not None:
            self.search(item.text, item.id)

    def applies(self, action: Action) -> bool:
        if "." in action.handler and not action.of_app:  # of a part that it does not have
            return False
        return super().applies(action) and (action.argument is None or action.argument <= len(self.systems))

    def __getattr__(self, name: str) -> Any:
        known = "next_query show_list next_list choose_reference align_lists toggle_self_retrieval cancel_search search"
        if name in known.split():
            return lambda *arguments: self.calls.append((name, *arguments))
        raise AttributeError(name)


class ShellApp(ZsrTuiApp):
    AUTO_FOCUS = None

    def make_compare(self, first: Comparison) -> Any:
        return StandIn(first)


async def settle(pilot: Pilot[Any]) -> None:
    """Until nothing moves any more: nothing is left to do, and no pause ends within a second that would bring more."""
    await until(pilot, lambda: not pauses(pilot.app), "the screen comes to rest")


def pauses(app: App[Any]) -> list[Timer]:
    """The timers of what is shown that are due once, soon."""
    shown = [app, *(app.screen.walk_children(with_self=True) if app.screen_stack else ())]
    timers = [timer for each in shown for timer in each._timers if timer._repeat == 0 and timer._interval < 1]
    return [timer for timer in timers if timer._task is not None and not timer._task.done()]


async def type_in(pilot: Pilot[Any], text: str) -> None:
    """Press the key of every character."""
    await pilot.press(*text)
    await settle(pilot)
