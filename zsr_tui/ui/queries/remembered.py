"""The order of each evaluation's table of queries, for as long as the program runs."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

from zsr_tui.ui.queries.choice import QueryChoice

_last: WeakKeyDictionary[object, dict[str, QueryChoice]] = WeakKeyDictionary()


def remember(program: object, choice: QueryChoice) -> None:
    _last.setdefault(program, {})[choice.evaluation] = choice


def in_order(program: object, choice: QueryChoice) -> QueryChoice:
    """In the order in which the evaluation was last seen; otherwise with the worst first."""
    last = _last.get(program, {}).get(choice.evaluation)
    if last is None or last.selection.sort == "documents":  # of a class that it is not filtered by any more
        return choice.worst_first
    ordered = choice.having(sort=last.selection.sort, descending=last.selection.descending)
    return replace(ordered, agreements=last.agreements)
