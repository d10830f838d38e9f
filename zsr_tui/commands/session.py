"""Running an engine for one command, and showing its progress on stderr."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TextIO, TypeVar

from zsr_tui.api.events import AnyEvent, EngineLost, Failed, JobProgress, PrepareFinished
from zsr_tui.api.questions import ReadSystem
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.client.choosing import chosen_engine
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.table import shortened
from zsr_tui.commands.told import not_yet
from zsr_tui.edge import Printed, say
from zsr_tui.progress import Forecast, Progress
from zsr_tui.text import flat

T = TypeVar("T")
EVERY = 5.0  # seconds between progress lines where stderr is not a terminal


def with_engine(work: Callable[[EngineApi], Awaitable[T]]) -> T:
    """Run `work` with the engine that the user has chosen; a private one ends with it."""

    async def run() -> T:
        engine = chosen_engine(say)
        try:
            return await work(engine)
        finally:
            await engine.close()

    return asyncio.run(run())


async def notations(engine: EngineApi, systems: tuple[str, ...]) -> tuple[str, ...]:
    """What the systems are called in the notation. Raises `Problem` for one that is not understood."""
    return tuple([(await engine.call(ReadSystem(notation=system))).notation for system in systems])


def new_id() -> str:
    return uuid.uuid4().hex[:12]


async def watched(
    events: AsyncGenerator[AnyEvent, None], forecasts: list[Forecast] | None = None
) -> AsyncGenerator[AnyEvent, None]:
    """The events that are results: progress is shown, what ends the stream raises its `Problem`. How long a job will
    take is said, and kept in `forecasts`."""
    line, told = ProgressLine(), set[str]()
    forecasts = [] if forecasts is None else forecasts
    try:
        async with aclosing(events) as stream:
            async for event in stream:
                if isinstance(event, JobProgress):
                    progress = event.progress
                    if progress.forecast is not None and progress.forecast not in forecasts:
                        forecasts.append(progress.forecast)
                    sentences = (*progress.said, *(each.sentence for each in forecasts))
                    for sentence in sentences:
                        if sentence not in told:
                            line.clear()
                            say(sentence)
                    told.update(sentences)
                    line.show(progress)
                    continue
                line.clear()
                if isinstance(event, Failed):
                    raise event.problem.problem
                if not isinstance(event, EngineLost):
                    yield event
                elif event.waiting:
                    say(f"{event.waiting[0].lower()}{event.waiting[1:]}")
                elif event.restarted:
                    say(f"the engine stopped; it was restarted and repeats the request{event.see_log}")
    finally:
        line.clear()


async def prepare(
    engine: EngineApi,
    dataset: str,
    systems: tuple[str, ...],
    on: str = "",
    forecasts: list[Forecast] | None = None,
    notes: list[str] | None = None,
    *,
    all_notes: bool = False,
) -> dict[str, str]:
    """Download, index and encode what is missing, `on` a Ray cluster or here; say what the user should know of the
    data: what holds each time once in a home, unless `all_notes` are wanted; `notes` gets what was said. Returns the
    systems that cannot run with the sentence that was said about each; raises `Problem` if none can."""
    problems: dict[str, str] = {}
    notes = [] if notes is None else notes
    request = PrepareRequest(id=new_id(), dataset=dataset, systems=systems, on=on)
    async for event in watched(engine.stream(request), forecasts):
        if isinstance(event, PrepareFinished):
            new = event.hold if all_notes else not_yet(event.dataset, event.hold)
            for note in event.notes:
                if note in new or note not in event.hold:
                    say(note)
                    notes.append(note)
            problems = event.problems
            for system, sentence in problems.items():
                say(f"{system}: {sentence}")
    return problems


class ProgressLine:
    """One line on a terminal, rewritten in place; elsewhere a line now and then."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._live = isinstance(self._stream, Printed) and self._stream.isatty()
        self._clock = clock
        self._shown, self._task, self._last = False, "", float("-inf")

    def show(self, progress: Progress) -> None:
        text = describe(progress)
        if self._live:
            self._erase()
            self._stream.write(shortened(text, self._columns() - 1))  # a line that is full would wrap
            self._stream.flush()
            self._shown = True
            return
        finished = progress.done == progress.total
        if progress.task != self._task or finished or self._clock() - self._last >= EVERY:
            self._task, self._last = progress.task, self._clock()
            print(text, file=self._stream, flush=True)

    def clear(self) -> None:
        if self._shown:
            self._erase()
            self._stream.flush()
            self._shown = False

    def _columns(self) -> int:
        return os.get_terminal_size(self._stream.fileno()).columns or 80

    def _erase(self) -> None:
        assert isinstance(self._stream, Printed)
        self._stream.steer("\r\x1b[2K")


def describe(progress: Progress) -> str:
    """A progress report in words: 'Indexing demo for BM25: 120 of 267 documents, 950 documents/s, 0:01 left'."""
    task, numbers = flat(progress.task), ", ".join(progress.numbers())
    return f"{task}: {numbers}" if numbers else task
