"""Which of two systems' lists is preferred where nobody knows whose they are: what is asked, and the answers.

A preference is kept with `zsr_tui.api.judging.KeepPreference`.
"""

from __future__ import annotations

import msgspec

from zsr_tui.api.events import DocHead
from zsr_tui.api.questions import Count, Question


class Tops(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of documents, the best first, for each system that was asked for, and what a row shows of each. A system that
    has not run the query has none."""

    lists: tuple[tuple[str, ...], ...]
    heads: dict[str, DocHead]


class ReadTops(Question[Tops], frozen=True, kw_only=True):
    """The first `depth` documents of a query's stored lists. `id` is an evaluation's, `query` and `systems` are indexes
    into it."""

    id: str
    query: Count
    systems: tuple[int, ...]
    depth: Count = 100


class DuelView(msgspec.Struct, frozen=True, kw_only=True):
    """See `zsr_tui.judging.winning.Duel`."""

    first: str
    second: str
    wins: int
    ties: int
    losses: int
    rate: float
    low: float
    high: float
    p: float


class ReadWinRates(Question[tuple[DuelView, ...]], frozen=True, kw_only=True):
    """Of every pair of systems that somebody has preferred one of, on these datasets; in the session of `seed` alone
    where it is given. Of several preferences of a person on one query and pair the last one counts."""

    datasets: tuple[str, ...]
    seed: int | None = None
