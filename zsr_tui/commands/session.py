"""Running an engine for one command, and showing its progress on stderr."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeVar

from zsr_tui.api.events import AnyEvent, EngineLost, Failed, JobProgress, PrepareFinished
from zsr_tui.api.requests import Fault, PrepareRequest
from zsr_tui.client.engine import Engine
from zsr_tui.domain import Problem
from zsr_tui.progress import Progress

T = TypeVar("T")
EVERY = 5.0  # seconds between progress lines where stderr is not a terminal


def with_engine(work: Callable[[Engine], Awaitable[T]]) -> T:
    """Run `work` with a private engine, which ends with it."""

    async def run() -> T:
        engine = Engine()
        try:
            return await work(engine)
        finally:
            await engine.close()

    return asyncio.run(run())


def new_id() -> str:
    return uuid.uuid4().hex[:12]


async def watched(events: AsyncGenerator[AnyEvent, None]) -> AsyncGenerator[AnyEvent, None]:
    """The events that are results: progress is shown, a failure raises its `Problem`."""
    line = ProgressLine()
    try:
        async with aclosing(events) as stream:
            async for event in stream:
                match event:
                    case JobProgress(progress=progress):
                        line.show(progress)
                    case EngineLost(restarted=True, log=log):
                        line.clear()
                        say(f"the engine stopped; it was restarted and repeats the request (log: {log})")
                    case EngineLost():
                        line.clear()
                    case Failed(fault=fault):
                        line.clear()
                        raise problem(fault)
                    case _:
                        line.clear()
                        yield event
    finally:
        line.clear()


async def prepare(engine: Engine, dataset: str, systems: tuple[str, ...]) -> None:
    """Download, index and encode what is missing; say what the user should know of the data."""
    request = PrepareRequest(id=new_id(), dataset=dataset, systems=systems)
    async for event in watched(engine.prepare(request)):
        if isinstance(event, PrepareFinished):
            for note in event.notes:
                say(note)


def problem(fault: Fault) -> Problem:
    return Problem(fault.message, detail=fault.detail, usage=fault.usage)


def say(message: str) -> None:
    print(f"zsr-tui: {message}", file=sys.stderr, flush=True)


class ProgressLine:
    """One line on a terminal, rewritten in place; elsewhere a line now and then."""

    def __init__(self, stream: Any = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._clock = clock
        self._shown, self._task, self._last = False, "", float("-inf")

    def show(self, progress: Progress) -> None:
        text = describe(progress)
        if self._live:
            self._stream.write(f"\r\x1b[2K{text[:200]}")
            self._stream.flush()
            self._shown = True
            return
        finished = progress.done == progress.total
        if progress.task != self._task or finished or self._clock() - self._last >= EVERY:
            self._task, self._last = progress.task, self._clock()
            print(text, file=self._stream, flush=True)

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
            self._shown = False


def describe(progress: Progress) -> str:
    """A progress report in words: 'Indexing demo for BM25: 120/267 documents, 950/s, 1 s left'."""
    if not progress.unit:
        return progress.task
    if progress.unit == "bytes":
        done, total, rate = (None if n is None else f"{n / 1e6:,.1f}" for n in _numbers(progress))
        amount = f"{done}{f'/{total}' if total else ''} MB"
        pace = f", {rate} MB/s" if rate else ""
    else:
        amount = f"{progress.done:,}{f'/{progress.total:,}' if progress.total is not None else ''} {progress.unit}"
        pace = f", {progress.rate:,.0f}/s" if progress.rate else ""
    left = f", {duration(progress.seconds_left)} left" if progress.seconds_left else ""
    return f"{progress.task}: {amount}{pace}{left}"


def _numbers(progress: Progress) -> tuple[float | None, float | None, float | None]:
    return progress.done, progress.total, progress.rate


def duration(seconds: float) -> str:
    """'41 s', '7 min', '3 h 20 min'."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
