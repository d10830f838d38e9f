"""How alike two rankings are, without judgments."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Sequence

DEPTH = 100  # as far as rankings are compared; RBO 0.9 gives what lies below a weight of 3e-5
P = 0.9  # of RBO: its first ten ranks then have 86 % of the weight


def rbo(first: Sequence[str], second: Sequence[str], p: float = P) -> float:
    """Rank-biased overlap, extrapolated to infinite depth, of lists that may differ in length: RBO_ext, equation 32 of
    Webber, Moffat and Zobel, "A similarity measure for indefinite rankings", ACM TOIS 28(4), 2010. From 0 (disjoint)
    to 1 (the same). Two empty lists are the same, an empty one and another disjoint.

    With lists of s <= l documents and the overlap X_d of their first d (all s of the shorter where d > s):
    (1-p)/p * (sum_{d=1..l} X_d/d p^d  +  sum_{d=s+1..l} X_s (d-s)/(s d) p^d)  +  ((X_l - X_s)/l + X_s/s) p^l
    """
    short, long = sorted((first, second), key=len)
    if not short:
        return 1.0 if not long else 0.0
    s, size = len(short), len(long)
    seen_short: set[str] = set()
    seen_long: set[str] = set()
    overlap, at_s = 0, 0
    total = 0.0
    weight = 1.0
    for d in range(1, size + 1):
        weight *= p
        new_long = long[d - 1]
        seen_long.add(new_long)
        if d <= s:
            new_short = short[d - 1]
            seen_short.add(new_short)
            overlap += (new_short in seen_long) + (new_long in seen_short) - (new_short == new_long)
            at_s = overlap
        else:
            overlap += new_long in seen_short
            total += at_s * (d - s) / (s * d) * weight
        total += overlap / d * weight
    return (1 - p) / p * total + ((overlap - at_s) / size + at_s / s) * weight


def jaccard(first: Sequence[str], second: Sequence[str], depth: int = 10) -> float:
    """Documents in both of the first `depth`, over those in either; 1 for two empty lists."""
    one, other = set(first[:depth]), set(second[:depth])
    return len(one & other) / len(one | other) if one or other else 1.0


def tau_ap(ranking: Sequence[str], reference: Sequence[str]) -> float:
    """AP correlation of a ranking with a reference, over the documents that both have: -1 to 1, where errors near the
    top of `ranking` weigh more. Not symmetric; nan for fewer than two documents in common.

    Yilmaz, Aslam and Robertson, "A new rank correlation coefficient for information retrieval", SIGIR 2008:
    2/(N-1) * sum_{i=2..N} C(i)/(i-1) - 1, C(i) being how many documents above rank i the reference also has above it.
    """
    place = {doc_id: rank for rank, doc_id in enumerate(reference)}
    common = [place[doc_id] for doc_id in ranking if doc_id in place]
    if len(common) < 2:
        return math.nan
    above = [common[0]]
    total = 0.0
    for i, rank in enumerate(common[1:], start=1):  # i documents stand above the one at rank i + 1
        total += bisect_left(above, rank) / i
        insort(above, rank)
    return 2 * total / (len(common) - 1) - 1
