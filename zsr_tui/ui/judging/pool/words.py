"""What the screen of pooled judging says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zsr_tui.api.pooling import OneQuery, PoolEffect, Pooling, PoolItem, PoolView, SystemEffect
from zsr_tui.api.requests import DocumentView
from zsr_tui.numerals import counted, signed, value
from zsr_tui.text import one_line
from zsr_tui.ui.parts.marks import marked
from zsr_tui.ui.parts.pieces import Piece, crop, flow, fold, joined, shorten_notation

WIDEST = 44  # cells of a system's name
FIRST = 2  # lines of the query
PLACES = 3  # lines of a document's places, at most


def how(pooling: Pooling) -> str:
    """`blind, first 10 of each list, nDCG@10`"""
    order = "blind" if pooling.blind else "open"
    return f"{order} · first {pooling.depth} of each list · {pooling.measure}"


def progress(view: PoolView) -> list[Piece]:
    """How far one is, and how quickly."""
    said: list[Piece] = [(f"{view.left:,} left", "strong")]
    if view.matching > view.queries:
        said.append((f"queries {pages(view)}", "warning"))
    elif view.queries > 1:
        said.append((counted(view.queries, "query", "queries"), "muted"))
    if view.judged:
        said.append((f"{view.judged:,} judged", "muted"))
    if view.passed:
        said.append((f"{view.passed:,} passed over", "muted"))
    if view.median_seconds is not None:
        said.append((f"{seconds(view.median_seconds)} each", "muted"))
    return joined(said)


def pages(view: PoolView) -> str:
    """`1,001–2,000 of 6,980`: the queries that are pooled together."""
    return f"{view.first + 1:,}–{view.first + view.queries:,} of {view.matching:,}"


def seconds(number: float) -> str:
    return f"{number:.1f} s" if number < 10 else f"{number:,.0f} s"


def scale(view: PoolView) -> str:
    """`0 not relevant, 1 relevant` or `0 not relevant … 3 most relevant`"""
    if view.highest <= 1:
        return "0 not relevant, 1 relevant"
    between = ", ".join(str(grade) for grade in range(view.lowest + 1, view.highest))
    return f"{view.lowest} not relevant, {between}, {view.highest} most relevant"


def head_lines(item: PoolItem, document: DocumentView | None) -> list[list[Piece]]:
    """Of the document. Its id is part of what may tell where it is from, and stands here all the same: notes and other
    people name documents by it."""
    if document is None:
        return [[(f"{one_line(item.doc_id)} ", "muted"), ("is being read …", "faint")]]
    title = marked(document.doc.title, document.title_terms, "strong") or [("(no title)", "muted")]
    return [[(f"{one_line(item.doc_id)}  ", "muted"), *title]]


def stake_lines(item: PoolItem, measure: str, width: int) -> list[list[Piece]]:
    """Where an open session's document stands, and what is at stake with it; nothing when it is judged blind."""
    if item.change is None:
        return []
    standing: list[list[Piece]] = []
    for place in item.places:
        rank, said = ("–", " ") if place.rank is None else (f"{place.rank:,}", " at rank ")
        standing.append([(f"{shorten_notation(one_line(place.system), WIDEST)}{said}", "muted"), (rank, "strong")])
    places = fold(flow(standing, width, ("   ", "plain")), PLACES, width)
    if not item.change or item.grade is None:
        return [*places, [(f"No grade of it changes {measure}'s differences.", "muted")]]
    gains, loses = (shorten_notation(one_line(name), WIDEST) for name in (item.gains, item.loses))
    between = f"which {gains} gains on {loses} " if item.loses else ""
    said = f"At stake: {value(item.change)} of {measure}, {between}if it is graded {item.grade}."
    return [*places, [(said, "text")]]


def nothing_left(pooling: Pooling, view: PoolView, deeper: str, result: str, other: str) -> list[str]:
    """Where the pool is judged; `deeper`, `result` and `other` are keys."""
    lines = [f"Nothing is left unjudged in the first {pooling.depth} documents of the lists."]
    if view.passed:
        lines.append(f"{counted(view.passed, 'document was', 'documents were')} passed over: a new session shows them.")
    if view.matching > view.queries:
        lines.append(f"These are queries {pages(view)}: {other} goes to the next ones.")
    return [*lines, "", f"{result} shows what your judgments did to the systems, {deeper} goes deeper into the lists."]


def effect_lines(effect: PoolEffect, pooling: Pooling, width: int, finding: str) -> list[list[Piece]]:
    """What judging did, as two tables and in sentences. `finding`: the key that makes one of the lists."""
    over = counted(effect.queries, "query", "queries")
    name = max(12, min(WIDEST, width - 52))
    lines: list[list[Piece]] = [
        [(f"{effect.measure} over {over}, without and with your {counted(effect.own, 'judgment')}", "strong")],
        [],
        *_table("", [(each.system, each.before, each.after, "") for each in effect.systems], name, value),
        [],
        *_differences(effect, name),
        *([(said, "muted")] for said in _session(effect, pooling)),
        *([[], [(f"On the lists {finding} makes a finding of it.", "muted")]] if _is_of_lists(pooling) else []),
    ]
    return [crop(line, width) for line in lines]


def _is_of_lists(pooling: Pooling) -> bool:
    """They stand on the screen below."""
    return isinstance(pooling.about, OneQuery)


def _differences(effect: PoolEffect, name: int) -> list[list[Piece]]:
    """Of each system to the first."""
    first, *others = effect.systems
    if not others:
        return []
    rows = [(each.system, each.difference_before, each.difference_after, _interval(each)) for each in others]
    lines = _table(f"ahead of {one_line(first.system)}", rows, name, _difference)
    if any(end is not None for each in others for end in (each.low, each.high)):
        lines.append([("In brackets the 95 % interval of the difference with your judgments.", "muted")])
    return [*lines, []]


def _interval(system: SystemEffect) -> str:
    if system.low is None or system.high is None:
        return ""
    return f"  [{signed(system.low, 3)}, {signed(system.high, 3)}]"


def _difference(number: float | None) -> str:
    return "–" if number is None else signed(number)


def _table(
    title: str,
    rows: Sequence[tuple[str, float | None, float | None, str]],
    name: int,
    written: Callable[[float | None], str],
) -> list[list[Piece]]:
    """Names with a number without and with one's own judgments, the change, and what is to be said besides."""
    head = f"{shorten_notation(title, name):<{name}}  {'without':>9}  {'with':>9}  {'change':>9}"
    lines: list[list[Piece]] = [[(head, "muted")]]
    for system, before, after, besides in rows:
        change = None if before is None or after is None else after - before
        role = "muted" if not change else "up" if change > 0 else "down"
        label = f"{shorten_notation(one_line(system), name):<{name}}  "
        numbers = f"{written(before):>9}  {written(after):>9}  "
        lines.append([(label, "text"), (numbers, "score"), (f"{_difference(change):>9}", role), (besides, "muted")])
    return lines


def _session(effect: PoolEffect, pooling: Pooling) -> Sequence[str]:
    """Of the session: how quick, and how far one agrees with oneself."""
    said = []
    if effect.median_seconds is not None:
        said.append(f"Median time for a document: {seconds(effect.median_seconds)}.")
    if effect.twice:
        agreed = f"Of {counted(effect.twice, 'document')} shown again {effect.same:,} got the same grade"
        said.append(f"{agreed}{'' if effect.kappa is None else f' (kappa {value(effect.kappa, 2)})'}.")
    said += [
        f"  {one_line(each.doc_id)}: first {each.first}, then {each.second}. The first one counts."
        for each in effect.disagreements
    ]
    if (every := effect.all_sessions) is not None:
        took = "" if every.median_seconds is None else f", {seconds(every.median_seconds)} each"
        sessions, documents = counted(every.sessions, "session"), counted(every.judged, "document")
        said.append(f"In your {sessions} here: {documents} judged{took}.")
        if every.twice:
            by = "" if every.kappa is None else f" (kappa {value(every.kappa, 2)})"
            said.append(f"  Of {every.twice:,} shown again in them {every.same:,} got the same grade{by}.")
    left = counted(effect.unjudged, "document is", "documents are")
    said.append(f"{left} unjudged in the first {pooling.depth} of the lists.")
    said.append(f"Seed of the order: {pooling.seed}.")
    return said
