from __future__ import annotations

import pytest
from scipy.stats import binomtest

from zsr_tui.judging.winning import Duel, duels, sign_test, wilson


@pytest.mark.parametrize(("wins", "count"), [(0, 5), (5, 5), (3, 10), (50, 100), (1, 1)])
def test_the_interval_is_wilsons(wins: int, count: int) -> None:
    expected = binomtest(wins, count).proportion_ci(method="wilson")
    assert wilson(wins, count) == pytest.approx((expected.low, expected.high))


def test_half_a_win_moves_the_interval_between_those_beside_it() -> None:
    assert wilson(3, 10) < wilson(3.5, 10) < wilson(4, 10)
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("wins", "losses"), [(9, 1), (1, 9), (4, 4), (0, 3), (700, 800)])
def test_the_sign_test_is_the_exact_one(wins: int, losses: int) -> None:
    assert sign_test(wins, losses) == pytest.approx(binomtest(wins, wins + losses).pvalue)
    assert sign_test(0, 0) == 1.0


def test_a_pair_is_counted_whichever_side_its_systems_stood_on_and_seen_from_the_winner() -> None:
    found = duels([("a", "b", "right"), ("b", "a", "left"), ("b", "a", "right"), ("a", "b", "tie"), ("c", "a", "tie")])
    assert [(each.first, each.second, each.wins, each.ties, each.losses) for each in found] == [
        ("b", "a", 2, 1, 1),
        ("c", "a", 0, 1, 0),
    ]
    first = found[0]
    assert first == Duel("b", "a", 2, 1, 1, 0.625, *wilson(2.5, 4), 1.0)
    assert first.count == 4
    assert duels([]) == []
