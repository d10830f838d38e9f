"""The comparison that is on the screen, in Markdown: query, systems with their measures, the top of every list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zsr_tui.api.events import DocHead
from zsr_tui.ui.compare.session import SearchSession, SystemList
from zsr_tui.ui.parts.copying.choice import Choice, Copyable, markdown, table
from zsr_tui.ui.parts.copying.screen import copy_thing
from zsr_tui.ui.parts.judging.marks import all_marks, named
from zsr_tui.ui.parts.marks import mark, movement
from zsr_tui.ui.parts.pieces import Piece, decimals
from zsr_tui.ui.parts.screen import BaseScreen

TOP = 10  # rows of each list


def copy(screen: BaseScreen[Any], session: SearchSession, reference: int) -> None:
    copy_thing(screen, comparison(session, reference))


def comparison(session: SearchSession, reference: int) -> Copyable | None:
    """None before the first query. `reference` is the list (from 0) that movements are counted against."""
    if not session.started:
        return None
    about = f"qid {markdown(session.qid)}, " if session.qid is not None else ""
    if session.judged_as is not None:
        about = f"measured with the judgments of qid {markdown(session.judged_as)}, "
    lines = [f"**{markdown(session.query)}** ({about}{markdown(session.dataset)})", "", _systems(session)]
    compared, kept = session.lists[reference], all_marks(session.kept, session.counting)
    for number, system in enumerate(session.lists):
        places = compared.places if number != reference and compared.rows else None
        lines += ["", f"{number + 1}. {markdown(system.head.label)}", "", _list(system, session.heads, places, kept)]
    lines += _notes(session)
    return Copyable("this comparison as Markdown", (Choice("m", "", "\n".join(lines)),))


def _notes(session: SearchSession) -> list[str]:
    """Of the query, and of the documents at the lists' tops."""
    if session.kept is None:
        return []
    shown = {row.doc_id for system in session.lists for row in system.rows[:TOP]}
    found = [
        f"* {markdown(each.remark.who)}{f' on {markdown(doc_id)}' if doc_id else ''}: {markdown(each.remark.text)}"
        for doc_id, remarks in session.kept.noted.items()
        for each in remarks
        if each.remark.kind == "note" and (not doc_id or doc_id in shown)
    ]
    return ["", *found] if found else []


def _systems(session: SearchSession) -> str:
    """Where judgments besides the dataset's count, a line says which, and a second one has the values without them."""
    judged = [each.judged for each in session.lists if each.judged is not None]
    names = list(dict.fromkeys(name for each in session.lists for name in each.measures or {}))
    names = names or [name for union in judged[:1] for name in union[0].values]
    rows = []
    for number, each in enumerate(session.lists, 1):
        over = [(f" ({named(union.sources)})", union.values) for union in each.judged or ()]
        for about, values in over or [("", each.measures or {})]:
            shown = [f"{value:.4f}" if (value := values.get(name)) is not None else "–" for name in names]
            rows.append([str(number), f"{each.head.notation}{about}", *shown])
    return table(["", "system", *names], rows, {0, *range(2, len(names) + 2)})


def _list(
    system: SystemList,
    heads: Mapping[str, DocHead],
    reference: Mapping[str, int] | None,
    kept: Mapping[str, Sequence[Piece]],
) -> str:
    digits = decimals(system.rows)
    rows = []
    for place, row in enumerate(system.rows[:TOP]):
        glyph, grade, _ = mark(row.grade)
        own = "".join(text for text, _ in kept.get(row.doc_id, ()))
        moved = "" if reference is None else movement(place, reference.get(row.doc_id))[0]
        score = "…" if row.score is None else f"{row.score:.{digits}f}"
        head = heads.get(row.doc_id)
        rows.append(
            [str(place + 1), f"{glyph}{grade} {own}".strip(), moved, score, row.doc_id, head.title if head else ""]
        )
    if not rows:
        return system.problem.message if system.problem else system.phase.value
    return table(["", "judged", "moved", "score", "document", "title"], rows, {0, 3})
