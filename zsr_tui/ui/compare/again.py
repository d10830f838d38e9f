"""Lists that ask again by themselves, each for itself, while the others keep what they have."""

from __future__ import annotations

from zsr_tui.api.events import (
    AnyEvent,
    EngineLost,
    Failed,
    Heads,
    Measured,
    Ranking,
    SearchFinished,
    StageProgress,
    SystemFailed,
)
from zsr_tui.api.requests import ProblemView, SearchRequest
from zsr_tui.domain import Problem
from zsr_tui.ui.compare.lists import Phase
from zsr_tui.ui.compare.lost import lost
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.compare.updates import NOTHING, Update


class AskedAgain:
    """Which requests are those of one list. Events of any other are not taken."""

    def __init__(self, session: SearchSession) -> None:
        self._session = session
        self._lists: dict[str, tuple[int, str]] = {}  # number and pane, by request

    def begin(self, number: int) -> SearchRequest:
        """The query that is shown, of one list (from 0): what it needs is there, or more of it."""
        request = self._session.request_again(number)
        self._lists[request.id] = number, request.pane
        self._session.lists[number].asking = True
        return request

    def ended(self, request: str, problem: Problem | None = None) -> Update | None:
        """Its stream is over, for a `problem` if there was one. None for any other request."""
        if request not in self._lists:
            return None
        number, _ = self._lists.pop(request)
        one = self._session.lists[number]
        if not any(number == other for other, _ in self._lists.values()):
            one.asking = False
        if problem is not None:
            self._session.fail(number, ProblemView.of(problem))
        elif one.unfinished:
            one.phase = Phase.STOPPED
        return Update(lists=frozenset({number}), urgent=True, prepared=True)

    def forget(self) -> None:
        """Something else is asked: what still comes is of no use."""
        self._lists.clear()

    def apply(self, event: AnyEvent) -> Update | None:
        """What was there stays until the new rows come. None for an event of another request."""
        if event.request not in self._lists:
            return None
        number, pane = self._lists[event.request]
        one, changed = self._session.lists[number], frozenset({number})
        match event:
            case Heads():
                self._session.heads.update(event.heads)
            case StageProgress():
                one.progress = event
                return Update(lists=changed)
            case Ranking():
                one.problem = one.best = None
                one.take(event, pane)
                return Update(lists=changed, urgent=event.final)
            case Measured():
                one.measured(event.values, self._session.holds)
                return Update(lists=changed, urgent=True)
            case SystemFailed() | Failed():
                self._session.fail(number, event.problem)
                return Update(lists=changed, urgent=True, ended=True)
            case SearchFinished():
                return Update(lists=changed, urgent=True, ended=True)
            case EngineLost():
                return Update(notice=lost(event))
        return NOTHING
