"""Every figure against scipy's, or against a value worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from zsr_tui.evaluation import significance


@pytest.fixture
def differences() -> np.ndarray:
    """60 queries, three comparisons: nothing, a small gain, values with many ties as measures have them."""
    generator = np.random.default_rng(3)
    noise = generator.normal(0, 0.2, (60, 2)) + np.array([0.0, 0.06])
    steps = generator.choice([0.0, 0.0, 0.5, -0.5, 1.0], size=60)
    return np.column_stack([noise, steps])


def test_the_t_test_is_scipys(differences: np.ndarray) -> None:
    expected = stats.ttest_rel(differences, np.zeros_like(differences)).pvalue
    assert significance.paired_t(differences) == pytest.approx(expected, rel=1e-9)


def test_the_exact_randomisation_test_is_scipys(differences: np.ndarray) -> None:
    few = differences[:11]
    expected = [
        stats.permutation_test(
            (column,), np.mean, permutation_type="samples", n_resamples=10_000, alternative="two-sided"
        ).pvalue
        for column in few.T
    ]
    # scipy doubles the smaller tail, which for sign changes is the share beyond on both sides
    assert significance.randomisation(few) == pytest.approx(expected, abs=1e-9)


def test_the_random_randomisation_test_agrees_with_scipys_up_to_its_own_error(differences: np.ndarray) -> None:
    expected = np.array(
        [
            stats.permutation_test(
                (column,), np.mean, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(1)
            ).pvalue
            for column in differences.T
        ]
    )
    found = significance.randomisation(differences)
    assert np.abs(found - expected).max() < 4 * np.sqrt(0.25 / 10_000)
    assert (found == significance.randomisation(differences)).all()  # the seed is fixed


def test_a_sum_that_is_equal_but_for_rounding_is_as_far_from_zero() -> None:
    """Differences of measures are tenths and the like: many changes of sign have the observed mean exactly."""
    tenths = np.random.default_rng(4).integers(-4, 6, size=(9, 60))
    signs = 1 - 2 * ((np.arange(2**9)[:, None] >> np.arange(9)) & 1)
    expected = (np.abs(signs @ tenths) >= np.abs(tenths.sum(axis=0))).mean(axis=0)  # in whole numbers
    assert significance.randomisation(tenths / 10) == pytest.approx(expected, abs=1e-12)


def test_all_changes_are_tried_up_to_as_many_as_the_rounds() -> None:
    assert significance.randomisation(np.array([[1.0], [1.0]]), rounds=4)[0] == 0.5
    assert significance.randomisation(np.array([[1.0], [1.0]]), rounds=3)[0] != 0.5
    all_gain = np.linspace(1, 2, 13)[:, None]
    assert significance.randomisation(all_gain)[0] == 2 / 2**13


def test_two_queries_are_enough() -> None:
    two = np.array([[0.1], [0.4]])
    assert significance.paired_t(two) == pytest.approx(stats.ttest_1samp(two, 0).pvalue)
    assert significance.randomisation(two)[0] == 0.5
    assert significance.effect_size(two)[0] == pytest.approx(0.25 / np.std(two, ddof=1))
    low, high = significance.bootstrap(two)[:, 0]
    assert (low, high) == pytest.approx((0.1, 0.4))


def test_where_all_differences_are_the_same_nothing_is_warned_of() -> None:
    """One comparison of zeros and one of a constant gain, beside an ordinary one."""
    both = np.column_stack([np.zeros(6), np.full(6, 0.5), np.linspace(-1, 2, 6)])
    with np.errstate(all="raise"):
        assert significance.paired_t(both)[:2].tolist() == [1.0, 0.0]
        assert significance.effect_size(both)[:2].tolist() == [0.0, np.inf]


def test_a_difference_that_no_round_reaches_is_not_zero_probable() -> None:
    certain = np.full((40, 1), 0.5) + np.linspace(0, 0.1, 40)[:, None]
    assert significance.randomisation(certain)[0] == pytest.approx(1 / 10_001)


def test_holm_is_the_textbooks() -> None:
    # worked by hand: 0.005 x 4, 0.011 x 3, 0.02 x 2, 0.04 x 1, never smaller than the one before
    p = np.array([0.02, 0.005, 0.04, 0.011])
    assert significance.holm(p) == pytest.approx([0.04, 0.02, 0.04, 0.033])
    assert significance.holm(np.array([0.6, 0.7])) == pytest.approx([1.0, 1.0])


def test_holm_leaves_out_what_was_not_tested() -> None:
    assert significance.holm(np.array([0.01, np.nan, 0.02])) == pytest.approx([0.02, np.nan, 0.02], nan_ok=True)


def test_the_effect_size_is_t_over_the_root_of_n(differences: np.ndarray) -> None:
    t = stats.ttest_1samp(differences, 0).statistic
    assert significance.effect_size(differences) == pytest.approx(t / np.sqrt(60))


def test_the_bootstrap_interval_is_scipys_up_to_its_own_error(differences: np.ndarray) -> None:
    low, high = significance.bootstrap(differences)
    for place, column in enumerate(differences.T):
        expected = stats.bootstrap(
            (column,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(1)
        ).confidence_interval
        width = expected.high - expected.low
        assert abs(low[place] - expected.low) < 0.05 * width
        assert abs(high[place] - expected.high) < 0.05 * width
    assert (significance.bootstrap(differences) == (low, high)).all()  # the seed is fixed
    few = significance.bootstrap(differences, resamples=251)
    assert np.abs(few - (low, high)).max() < 0.2 * (high - low).max()  # no resample is left at 0


def test_systems_that_agree_everywhere_do_not_differ() -> None:
    nothing = np.zeros((30, 1))
    assert significance.paired_t(nothing)[0] == 1.0
    assert significance.randomisation(nothing)[0] == 1.0
    assert significance.effect_size(nothing)[0] == 0.0
    assert significance.bootstrap(nothing).tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize("queries", [0, 1])
def test_nothing_is_claimed_from_less_than_two_queries(queries: int) -> None:
    few = np.ones((queries, 2))
    for test in (significance.paired_t, significance.randomisation, significance.effect_size, significance.bootstrap):
        assert np.isnan(test(few)).all()
    assert significance.bootstrap(few).shape == (2, 2)
