"""One place of a list as two lines of pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zsr_tui.api.events import DocHead, Row
from zsr_tui.text import one_line
from zsr_tui.ui.parts.marks import mark, marked, movement
from zsr_tui.ui.parts.pieces import Piece, crop, decimals, width_of
from zsr_tui.ui.parts.snippet import snippet

CUT = "†"  # behind the score of a document of which the model saw only the beginning


@dataclass(frozen=True, slots=True)
class Columns:
    """The widths of a list's columns, in cells, so that every row of it is aligned."""

    rank: int
    grade: int
    moved: int  # 0: no movement column (the reference list itself)
    score: int
    decimals: int
    kept: int = 0  # own judgments and notes

    @classmethod
    def of(cls, rows: Sequence[Row], *, moves: bool, kept: Mapping[str, list[Piece]] | None = None) -> Columns:
        places = decimals(rows)
        scores = [row.score for row in rows if row.score is not None]
        widest = [f"{extreme:z.{places}f}" for extreme in (min(scores), max(scores))] if scores else ["…"]
        grades = {mark(grade)[1] for grade in {row.grade for row in rows}}
        return cls(
            rank=max(2, len(str(len(rows)))),
            grade=max(map(len, grades), default=0),
            moved=max(2, len(str(len(rows)))) + 1 if moves else 0,
            score=max(map(len, widest)) + any(row.cut for row in rows),
            decimals=places,
            kept=max((width_of(kept[row.doc_id]) for row in rows if row.doc_id in kept), default=0) if kept else 0,
        )


def row_lines(
    row: Row,
    place: int,
    head: DocHead | None,
    columns: Columns,
    width: int,
    *,
    gutter: str = " ",
    reference: Mapping[str, int] | None = None,
    absent: str = "×",
    kept: Sequence[Piece] = (),
) -> tuple[list[Piece], list[Piece]]:
    """Both lines of the row at `place` (from 0), each at most `width` cells.

    `gutter` is ">" for the cursor, "›" for that of a list that is not active, "»" for the document under the active
    list's cursor. `reference` has the places of
    the reference list's documents, None where there is nothing to compare with; `absent` marks a document that is not
    among them. `kept` are the marks of what the user has judged and noted.
    """
    waiting = row.score is None
    first: list[Piece] = [(gutter, "strong"), (f"{place + 1:>{columns.rank}} ", "faint" if waiting else "rank")]
    glyph, grade, role = mark(row.grade)
    first.append((f"{glyph}{grade:<{columns.grade}} ", role))
    if columns.kept:
        first += [*kept, (" " * (columns.kept - width_of(list(kept)) + 1), "plain")]
    if columns.moved:
        moved = movement(place, reference.get(row.doc_id), absent) if reference is not None else ("", "same")
        text, moved_role = moved
        first.append((f"{text:<{columns.moved}} ", "faint" if waiting else moved_role))
    score = "…" if row.score is None else f"{row.score:z.{columns.decimals}f}"
    score += CUT if row.cut else ""
    first.append((f"{score:>{columns.score}}  ", "faint" if waiting else "score"))
    second: list[Piece] = [(" " * (columns.rank + 2), "plain")]
    if head is None:
        return crop([*first, (one_line(row.doc_id), "muted")], width), second
    term = "faint-term" if waiting else "term"
    title = marked(head.title, head.title_terms, "faint" if waiting else "text", term)
    first += title or [(one_line(row.doc_id), "muted")]
    second += marked(
        *snippet(head.passage, head.matches, width - columns.rank - 2), "faint" if waiting else "muted", term
    )
    return crop(first, width), crop(second, width)
