"""Measures, spelled and computed by ir_measures."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem, ScoredDoc
from zsr_tui.evaluation.naming import parse_measures

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)
ABOUT_JUDGMENTS = {"Judged", "NumQ", "NumRet", "NumRel"}  # nothing is hidden from these, and less is no loss
WITHIN_CUTOFF = {
    "AP",
    "ERR",
    "Judged",
    "P",
    "R",
    "RR",
    "Success",
    "nDCG",
}  # what stands below is as if it were not there
LEAVES_OUT = {"Accuracy"}  # queries without a relevant document in the list have no value, and do not count
GDEVAL_HIGHEST = 4  # `$MAX_JUDGMENT` of its script


@dataclass(frozen=True, slots=True)
class Graded:
    """A list as a measure sees it: the grade at each place (None: unjudged) and the grades of the judged documents
    that are not in the list. Names and scores do not matter any more, so many lists can be measured at once."""

    placed: tuple[int | None, ...]
    missing: tuple[int, ...] = ()

    @staticmethod
    def of(doc_ids: Iterable[str], judgments: Mapping[str, int]) -> Graded:
        """`doc_ids` in the order of the list."""
        ids = list(doc_ids)
        listed = judgments.keys() & ids
        placed = tuple(map(judgments.get, ids))
        return Graded(placed, tuple(grade for doc_id, grade in judgments.items() if doc_id not in listed))

    def first(self, depth: int) -> Graded:
        """The list cut at `depth`."""
        if depth >= len(self.placed):
            return self
        lost = tuple(grade for grade in self.placed[depth:] if grade is not None)
        return Graded(self.placed[:depth], self.missing + lost)


def measure_lists(measures: Sequence[Any], lists: Sequence[Graded]) -> np.ndarray:
    """Each measure's value of each list: float64 of shape (measures, lists); nan where there is none, see `unsuited`.

    ir_measures' providers break ties differently (trec_eval's by document id descending, MS MARCO's ascending), so
    they are given places in place of scores: every measure sees the order that the screen shows, and Compat,
    for which a document that is not listed has the score 0, that one below all others. The places are the
    documents' names, too: lists of one length then share one run, and only the judgments differ.
    """
    import numpy as np

    values = np.full((len(measures), len(lists)), np.nan)
    rows = {measure: row for row, measure in enumerate(measures)}
    grades = {grade for each in lists for grade in (*each.placed, *each.missing) if grade is not None}
    for (cutoff, _), together in _groups(measure for measure in measures if not unsuited(measure, grades)).items():
        cut = lists if cutoff is None else [each.first(cutoff) for each in lists]
        at = [rows[measure] for measure in together]
        try:
            values[at] = _computed(together, cut)
        except Exception:
            # A provider that fails takes no other measure along; who shows the values says that there are none.
            logger.exception("%s cannot be computed", ", ".join(map(str, together)))
    return values


def _computed(measures: Sequence[Any], lists: Sequence[Graded]) -> np.ndarray:
    """Of measures that one call of ir_measures computes."""
    import ir_measures
    import numpy as np

    defaults = [np.nan if measure.NAME in LEAVES_OUT else measure.DEFAULT for measure in measures]
    values = np.repeat(np.array(defaults)[:, None], len(lists), axis=1)
    rows = {measure: row for row, measure in enumerate(measures)}
    qrels = {str(number): _judged(each) for number, each in enumerate(lists)}
    run = {str(number): _places(len(each.placed)) for number, each in enumerate(lists) if each.placed}
    try:
        for metric in ir_measures.iter_calc(measures, qrels, run):
            if metric.value == metric.value:  # trec_eval divides by 0 where nothing judged is left of a list
                values[rows[metric.measure], int(metric.query_id)] = metric.value
    except ZeroDivisionError:  # Accuracy, of a list in which nothing is not relevant
        if len(lists) == 1:
            return np.full((len(measures), 1), np.nan)
        half = len(lists) // 2
        return np.hstack([_computed(measures, lists[:half]), _computed(measures, lists[half:])])
    return values


def unsuited(measure: Any, grades: Iterable[int]) -> str:
    """Why a measure has no values with these grades, as the rest of a sentence; "" where it has."""
    highest = max(grades, default=0)
    by_gdeval = measure.NAME == "ERR" or measure.params.get("dcg") == "exp-log2"
    if by_gdeval and highest > GDEVAL_HIGHEST:
        return f"is computed by gdeval, which takes grades up to {GDEVAL_HIGHEST}, and the highest here is {highest:,}"
    return ""


def no_values(name: str, grades: Iterable[int]) -> str:
    """Why a measure has no values here and with these grades, in a sentence; "" where it has."""
    try:
        (measure,) = parse_measures((name,))
    except Problem as problem:
        return problem.message
    reason = unsuited(measure, grades)
    return reason and f"{name} {reason}: choose another measure."


def leaves_out(name: str) -> bool:
    """Whether queries may lack a value that has been computed."""
    return name.partition("@")[0].partition("(")[0] in LEAVES_OUT


def cutoff_of(measure: Any) -> int | None:
    """How many documents of a list the measure looks at; None for all."""
    within = measure.NAME in WITHIN_CUTOFF and not measure.params.get("judged_only")
    return measure.params.get("cutoff") if within else None


def _groups(measures: Iterable[Any]) -> dict[tuple[int | None, Any], list[Any]]:
    """Measures that look at equally many documents together, so that none is handed more than it looks at; one with
    other parameters by itself, since pytrec_eval confuses these where it is asked for several at once, and so what
    gdeval computes, which is a program that can fail."""
    groups: dict[tuple[int | None, Any], list[Any]] = {}
    for measure in measures:
        plain = measure.NAME in WITHIN_CUTOFF - {"ERR"} and measure.params.keys() <= {"cutoff"}
        groups.setdefault((cutoff_of(measure), None if plain else measure), []).append(measure)
    return groups


@lru_cache(maxsize=4096)
def _places(length: int) -> dict[str, float]:
    return {str(place): float(length - place) for place in range(length)}


def _judged(each: Graded) -> dict[str, int]:
    found = {str(place): grade for place, grade in enumerate(each.placed) if grade is not None}
    found.update((f"not-listed-{number}", grade) for number, grade in enumerate(each.missing))
    return found


def measure_ranking(
    measures: Sequence[Any], ranking: Iterable[ScoredDoc], judgments: Mapping[str, int]
) -> dict[str, float]:
    """Each measure's value of a list as it stands, by its name. An empty list is a query without an answer."""
    graded = Graded.of((scored.doc_id for scored in ranking), judgments)
    return dict(zip(map(str, measures), measure_lists(measures, [graded])[:, 0].tolist(), strict=True))
