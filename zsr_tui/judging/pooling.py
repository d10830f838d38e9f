"""Which documents are to be judged, and in which order: pooling over the lists of several systems.

The pool of a query is what stands unjudged in the first `depth` places of some list (Spärck Jones and van Rijsbergen,
"Report on the need for and provision of an 'ideal' information retrieval test collection", 1975).

What is at *stake* with a document is the largest change of the difference between two systems that one grade for it
can make, all other judgments staying as they are. Every grade is tried and the lists are measured anew, also those
without the document: where a relevant one is missing, nDCG, recall and AP change, too. With the changes d of all
systems' values the largest change of a difference of two is max(d) - min(d), so that pairs need not be tried.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeVar

from zsr_tui.evaluation.measures import Graded, cutoff_of, measure_lists

BLOCK = 10  # documents that are put in a random order together; one of as many looks is a look at an earlier one
APART = 4  # looks between the two at a document, at least
_ROUNDING = 12  # digits: sums of the same terms in another order

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Stake:
    """`change` of the difference between the systems `gains` and `loses` (places in the lists) that `grade` makes; of
    one system alone `change` is that of its value, and `loses` is None. `ranks` from 1, None in a list without it."""

    doc_id: str
    change: float
    grade: int
    gains: int
    loses: int | None
    ranks: tuple[int | None, ...]


def pool(lists: Sequence[Sequence[str] | None], judgments: Mapping[str, int], depth: int) -> list[str]:
    """The unjudged documents in the first `depth` of any list, those of the highest rank first, then as the lists are
    ordered. None is the list of a system that has not run."""
    first = [each[:depth] for each in lists if each is not None]
    longest = max(map(len, first), default=0)
    by_rank = (each[place] for place in range(longest) for each in first if place < len(each))
    return [doc_id for doc_id in dict.fromkeys(by_rank) if doc_id not in judgments]


def stakes(
    measure: Any,
    lists: Sequence[Sequence[str] | None],
    judgments: Mapping[str, int],
    depth: int,
    grades: Sequence[int],
    compared: Collection[int] | None = None,
) -> list[Stake]:
    """Of every document of a query's pool, the largest first, and equal ones in the order of `pool`. `measure` is one
    of ir_measures', `grades` are those that a document can be given, from the lowest to the highest; `compared` are the
    systems whose differences matter, where these are not all."""
    import numpy as np

    cutoff = cutoff_of(measure)
    asked = range(len(lists)) if compared is None else sorted(set(compared))
    ran = [number for number in asked if lists[number] is not None]
    every = [{doc_id: place for place, doc_id in enumerate(each or ())} for each in lists]
    places = [every[number] for number in ran]
    plain = [Graded.of(each, judgments) for each in places]
    now = plain if cutoff is None else [each.first(cutoff) for each in plain]
    unjudged = pool(lists, judgments, depth)
    tried: dict[Graded, int] = {}  # each once: a document makes the same of all lists that lack it
    rows = [
        [tried.setdefault(_with(each, at.get(doc_id), grade), len(tried)) for each, at in zip(now, places, strict=True)]
        for doc_id in unjudged
        for grade in grades
    ]
    if not rows:
        return []
    if not ran:
        return [Stake(doc_id, 0.0, grades[0], asked[0], None, _ranks(every, doc_id)) for doc_id in unjudged]
    base = [tried.setdefault(each, len(tried)) for each in now]
    values = measure_lists([measure], list(tried))[0]
    changes = np.nan_to_num(values[rows] - values[base], nan=0.0).reshape(len(unjudged), len(grades), len(ran))
    found = []
    for doc_id, by_grade in zip(unjudged, changes, strict=True):
        spread = np.ptp(by_grade, axis=1) if len(ran) > 1 else np.abs(by_grade[:, 0])
        best = int(spread.round(_ROUNDING).argmax())
        found.append(
            Stake(
                doc_id=doc_id,
                change=float(spread[best]),
                grade=grades[best],
                gains=ran[int(by_grade[best].argmax())],
                loses=ran[int(by_grade[best].argmin())] if len(ran) > 1 else None,
                ranks=_ranks(every, doc_id),
            )
        )
    return sorted(found, key=lambda each: -round(each.change, _ROUNDING))


def _ranks(places: Sequence[Mapping[str, int]], doc_id: str) -> tuple[int | None, ...]:
    return tuple(at[doc_id] + 1 if doc_id in at else None for at in places)


def _with(each: Graded, place: int | None, grade: int) -> Graded:
    """The list with a grade for the document at a place of it, or for one that it lacks."""
    if place is None or place >= len(each.placed):
        return Graded(each.placed, (*each.missing, grade))
    return Graded((*each.placed[:place], grade, *each.placed[place + 1 :]), each.missing)


def block(items: Sequence[Item], seed: int, number: int) -> list[Item]:
    """The first `BLOCK` of them in an order that says nothing of where they stood: the same for a seed and the number
    of documents that were looked at before, on every machine."""
    shown = list(items[:BLOCK])
    random.Random(f"order {seed} {number}").shuffle(shown)
    return shown


@dataclass(frozen=True, slots=True)
class Look:
    """A document that was shown: `grade` is None where it was passed over, `again` where it had been judged before."""

    query: str
    doc_id: str
    grade: int | None
    seconds: float
    again: bool = False


def due_again(looks: Sequence[Look], seed: int, *, last: bool = False) -> Look | None:
    """The look that is to be taken once more, None where a new document comes next. One of every `BLOCK` looks is such
    a one, at a random place of them behind the sixth; `last`: there are no new ones."""
    number, at = divmod(len(looks), BLOCK)
    rng = random.Random(f"again {seed} {number}")
    place = rng.randrange(BLOCK - APART, BLOCK)
    done = any(look.again for look in looks[number * BLOCK :])
    if done or at < (min(place, BLOCK - APART) if last else place):
        return None
    shown = {(look.query, look.doc_id) for look in looks if look.again}
    passed = {(look.query, look.doc_id) for look in looks[-APART:]}
    able = [look for look in looks if look.grade is not None and (look.query, look.doc_id) not in shown | passed]
    return rng.choice(able) if able else None


def again_left(looks: Sequence[Look], new: int) -> int:
    """How many second looks will come with as many `new` documents, so that what is left can be counted without telling
    which look is one."""
    at = len(looks) % BLOCK
    done = any(look.again for look in looks[len(looks) - at :])
    room = BLOCK - at - (not done)  # for new ones in the block that is under way
    if new <= room:
        return int(not done and at + new >= BLOCK - APART)
    blocks, rest = divmod(new - room, BLOCK - 1)
    return int(not done) + blocks + int(rest >= BLOCK - APART)


def median_seconds(looks: Sequence[Look]) -> float | None:
    """For a document that was given a grade; None without one."""
    taken = [look.seconds for look in looks if look.grade is not None]
    return median(taken) if taken else None


def with_oneself(looks: Sequence[Look]) -> list[tuple[Look, Look]]:
    """The first and the second look at each document that was given a grade twice."""
    first = {(look.query, look.doc_id): look for look in looks if not look.again and look.grade is not None}
    return [
        (first[look.query, look.doc_id], look)
        for look in looks
        if look.again and look.grade is not None and (look.query, look.doc_id) in first
    ]
