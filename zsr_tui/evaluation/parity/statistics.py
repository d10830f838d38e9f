"""Plain statistics of pairs that a fact is true of, against the others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

LEAST = 5  # pairs on either side of a fact: fewer show nothing
CHANCE = 0.001  # that any finding of a comparison is one, all its tests together


def tau(a: np.ndarray, b: np.ndarray) -> float | None:
    """Kendall's tau-b; None where one has fewer than two different scores."""
    from scipy.stats import kendalltau

    if len(a) < 2:
        return None
    found = float(kendalltau(a, b).statistic)
    return found if math.isfinite(found) else None


@dataclass(frozen=True, slots=True)
class Contrast:
    """Pairs that a fact is true of, then the others: how many, how many of them differ, and the median difference.
    `chance`: how probable it is that so many of the first differ or more, if the fact has nothing to do with it
    (Fisher's exact test, one-sided). `explained`: eta squared of the ranks of the differences."""

    pairs: tuple[int, int]
    differ: tuple[int, int]
    medians: tuple[float, float]
    chance: float
    explained: float

    @property
    def testable(self) -> bool:
        return min(self.pairs) >= LEAST

    @property
    def gap(self) -> float:
        """Between the share of those that differ here and there (Youden's J)."""
        return self.differ[0] / max(1, self.pairs[0]) - self.differ[1] / max(1, self.pairs[1])


def contrast(true: np.ndarray, differs: np.ndarray, sizes: np.ndarray, ranks: np.ndarray) -> Contrast:
    """`true` and `differs` are booleans of each pair, `sizes` its difference without the sign, `ranks` those of it."""
    from scipy.stats import hypergeom

    total, differing, with_it = len(true), int(differs.sum()), int(true.sum())
    both = int((true & differs).sum())
    others = ~true
    return Contrast(
        pairs=(with_it, total - with_it),
        differ=(both, differing - both),
        medians=(_median(sizes[true]), _median(sizes[others])),
        chance=float(hypergeom.sf(both - 1, total, differing, with_it)) if total else 1.0,
        explained=_eta_squared(true, ranks),
    )


def ranks(sizes: np.ndarray) -> np.ndarray:
    from scipy.stats import rankdata

    return np.asarray(rankdata(sizes), dtype=np.float64)


def larger(true: np.ndarray, sizes: np.ndarray) -> float:
    """How probable it is that differences where it is `true` are so much larger by chance (Mann-Whitney, one-sided)."""
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(sizes[true], sizes[~true], alternative="greater").pvalue)


def _eta_squared(true: np.ndarray, ranks: np.ndarray) -> float:
    spread = float(((ranks - ranks.mean()) ** 2).sum()) if len(ranks) else 0.0
    if not spread or true.all() or not true.any():
        return 0.0
    between = sum(len(part) * float(part.mean() - ranks.mean()) ** 2 for part in (ranks[true], ranks[~true]))
    return between / spread


def _median(sizes: np.ndarray) -> float:
    return float(np.median(sizes)) if len(sizes) else math.nan
