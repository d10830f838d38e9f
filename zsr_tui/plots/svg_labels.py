"""Where the labels of a plot stand: beside what they name, and over nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

Segment = tuple[float, float, float, float]  # x0, y0, x1, y1

MARK = 8.0  # half the side of the square that a point's mark takes, with a little air
_OUTSIDE, _OVER_TEXT, _OVER_MARK, _OVER_LINE = 4000.0, 1000.0, 1000.0, 250.0
_ROUNDS, _STARTS = 12, 6


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return min(self.right, other.right) > max(self.left, other.left) and min(self.bottom, other.bottom) > max(
            self.top, other.top
        )

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def crossed_by(self, segment: Segment) -> bool:
        """Some of the segment lies inside (Liang and Barsky 1984)."""
        x0, y0, x1, y1 = segment
        start, end = 0.0, 1.0
        for step, room in (
            (x0 - x1, x0 - self.left),
            (x1 - x0, self.right - x0),
            (y0 - y1, y0 - self.top),
            (y1 - y0, self.bottom - y0),
        ):
            if step == 0:
                if room < 0:
                    return False
            elif step < 0:
                start = max(start, room / step)
            else:
                end = min(end, room / step)
        return start <= end


@dataclass(frozen=True, slots=True)
class Place:
    """A label's box, what choosing it costs in itself, and the line that leads to its point where it stands apart."""

    box: Box
    cost: float
    leader: Segment | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What labels must keep off."""

    frame: Box
    marks: Sequence[Box]
    lines: Sequence[Segment]


def beside(x: float, y: float, width: float, height: float) -> list[Place]:
    """The places for the label of the point at (x, y): right, left, above, below it first, further away after that."""
    places = [
        Place(_at(x + MARK + 2, y - height / 2, width, height), 0),
        Place(_at(x - MARK - 2 - width, y - height / 2, width, height), 1),
        Place(_at(x - width / 2, y - MARK - height, width, height), 2),
        Place(_at(x - width / 2, y + MARK, width, height), 3),
    ]
    for away in (0.0, 14.0, 28.0, 42.0, 60.0, 80.0, 100.0):
        for side in (-1, 1):  # above, below
            top = y - MARK - away - height if side < 0 else y + MARK + away
            near = top + height if side < 0 else top
            for number, left in enumerate((x + 4, x - 4 - width, x - width / 2, x + 40, x - 40 - width)):
                if number == 2 and not away:
                    continue  # it is among the first four
                box = _at(left, top, width, height)
                end = min(max(x, box.left + 4), box.right - 4)
                apart = away > 0 or number > 2
                places.append(Place(box, 4 + away + number, (x, y, end, near) if apart else None))
    return places


def along(left: float, right: float, y: float, width: float, height: float) -> list[Place]:
    """The places for the label of a horizontal line: at its right end above it first."""
    room = max(0.0, right - left - width)
    starts = [right - width, left, left + room / 2, *(left + room * part / 8 for part in range(1, 8))]
    return [
        Place(_at(start, y - height - 2 if above else y + 2, width, height), number * 2 + (0 if above else 5))
        for number, start in enumerate(starts)
        for above in (True, False)
    ]


def arrange(choices: Sequence[Sequence[Place]], around: Around) -> list[Place]:
    """One of its places for each label, so that as few as can be lie over a line, a mark or one another: each label in
    turn moves to where it is best off, until none moves any more; the best of a few such arrangements."""
    alone = [[place.cost + _cost(place, around) for place in places] for places in choices]
    order = sorted(range(len(choices)), key=lambda label: -min(alone[label]))  # those with least choice first
    found: dict[tuple[int, ...], float] = {}
    for start in range(0, len(order), max(1, len(order) // _STARTS)):
        chosen = _settled(choices, alone, order[start:] + order[:start])
        found[chosen] = _total(choices, alone, chosen)
    best = min(found, key=found.__getitem__, default=())
    return [places[place] for places, place in zip(choices, best, strict=True)]


def _settled(
    choices: Sequence[Sequence[Place]], alone: Sequence[Sequence[float]], order: Sequence[int]
) -> tuple[int, ...]:
    chosen: dict[int, int] = {}
    for _ in range(_ROUNDS):
        before = dict(chosen)
        for label in order:
            others = [choices[other][place] for other, place in chosen.items() if other != label]
            least = math.inf
            for number in sorted(range(len(alone[label])), key=alone[label].__getitem__):
                if alone[label][number] >= least:
                    break
                cost = alone[label][number] + sum(_between(choices[label][number], other) for other in others)
                if cost < least:
                    least, chosen[label] = cost, number
        if chosen == before:
            break
    return tuple(chosen[label] for label in range(len(choices)))


def _total(choices: Sequence[Sequence[Place]], alone: Sequence[Sequence[float]], chosen: Sequence[int]) -> float:
    places = [of[place] for of, place in zip(choices, chosen, strict=True)]
    return sum(costs[place] for costs, place in zip(alone, chosen, strict=True)) + sum(
        _between(*pair) for pair in combinations(places, 2)
    )


def _at(left: float, top: float, width: float, height: float) -> Box:
    return Box(left, top, left + width, top + height)


def _cost(place: Place, around: Around) -> float:
    cost = 0.0 if around.frame.holds(place.box) else _OUTSIDE
    cost += _OVER_MARK * sum(place.box.meets(mark) for mark in around.marks)
    cost += _OVER_LINE * sum(place.box.crossed_by(line) for line in around.lines)
    if place.leader:
        x, y = place.leader[:2]
        others = [mark for mark in around.marks if not (mark.left <= x <= mark.right and mark.top <= y <= mark.bottom)]
        cost += _OVER_LINE * sum(mark.crossed_by(place.leader) for mark in others)
        cost += 20.0 * sum(_cross(place.leader, line) for line in around.lines)
    return cost


def _between(one: Place, other: Place) -> float:
    cost = _OVER_TEXT * one.box.meets(other.box)
    for here, there in ((one, other), (other, one)):
        if here.leader and there.box.crossed_by(here.leader):
            cost += _OVER_LINE
    if one.leader and other.leader and _cross(one.leader, other.leader):
        cost += 20.0
    return cost


def _cross(one: Segment, other: Segment) -> bool:
    """They meet in a point that is an end of neither."""

    def side(line: Segment, x: float, y: float) -> float:
        return (line[2] - line[0]) * (y - line[1]) - (line[3] - line[1]) * (x - line[0])

    return (
        side(one, other[0], other[1]) * side(one, other[2], other[3]) < -1e-6
        and side(other, one[0], one[1]) * side(other, one[2], one[3]) < -1e-6
    )
