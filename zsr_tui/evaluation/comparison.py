"""The table of an evaluation: means, and each system against the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from zsr_tui.evaluation import significance
from zsr_tui.evaluation.measures import no_values
from zsr_tui.evaluation.naming import is_sum
from zsr_tui.evaluation.reach import beyond, reach, reaches
from zsr_tui.evaluation.results import Against, Cell, Evaluation, Row, Summary, Test
from zsr_tui.numerals import counted

if TYPE_CHECKING:
    import numpy as np

TIE = 1e-9  # values that differ by less are equal: sums of the same terms in another order


def summary(evaluation: Evaluation, baseline: int = 0, test: Test = "t") -> Summary:
    """Every system's means and, for all but the baseline, the comparison with it.

    Means are over the queries that a system has run; a comparison is over the queries that both it and the baseline
    have run. p is corrected over the systems, for each measure by itself. A system that failed has no figures: those of
    the queries that it got through would stand as if they were its own.
    """
    import numpy as np

    against: dict[tuple[int, int], Against] = {}
    failed = {index for index, system in enumerate(evaluation.systems) if system.failed}
    others = [index for index in range(len(evaluation.systems)) if index != baseline and index not in failed]
    if baseline in failed:
        others = []

    def mean(system: int, measure: int, values: np.ndarray) -> float:
        if system in failed:
            return float("nan")
        return member_mean(evaluation, evaluation.measures[measure], values[system, measure])

    for mask, pairs in _same_queries(evaluation.values, baseline, others):
        against |= _compared(evaluation, mask, pairs, baseline, test)
    for measure in range(len(evaluation.measures)):
        p = significance.holm(np.array([against[system, measure].p for system in others]))
        for system, adjusted in zip(others, p.tolist(), strict=True):
            against[system, measure] = replace(against[system, measure], p_holm=adjusted)
    rows = [
        Row(
            system=index,
            queries=int(evaluation.ran[index].sum()),
            cells={
                name: Cell(
                    mean=mean(index, measure, evaluation.values),
                    condensed=mean(index, measure, evaluation.condensed),
                    maximum=mean(index, measure, evaluation.maximum),
                    against=against.get((index, measure)),
                )
                for measure, name in enumerate(evaluation.measures)
            },
        )
        for index in range(len(evaluation.systems))
    ]
    lacking = _lacking(evaluation)
    return Summary(
        baseline=baseline,
        test=test,
        rows=tuple(rows),
        notes=_notes(evaluation, baseline, lacking),
        lacking=lacking,
    )


def member_mean(evaluation: Evaluation, measure: str, values: np.ndarray) -> float:
    """The mean over the queries that have a value, shape (queries,); where the dataset has several members, the mean
    of their means, as BEIR averages CQADupStack. The sum, of a measure that ir_measures adds up. nan without any."""
    import numpy as np

    known = ~np.isnan(values)
    if not known.any():
        return float("nan")
    if is_sum(measure):
        return float(values[known].sum())
    if len(evaluation.members) == 1:
        return float(values[known].mean())
    places = evaluation.member_of[known]
    counts = np.bincount(places, minlength=len(evaluation.members))
    sums = np.bincount(places, weights=values[known], minlength=len(evaluation.members))
    return float((sums[counts > 0] / counts[counts > 0]).mean())


def compared(evaluation: Evaluation, measure: str, system: int, baseline: int, test: Test = "t") -> Against:
    """One system with another, over the queries that both have; `p_holm` is nan: it is for who makes several tests."""
    import numpy as np

    at = evaluation.measures.index(measure)
    both = ~np.isnan(evaluation.values[[system, baseline], at]).any(axis=0)
    return _compared(evaluation, both, [(system, at)], baseline, test)[system, at]


def _same_queries(
    values: np.ndarray, baseline: int, others: Sequence[int]
) -> list[tuple[np.ndarray, list[tuple[int, int]]]]:
    """Systems and measures that share the queries they can be compared on: (mask over queries, pairs of them)."""
    import numpy as np

    known = ~np.isnan(values)
    groups: dict[bytes, tuple[np.ndarray, list[tuple[int, int]]]] = {}
    for system, measure in product(others, range(values.shape[1])):
        both = known[system, measure] & known[baseline, measure]
        groups.setdefault(both.tobytes(), (both, []))[1].append((system, measure))
    return list(groups.values())


def _compared(
    evaluation: Evaluation, mask: np.ndarray, pairs: Sequence[tuple[int, int]], baseline: int, test: Test
) -> dict[tuple[int, int], Against]:
    """Of some systems with the baseline, by system and measure, on the queries of the mask."""
    import numpy as np

    count = int(mask.sum())
    systems, measures = np.array(pairs).T
    flat = (evaluation.values[systems, measures] - evaluation.values[baseline, measures])[:, mask].T
    flat = np.ascontiguousarray(flat)
    flat[np.abs(flat) < TIE] = 0.0
    p = significance.paired_t(flat) if test == "t" else significance.randomisation(flat)
    times = np.array([count if is_sum(evaluation.measures[measure]) else 1 for measure in measures])
    effect, (low, high) = significance.effect_size(flat), significance.bootstrap(flat) * times
    means = flat.mean(axis=0) * times if count else np.full(flat.shape[1], np.nan)
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
            queries=count,
        )
        for k, key in enumerate(pairs)
    }


def _notes(evaluation: Evaluation, baseline: int, lacking: Mapping[str, str]) -> tuple[str, ...]:
    notes = []
    if (
        len({row.tobytes() for row, each in zip(evaluation.ran, evaluation.systems, strict=True) if not each.failed})
        > 1
    ):
        notes.append(
            "The systems have not run the same queries: each mean is over its own, each comparison over the queries "
            f"that both the system and {evaluation.systems[baseline].label} have run."
        )
    for system, called in zip(evaluation.systems, evaluation.names, strict=True):
        if names := beyond(system, evaluation.measures):
            notes.append(f"{called} has no {', '.join(names)}: its lists have {counted(reach(system), 'document')}.")
    notes += lacking.values()
    if len(evaluation.members) > 1:
        notes.append(
            f"Means are over the means of {len(evaluation.members)} datasets; differences, tests and intervals are "
            "over all their queries together."
        )
    return tuple(notes)


def _lacking(evaluation: Evaluation) -> dict[str, str]:
    """A sentence for each measure that lacks the value of a query that was run."""
    import numpy as np

    found = {}
    for name, values in zip(evaluation.measures, np.moveaxis(evaluation.values, 1, 0), strict=True):
        reached = np.array([reaches(system, name) for system in evaluation.systems])[:, None]
        lacking = np.isnan(values) & evaluation.ran & reached
        if lacking.any() and (lacking == (evaluation.ran & reached)).all():
            grades = {grade for query in evaluation.queries for grade in query.judgments.values()}
            why = no_values(name, grades) or "what computes it failed, see the engine's log (zsr-tui locate)."
            found[name] = f"{name} has no values: {why}"
        elif lacking.any():
            what = counted(int(lacking.any(axis=0).sum()), "query", "queries")
            found[name] = f"{name} has no value for some system in {what}: means and comparisons are over the others."
    return found
