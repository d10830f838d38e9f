"""What the engine is doing: its devices with their models and queues, and the work in the background."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from zsr_tui.api.preparing import PartView, PausePreparing, ReadPreparing, StopPreparing
from zsr_tui.api.questions import ReadStatus
from zsr_tui.api.requests import Status
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import DeviceStatus, Problem
from zsr_tui.numerals import counted, size
from zsr_tui.text import printable
from zsr_tui.ui.engine.preparing import PartsList
from zsr_tui.ui.parts import lacking
from zsr_tui.ui.parts.screen import BaseScreen

EVERY = 1.0  # seconds between two looks at the engine


class EngineScreen(BaseScreen[None]):
    """Asks again while it is open."""

    PLACE = "engine"
    DIALOG = True
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,enter", "close", "Close")]

    def __init__(self, engine: EngineApi) -> None:
        super().__init__()
        self._engine = engine

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="engine") as dialog:
            dialog.border_title = "Engine"
            dialog.border_subtitle = "esc closes"
            with VerticalScroll():
                yield Static("asking the engine", id="engine-facts", markup=False)
            yield PartsList()

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._look()
        self.set_interval(EVERY, self._look)

    def _look(self) -> None:
        self.ask("engine", self._show)

    async def _show(self) -> None:
        parts: tuple[PartView, ...] = ()
        try:
            parts = (await self._engine.call(ReadPreparing())).parts
            facts = described(await self._engine.call(ReadStatus()), parts)
        except Problem as problem:
            facts = [("", printable(problem.message))]
        had, listed = self.parts.display, self.parts
        listed.show(parts)
        if listed.display and not had:
            listed.focus()
        elif had and not listed.display:
            self.query_one(VerticalScroll).focus()
        keys = f"{self.key_of('pause_part')} pauses or goes on · {self.key_of('stop_part')} stops · "
        self.query_one("#engine", Vertical).border_subtitle = f"{keys if parts else ''}esc closes"
        lines = [Content.assemble((f"{name:<10}", "bold"), text) for name, text in facts]
        self.query_one("#engine-facts", Static).update(Content("\n").join(lines))

    # what the keys do

    def pause_part(self) -> None:
        """Or go on with it."""
        if (part := self.parts.part) is not None:
            self._tell(PausePreparing(id=part.id, paused=part.state in lacking.AT_WORK))

    def stop_part(self) -> None:
        if (part := self.parts.part) is not None:
            self._tell(StopPreparing(id=part.id))

    def _tell(self, question: PausePreparing | StopPreparing) -> None:
        async def tell() -> None:
            await self._engine.call(question)
            await self._show()

        self.ask("told", tell, exclusive=False)  # a look that is due meanwhile does not take its place

    @property
    def parts(self) -> PartsList:
        return self.query_one(PartsList)


def described(status: Status, parts: Sequence[PartView] = ()) -> list[tuple[str, str]]:
    """(heading, text) by line; a heading stands once. `parts` follow in a list of their own."""
    lines: list[tuple[str, str]] = []
    for device in status.devices or ():
        lines += _device(device)
    if not status.devices:
        lines.append(("devices", "none has been used yet"))
    if status.engine_memory_bytes is not None:
        lines.append(("memory", f"{size(status.engine_memory_bytes)} of the engine's process"))
    if status.cache_limit_bytes:
        lines.append(("cache", f"{size(status.cache_bytes)} of at most {size(status.cache_limit_bytes)}"))
    else:
        lines.append(("cache", "off (ZSR_TUI_CACHE_MB=0)"))
    if status.cache_trouble:
        lines.append(("", printable(status.cache_trouble)))
    lines += [("work" if place == 0 else "", printable(job)) for place, job in enumerate(status.jobs)]
    at_work = [part for part in parts if part.state in lacking.AT_WORK]
    if not status.jobs and not at_work:
        lines.append(("work", "idle"))
    if at_work:
        lines.append(("preparing", counted(len(at_work), "part")))
    resting = Counter(part.state for part in parts if part.state in lacking.RESTING)
    lines += [(state, counted(count, "part")) for state, count in resting.items()]
    return lines


def _device(device: DeviceStatus) -> list[tuple[str, str]]:
    facts = [device.precision, f"{counted(device.waiting, 'request')} waiting"]
    if device.memory_bytes is not None:
        facts.insert(1, f"{size(device.memory_bytes)} of weights")
    if device.lost:
        facts = ["lost: restart the program to use it again"]
    lines = [(printable(device.name)[:9], " · ".join(fact for fact in facts if fact))]
    return lines + [("", f"  {printable(model)}") for model in device.models]
