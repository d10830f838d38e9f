"""What the pairs that differ have in common, in sentences: each only where the numbers support it.

A fact is named where Fisher's exact test leaves it a chance of one in a thousand, over all facts that were tried, and
where it tells the pairs that differ from the others. Then the pairs that it explains are left out, and the others are
looked at again. Where no fact tells them apart, it is looked at by how much they differ, by Mann and Whitney's test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zsr_tui.evaluation.parity import facts, inputs, statistics
from zsr_tui.evaluation.parity.facts import Fact
from zsr_tui.evaluation.parity.observed import Observed, Scores
from zsr_tui.evaluation.parity.statistics import CHANCE, Contrast
from zsr_tui.numerals import counted
from zsr_tui.parity import Finding

FIRST = 3  # facts that are named one after the other
_ONLY = 0.02  # of the others differ, at most, where a fact is named as the only one
_GAP, _SOME, _WHEREVER = 0.8, 0.3, 0.95
_TIMES, _EXPLAINED = 3.0, 0.3
_PERMUTED = 0.9  # of the queries


@dataclass(frozen=True, slots=True)
class Tried:
    """A fact with what came of it."""

    fact: Fact
    contrast: Contrast


class Differences:
    """`sizes` of the differences on B's scale, without their signs, and which of them `differ`, in the order of
    `pairs`."""

    def __init__(self, pairs: Sequence[Observed], sizes: np.ndarray, differs: np.ndarray) -> None:
        self.pairs, self.sizes, self.differs = list(pairs), sizes, differs
        self._ranks = statistics.ranks(sizes)

    def tried(self) -> list[Tried]:
        return [Tried(fact, self.contrast(fact.true)) for fact in facts.all_of(self.pairs, self.differs)]

    def contrast(self, true: np.ndarray) -> Contrast:
        return statistics.contrast(true, self.differs, self.sizes, self._ranks)

    def without(self, true: np.ndarray) -> Differences:
        left = np.flatnonzero(~true)
        return Differences([self.pairs[at] for at in left], self.sizes[left], self.differs[left])


def where(found: Differences, what: str = "The scores differ", such: str = "differ") -> Iterator[Finding]:
    """Facts that tell pairs that differ from the others."""
    others = ""
    for _ in range(FIRST):
        if not found.differs.any() or found.differs.all():
            return
        best = _best(found)
        if best is None:
            return
        (with_it, without), (there, here) = best.contrast.pairs, best.contrast.differ
        word = "only" if not here else "almost only" if here <= _ONLY * without else "wherever"
        where_ = "wherever" if word == "wherever" else f"{word} where"
        yield Finding(
            kind="fact",
            sentence=f"{others}{what if not others else what[0].lower() + what[1:]} {where_} {best.fact.name}: "
            f"{there:,} of {with_it:,} such pairs {such}, {here:,} of {without:,} others.",
        )
        if word != "wherever":
            return
        found, others = found.without(best.fact.true), "Of the others, "


def _best(found: Differences) -> Tried | None:
    tried = found.tried()
    tests = sum(each.fact.tests for each in tried)
    sound = [each for each in tried if each.contrast.chance * tests < CHANCE and _tells(each.contrast)]
    return max(sound, key=lambda each: round(each.contrast.gap, 2), default=None)


def _tells(found: Contrast) -> bool:
    there, here = (differ / max(1, pairs) for differ, pairs in zip(found.differ, found.pairs, strict=True))
    if here <= _ONLY:
        return found.gap >= _SOME
    return found.gap >= _GAP or (there >= _WHEREVER and found.gap >= _SOME)


def how_far(found: Differences) -> Iterator[Finding]:
    """The fact with which they differ the most."""
    facts_ = facts.all_of(found.pairs, found.sizes > np.median(found.sizes))
    tried = [Tried(fact, found.contrast(fact.true)) for fact in facts_]
    tests = sum(fact.tests for fact in facts_)
    sound = [
        each
        for each in tried
        if each.contrast.testable
        and each.contrast.explained >= _EXPLAINED
        and each.contrast.medians[0] >= _TIMES * each.contrast.medians[1]
        and statistics.larger(each.fact.true, found.sizes) * tests < CHANCE
    ]
    if sound:
        best = max(sound, key=lambda each: each.contrast.explained)
        (with_it, without), (there, here) = best.contrast.pairs, best.contrast.medians
        yield Finding(
            kind="fact",
            sentence=f"They are furthest apart where {best.fact.name}: by {there:.3g} in the median of {with_it:,} "
            f"such pairs, by {here:.3g} of {without:,} others ({best.contrast.explained:.0%} of the variance).",
        )


def of_lacking(pairs: Sequence[Observed], lacking: tuple[int, int, int]) -> Iterator[Finding]:
    """Pairs without a finite score, and what they have in common."""
    for name, count in zip(("A gives", "B gives", "Neither gives"), lacking, strict=True):
        if not count:
            continue
        no = "a" if name == "Neither gives" else "no"
        yield Finding(
            kind="lacking", sentence=f"{name} {no} finite score for {count:,} of {counted(len(pairs), 'pair')}."
        )
    for name, scores in (("A", [pair.a for pair in pairs]), ("B", [pair.b for pair in pairs])):
        broken = ~np.isfinite(scores)
        if broken.any():
            yield from where(
                Differences(pairs, broken.astype(np.float64), broken), f"{name}'s score is no number", "have none"
            )


def constant(scores: Scores) -> Iterator[Finding]:
    """A scorer that scores all alike."""
    for name, values, other in (("A", scores.a, scores.b), ("B", scores.b, scores.a)):
        if len(values) > 1 and not np.ptp(values) and np.ptp(other):
            yield Finding(
                kind="constant", sentence=f"{name} gives all {len(values):,} pairs the same score, {values[0]:.6g}."
            )


def permuted(scores: Scores, values: np.ndarray, tolerance: float) -> Finding | None:
    """B has A's scores, but for other documents of the same query."""
    groups = [group for group in scores.groups if len(group) > 2]
    same, moved, falls, steps = 0, 0, 0, 0
    for group in groups:
        a, b = values[group], scores.b[group]
        same += bool((np.abs(np.sort(a) - np.sort(b)) <= tolerance).all())
        moved += int((np.abs(a - b) > tolerance).sum())
        by_place = b[np.argsort([scores.pairs[at].place for at in group])]
        falls += int((np.diff(by_place) <= 0).sum())
        steps += len(group) - 1
    if len(groups) < 2 or same < _PERMUTED * len(groups) or moved < len(groups):
        return None
    one_way = max(falls, steps - falls)
    order = (
        f"; in the order in which they were sent they go one way ({one_way:,} of {steps:,} steps): the server sorts "
        "its results and numbers them anew"
        if one_way >= _PERMUTED * steps
        else ": an index is lost or wrong on the way"
    )
    return Finding(
        kind="permuted",
        sentence=f"B has A's scores for other documents: in {same:,} of {len(groups):,} queries they are the same "
        f"numbers, and {moved:,} of {len(scores.b):,} stand at another document{order}.",
    )


def read(found: Differences) -> Iterator[Finding]:
    """Of pairs whose inputs are both known: whether they are the same, and where not."""
    known = [(pair.read_a, pair.read_b) for pair in found.pairs]
    both = [(a, b) for a, b in known if a is not None and b is not None]
    if len(both) < len(known) or not both or not found.differs.any():
        return
    apart = [inputs.apart(a, b) for a, b in both]
    others = np.array([each is not None for each in apart])
    if not others.any():
        yield Finding(
            kind="computed",
            sentence=f"The inputs are the same, token by token, in all {len(both):,} pairs: what differs is what is "
            "computed of them (weights, precision, pooling, what is made of the output).",
        )
        return
    told = found.contrast(others)
    if others.all() or not told.differ[1] or (told.chance < CHANCE and _tells(told)):
        longest = tuple(max(len(each.tokens) for read in side for each in read) for side in zip(*both, strict=True))
        said = inputs.sentence([each for each in apart if each is not None], len(both), (longest[0], longest[1]))
        if not others.all():
            said += f". The scores differ in {_counts(told)}"
        yield Finding(kind="inputs", sentence=f"{said}.")
    else:
        yield Finding(
            kind="inputs",
            sentence=f"{int(others.sum()):,} of {len(both):,} inputs differ, which does not explain the scores: they "
            f"differ in {_counts(told)}.",
        )


def _counts(told: Contrast) -> str:
    (with_it, without), (there, here) = told.pairs, told.differ
    return f"{there:,} of these {with_it:,} pairs, and in {here:,} of the {without:,} others"
