"""What judging did to the systems of a pool: their values without and with one's own judgments."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zsr_tui.api.agreement import FEW
from zsr_tui.api.pooling import AllSessions, Disagreement, PoolEffect, Pooling, SystemEffect
from zsr_tui.engine.judging.pool.queries import Lists, counted
from zsr_tui.engine.judging.pool.session import PoolSession
from zsr_tui.evaluation import significance
from zsr_tui.evaluation.measures import Graded, measure_lists
from zsr_tui.evaluation.naming import is_sum, parse_measures
from zsr_tui.judging import pooling as order
from zsr_tui.judging.agreement import kappa

if TYPE_CHECKING:
    import numpy as np


Query = tuple[Lists, Mapping[str, int]]  # its lists, and what is judged of it


def effect(session: PoolSession, pooling: Pooling) -> PoolEffect:
    """Of every system over the queries that all of them have run; the first one is compared with each other one."""
    import numpy as np

    queries = session.queries
    own, without, with_own = queries.own(), queries.judged(), counted(queries)
    lists = [queries.lists(query) for query in range(len(queries.queries))]
    whole = [query for query, each in enumerate(lists) if all(one is not None for one in each)]
    times = len(whole) if is_sum(pooling.measure) else 1
    systems = []
    before, after = (
        _values(pooling.measure, [(lists[query], grades[query]) for query in whole], len(queries.systems))
        for grades in (without, with_own)
    )
    for place, system in enumerate(queries.systems):
        differences = after[place] - after[0]
        low, high = significance.bootstrap(differences[~np.isnan(differences)][:, None])[:, 0] * times
        systems.append(
            SystemEffect(
                system=system.label,
                before=_mean(before[place], times),
                after=_mean(after[place], times),
                difference_before=_mean(before[place] - before[0], times) if place else None,
                difference_after=_mean(differences, times) if place else None,
                low=_number(low) if place else None,
                high=_number(high) if place else None,
            )
        )
    twice = order.with_oneself(session.looks)
    return PoolEffect(
        measure=pooling.measure,
        queries=len(whole),
        own=sum(map(len, own)),
        unjudged=sum(
            len(order.pool(each, grades, pooling.depth)) for each, grades in zip(lists, with_own, strict=True)
        ),
        systems=tuple(systems),
        same=sum(first.grade == second.grade for first, second in twice),
        twice=len(twice),
        kappa=_kappa(twice),
        disagreements=tuple(
            Disagreement(
                query_id=session.query_of(first).query_id,
                query_text=session.query_of(first).query_text,
                doc_id=first.doc_id,
                first=first.grade or 0,
                second=second.grade or 0,
            )
            for first, second in twice
            if first.grade != second.grade
        ),
        median_seconds=order.median_seconds(session.looks),
        all_sessions=_all(session.sessions()),
    )


def _all(sessions: Sequence[Sequence[order.Look]]) -> AllSessions | None:
    """Together; what came again did so within its session."""
    if len(sessions) < 2:
        return None
    looks = [look for each in sessions for look in each]
    twice = [pair for each in sessions for pair in order.with_oneself(each)]
    return AllSessions(
        sessions=len(sessions),
        judged=sum(look.grade is not None and not look.again for look in looks),
        same=sum(first.grade == second.grade for first, second in twice),
        twice=len(twice),
        kappa=_kappa(twice),
        median_seconds=order.median_seconds(looks),
    )


def _kappa(twice: Sequence[tuple[order.Look, order.Look]]) -> float | None:
    """With oneself; None for a few."""
    return kappa([(first.grade or 0, second.grade or 0) for first, second in twice]) if len(twice) >= FEW else None


def _values(measure: str, queries: Sequence[Query], systems: int) -> np.ndarray:
    """float64 of shape (systems, queries); nan for a query without any judgment."""
    import numpy as np

    graded = [Graded.of(each or (), grades) for lists, grades in queries for each in lists]
    values = measure_lists(parse_measures((measure,)), graded)[0].reshape(len(queries), systems).T
    values[:, [not grades for _, grades in queries]] = np.nan
    return values


def _mean(values: np.ndarray, times: int) -> float | None:
    """Over the queries that have a value; None without any. `times` makes a sum of it."""
    known = values[values == values]
    return float(known.mean()) * times if len(known) else None


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
