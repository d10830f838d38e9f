"""Progress and cancellation of long work. Standard library only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from zsr_tui import numerals


class Cancelled(Exception):
    """Raised inside a job at the first safe point after its cancellation."""


class CancelToken:
    """A flag that one thread sets and a worker looks at between batches."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the work is no longer wanted."""
        if self._event.is_set():
            raise Cancelled


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long a job will take: `what` ("encoding demo with org/name") of `count` left, `where` ("cpu fp32"), at which
    `rate`, and the measurement that this `rests_on`."""

    what: str
    count: int
    unit: str
    where: str
    seconds: float
    rate: str
    rests_on: str

    @property
    def sentence(self) -> str:
        return (
            f"{self.what} on {self.where}: {numerals.amount(self.count, self.unit)} "
            f"{'takes' if self.count == 1 else 'take'} about "
            f"{_about(self.seconds)} at {self.rate} ({self.rests_on})"
        )


def _about(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 5400 else numerals.counted(round(seconds / 60), "minute")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `rate` is in `unit` per second over this run; `seconds_left` is None while unknown. `said`:
    sentences that the user should know, and `forecast` of a long job, each from then on."""

    task: str  # "Downloading beir/scifact", "Indexing beir/scifact for BM25"
    done: int
    total: int | None
    unit: str  # "documents", "bytes", "queries", "pairs", "scores"
    rate: float | None = None
    seconds_left: float | None = None
    said: tuple[str, ...] = ()
    forecast: Forecast | None = None

    def numbers(self) -> list[str]:
        """What is known of ["2,125 of 5,183 documents", "62 documents/s", "0:49 left"]; nothing without a unit."""
        if not self.unit:
            return []
        said = [numerals.amount(self.done, self.unit, self.total)]
        if self.rate:
            said.append(numerals.rate(self.rate, self.unit))
        if self.seconds_left and self.done != self.total:
            said.append(f"{numerals.duration(self.seconds_left)} left")
        return said


Report = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """A `Report` for callers that do not show progress."""


class Meter:
    """Turns counts into `Progress` reports, at most `per_second` of them, first and last always.

    `start` is what an earlier run had finished: it counts as done, and not towards the rate. How long the rest takes is
    known from the second report on: what is done first also waits for what is loaded. From then on the rate leaves
    the loading out as well, so that the two agree.
    """

    def __init__(
        self,
        report: Report,
        task: str,
        total: int | None,
        unit: str,
        *,
        start: int = 0,
        per_second: float = 8.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report, self._task, self._total, self._unit = report, task, total, unit
        self._start, self._clock = start, clock
        self._pause = 1.0 / per_second
        self._began = clock()
        self._last = float("-inf")
        self._first: tuple[int, float] | None = None  # how much was done when the first was, and when that was
        self.done = start
        self.update(start)

    def advance(self, amount: int = 1) -> None:
        self.update(self.done + amount)

    def update(self, done: int) -> None:
        self.done = done
        if self._clock() - self._last >= self._pause or done == self._total:
            self.tell()

    def tell(self) -> None:
        """Report what is done now: what comes next may take long."""
        done, now = self.done, self._clock()
        self._last = now
        elapsed = now - self._began
        rate = (done - self._start) / elapsed if elapsed > 0.05 and done > self._start else None
        left = None
        if self._first is None and done > self._start:
            self._first = done, now
        elif self._first and self._total is not None and done > self._first[0] and now > self._first[1]:
            rate = (done - self._first[0]) / (now - self._first[1])
            left = (self._total - done) / rate
        self._report(Progress(self._task, done, self._total, self._unit, rate, left))
