"""Who is preferred, and how sure that is: preferences between two lists whose systems were hidden."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

Z = 1.959963984540054  # standard normal, of an interval of 95 %


@dataclass(frozen=True, slots=True)
class Duel:
    """Two systems over all preferences between them, seen from `first`. `rate` counts a tie as half a win; `low` and
    `high` are its interval of 95 %. `p`: of the exact sign test over what was no tie, 1 without any."""

    first: str
    second: str
    wins: int
    ties: int
    losses: int
    rate: float
    low: float
    high: float
    p: float

    @property
    def count(self) -> int:
        return self.wins + self.ties + self.losses


def wilson(wins: float, count: int) -> tuple[float, float]:
    """The interval of 95 % for a share of `wins` of `count`, from 0 to 1 without any: Wilson, "Probable inference, the
    law of succession, and statistical inference", JASA 22(158), 1927. With ties as half wins it is on the safe side:
    these vary less than wins and losses of the same mean do."""
    if not count:
        return 0.0, 1.0
    share, square = wins / count, Z * Z / count
    middle = (share + square / 2) / (1 + square)
    half = Z / (1 + square) * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def sign_test(wins: int, losses: int) -> float:
    """Two-sided and exact: how likely a fair coin falls at least as unevenly; 1 without any."""
    count = wins + losses
    tail = sum(math.comb(count, heads) for heads in range(min(wins, losses) + 1))
    return min(1.0, 2 * tail / 2**count)


def duels(preferences: Iterable[tuple[str, str, str]]) -> list[Duel]:
    """`preferences` are (left, right, "left" | "right" | "tie"). Every pair of systems that was seen, each from the one
    that won more often; the systems in the order in which they were seen first."""
    counted: dict[tuple[str, str], list[int]] = {}  # wins of the first, ties, wins of the second
    systems: dict[str, None] = {}
    for left, right, choice in preferences:
        systems |= {left: None, right: None}
        won = {"left": 0, "tie": 1, "right": 2}[choice]
        if (right, left) in counted:
            counted[right, left][2 - won] += 1
        else:
            counted.setdefault((left, right), [0, 0, 0])[won] += 1
    found = []
    for one, other in combinations(systems, 2):
        pair = (one, other) if (one, other) in counted else (other, one)
        if pair not in counted:
            continue
        wins, ties, losses = counted[pair]
        if losses > wins:
            pair, wins, losses = pair[::-1], losses, wins
        count = wins + ties + losses
        low, high = wilson(wins + ties / 2, count)
        found.append(Duel(*pair, wins, ties, losses, (wins + ties / 2) / count, low, high, sign_test(wins, losses)))
    return found
