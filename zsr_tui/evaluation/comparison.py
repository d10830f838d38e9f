"""The table of an evaluation: means, and each system against the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from zsr_tui.evaluation import significance
from zsr_tui.evaluation.results import Against, Cell, Evaluation, Row, Summary, Test

if TYPE_CHECKING:
    import numpy as np

TIE = 1e-9  # values that differ by less are equal: sums of the same terms in another order


def summary(evaluation: Evaluation, baseline: int = 0, test: Test = "t") -> Summary:
    """Every system's means and, for all but the baseline, the comparison with it.

    Means are over the queries that a system has run; a comparison is over the queries that both it and the baseline
    have run. p is corrected over the systems, for each measure by itself.
    """
    import numpy as np

    values = evaluation.values
    ran = ~np.isnan(values).all(axis=1)  # (systems, queries)
    against: dict[tuple[int, int], Against] = {}
    others = [index for index in range(len(evaluation.systems)) if index != baseline]
    for mask, systems in _same_queries(ran, baseline, others):
        against |= _compared(values[:, :, mask], systems, baseline, test)
    for measure in range(len(evaluation.measures)):
        p = significance.holm(np.array([against[system, measure].p for system in others]))
        for system, adjusted in zip(others, p.tolist(), strict=True):
            against[system, measure] = replace(against[system, measure], p_holm=adjusted)
    rows = [
        Row(
            system=index,
            queries=int(ran[index].sum()),
            cells={
                name: Cell(
                    mean=member_mean(evaluation, values[index, measure]),
                    condensed=member_mean(evaluation, evaluation.condensed[index, measure]),
                    maximum=member_mean(evaluation, evaluation.maximum[index, measure]),
                    against=against.get((index, measure)),
                )
                for measure, name in enumerate(evaluation.measures)
            },
        )
        for index in range(len(evaluation.systems))
    ]
    return Summary(
        baseline=baseline,
        test=test,
        rows=tuple(rows),
        notes=_notes(evaluation, ran, baseline),
    )


def member_mean(evaluation: Evaluation, values: np.ndarray) -> float:
    """The mean over the queries that have a value, shape (queries,); where the dataset has several members, the mean
    of their means, as BEIR averages CQADupStack. nan without any."""
    import numpy as np

    known = ~np.isnan(values)
    if len(evaluation.members) == 1:
        return float(values[known].mean()) if known.any() else float("nan")
    places = evaluation.member_of[known]
    counts = np.bincount(places, minlength=len(evaluation.members))
    sums = np.bincount(places, weights=values[known], minlength=len(evaluation.members))
    return float((sums[counts > 0] / counts[counts > 0]).mean()) if known.any() else float("nan")


def _same_queries(ran: np.ndarray, baseline: int, others: Sequence[int]) -> list[tuple[np.ndarray, list[int]]]:
    """Systems that share the queries they can be compared on: (mask over queries, systems)."""
    groups: dict[bytes, tuple[np.ndarray, list[int]]] = {}
    for system in others:
        both = ran[system] & ran[baseline]
        groups.setdefault(both.tobytes(), (both, []))[1].append(system)
    return list(groups.values())


def _compared(values: np.ndarray, systems: Sequence[int], baseline: int, test: Test) -> dict[tuple[int, int], Against]:
    """Of some systems with the baseline, by system and measure; `values` are of shape (systems, measures, queries)."""
    import numpy as np

    _, measures, count = values.shape
    flat = np.ascontiguousarray((values[systems] - values[baseline]).reshape(len(systems) * measures, count).T)
    flat[np.abs(flat) < TIE] = 0.0
    p = significance.paired_t(flat) if test == "t" else significance.randomisation(flat)
    effect, (low, high) = significance.effect_size(flat), significance.bootstrap(flat)
    means = flat.mean(axis=0) if count else np.full(flat.shape[1], np.nan)
    wins, losses = (flat > 0).sum(axis=0), (flat < 0).sum(axis=0)
    return {
        key: Against(
            difference=float(means[k]),
            p=float(p[k]),
            p_holm=float("nan"),
            effect=float(effect[k]),
            interval=(float(low[k]), float(high[k])),
            wins=int(wins[k]),
            ties=int(count - wins[k] - losses[k]),
            losses=int(losses[k]),
            queries=int(count),
        )
        for k, key in enumerate(product(systems, range(measures)))
    }


def _notes(evaluation: Evaluation, ran: np.ndarray, baseline: int) -> tuple[str, ...]:
    notes = []
    if len({row.tobytes() for row in ran}) > 1:
        notes.append(
            "The systems have not run the same queries: each mean is over its own, each comparison over the queries "
            f"that both the system and {evaluation.systems[baseline].label} have run."
        )
    if len(evaluation.members) > 1:
        notes.append(
            f"Means are over the means of {len(evaluation.members)} datasets; differences, tests and intervals are "
            "over all their queries together."
        )
    return tuple(notes)
