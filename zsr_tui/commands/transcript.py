"""A session as Markdown: every query with what its lists found, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zsr_tui import numerals
from zsr_tui.sessions import reading
from zsr_tui.sessions.findings import MOST_LISTS, TOP, Finding, FoundList, FoundRow, Head
from zsr_tui.sessions.records import (
    Answer,
    Answered,
    AnyEntry,
    Asked,
    Evaluated,
    EvaluationEnded,
    Full,
    Judged,
    Noted,
    Opened,
    Placed,
    Preferred,
    ScoreExplained,
    Varied,
)
from zsr_tui.text import one_line
from zsr_tui.ui.compare.markdown import comparison
from zsr_tui.ui.parts.copying.choice import markdown


def transcript(session: reading.Session) -> str:
    header = session.header
    began = numerals.date(header.began) if header.began else "unknown time"
    parts = [f"# Session of {markdown(began)}, zsr-tui {markdown(header.program)}"]
    answers = {asked.number: answered for asked, answered in session.answers}
    said: list[str] = []
    placed: Placed | None = None
    for entry in session.entries:
        sentence = _done(entry)
        if isinstance(entry, Placed):
            sentence, placed = _moved(placed, entry), entry
        if isinstance(entry, Asked):
            parts += [*_list(said), _asked(entry, answers[entry.number])]
            said = []
        elif sentence:
            said.append(f"* {markdown(_time(entry.at))} {sentence}")
    return "\n\n".join([*parts, *_list(said)])


def _list(sentences: Sequence[str]) -> list[str]:
    return ["\n".join(sentences)] if sentences else []


def _time(at: str) -> str:
    """ "2026-11-27T00:15:00Z" -> "00:15:00"."""
    return at.partition("T")[2].removesuffix("Z") or at


def _asked(asked: Asked, answered: Answered | None) -> str:
    again = " again" if asked.again else ""
    title = f"## {asked.number}. {markdown(_time(asked.at))}{again}"
    if answered is None:
        query = markdown(asked.query) or f"qid {markdown(asked.qid or '')}"
        return f"{title}\n\n**{query}** ({markdown(asked.dataset)}): no answer came."
    problem = f"\n\n{markdown(answered.problem)}" if answered.problem else ""
    return f"{title}\n\n{comparison(_finding(asked, answered))}{problem}"


def _finding(asked: Asked, answered: Answered) -> Finding:
    """What is known of it; movements are counted against the first list."""
    lists = answered.lists[:MOST_LISTS]
    first = {row.doc_id: rank for rank, row in enumerate(lists[0].rows, 1)} if lists else {}
    titles = {
        row.doc_id: Head(title=title) for each in lists for row, title in zip(each.rows, each.titles, strict=False)
    }
    return Finding(
        dataset=asked.dataset,
        query=answered.query or asked.query,
        qid=answered.qid,
        judged_as=asked.judged_as if answered.qid is None else None,
        lists=tuple(_found(each, first) for each in lists),
        heads=titles,
    )


def _found(answer: Answer, first: dict[str, int]) -> FoundList:
    rows = [
        FoundRow(doc_id=row.doc_id, score=row.score, grade=row.grade, reference=first.get(row.doc_id))
        for row in answer.rows[:TOP]
    ]
    return FoundList(
        system=answer.system,
        label=answer.label or answer.system,
        rows=tuple(rows),
        total=len(answer.rows),
        measures={name: value for name, value in (answer.measures or {}).items() if value is not None} or None,
        state="" if answer.whole else "stopped",
        problem=answer.problem,
    )


def _done(entry: AnyEntry) -> str:
    """In a sentence; "" for what a reader need not know."""
    match entry:
        case Opened():
            return f"opened {_code(entry.doc_id)}{_in(entry.system)}"
        case ScoreExplained():
            against = f" against {_code(entry.against)}" if entry.against else ""
            score = f", score {numerals.value(entry.score)}" if entry.score is not None else ""
            return f"explained {_code(entry.doc_id)}{_in(entry.stage or entry.system)}{against}{score}"
        case Judged(undone=True):
            return f"took a judgment back{f' of {_code(entry.doc_id)}' if entry.doc_id else ''}"
        case Judged():
            grade = "took the judgment away" if entry.grade is None else f"judged {entry.grade}"
            why = f": {markdown(entry.why)}" if entry.why else ""
            return f"{grade} {_code(entry.doc_id)}{_for(entry.query)}{why}"
        case Noted():
            taken = "took away: " if entry.dropped else ""
            about = f" on {_code(entry.doc_id)}" if entry.doc_id else ""
            text = f": {markdown(entry.text)}" if entry.text else ""
            return f"{taken}{markdown(entry.what)}{about}{_for(entry.query)}{text}"
        case Preferred():
            sides = f"{_code(entry.left)} and {_code(entry.right)}"
            return f"preferred {markdown(entry.choice)} of {sides}{_for(entry.query)}"
        case Varied():
            return f"looked at variants of “{markdown(entry.query)}”"
        case Evaluated():
            return f"evaluated {_names(entry.systems)} on {markdown(entry.dataset)}"
        case Full():
            return "the log was full"
        case Placed() | Answered() | Asked() | EvaluationEnded():
            return ""


def _moved(before: Placed | None, now: Placed) -> str:
    """What weights were moved to between two looks where the user is."""
    if before is None or (before.dataset, before.systems) != (now.dataset, now.systems):
        return ""
    stood = zip(before.weighed or before.systems, now.weighed or now.systems, strict=False)
    moved = [after for one, after in stood if one != after]
    return f"moved the weights to {_names(moved)}" if moved else ""


def _code(name: str) -> str:
    """As it is, and nothing that ends it."""
    inside = one_line(name).replace("`", "'")
    return f"`{inside}`"


def _in(system: str) -> str:
    return f" in {_code(system)}" if system else ""


def _for(query: str) -> str:
    return f" for “{markdown(query)}”" if query else ""


def _names(systems: Iterable[str]) -> str:
    return ", ".join(f"{_code(system)}" for system in systems)
