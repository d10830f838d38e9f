"""How far a system's lists go: the first 100 documents are no answer to R@1000.

That is of recall alone. What looks at the top (nDCG@10, RR@10, P@10) has a value of a list of five documents, too: that
of a system which returns no more, as trec_eval has it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache

from zsr_tui import pipeline
from zsr_tui.evaluation.results import EvaluatedSystem

_RECALL = re.compile(r"R(?:\(.*\))?@(\d+)")


def reach(system: EvaluatedSystem) -> int:
    """How many documents its lists have at most, where the corpus has so many."""
    return longest(system.notation, system.depth) if system.source == "system" else system.depth


def longest(notation: str, depth: int) -> int:
    """The same of a system by its notation, whose lists are `depth` long where it does not cut them itself."""
    return min(depth, _longest(notation))


def reaches(system: EvaluatedSystem, measure: str) -> bool:
    """Whether its lists are as deep as a measure of recall looks."""
    looks = _looks(measure)
    return not looks or looks <= reach(system)


def within(notation: str, depth: int, values: Mapping[str, float | None]) -> dict[str, float | None]:
    """The values of a system's list, by measure, with None for those that it does not reach; where the system is not
    known (""), as they are."""
    documents = longest(notation, depth) if notation else sys.maxsize
    return {name: value if _looks(name) <= documents else None for name, value in values.items()}


def beyond(system: EvaluatedSystem, measures: Iterable[str]) -> tuple[str, ...]:
    """Those that its lists do not reach."""
    return tuple(name for name in measures if not reaches(system, name))


def _looks(measure: str) -> int:
    """How many documents of a list a measure of recall looks at; 0 for any other measure."""
    recall = _RECALL.fullmatch(measure)
    return int(recall[1]) if recall is not None else 0


@lru_cache(maxsize=256)
def _longest(notation: str) -> int:
    return pipeline.longest_of(pipeline.parse(notation))
