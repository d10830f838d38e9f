"""What unjudged documents may hide: the value without them, and the largest value that they allow.

The value itself is the lower bound: a retrieved document without a judgment counts as not relevant, as in trec_eval.

The *condensed* value leaves the unjudged documents out of the list (Sakai, "Alternatives to bpref", SIGIR 2007).

The *maximum* lets every retrieved unjudged document above the measure's cutoff have any grade up to the highest of the
query's judgments (at least 1, and what the measure calls relevant), and is the largest value that any choice of these
gives, exactly. The ideal ranking of nDCG and the number of relevant documents of recall and AP grow with the choice, so
that the highest grade everywhere is not always the best: a document at rank 10 can add more to the ideal than to the
list. It is given for the measures in `BOUNDED` with a cutoff of at most `DEEPEST`: nearly everything below is unjudged,
and the bound would be near 1 for every list. Relevant documents that no list holds lower nDCG, recall and AP of every
system without limit; no bound speaks of them.

* P, RR, Success, recall and ERR only grow with a grade: all highest.
* AP sees relevant or not, and for a number of relevant ones the highest places are best: the m highest, for every m.
* nDCG is a ratio of two sums over grade levels: with m(h) unjudged documents of grade h or more, which stand highest,
  level h adds the discounts of m(h) places to the list's gain and those of the next m(h) ranks behind the judged ones
  of that level to the ideal's. For a value t, gain - t * ideal is largest where it is for each level by itself, and the
  best t is found by Dinkelbach's iteration ("On nonlinear fractional programming", Management Science 13, 1967). Levels
  between two grades that occur have the same best m, so only grades that occur are needed.

The condensed value can be above the maximum, which keeps every document in its place: without the unjudged ones those
below move up, from beyond the cutoff too. Of nine judged not relevant, one unjudged and, at rank 11, the only relevant
document, the condensed list has nDCG@10 0.29; with the unjudged one relevant it is 0.18, because the ideal grows too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import RELEVANT
from zsr_tui.evaluation.measures import ABOUT_JUDGMENTS, Graded, cutoff_of, measure_lists

if TYPE_CHECKING:
    import numpy as np

DEEPEST = 20
ROUNDING = 1e-12
BOUNDED = {"AP", "ERR", "P", "R", "RR", "Success", "nDCG"}


def condensed(measures: Sequence[Any], lists: Sequence[Graded]) -> np.ndarray:
    """Values without the unjudged documents: float64 of shape (measures, lists); nan for a measure about judgments."""
    kept = [Graded(tuple(grade for grade in each.placed if grade is not None), each.missing) for each in lists]
    values = measure_lists(measures, kept)
    values[[measure.NAME in ABOUT_JUDGMENTS for measure in measures]] = float("nan")
    return values


def maximum(measures: Sequence[Any], lists: Sequence[Graded]) -> np.ndarray:
    """The upper bounds: float64 of shape (measures, lists); nan for a measure that has none."""
    import numpy as np

    values = np.full((len(measures), len(lists)), np.nan)
    for row, measure in enumerate(measures):
        cutoff = cutoff_of(measure)
        if measure.NAME not in BOUNDED or cutoff is None or cutoff > DEEPEST or "gains" in measure.params:
            continue
        tried: list[Graded] = []
        owner: list[int] = []
        for number, each in enumerate(lists):
            choices = list(_choices(measure, each.first(cutoff)))
            tried += choices
            owner += [number] * len(choices)
        np.fmax.at(values[row], owner, measure_lists([measure], tried)[0])
    return values


def _choices(measure: Any, each: Graded) -> Iterator[Graded]:
    """Lists of which one has the largest value; `each` is cut at the measure's cutoff."""
    unjudged = [place for place, grade in enumerate(each.placed) if grade is None]
    judged = [*each.missing, *(grade for grade in each.placed if grade is not None)]
    highest = max([RELEVANT, measure.params.get("rel", RELEVANT), *judged])
    if not unjudged:
        yield each
    elif measure.NAME == "nDCG":
        exponential = measure.params.get("dcg") == "exp-log2"
        grades = _best_grades(each, unjudged, judged, measure.params["cutoff"], exponential)
        yield _filled(each, dict(zip(unjudged, grades, strict=True)))
    elif measure.NAME == "AP":
        for count in range(len(unjudged) + 1):
            yield _filled(each, dict.fromkeys(unjudged[:count], highest))
    else:
        yield _filled(each, dict.fromkeys(unjudged, highest))


def _filled(each: Graded, grades: Mapping[int, int | None]) -> Graded:
    return Graded(tuple(grades.get(place, grade) for place, grade in enumerate(each.placed)), each.missing)


def _best_grades(
    each: Graded, unjudged: Sequence[int], judged: Sequence[int], cutoff: int, exponential: bool
) -> list[int | None]:
    """The grade of each unjudged place that makes nDCG largest; None for one that stays as it is."""
    discount = [1 / math.log2(rank + 1) for rank in range(1, cutoff + 1)]
    ideal = [0.0, *accumulate(discount)]  # of the first documents of the ideal list, by their number
    ideal += [ideal[-1]] * (len(judged) + len(unjudged))
    chosen = [0.0, *accumulate(discount[place] for place in unjudged)]
    levels = sorted({grade for grade in judged if grade >= RELEVANT} or {RELEVANT})
    gains = [2**level - 1 if exponential else level for level in levels]
    weights = [gain - before for gain, before in zip(gains, [0, *gains], strict=False)]
    at_least = [sum(grade >= level for grade in judged) for level in levels]
    placed = [
        sum(discount[place] for place, grade in enumerate(each.placed) if grade is not None and grade >= level)
        for level in levels
    ]

    def ratio(counts: Sequence[int]) -> float:
        rows = list(zip(weights, placed, at_least, counts, strict=True))
        gain = sum(weight * (own + chosen[count]) for weight, own, _, count in rows)
        whole = sum(weight * ideal[known + count] for weight, _, known, count in rows)
        return gain / whole if whole else 0.0

    counts = [0] * len(levels)
    best = ratio(counts)
    while True:
        at_best = []
        for known in at_least:
            left = [gain - best * ideal[known + count] for count, gain in enumerate(chosen)]
            at_best.append(left.index(max(left)))
        counts_now = list(accumulate(at_best, min))  # the same but for rounding: fewer are needed at higher levels
        if (now := ratio(counts_now)) <= best + ROUNDING:
            break
        counts, best = counts_now, now
    return [
        next((level for level, count in zip(levels[::-1], counts[::-1], strict=True) if place < count), None)
        for place in range(len(unjudged))
    ]
