"""When a list is painted: at most ten times a second, and the cursor on the document that is sought once it comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from textual.timer import Timer

from zsr_tui.text import one_line
from zsr_tui.ui.compare.ranking.rankings import Rankings
from zsr_tui.ui.compare.session import Phase, SearchSession
from zsr_tui.ui.compare.updates import Update
from zsr_tui.ui.parts.judging.marks import all_marks
from zsr_tui.ui.timers import once

FIRST_ROWS = 0.1  # seconds that rows may take before the old ones go: most come within, and are painted once


class Pacer:
    """Lets every key through at most once in `pause` seconds; what was held back becomes due later.

    >>> pacer.changed({0, 1})      # the keys to paint now
    >>> pacer.wait()               # seconds until something that was held back is due; None: nothing is
    >>> pacer.due()                # what is due by now
    """

    def __init__(self, pause: float = 0.1, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause, self._clock = pause, clock
        self._painted: dict[int, float] = {}
        self._held: set[int] = set()

    def changed(self, keys: Iterable[int], *, urgent: bool = False) -> set[int]:
        self._held |= set(keys)
        if urgent:
            return self._release(set(keys))
        return self.due()

    def hold(self, keys: Iterable[int], seconds: float) -> None:
        """Changed, and not due before so many seconds, unless an urgent change comes first."""
        keys = set(keys)
        self._held |= keys
        self._painted.update(dict.fromkeys(keys, self._clock() + seconds - self._pause))

    def due(self) -> set[int]:
        now = self._clock()
        return self._release({key for key in self._held if self._due_at(key) <= now})

    def wait(self) -> float | None:
        if not self._held:
            return None
        return max(0.0, min(self._due_at(key) for key in self._held) - self._clock())

    def _due_at(self, key: int) -> float:
        return self._painted.get(key, float("-inf")) + self._pause

    def _release(self, keys: set[int]) -> set[int]:
        now = self._clock()
        self._held -= keys
        self._painted.update(dict.fromkeys(keys, now))
        return keys


class RankingsPainter:
    """`sought` is the document that the cursor of list `active` (from 0) goes to; None once it is there, or sought no
    more. `painted` is called after lists were painted."""

    def __init__(
        self, session: SearchSession, rankings: Rankings, painted: Callable[[], None], sought: str | None = None
    ) -> None:
        self.sought = sought
        self._session, self._rankings, self._painted = session, rankings, painted
        self._active = rankings.active
        self._pacer = Pacer()
        self._outdated: set[int] = set()  # lists that show the rows of the query before
        self._timer: Timer | None = None

    def is_of_query(self, number: int) -> bool:
        """Whether what a list (from 0) shows is of the query that stands above it."""
        return number not in self._outdated and self._session.shows(number)

    def take(self, update: Update) -> None:
        """Paint what an event changed, now or when it is due."""
        if update.fresh:
            self._outdated = set(update.lists)
            self._pacer.hold(update.lists, FIRST_ROWS)
        self.paint(self._pacer.changed(() if update.fresh else update.lists, urgent=update.urgent))

    def again(self) -> None:
        """Something besides the lists has changed. Those that still show the query before wait for their rows."""
        self.paint(set(range(len(self._session.lists))) - self._outdated)

    def paint(self, numbers: set[int]) -> None:
        if numbers:
            session = self._session
            self._rankings.reset(numbers & self._outdated)
            self._outdated -= numbers
            judgments = session.has_judgments if session.started else None
            self._rankings.show(
                numbers,
                session.lists,
                session.heads,
                judgments,
                session.lists_before,
                borrowed=session.judged_as is not None,
                kept=all_marks(session.kept, session.counts.sources),
            )
            if self.sought and self._active in numbers and self._rankings.seek(self._active, self.sought):
                self.sought = None
            self._painted()
        wait = self._pacer.wait()
        if wait is not None and self._timer is None:
            self._timer = once(self._rankings, max(wait, 0.01), self._paint_held)  # a timer of 0 s is none

    def _paint_held(self) -> None:
        self._timer = None
        self.paint(self._pacer.due())

    def give_up(self) -> str:
        """Where the document is that its list doesn't have after a search has ended; "" if it is there."""
        lists, sought = self._session.lists, self.sought
        if sought is None or sought in lists[self._active].places:
            return ""
        if lists[self._active].phase is Phase.PREPARING:  # it comes when that is made
            return ""
        self.sought = None
        found = next((number for number, each in enumerate(lists, 1) if sought in each.places), None)
        return f"{one_line(sought)} is in {'none of the lists' if found is None else f'list {found}, not here'}."
