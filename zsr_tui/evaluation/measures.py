"""Measures, spelled and computed by ir_measures."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem, ScoredDoc

if TYPE_CHECKING:
    import numpy as np

ABOUT_JUDGMENTS = {"Judged", "NumQ", "NumRet", "NumRel"}  # nothing is hidden from these, and less is no loss


def parse_measures(names: Iterable[str]) -> tuple[Any, ...]:
    """ir_measures' measure objects. Raises `Problem` for a name that it does not know or cannot compute here."""
    return tuple(_parse(name) for name in names)


@lru_cache(maxsize=256)
def _parse(name: str) -> Any:
    import ir_measures

    try:
        measure = ir_measures.parse_measure(name)
        computable = ir_measures.DefaultPipeline.supports(measure)
    except (NameError, ValueError, TypeError, AttributeError, AssertionError) as error:
        if len(words := name.split()) > 1 and "(" not in name:
            raise Problem(
                f"{name!r} are {len(words)} words and a measure is one: name each measure by itself.", usage=True
            ) from error
        stem = name.split("@")[0].split("(")[0].strip()
        cutoff = name[len(stem) :].strip()
        if not cutoff and (digits := re.search(r"\d+$", stem)):  # nDCG10
            stem, cutoff = stem[: digits.start()], f"@{digits.group()}"
        registry = ir_measures.measures.registry
        known = {key.casefold(): registry[key].NAME for key in registry if registry[key].NAME.isascii()}
        near = dict.fromkeys(known[key] for key in difflib.get_close_matches(stem.casefold(), known, n=3, cutoff=0.5))
        hint = " or ".join(f"{each}{cutoff if cutoff.startswith('@') else ''}" for each in near)
        raise Problem(
            f"unknown measure {name!r}: " + (f"did you mean {hint}?" if near else "try nDCG@10, RR@10, AP or R@100."),
            detail=str(error),
            usage=True,
        ) from error
    if not computable:
        raise Problem(
            f"the measure {name!r} needs a provider of ir_measures that is not installed, or a cutoff such as @10.",
            usage=True,
        )
    return measure


def trec_order(ranking: Iterable[ScoredDoc]) -> list[ScoredDoc]:
    """By score, ties by document id descending: the order that trec_eval reads out of a run file."""
    by_id = sorted(ranking, key=lambda scored: scored.doc_id, reverse=True)
    return sorted(by_id, key=lambda scored: scored.score, reverse=True)


@dataclass(frozen=True, slots=True)
class Graded:
    """A list as a measure sees it: the grade at each place (None: unjudged) and the grades of the judged documents
    that are not in the list. Names and scores do not matter any more, so many lists can be measured at once."""

    placed: tuple[int | None, ...]
    missing: tuple[int, ...] = ()

    @staticmethod
    def of(doc_ids: Iterable[str], judgments: Mapping[str, int]) -> Graded:
        """`doc_ids` in `trec_order`."""
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
    """Each measure's value of each list: float64 of shape (measures, lists).

    ir_measures' providers break ties differently (trec_eval's by document id descending, MS MARCO's ascending), so
    they are given places in `trec_order` in place of scores: every measure sees the order that the screen shows. The
    places are the documents' names, too: lists of one length then share one run, and only the judgments differ.
    """
    import ir_measures
    import numpy as np

    values = np.zeros((len(measures), len(lists)))
    rows = {measure: row for row, measure in enumerate(measures)}
    for cutoff, same in _by_cutoff(measures).items():
        cut = lists if cutoff is None else [each.first(cutoff) for each in lists]
        qrels = {str(number): _judged(each) for number, each in enumerate(cut)}
        run = {str(number): _places(len(each.placed)) for number, each in enumerate(cut) if each.placed}
        for metric in ir_measures.iter_calc(same, qrels, run):
            values[rows[metric.measure], int(metric.query_id)] = metric.value
    return values


def cutoff_of(measure: Any) -> int | None:
    """How many documents of a list the measure looks at; None for all."""
    cutoff = measure.params.get("cutoff")
    return cutoff if isinstance(cutoff, int) else None


def _by_cutoff(measures: Sequence[Any]) -> dict[int | None, list[Any]]:
    """Measures that look at equally many documents together, so that none is handed more than it looks at."""
    groups: dict[int | None, list[Any]] = {}
    for measure in measures:
        groups.setdefault(cutoff_of(measure), []).append(measure)
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
    """Each measure's value for one query, by the measure's name. An empty list is a query without an answer."""
    graded = Graded.of((scored.doc_id for scored in trec_order(ranking)), judgments)
    return dict(zip(map(str, measures), measure_lists(measures, [graded])[:, 0].tolist(), strict=True))
