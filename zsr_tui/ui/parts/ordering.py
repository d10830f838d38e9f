"""The rows of a table in the order of one of its columns, as its cells say it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[<≈*▲▼ ]*([+−-]?[\d,]*\.?\d+)\s*([kKMGTB]?)")
_TIMES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12}


@dataclass(frozen=True, slots=True)
class Order:
    """`column` counts from 0; -1 is that of the names. Numbers begin with the largest, names with the first, unless it
    is `turned`."""

    column: int
    turned: bool = False


def after_click(now: Order | None, column: int) -> Order | None:
    """Once sorts by the column, twice the other way round, a third time as the table came."""
    if now is None or now.column != column:
        return Order(column)
    return None if now.turned else Order(column, turned=True)


def ordered(cells: Sequence[str], *, numbers: bool, turned: bool) -> list[int]:
    """The rows (from 0) in their order; those that say nothing come last, equal ones stay as they were."""
    known = [(row, _number(text) if numbers else text.casefold()) for row, text in enumerate(cells)]
    having = [(row, value) for row, value in known if value not in (None, "–", "")]
    having.sort(key=lambda pair: pair[1], reverse=numbers != turned)
    there = [row for row, _ in having]
    return there + [row for row, _ in known if row not in set(there)]


def _number(text: str) -> float | None:
    """The first one that a cell says."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    return float(found[1].replace(",", "").replace("−", "-")) * _TIMES[found[2]]
