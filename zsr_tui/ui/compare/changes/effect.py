"""What a change of the query did to one list: the documents that came into its first ten, left them, or moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zsr_tui.api.events import DocHead
from zsr_tui.api.requests import DEFAULT_MEASURES
from zsr_tui.domain import DATASET_ONLY, relevant_from
from zsr_tui.ui.compare.ranking.head import change, short, short_value
from zsr_tui.ui.compare.session import SystemList
from zsr_tui.ui.parts.judging.marks import GLYPHS
from zsr_tui.ui.parts.marks import mark
from zsr_tui.ui.parts.pieces import Piece, crop

FIRST = 10  # places that are looked at; what most readers see, and nDCG@10 measures
NDCG = DEFAULT_MEASURES[0]


@dataclass(frozen=True, slots=True)
class Move:
    """A document's place (from 0) before and after; None: not in the list. `grade` None: unjudged."""

    doc_id: str
    grade: int | None
    before: int | None
    after: int | None

    @property
    def came(self) -> bool:
        return not _in_first(self.before) and _in_first(self.after)

    @property
    def left(self) -> bool:
        return _in_first(self.before) and not _in_first(self.after)

    @property
    def relevant(self) -> bool:
        return self.grade is not None and self.grade >= relevant_from()

    @property
    def rises(self) -> bool:
        return self.after is not None and (self.before is None or self.after < self.before)


def _in_first(place: int | None) -> bool:
    return place is not None and place < FIRST


@dataclass(frozen=True, slots=True)
class Effect:
    """`came` and `left` are those of the first ten, `moved` the relevant documents in another place that did neither;
    in each the relevant ones first, then by place."""

    came: tuple[Move, ...]
    left: tuple[Move, ...]
    moved: tuple[Move, ...]
    reordered: bool  # the first ten are the same, in another order

    @property
    def inside(self) -> tuple[Move, ...]:
        """The relevant documents that moved within the first ten."""
        return tuple(move for move in self.moved if _in_first(move.before))

    def named(self, count: int) -> tuple[tuple[Move, ...], tuple[Move, ...], tuple[Move, ...]]:
        """So many of those that came, left and moved inside: the first of each that came or left, then whatever is
        relevant, then the rest."""
        first = [*self.came[:1], *self.left[:1]]
        rest = [move for move in (*self.came, *self.left, *self.inside) if move not in first]
        chosen = [*first, *sorted(rest, key=lambda move: not move.relevant)][:count]
        came, left, inside = (
            tuple(move for move in each if move in chosen) for each in (self.came, self.left, self.inside)
        )
        return came, left, inside


def effect(before: SystemList, after: SystemList) -> Effect:
    ids = dict.fromkeys(row.doc_id for row in (*after.rows, *before.rows))
    moves = []
    for doc_id in ids:
        row = after.row(doc_id) or before.row(doc_id)
        grade = row.grade if row is not None else None
        moves.append(Move(doc_id, grade, before.places.get(doc_id), after.places.get(doc_id)))
    came, left = [move for move in moves if move.came], [move for move in moves if move.left]
    moved = [move for move in moves if move.relevant and move.before != move.after and not (move.came or move.left)]
    tops = [[row.doc_id for row in each.rows[:FIRST]] for each in (before, after)]
    came, left, moved = (sorted(each, key=_order) for each in (came, left, moved))
    return Effect(tuple(came), tuple(left), tuple(moved), reordered=tops[0] != tops[1])


def _order(move: Move) -> tuple[bool, int]:
    return not move.relevant, min(place for place in (move.before, move.after) if place is not None)


def measure(before: SystemList, after: SystemList, name: str = NDCG) -> list[Piece]:
    """`nDCG@10 .613 → .489 −.124`, and ` ●.613 → .489` over other judgments, where these give other values; nothing
    without judgments, or where one has no value."""
    if after.judged is None:
        was, now = ((each.measures or {}).get(name) for each in (before, after))
        return _change(name, was, now)
    counted, beside = after.judged
    was, now = before.over(counted.sources).get(name), counted.values.get(name)
    pieces = _change(name, was, now)
    others = before.over(beside.sources).get(name), beside.values.get(name)
    if [short(each) for each in others] != [short(was), short(now)]:
        glyph = GLYPHS["dataset" if beside.sources == DATASET_ONLY else "own"][0]
        pieces.append((f" {glyph}{' → '.join(map(short, others))}", "faint"))
    return pieces


def _change(name: str, was: float | None, now: float | None) -> list[Piece]:
    if was is None or now is None:
        return []
    return [(f"{name} ", "muted"), (f"{short_value(was)} → {short_value(now)} ", "strong"), change(now - was)]


def places(move: Move) -> str:
    """`14→3`, `new→3`, `2→gone`"""
    was = "new" if move.before is None else str(move.before + 1)
    return f"{was}→{'gone' if move.after is None else move.after + 1}"


def move_pieces(move: Move, titles: Mapping[str, DocHead], width: int) -> list[Piece]:
    """`●2 14→3 Folate suppl…`, the title in `width` cells."""
    glyph, grade, role = mark(move.grade)
    head = titles.get(move.doc_id)
    title = head.title if head is not None and head.title else move.doc_id
    return [
        (f"{glyph}{grade} ", role),
        (f"{places(move)} ", "up" if move.rises else "down"),
        *crop([(title, "text")], width),
    ]


def summary(found: Effect) -> str:
    """`2 in, 2 out`, or what else can be said of the first ten."""
    if found.came or found.left:
        return f"top 10: {len(found.came)} in, {len(found.left)} out"
    return "the same top 10, in another order" if found.reordered else "the same top 10"


def titles_of(*heads: Mapping[str, DocHead]) -> dict[str, DocHead]:
    """One for all documents."""
    return {doc_id: head for each in heads for doc_id, head in each.items()}
