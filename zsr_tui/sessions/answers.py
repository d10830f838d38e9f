"""What the events of a search come to: the answers that a log keeps, and that a replay is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zsr_tui.api.events import (
    AnyEvent,
    DocHead,
    EngineLost,
    Failed,
    Heads,
    Measured,
    Ranking,
    SearchFinished,
    SearchStarted,
    SystemFailed,
)
from zsr_tui.api.requests import SearchRequest, SystemHead

if TYPE_CHECKING:
    from zsr_tui.sessions.records import Answer


class Answers:
    """Takes the events of one request; little is done before `lists` are wanted."""

    def __init__(self, request: SearchRequest) -> None:
        self.started: SearchStarted | None = None
        self.problem = ""
        self.finished = False
        self._systems = request.systems
        self._heads: dict[str, DocHead] = {}
        self._forget()

    def _forget(self) -> None:
        self._rankings: dict[int, Ranking] = {}
        self._measures: dict[int, dict[str, float | None]] = {}
        self._problems: dict[int, str] = {}

    def take(self, event: AnyEvent) -> None:
        match event:
            case SearchStarted():
                self.started = event
            case Heads(heads=heads):
                self._heads.update(heads)
            case Ranking(system=system):
                self._rankings[system] = event
            case Measured(system=system, values=values):
                self._measures[system] = {**values}
            case SystemFailed(system=system, problem=problem):
                self._problems[system] = problem.message
            case EngineLost():
                self._forget()  # it is repeated
            case Failed(problem=problem):
                self.problem, self.finished = problem.message, True
            case SearchFinished():
                self.finished = True

    def lists(self) -> tuple[Answer, ...]:
        heads = self.started.systems if self.started else ()
        named = dict(enumerate(heads))
        return tuple(self._list(number, name, named.get(number)) for number, name in enumerate(self._systems))

    def _list(self, number: int, system: str, head: SystemHead | None) -> Answer:
        from zsr_tui.sessions import records  # which a search on the screen does not wait for

        ranking, label = self._rankings.get(number), head.label if head else ""
        measures, problem = self._measures.get(number), self._problems.get(number, "")
        if ranking is None:
            return records.Answer(system=system, label=label, measures=measures, problem=problem)
        rows = ranking.rows[: records.MOST_ROWS]
        known = [self._heads.get(row.doc_id) for row in rows[: records.TITLES]]
        return records.Answer(
            system=system,
            label=label,
            rows=tuple(records.Listed(doc_id=row.doc_id, score=row.score, grade=row.grade) for row in rows),
            titles=tuple(each.title[: records.TITLE] if each else "" for each in known),
            measures=measures,
            precision=ranking.precision,
            milliseconds=round(ranking.elapsed_ms, 1),
            searched=ranking.searched,
            whole=ranking.final,
            problem=problem,
        )
