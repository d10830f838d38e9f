"""What is known of a document besides its text: title, id, judgment, and its place in every list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zsr_tui.api.requests import Span
from zsr_tui.domain import OWN_TOO
from zsr_tui.numerals import counted
from zsr_tui.text import one_line, printable
from zsr_tui.ui.compare.session import Phase, SystemList
from zsr_tui.ui.parts import lacking
from zsr_tui.ui.parts.judging.state import QueryKept
from zsr_tui.ui.parts.judging.words import about, notes
from zsr_tui.ui.parts.marks import judgment, mark, marked, movement
from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece, crop, decimals, flow, fold, shorten_notation, width_of

if TYPE_CHECKING:
    from zsr_tui.api.judging import AnySource

MOST_LINES = 3  # of the places in the lists, in the pane
_LONGEST = 200  # characters of one thing that the corpus says of a document


@dataclass(frozen=True, slots=True)
class Facts:
    """`systems` are the lists as they stand, `reference` the number of the one to compare with (from 0)."""

    doc_id: str
    title: str
    title_terms: Sequence[Span]
    judged: bool
    systems: Sequence[SystemList]
    reference: int = 0
    judged_as: str | None = None  # the query whose judgments are borrowed
    before: Sequence[SystemList | None] = ()  # the lists before the query was changed
    kept: QueryKept | None = None  # what the user has judged and noted
    counting: tuple[AnySource, ...] = OWN_TOO
    metadata: Sequence[tuple[str, str]] = ()  # what else the corpus says of it

    @property
    def grade(self) -> int | None:
        rows = (system.row(self.doc_id) for system in self.systems)
        return next((row.grade for row in rows if row is not None), None)


def beside(facts: Facts, width: int) -> list[list[Piece]]:
    """What else the corpus says of the document: `year 1953 · author Watson`."""
    groups: list[list[Piece]] = [
        [(f"{one_line(name)} ", "muted"), (one_line(value)[:_LONGEST], "text")] for name, value in facts.metadata
    ]
    return flow(groups, width, (" · ", "faint")) if groups else []


def verdict(facts: Facts) -> list[Piece]:
    """Glyph and judgment in words."""
    words = judgment(facts.grade, judged=facts.judged, borrowed_from=facts.judged_as)
    if not facts.judged:
        return [words]
    glyph, _, role = mark(facts.grade)
    return [(f"{glyph} ", role), words]


def placement(facts: Facts, number: int) -> list[Piece]:
    """`1 (8.41, was 8)`, "not in the top 100", or why that cannot be said."""
    system = facts.systems[number]
    row = system.row(facts.doc_id)
    if row is None:
        if system.rows:
            searched = system.ranking.searched if system.ranking is not None else None
            if searched and len(system.rows) >= searched[0]:  # all that are encoded are in the list
                return [("not encoded yet", "absent")]
            among = f" of the {lacking.share(*searched)} that are encoded" if searched else ""
            broken = system.ranking.broken if system.ranking is not None else 0
            unless = f", unless it is one of the {broken} without a score" if broken > 1 else ""
            unless = ", unless it is the one without a score" if broken == 1 else unless
            return [(f"not in the top {len(system.rows)}{among}{unless}", "absent")]
        words = {
            Phase.FAILED: "failed",
            Phase.PREPARING: "being prepared",
            Phase.DONE: "found nothing",
            Phase.STOPPED: "stopped",
        }
        return [(words.get(system.phase, "not there yet"), "muted")]
    place = system.places[facts.doc_id]
    if row.score is None:
        ended = system.phase in (Phase.FAILED, Phase.STOPPED)
        return [(f"{place + 1} (not scored{'' if ended else ' yet'})", "faint")]
    details = [f"{row.score:z.{decimals(system.rows)}f}"]
    if row.candidate_rank is not None:
        details.append(f"was {row.candidate_rank}")
    if row.cut:
        details.append("input cut")
    return [(str(place + 1), "strong"), (f" ({', '.join(details)})", "muted")]


def placements(facts: Facts) -> list[list[Piece]]:
    """`BM25 2 (13.90)`, one group a system."""
    return [
        [(f"{printable(shorten_notation(system.head.label, 32))} ", "muted"), *placement(facts, number)]
        for number, system in enumerate(facts.systems)
    ]


def table(facts: Facts) -> list[list[Piece]]:
    """A line a system: label, rank, score and candidates' rank, movement against the reference list."""
    labels = [printable(system.head.label) for system in facts.systems]
    wide = max(map(len, labels), default=0)
    compared = facts.systems[facts.reference].places if facts.systems else {}
    lines = []
    for number, (label, system) in enumerate(zip(labels, facts.systems, strict=True)):
        line: list[Piece] = [(f"  {number + 1} {label:<{wide}}  ", "muted"), *placement(facts, number)]
        place = system.places.get(facts.doc_id)
        if number == facts.reference:
            line.append(("  reference", "reference"))
        elif place is not None and facts.systems[facts.reference].rows:
            text, role = movement(place, compared.get(facts.doc_id))
            line += [("  ", "plain"), (text, role)]
        before = facts.before[number] if facts.before else None
        if before is not None:
            was = before.places.get(facts.doc_id)
            said = f"not in the top {len(before.rows)}" if was is None else str(was + 1)
            line.append((f"  before the change: {said}", "muted"))
        lines.append(line)
    return lines


class DocumentFacts(PaintedWidget):
    """The facts above a document's text: compact for the pane, a line for each system on the full screen."""

    DEFAULT_CSS = "DocumentFacts { height: 3; }"

    def __init__(self, *, full: bool = False) -> None:
        super().__init__()
        self._full = full
        self._facts: Facts | None = None

    def show(self, facts: Facts | None) -> None:
        self._facts = facts
        self._fit()
        self.refresh()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        if self.size.width:
            self.styles.height = max(1, len(self.lines_for(self.size.width)))

    def lines_for(self, width: int) -> list[list[Piece]]:
        if self._facts is None:
            return [_rule([(" document ", "title")], width)]
        facts = self._facts
        known = [(f" {printable(facts.doc_id)} ", "title"), ("─ ", "rule"), *verdict(facts), (" ", "plain")]
        own = about(facts.kept, facts.doc_id, facts.counting) if facts.kept is not None else []
        title = marked(facts.title, facts.title_terms, "strong") or [("(no title)", "muted")]
        lines = [_rule(known, width), crop([(" ", "plain"), *title], width)]
        if own:
            lines.append(crop([(" ", "plain"), *own], width))
        if facts.kept is not None:
            noted = notes(facts.kept, facts.doc_id, width - 2)
            shown = noted if self._full else noted[:1]
            lines += [crop([(" ", "plain"), *line], width) for line in shown]
        said = fold(beside(facts, width - 2), MOST_LINES if self._full else 1, width - 2)
        lines += [crop([(" ", "plain"), *line], width) for line in said]
        if self._full:
            found = sum(facts.doc_id in system.places for system in facts.systems)
            summary = f" in {found} of {counted(len(facts.systems), 'list')}"
            return [*lines, [(summary, "faint")], *(crop(line, width) for line in table(facts)), []]
        flowing = fold(flow(placements(facts), width - 2, (" · ", "faint")), MOST_LINES, width - 2)
        return [*lines, *([(" ", "plain"), *line] for line in flowing)]


def _rule(pieces: list[Piece], width: int) -> list[Piece]:
    line = crop([("──", "rule"), *pieces], width)
    return [*line, ("─" * (width - width_of(line)), "rule")]
