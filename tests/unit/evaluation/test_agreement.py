from __future__ import annotations

import math
import random

import pytest

from zsr_tui.evaluation.agreement import jaccard, rbo, tau_ap


def rbo_by_its_definition(first: list[str], second: list[str], p: float) -> float:
    """Extrapolated by hand for lists of one length: agreement stays as it is at the last depth (Webber et al., 4.3)."""
    k = len(first)
    agreements = [len(set(first[:d]) & set(second[:d])) / d for d in range(1, k + 1)]
    return (1 - p) * sum(a * p**d for d, a in enumerate(agreements)) + agreements[-1] * p**k


def test_rbo_of_even_lists_is_its_definition() -> None:
    rng = random.Random(2)
    for _ in range(20):
        docs = [str(n) for n in range(15)]
        first, second = rng.sample(docs, 10), rng.sample(docs, 10)
        assert rbo(first, second) == pytest.approx(rbo_by_its_definition(first, second, 0.9))


def test_rbo_of_uneven_lists_is_equation_32() -> None:
    # p = 0.5, S = a b, L = b a c: X = 0, 2, 2; (1-p)/p = 1
    # sums: 0/1*0.5 + 2/2*0.25 + 2/3*0.125 + 2*(3-2)/(2*3)*0.125; rest: ((2-2)/3 + 2/2)*0.125
    expected = 0.25 + 2 / 3 * 0.125 + 1 / 3 * 0.125 + 0.125
    assert rbo(["a", "b"], ["b", "a", "c"], p=0.5) == pytest.approx(expected)
    assert rbo(["b", "a", "c"], ["a", "b"], p=0.5) == pytest.approx(expected)


@pytest.mark.parametrize("short", [1, 3, 7])
def test_rbo_of_uneven_lists_is_that_of_every_depth(short: int) -> None:
    """Equation 32, summed over depths as it stands, in either order."""
    rng = random.Random(short)
    docs = [str(n) for n in range(14)]
    for _ in range(20):
        one, other = rng.sample(docs, short), rng.sample(docs, 9)
        overlap = [len(set(one[:d]) & set(other[:d])) for d in range(10)]
        p, s, size = 0.8, short, 9
        total = sum(overlap[d] / d * p**d for d in range(1, size + 1))
        total += sum(overlap[s] * (d - s) / (s * d) * p**d for d in range(s + 1, size + 1))
        expected = (1 - p) / p * total + ((overlap[size] - overlap[s]) / size + overlap[s] / s) * p**size
        assert rbo(one, other, p) == pytest.approx(expected)
        assert rbo(other, one, p) == pytest.approx(expected)


def test_rbo_ends() -> None:
    assert rbo(["a", "b", "c"], ["a", "b", "c"]) == pytest.approx(1.0)
    assert rbo(["a", "b"], ["a", "b", "c", "d"]) == pytest.approx(1.0)  # the longer goes on where the shorter ends
    assert rbo(["a", "b"], ["c", "d"]) == 0.0
    assert rbo([], []) == 1.0
    assert rbo([], ["a"]) == 0.0


def test_jaccard_looks_at_the_first_ten() -> None:
    first = [str(n) for n in range(20)]
    assert jaccard(first, first[5:]) == pytest.approx(5 / 15)
    assert jaccard(first, first[:10]) == 1.0
    assert jaccard([], []) == 1.0
    assert jaccard([], first) == jaccard(first, []) == 0.0


def test_tau_ap_is_the_papers() -> None:
    # by hand: ranking c a b d against a b c d; below c: a has 0 of 1 right, b 1 of 2, d 3 of 3
    assert tau_ap(["c", "a", "b", "d"], ["a", "b", "c", "d"]) == pytest.approx(2 / 3 * (0 + 1 / 2 + 1) - 1)
    assert tau_ap(list("abcd"), list("abcd")) == 1.0
    assert tau_ap(list("dcba"), list("abcd")) == -1.0


def test_an_error_at_the_top_weighs_more() -> None:
    reference = [str(n) for n in range(10)]
    top, bottom = reference.copy(), reference.copy()
    top[0], top[1] = top[1], top[0]
    bottom[8], bottom[9] = bottom[9], bottom[8]
    assert tau_ap(top, reference) < tau_ap(bottom, reference) < 1.0


def test_tau_ap_compares_what_both_have() -> None:
    assert tau_ap(["x", "a", "b", "y"], ["a", "z", "b"]) == 1.0
    assert math.isnan(tau_ap(["a", "x"], ["a", "y"]))
