"""A finding in Markdown: the query, the systems with their measures, the top of every list, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zsr_tui.numerals import amount
from zsr_tui.sessions.findings import Finding, FoundList, FoundRemark, Head
from zsr_tui.ui.compare.finding.making import kept_of
from zsr_tui.ui.parts.copying.choice import markdown, table
from zsr_tui.ui.parts.judging.marks import all_marks, named
from zsr_tui.ui.parts.marks import mark, movement
from zsr_tui.ui.parts.pieces import Piece, decimals

TOP = 10  # rows of each list


def comparison(finding: Finding) -> str:
    """Movements are counted against its reference list."""
    about = f"qid {markdown(finding.qid)}, " if finding.qid is not None else ""
    if finding.judged_as is not None:
        about = f"measured with the judgments of qid {markdown(finding.judged_as)}, "
    lines = [f"**{markdown(finding.query)}** ({about}{markdown(finding.dataset)})"]
    if finding.lists:
        lines += ["", _systems(finding.lists)]
    compared = bool(finding.lists and finding.lists[finding.reference].rows)
    kept = all_marks(kept_of(finding), finding.counting)
    for number, system in enumerate(finding.lists):
        moves = compared and number != finding.reference
        name = f"{number + 1}. {markdown(system.label)}{_provisional(system)}"
        lines += ["", name, "", _list(system, finding.heads, kept, moves=moves)]
    return "\n".join([*lines, *_notes(finding)])


def whole(finding: Finding, explanation: str) -> str:
    """With the `explanation` in Markdown, "" for none, and when it was made."""
    made = f"Found on {finding.made} with zsr-tui {finding.program}." if finding.made else ""
    return "\n\n".join(filter(None, [comparison(finding), explanation, markdown(made)]))


def _notes(finding: Finding) -> list[str]:
    """Of the query, and of the documents at the lists' tops."""
    shown = {row.doc_id for each in finding.lists for row in each.rows[:TOP]} | {finding.doc_id, ""}
    noted = [each for each in finding.remarks if each.doc_id in shown and each.kind != "bookmark"]
    return ["", *map(_note, noted)] if noted else []


def _note(remark: FoundRemark) -> str:
    who = markdown(remark.who) if remark.kind == "note" else remark.kind
    return f"* {who}{f' on {markdown(remark.doc_id)}' if remark.doc_id else ''}: {markdown(remark.text)}"


def _systems(lists: Sequence[FoundList]) -> str:
    """Where judgments besides the dataset's count, a line says which, and a second one has the values without them."""
    names = list(dict.fromkeys(name for each in lists for name in each.measures or {}))
    names = names or list(dict.fromkeys(name for each in lists if each.over for name in each.over[0].values))
    rows = []
    for number, each in enumerate(lists, 1):
        over: list[tuple[str, Mapping[str, float | None]]]
        over = [(f" ({named(union.sources)})", union.values) for union in each.over or ()]
        for about, values in over or [("", dict(each.measures or {}))]:
            shown = [f"{value:.4f}" if (value := values.get(name)) is not None else "–" for name in names]
            rows.append([str(number), f"{each.system}{about}", *shown])
    return table(["", "system", *names], rows, {0, *range(2, len(names) + 2)})


def _provisional(system: FoundList) -> str:
    """Behind the name of a list whose rows and measures are not the last word."""
    searched = f"searched {amount(system.searched[0], 'documents', system.searched[1])}" if system.searched else ""
    said = ", ".join(filter(None, (searched, system.state)))
    return f" (provisional: {markdown(said)})" if said and system.rows else ""


def _list(system: FoundList, heads: Mapping[str, Head], kept: Mapping[str, Sequence[Piece]], *, moves: bool) -> str:
    digits = decimals(system.rows)
    rows = []
    for place, row in enumerate(system.rows[:TOP]):
        glyph, grade, _ = mark(row.grade)
        own = "".join(text for text, _ in kept.get(row.doc_id, ()))
        moved = movement(place, row.reference - 1 if row.reference else None)[0] if moves else ""
        score = "…" if row.score is None else f"{row.score:z.{digits}f}"
        head = heads.get(row.doc_id)
        rows.append(
            [str(place + 1), f"{glyph}{grade} {own}".strip(), moved, score, row.doc_id, head.title if head else ""]
        )
    if not rows:
        return markdown(system.problem or system.state or "done")
    return table(["", "judged", "moved", "score", "document", "title"], rows, {0, 3})
