"""The evaluations of a session, asked for again: what their measures were then, and what they are now."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from zsr_tui.api.events import EvaluateFinished, EvaluationStarted
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.session import new_id, prepare, watched
from zsr_tui.commands.table import wrapped
from zsr_tui.domain import Problem
from zsr_tui.edge import say
from zsr_tui.numerals import counted
from zsr_tui.sessions.comparing import Difference, difference
from zsr_tui.sessions.reading import Session
from zsr_tui.sessions.records import Answer, Evaluated, EvaluationEnded, Means
from zsr_tui.sessions.servers import hosts_of
from zsr_tui.text import flat, one_line


@dataclass
class EvaluatedAgain:
    """`stored`: every query had been run on the same corpus by the same models, so that nothing ran again. `problem`
    where it could not be asked."""

    asked: Evaluated
    ended: EvaluationEnded
    differences: dict[str, Difference] = field(default_factory=dict)
    stored: bool = False
    problem: str = ""

    @property
    def same(self) -> bool:
        return not self.problem and all(each.same for each in self.differences.values())


def to_ask(session: Session, *, servers: bool) -> Iterable[EvaluatedAgain]:
    """Each once, as it ended last; says what is left out."""
    found = {_what(asked): (asked, ended) for asked, ended in session.evaluations if ended is not None}
    if ends := sum(ended is None for _, ended in session.evaluations):
        say(f"left out: {counted(ends, 'evaluation')} whose end the session has not seen.")
    for asked, ended in found.values():
        if (hosts := hosts_of(asked.systems)) and not servers:
            named = ", ".join(map(flat, hosts))
            say(f"left out: an evaluation by {named}; --servers sends queries and documents there.")
        else:
            yield EvaluatedAgain(asked, ended)


def _what(asked: Evaluated) -> tuple[Any, ...]:
    return asked.dataset, asked.systems, asked.runs, asked.limit, asked.depth, asked.drop_self, asked.subset, asked.qids


async def ask(engine: EngineApi, again: EvaluatedAgain) -> None:
    try:
        finished = await _finished(engine, again)
    except Problem as problem:
        again.problem = problem.message
        return
    now = [
        Means(system=each.system, measures=each.means, precision=each.precision, problem=each.failed)
        for each in finished.results
    ]
    for then, other in zip(again.ended.results, now, strict=False):
        again.differences[then.system] = difference(_answer(then, then), _answer(other, then))


async def _finished(engine: EngineApi, again: EvaluatedAgain) -> EvaluateFinished:
    await prepare(engine, again.asked.dataset, again.asked.systems)
    finished: EvaluateFinished | None = None
    async with aclosing(watched(engine.stream(again.asked.request(new_id())))) as events:
        async for event in events:
            if isinstance(event, EvaluationStarted):
                again.stored = event.done == event.queries
            elif isinstance(event, EvaluateFinished):
                finished = event
    if finished is None or len(finished.results) != len(again.ended.results):
        raise Problem("it ended without the results of all systems.")
    return finished


def _answer(means: Means, then: Means) -> Answer:
    """The measures that there were then."""
    measures = {name: means.measures.get(name) for name in then.measures}
    return Answer(system=means.system, measures=measures, precision=means.precision, problem=means.problem)


def as_text(again: EvaluatedAgain) -> str:
    title = f"{flat(again.asked.dataset)} · evaluation of {counted(len(again.ended.results), 'system')}"
    if again.problem:
        return wrapped(f"{title}: could not be asked: {one_line(again.problem)}", 2)
    how = " (stored, of the same corpus and models: nothing ran again)" if again.stored else ""
    if again.same:
        return wrapped(f"{title}: the same{how}", 2)
    lines = [wrapped(f"{title}{how}", 2)]
    for system, found in again.differences.items():
        lines.append(wrapped(f"  {flat(system)}: {one_line('; '.join(found.sentences)) or 'the same'}", 4))
    return "\n".join(lines)


def as_json(again: EvaluatedAgain) -> dict[str, Any]:
    return {
        "dataset": again.asked.dataset,
        "same": again.same,
        "stored": again.stored,
        "failed": again.problem or None,
        "systems": [
            {
                "system": system,
                "same": found.same,
                "measures": {name: {"then": then, "now": now} for name, (then, now) in found.measures.items()},
                "failed": {"then": found.problems[0] or None, "now": found.problems[1] or None},
                "precision": list(found.precisions) if found.precisions else None,
            }
            for system, found in again.differences.items()
        ],
    }
