"""The order of each evaluation's table of queries, for as long as the program runs."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

from zsr_tui.ui.queries.asked import Shown

_orders: WeakKeyDictionary[object, dict[str, Shown]] = WeakKeyDictionary()


def remember(program: object, shown: Shown) -> None:
    _orders.setdefault(program, {})[shown.id] = shown


def in_order(program: object, shown: Shown) -> Shown:
    """In the order in which the evaluation was last seen; otherwise with the worst first."""
    last = _orders.get(program, {}).get(shown.id)
    if last is None or last.sort == "documents":  # of a class that the table is not filtered by any more
        return shown.worst_first
    return replace(shown, sort=last.sort, descending=last.descending, agreements=last.agreements)
