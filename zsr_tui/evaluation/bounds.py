"""What unjudged documents may hide: the value without them, and the largest value that they allow.

The value itself is the lower bound: a retrieved document without a judgment counts as not relevant, as in trec_eval.

The *condensed* value leaves the unjudged documents out of the list (Sakai, "Alternatives to bpref", SIGIR 2007).

The *maximum* lets retrieved unjudged documents above the measure's cutoff be relevant, with the highest grade that the
query's judgments have (at least 1), and is the largest value that any choice of them gives. The ideal ranking of nDCG
and the number of relevant documents of recall and AP grow with the choice, so that all of them relevant is not always
the best: a document at rank 10 can add more to the ideal than to the list. For a given number of relevant ones the
highest places are best, so the m highest are tried for every m, which is exact. It is given for measures with a
cutoff of at most `DEEPEST`: nearly everything below is unjudged, and the bound would be near 1 for every list. Relevant
documents that no list holds lower nDCG, recall and AP of every system without limit; no bound speaks of them.

The condensed value can be above the maximum, which keeps every document in its place: without the unjudged ones those
below move up, from beyond the cutoff too. Of nine judged not relevant, one unjudged and, at rank 11, the only relevant
document, the condensed list has nDCG@10 0.29; with the unjudged one relevant it is 0.18, because the ideal grows too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zsr_tui.evaluation.measures import ABOUT_JUDGMENTS, Graded, cutoff_of, measure_lists

if TYPE_CHECKING:
    import numpy as np

DEEPEST = 20


def condensed(measures: Sequence[Any], lists: Sequence[Graded]) -> np.ndarray:
    """Values without the unjudged documents: float64 of shape (measures, lists); nan for a measure about judgments."""
    kept = [Graded(tuple(grade for grade in each.placed if grade is not None), each.missing) for each in lists]
    values = measure_lists(measures, kept)
    values[[measure.NAME in ABOUT_JUDGMENTS for measure in measures]] = float("nan")
    return values


def maximum(measures: Sequence[Any], lists: Sequence[Graded]) -> np.ndarray:
    """The upper bounds: float64 of shape (measures, lists); nan for a measure about judgments or a deep one."""
    import numpy as np

    values = np.full((len(measures), len(lists)), np.nan)
    for row, measure in enumerate(measures):
        cutoff = cutoff_of(measure)
        if cutoff is None or cutoff > DEEPEST or measure.NAME in ABOUT_JUDGMENTS:
            continue
        tried: list[Graded] = []
        owner: list[int] = []
        for number, each in enumerate(lists):
            choices = _choices(each.first(cutoff))
            tried += choices
            owner += [number] * len(choices)
        np.fmax.at(values[row], owner, measure_lists([measure], tried)[0])
    return values


def _choices(each: Graded) -> list[Graded]:
    unjudged = [place for place, grade in enumerate(each.placed) if grade is None]
    grade = max([1, *each.missing, *(grade for grade in each.placed if grade is not None)])
    placed = list(each.placed)
    choices = [each]
    for place in unjudged:
        placed[place] = grade
        choices.append(Graded(tuple(placed), each.missing))
    return choices
