"""zsr-tui replay: what a session asked is asked again, and what differs is printed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from zsr_tui import paths
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands import evaluated_again as again
from zsr_tui.commands.session import new_id, prepare, watched, with_engine
from zsr_tui.commands.table import print_json, table, wrapped
from zsr_tui.domain import Problem
from zsr_tui.edge import FAILED, say
from zsr_tui.numerals import counted, size
from zsr_tui.sessions import reading
from zsr_tui.sessions.answers import Answers
from zsr_tui.sessions.comparing import Difference, difference
from zsr_tui.sessions.log import logs
from zsr_tui.sessions.records import Answer, Answered, Asked
from zsr_tui.sessions.servers import host_of, hosts_of
from zsr_tui.text import flat, one_line

LAST = "last"


@dataclass
class Replayed:
    """A query that was asked again: what its lists were then, and how they differ; `problem` where it could not be
    asked."""

    asked: Asked
    answered: Answered
    systems: tuple[str, ...]
    differences: dict[str, Difference] = field(default_factory=dict)
    problem: str = ""

    @property
    def same(self) -> bool:
        return not self.problem and all(each.same for each in self.differences.values())


def run(named: str | None, *, servers: bool, as_markdown: bool, as_json: bool) -> int:
    """Prints what differs and returns the exit code: 1 where something does, or could not be asked. As Markdown the
    session is printed as it was, and nothing is asked."""
    if named is None:
        return _list(as_json=as_json)
    session = reading.read(located(named))
    if session.cut:
        say(f"{session.file}: the last line is not whole and was left out.")
    if as_markdown:
        from zsr_tui.commands.transcript import transcript

        print(transcript(session))
        return 0
    queries = list(_to_ask(session, servers=servers))
    evaluations = list(again.to_ask(session, servers=servers))
    if not queries and not evaluations:
        raise Problem(f"{session.file} has no query whose lists can be compared, and no evaluation.")

    async def work(engine: EngineApi) -> None:
        await _ask_all(engine, queries)
        for evaluation in evaluations:
            await again.ask(engine, evaluation)

    with_engine(work)
    differ = sum(not query.same for query in queries) + sum(not each.same for each in evaluations)
    if as_json:
        told = {"queries": [_as_json(query) for query in queries], "evaluations": list(map(again.as_json, evaluations))}
        print_json({"session": str(session.file), **told})
    else:
        for query in queries:
            print(_as_text(query))
        for evaluation in evaluations:
            print(again.as_text(evaluation))
        asked = [counted(len(queries), "query", "queries")] if queries or not evaluations else []
        asked += [counted(len(evaluations), "evaluation")] if evaluations else []
        print(f"\n{' and '.join(asked)} asked again, {differ} with differences.")
    return FAILED if differ else 0


def located(named: str) -> Path:
    """The file of a session: its path, its name in the folder of session logs, or the latest one's for "last"."""
    if named == LAST:
        found = logs(paths.sessions_dir())
        if not found:
            raise Problem(f"there is no session log in {paths.sessions_dir()} yet.", usage=True)
        return found[0]
    kept = paths.sessions_dir() / named
    return kept if Path(named).name == named and not Path(named).exists() and kept.exists() else Path(named)


def _list(*, as_json: bool) -> int:
    """The logs that are kept, the latest first."""
    found = [(file, _began(file)) for file in logs(paths.sessions_dir())]
    if as_json:
        print_json([{"file": str(file), "began": began, "bytes": file.stat().st_size} for file, began in found])
    elif found:
        print(
            table(
                ("session", "began", "size"), [(file.name, began, size(file.stat().st_size)) for file, began in found]
            )
        )
        print(f"\nin {paths.sessions_dir()}")
    else:
        print(f"There is no session log in {paths.sessions_dir()} yet.")
    return 0


def _began(file: Path) -> str:
    try:
        return reading.header(file).began
    except Problem:
        return "damaged"


def _to_ask(session: reading.Session, *, servers: bool) -> Iterable[Replayed]:
    """Each query once, as it was answered last; says what is left out."""
    latest = {_what(asked): (asked, answered) for asked, answered in session.answers if answered is not None}
    unanswered = sum(answered is None for _, answered in session.answers)
    partly, hosts = 0, hosts_of(system for asked, _ in latest.values() for system in asked.systems)
    for asked, answered in latest.values():
        systems = []
        for answer in answered.lists:
            if answer.searched is not None or not (answer.whole or answer.problem):
                partly += 1
            elif servers or not host_of(answer.system):
                systems.append(answer.system)
        if systems:
            yield Replayed(asked, answered, tuple(dict.fromkeys(systems)))
    for number, why in (
        (unanswered, "no answer"),
        (partly, "an answer of a part of the documents, or an unfinished one"),
    ):
        if number:
            say(f"left out: {counted(number, 'query or list', 'queries or lists')} that had {why} then.")
    if hosts and not servers:
        say(f"left out: what {', '.join(map(flat, hosts))} would score; --servers sends queries and documents there.")


def _what(asked: Asked) -> tuple[Any, ...]:
    return (
        asked.dataset, asked.systems, one_line(asked.query) if asked.qid is None else "", asked.qid, asked.judged_as,
        asked.depth, asked.drop_self,
    )  # fmt: skip


async def _ask_all(engine: EngineApi, queries: list[Replayed]) -> None:
    """Dataset by dataset: what its systems lack is prepared first."""
    for dataset in dict.fromkeys(query.asked.dataset for query in queries):
        of_it = [query for query in queries if query.asked.dataset == dataset]
        systems = tuple(dict.fromkeys(system for query in of_it for system in query.systems))
        try:
            await prepare(engine, dataset, systems)
        except Problem as problem:
            for query in of_it:
                query.problem = problem.message
            continue
        for query in of_it:
            await _ask(engine, query)


async def _ask(engine: EngineApi, query: Replayed) -> None:
    request = msgspec.structs.replace(
        query.asked.request(new_id()), systems=query.systems, passages=False, unfinished=False
    )
    try:
        now = await answers_to(engine, request)
    except Problem as problem:
        query.problem = problem.message
        return
    then = {answer.system: answer for answer in query.answered.lists}
    query.differences = {answer.system: difference(then[answer.system], answer) for answer in now}


async def answers_to(engine: EngineApi, request: SearchRequest) -> tuple[Answer, ...]:
    """What each system finds. Raises `Problem` where the query cannot be asked."""
    answers = Answers(request)
    async with aclosing(watched(engine.stream(request))) as events:
        async for event in events:
            answers.take(event)
    return answers.lists()


def _as_text(query: Replayed) -> str:
    asked, answered = query.asked, query.answered
    qid = f" (qid {flat(answered.qid)})" if answered.qid is not None else ""
    title = f"{flat(asked.dataset)} · {one_line(answered.query or asked.query)}{qid}"
    if query.problem:
        return wrapped(f"{title}: could not be asked: {one_line(query.problem)}", 2)
    if query.same:
        return wrapped(f"{title}: the same", 2)
    lines = [wrapped(title, 2)]
    for system, found in query.differences.items():
        said = one_line("; ".join(found.sentences)) or "the same"
        lines.append(wrapped(f"  {flat(system)}: {said}", 4))
    return "\n".join(lines)


def _as_json(query: Replayed) -> dict[str, Any]:
    asked, answered = query.asked, query.answered
    return {
        "dataset": asked.dataset,
        "query": answered.query or asked.query,
        "qid": answered.qid,
        "same": query.same,
        "failed": query.problem or None,
        "systems": [
            {
                "system": system,
                "same": found.same,
                "measures": {name: {"then": then, "now": now} for name, (then, now) in found.measures.items()},
                "moves": [{"doc_id": move.doc_id, "then": move.then, "now": move.now} for move in found.moves],
                "scores": found.scores,
                "failed": {"then": found.problems[0] or None, "now": found.problems[1] or None},
                "precision": list(found.precisions) if found.precisions else None,
            }
            for system, found in query.differences.items()
        ],
    }
