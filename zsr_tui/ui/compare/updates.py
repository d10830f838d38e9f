"""What an event of a search changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Update:
    """What an event changed. `lists` are indexes; `fresh`: they are of another query than before; `urgent`: to be
    painted at once; `prepared`: how far something is that is made for a list; `notice`: a sentence to show."""

    lists: frozenset[int] = frozenset()
    query: bool = False
    fresh: bool = False
    urgent: bool = False
    ended: bool = False
    prepared: bool = False
    notice: str = ""


NOTHING = Update()
