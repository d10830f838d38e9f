"""What a list found then and what it finds now: measures, documents and scores that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from zsr_tui.numerals import counted
from zsr_tui.sessions.records import Answer, Listed

TOP = 10  # rows whose documents are named
DIGITS = 4  # of a measure, as it is printed
TOLERANCE = 1e-4  # of a score, as a part of it or of 1: other hardware adds up in another order
MOST_NAMED = 6  # documents in a sentence


@dataclass(frozen=True)
class Move:
    """Ranks count from 1; None: not among the rows that were compared."""

    doc_id: str
    then: int | None
    now: int | None

    def __str__(self) -> str:
        if self.then is None:
            return f"{self.doc_id} new at {self.now}"
        return f"{self.doc_id} gone (was {self.then})" if self.now is None else f"{self.doc_id} {self.then}→{self.now}"


@dataclass(frozen=True)
class Difference:
    """Between two answers of one system. `moves` has every document that has another rank, in the order of the better
    one of both, `places` counts the ranks of the `rows` that another document has; `scores` by how much they differ at
    most, 0 where they do not; `problems` then and now; `precisions` where they are not the same."""

    rows: int
    places: int = 0
    measures: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    scores: float = 0.0
    problems: tuple[str, str] = ("", "")
    precisions: tuple[str, str] | None = None

    @property
    def same(self) -> bool:
        return not (self.measures or self.moves or self.scores or self.problems[0] != self.problems[1])

    @property
    def sentences(self) -> list[str]:
        """What differs, in words; nothing where nothing does."""
        if self.problems[0] != self.problems[1]:
            return [f"failed: {self.problems[1]}" if self.problems[1] else "failed then, and does not now"]
        said = [f"{name} {_value(then)} → {_value(now)}" for name, (then, now) in self.measures.items()]
        top = [move for move in self.moves if min(move.then or TOP + 1, move.now or TOP + 1) <= TOP]
        if top:
            top.sort(key=_size, reverse=True)
            more = f" and {len(top) - MOST_NAMED} more" if len(top) > MOST_NAMED else ""
            said.append(f"first {TOP}: {', '.join(map(str, top[:MOST_NAMED]))}{more}")
        if self.moves:
            said.append(f"{self.places} of {counted(self.rows, 'row')} differ")
        if self.scores:
            said.append(f"scores differ by up to {self.scores:.3g}")
        if said and self.precisions:
            said.append(f"computed in {self.precisions[0] or 'none'} then, in {self.precisions[1] or 'none'} now")
        return said


def difference(then: Answer, now: Answer, most: int | None = None) -> Difference:
    """Of the first `most` rows; of all without it."""
    if then.problem or now.problem:
        return Difference(0, problems=(then.problem, now.problem))
    before, after = then.rows[:most], now.rows[:most]
    precisions = (then.precision, now.precision)
    return Difference(
        rows=max(len(before), len(after)),
        places=sum(
            then is None or now is None or then.doc_id != now.doc_id for then, now in zip_longest(before, after)
        ),
        measures=_measures(then.measures or {}, now.measures or {}),
        moves=_moves(before, after),
        scores=_scores(before, after),
        precisions=precisions if precisions[0] != precisions[1] else None,
    )


def _size(move: Move) -> int:
    """What matters most comes first: documents that came and went, then those that moved far."""
    return TOP * 1000 if move.then is None or move.now is None else abs(move.then - move.now)


def _measures(
    then: Mapping[str, float | None], now: Mapping[str, float | None]
) -> dict[str, tuple[float | None, float | None]]:
    both = {name: (then.get(name), now.get(name)) for name in dict.fromkeys((*then, *now))}
    return {name: pair for name, pair in both.items() if _value(pair[0]) != _value(pair[1])}


def _moves(then: Sequence[Listed], now: Sequence[Listed]) -> tuple[Move, ...]:
    before = {row.doc_id: rank for rank, row in enumerate(then, 1)}
    after = {row.doc_id: rank for rank, row in enumerate(now, 1)}
    moves = [
        Move(doc_id, before.get(doc_id), after.get(doc_id))
        for doc_id in dict.fromkeys((*before, *after))
        if before.get(doc_id) != after.get(doc_id)
    ]
    behind = len(before) + len(after) + 1
    return tuple(sorted(moves, key=lambda move: min(move.then or behind, move.now or behind)))


def _scores(then: Sequence[Listed], now: Sequence[Listed]) -> float:
    after = {row.doc_id: row.score for row in now}
    largest = 0.0
    for row in then:
        score = after.get(row.doc_id)
        if row.score is None or score is None:
            continue
        by = abs(score - row.score)
        if by > TOLERANCE * max(1.0, abs(row.score)):
            largest = max(largest, by)
    return largest


def _value(value: float | None) -> str:
    return "none" if value is None else f"{value:.{DIGITS}f}"
