"""What a person has judged and noted of a document, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zsr_tui.text import one_line, printable
from zsr_tui.ui.parts.clipped import clipped
from zsr_tui.ui.parts.judging.marks import BOOKMARK, NOTE, mark
from zsr_tui.ui.parts.judging.state import QueryKept
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.wrapping import wrap

if TYPE_CHECKING:
    from zsr_tui.api.judging import AnySource, Source

MOST_LINES = 12  # of a note


def about(kept: QueryKept, doc_id: str, counting: Sequence[AnySource]) -> list[Piece]:
    """`■2 own (ann) · ▲1 a model's (org/name) · #typo · ⚑ bookmark`, as far as there is any of it."""
    groups: list[list[Piece]] = []
    sources: tuple[tuple[Source, str], ...] = (("own", "own"), ("model", "a model's"))
    for source, whose in sources:
        if (stands := kept.of_source(source).get(doc_id)) is not None:
            judgment = stands.judgment
            counts = source in counting
            glyph, role = mark(judgment.grade, source)
            rest = f" {whose}, by {one_line(judgment.who) or 'somebody'}{'' if counts else ', does not count'}"
            groups.append([(glyph, role if counts else "faint"), (rest, "text" if counts else "faint")])
    remarks = kept.noted.get(doc_id, ())
    groups += [[(f"#{one_line(each.remark.text)}", "reference")] for each in remarks if each.remark.kind == "tag"]
    if kept.has(doc_id, "bookmark"):
        groups.append([(f"{BOOKMARK} bookmark", "reference")])
    pieces: list[Piece] = []
    for group in groups:
        pieces += [*([(" · ", "faint")] if pieces else []), *group]
    return pieces


def notes(kept: QueryKept, doc_id: str, width: int) -> list[list[Piece]]:
    """`¶ ann: what the note says`, wrapped."""
    lines: list[list[Piece]] = []
    for each in kept.noted.get(doc_id, ()):
        if each.remark.kind != "note":
            continue
        said = printable(f"{each.remark.who or 'somebody'}: {each.remark.text}")
        room = max(20, width - 2)
        text = clipped("\n".join(filter(str.strip, said.split("\n"))), room, MOST_LINES)
        lines += [
            [(NOTE if number == 0 else " ", "reference"), (f" {text[start:end]}", "text")]
            for number, (start, end) in enumerate(wrap(text, room))
        ]
    return lines
