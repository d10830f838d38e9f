"""How far people, or people and a model, agree: Cohen's kappa of two, Krippendorff's alpha of any number.

Kappa is scikit-learn's, alpha that of the package krippendorff. Both are None where they are not defined: nothing was
judged by two, or everybody always gave the same grade.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from zsr_tui.domain import relevant_from


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of two, over the `shared` documents that both judged: the same grade for `same` of them. `kappa` counts a grade
    as the other or not, `weighted` by the square of the distance, `relevant` only whether it is 1 or more.
    `matrix[i][j]`: documents that the first gave `grades[i]` and the second `grades[j]`."""

    shared: int
    same: int
    kappa: float | None
    weighted: float | None
    relevant: float | None
    grades: tuple[int, ...]
    matrix: tuple[tuple[int, ...], ...]


def agreement(pairs: Sequence[tuple[int, int]]) -> Agreement:
    """`pairs`: what the first and the second gave each document."""
    grades = tuple(sorted({grade for pair in pairs for grade in pair}))
    counts, least = Counter(pairs), relevant_from()
    return Agreement(
        shared=len(pairs),
        same=sum(first == second for first, second in pairs),
        kappa=kappa(pairs),
        weighted=kappa(pairs, weights="quadratic"),
        relevant=kappa([(int(first >= least), int(second >= least)) for first, second in pairs]),
        grades=grades,
        matrix=tuple(tuple(counts[row, column] for column in grades) for row in grades),
    )


def kappa(pairs: Sequence[tuple[int, int]], weights: str | None = None) -> float | None:
    """Cohen's (1960); with "quadratic" weights his weighted one (1968), by the distance of the grades' ranks."""
    labels = sorted({grade for pair in pairs for grade in pair})
    if len(labels) < 2:
        return None
    from sklearn.metrics import cohen_kappa_score

    first, second = zip(*pairs, strict=True)
    return _number(cohen_kappa_score(first, second, labels=labels, weights=weights))


def alpha(judged: Sequence[Sequence[int | None]]) -> float | None:
    """Krippendorff's, for ordinal grades: `judged[i][j]` is what the judge i gave the document j, None for nothing."""
    together = [given for given in zip(*judged, strict=True) if sum(grade is not None for grade in given) > 1]
    if len({grade for given in together for grade in given if grade is not None}) < 2:
        return None
    import krippendorff
    import numpy as np

    table = np.array([[np.nan if grade is None else grade for grade in given] for given in together]).T
    return _number(krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal"))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
