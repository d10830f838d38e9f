"""Whether differences over queries may be chance. All functions take paired differences, float64 of shape (queries,
comparisons), and give an array of shape (comparisons,).

Smucker, Allan and Carterette ("A Comparison of Statistical Significance Tests for Information Retrieval Evaluation",
CIKM 2007) recommend the randomisation test and find that the t-test agrees with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zsr_tui.domain import LEVEL

if TYPE_CHECKING:
    import numpy as np

SEED = 20220609  # any; fixed, so that a table can be made again
ROUNDS = 10_000  # of the randomisation test
RESAMPLES = 5_000  # of the bootstrap
_AT_ONCE = 250  # rounds whose signs are in memory together
_ROUNDING = 1e-12  # of the sum of all magnitudes: sums of the same terms in another order


def paired_t(differences: np.ndarray) -> np.ndarray:
    """Two-sided p of Student's paired t-test; 1 where every difference is 0, nan for fewer than two queries."""
    import numpy as np
    from scipy.special import stdtr

    count = len(differences)
    if count < 2:
        return np.full(differences.shape[1], np.nan)
    mean, deviation = differences.mean(axis=0), differences.std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = mean / (deviation / np.sqrt(count))
    return np.where(_all_zero(differences), 1.0, 2 * stdtr(count - 1, -np.abs(t)))


def randomisation(differences: np.ndarray, rounds: int = ROUNDS, seed: int = SEED) -> np.ndarray:
    """Two-sided p of the paired randomisation test on the mean: the share of sign changes whose mean is at least as
    far from 0. All 2^n changes where that is no more than `rounds`; else `rounds` random ones and the observed one
    (Phipson and Smyth, "Permutation P-values should never be zero", 2010). nan for fewer than two queries."""
    import numpy as np

    count = len(differences)
    if count < 2:
        return np.full(differences.shape[1], np.nan)
    total = differences.sum(axis=0)
    observed = np.abs(total) - _ROUNDING * np.abs(differences).sum(axis=0)
    exact = 2**count <= rounds
    rounds = 2**count if exact else rounds
    generator = np.random.default_rng(seed)
    extreme = np.zeros(differences.shape[1], dtype=np.int64)
    for start in range(0, rounds, _AT_ONCE):
        size = min(_AT_ONCE, rounds - start)
        if exact:
            numbers = np.arange(start, start + size)
            kept = ((numbers[:, None] >> np.arange(count)) & 1).astype(np.uint8)
        else:
            octets = np.frombuffer(generator.bytes(size * ((count + 7) // 8)), np.uint8).reshape(size, -1)
            kept = np.unpackbits(octets, axis=1, count=count)
        # The sum with signs is twice the sum of those that keep theirs, less the sum of all.
        sums = 2 * (kept.astype(np.float64) @ differences) - total
        extreme += (np.abs(sums) >= observed).sum(axis=0)
    return extreme / rounds if exact else (extreme + 1) / (rounds + 1)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's step-down adjustment over one family of tests, shape (tests,); nan stays nan and is not counted.

    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 1979.
    """
    import numpy as np

    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def effect_size(differences: np.ndarray) -> np.ndarray:
    """Cohen's d_z, the mean difference over the standard deviation of the differences (n - 1): the effect size of a
    paired t-test (Cohen, "Statistical Power Analysis for the Behavioral Sciences", 1988, 2.3.5). 0 where every
    difference is 0, infinite where all are the same, nan for fewer than two queries."""
    import numpy as np

    if len(differences) < 2:
        return np.full(differences.shape[1], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = differences.mean(axis=0) / differences.std(axis=0, ddof=1)
    return np.where(_all_zero(differences), 0.0, effect)


def bootstrap(differences: np.ndarray, resamples: int = RESAMPLES, seed: int = SEED) -> np.ndarray:
    """The percentile bootstrap interval of the mean at 1 - `LEVEL`, over queries drawn with replacement: shape (2,
    comparisons). nan for fewer than two queries. Efron and Tibshirani, "An Introduction to the Bootstrap", 1993."""
    import numpy as np

    count = len(differences)
    if count < 2:
        return np.full((2, differences.shape[1]), np.nan)
    generator = np.random.default_rng(seed)
    means = np.empty((resamples, differences.shape[1]))
    for start in range(0, resamples, _AT_ONCE):
        size = min(_AT_ONCE, resamples - start)
        drawn = generator.integers(count, size=(size, count), dtype=np.int32)
        drawn += np.arange(size, dtype=np.int32)[:, None] * count
        times = np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count)
        means[start : start + size] = times.astype(np.float64) @ differences / count
    return np.quantile(means, [LEVEL / 2, 1 - LEVEL / 2], axis=0)


def _all_zero(differences: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(~differences.any(axis=0))
