"""How far a system's lists go: the first 100 documents are no answer to R@1000.

That is of recall alone. What looks at the top (nDCG@10, RR@10, P@10) has a value of a list of five documents, too: that
of a system which returns no more, as trec_eval has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from zsr_tui import pipeline
from zsr_tui.evaluation.results import EvaluatedSystem

_RECALL = re.compile(r"R(?:\(.*\))?@(\d+)")


def reach(system: EvaluatedSystem) -> int:
    """How many documents its lists have at most, where the corpus has so many."""
    return min(system.depth, _longest(system.notation)) if system.source == "system" else system.depth


def reaches(system: EvaluatedSystem, measure: str) -> bool:
    """Whether its lists are as deep as a measure of recall looks."""
    looks = _RECALL.fullmatch(measure)
    return looks is None or int(looks[1]) <= reach(system)


def beyond(system: EvaluatedSystem, measures: Iterable[str]) -> tuple[str, ...]:
    """Those that its lists do not reach."""
    return tuple(name for name in measures if not reaches(system, name))


@lru_cache(maxsize=256)
def _longest(notation: str) -> int:
    return pipeline.longest_of(pipeline.parse(notation))
