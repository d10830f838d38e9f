"""Measures, spelled and computed by ir_measures."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from zsr_tui.domain import Problem, ScoredDoc


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
        stem = name.split("@")[0].split("(")[0].strip()
        cutoff = name[len(stem) :].strip()
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


def measure_ranking(
    measures: Sequence[Any], ranking: Iterable[ScoredDoc], judgments: Mapping[str, int]
) -> dict[str, float]:
    """Each measure's value for one query, by the measure's name. An empty list is a query without an answer.

    ir_measures' providers break ties differently (trec_eval's by document id descending, MS MARCO's ascending), so
    they are given places in `trec_order` in place of scores: every measure sees the order that the screen shows.
    """
    import ir_measures

    ordered = trec_order(ranking)
    run = {"q": {scored.doc_id: float(len(ordered) - place) for place, scored in enumerate(ordered)}} if ordered else {}
    values = {
        metric.measure: float(metric.value)
        for metric in ir_measures.iter_calc(list(measures), {"q": dict(judgments)}, run)
    }
    return {str(measure): values[measure] for measure in measures}


def mean(values: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each measure over queries (or over datasets): every one counts the same."""
    if not values:
        return {}
    return {name: sum(each[name] for each in values) / len(values) for name in values[0]}
