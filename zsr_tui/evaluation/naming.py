"""From what a user writes to a measure of ir_measures, or to a sentence that leads to one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, product
from operator import ne
from typing import Any

from zsr_tui.domain import LARGEST_GRADE, RELEVANT, Problem, relevant_from
from zsr_tui.text import shorten_middle

_TRIED = {"1": {"a": 1, "b": 0, "c": 1}}, {"1": {"b": 3.0, "a": 2.0, "d": 1.0}}  # judgments and a run

_NICKNAMES = {"all_trec", "official", "prefs", "set"}  # trec_eval's, of many measures
_KINDS = {
    int: "a whole number",
    float: "a number with a point",
    bool: "True or False",
    dict: "gains by grade, such as {1: 1, 2: 3}",
}


def parse_measures(names: Iterable[str]) -> tuple[Any, ...]:
    """ir_measures' measure objects. Raises `Problem` for a name that it does not know or cannot compute here."""
    return tuple(_parse(name) for name in names)


def asked_measures(names: Iterable[str]) -> tuple[Any, ...]:
    """As `parse_measures`, of names as the user asks for them: a measure that knows no grades and does not say from
    which one on a document is relevant takes the setting's, and its name says so (`AP(rel=2)`)."""
    least = relevant_from()
    return tuple(_at_least(measure, least) for measure in parse_measures(names))


def _at_least(measure: Any, least: int) -> Any:
    known = measure.SUPPORTED_PARAMS.get("rel")
    binary = known is not None and known.default == RELEVANT
    if not binary or least == RELEVANT or "rel" in measure.params:
        return measure
    return _parse(str(measure(rel=least)))


@lru_cache(maxsize=256)
def _parse(name: str) -> Any:
    import ir_measures

    try:
        measure = ir_measures.parse_measure(name)
    except (NameError, ValueError, TypeError, AttributeError, RecursionError, MemoryError) as error:
        raise Problem(_unknown(name), detail=str(error), usage=True) from error
    if wrong := _wrong_parameters(measure, name) or _no_provider(measure, name):
        raise Problem(wrong, usage=True)
    try:
        ir_measures.calc_aggregate([measure], *_TRIED)
    except Exception as error:
        raise Problem(f"ir_measures cannot compute the measure {name!r}.", detail=repr(error), usage=True) from error
    return measure


def _unknown(name: str) -> str:
    if len(words := name.split()) > 1 and "(" not in name:
        return f"{name!r} are {len(words)} words and a measure is one: name each measure by itself."
    said = f"unknown measure {shorten_middle(name, 60)!r}"
    near = _of_trec_eval(name) or _near(name)
    return f"{said}: did you mean {' or '.join(near)}?" if near else f"{said}: try nDCG@10, RR@10, AP or R@100."


def _of_trec_eval(name: str) -> list[str]:
    """What ir_measures calls a measure of trec_eval's, such as `ndcg_cut_10`; of many cutoffs 10."""
    import ir_measures

    if not re.fullmatch(r"[A-Za-z_]+([._]\d[\d.,]*)?", name) or name.lower() in (
        "all_trec",
        "official",
        "set",
        "prefs",
    ):
        return []  # nicknames of several measures
    for spelled in (name, name.lower(), name.upper()):
        try:
            found = [str(measure) for measure in ir_measures.parse_trec_measure(spelled)]
        except ValueError:
            continue
        tens = [each for each in found if each.endswith("@10")]
        return tens if len(found) > 3 and tens else found
    return []


def _near(name: str) -> list[str]:
    import ir_measures

    stem = name.split("@")[0].split("(")[0].strip()
    cutoff = name[len(stem) :].strip()
    if not cutoff and (digits := re.search(r"(?<!\d)\d+$", stem)):  # nDCG10
        stem, cutoff = stem[: digits.start()], f"@{digits.group()}"
    registry = ir_measures.measures.registry
    known = {key.casefold(): registry[key].NAME for key in registry if registry[key].NAME.isascii()}
    close = [stem.casefold()] if stem.casefold() in known else difflib.get_close_matches(stem.casefold(), known, 3, 0.5)
    if "@" in cutoff and not re.fullmatch(r"@[1-9]\d*", cutoff):
        cutoff = "@10"
    return list(dict.fromkeys(known[each] + (cutoff if cutoff.startswith("@") else "") for each in close))


def _wrong_parameters(measure: Any, name: str) -> str:
    """What is wrong with them; "" where nothing is."""
    known, given = measure.SUPPORTED_PARAMS, measure.params
    called = measure.__name__
    at = measure.AT_PARAM
    for key, value in given.items():
        if key not in known and key == at:
            return f"{called} takes no cutoff: write {called} in place of {name!r}."
        if key not in known:
            return f"{called} has no {key!r}: it takes {', '.join(known) or 'nothing'}."
        if not known[key].validate(value) or (known[key].dtype is int and isinstance(value, bool)):
            kind = _KINDS.get(known[key].dtype) or " or ".join(map(repr, known[key].choices))
            return f"{key} of {name!r} must be {kind}, not {value!r}."
        if key == "gains" and not all(
            type(each) is int and abs(each) <= LARGEST_GRADE for each in chain(*value.items())
        ):
            return f"grades and gains of {name!r} must be whole numbers up to {LARGEST_GRADE:,}."
        if key == "rel" and not 1 <= value <= LARGEST_GRADE:
            return f"rel of {name!r} must be a grade from 1 to {LARGEST_GRADE:,}: what is below 1 is not relevant."
        if key == "cutoff" and value < 1:
            return f"the cutoff of {name!r} must be at least 1: a measure looks at the first documents of a list."
    for key, spec in known.items():
        if spec.required and key not in given:
            example = {"cutoff": f"{called}@10", "recall": f"{called}@0.1"}.get(key, f"{called}({key}=1)")
            return f"{called} needs a {'cutoff' if key == at == 'cutoff' else key}: write {example}."
    return ""


def _no_provider(measure: Any, name: str) -> str:
    """Why nothing here computes it; "" where something does."""
    import ir_measures

    able = [each for each in ir_measures.DefaultPipeline.providers if each.supports(measure)]
    here = next((each for each in able if each.is_available()), None)
    if here is not None:
        by_subtopic = "iteration" in here.qrel_inputs([measure])
        return f"{name!r} needs judgments by subtopic, which are not read here: choose another one." * by_subtopic
    if able:
        how = " ".join((able[0].install_instructions() or "").split()).replace("Install perl, see", "install perl, see")
        return f"the measure {name!r} needs {able[0].NAME}, which is not installed{f' ({how})' if how else ''}."
    if "cutoff" in measure.SUPPORTED_PARAMS and ir_measures.DefaultPipeline.supports(measure @ 10):
        return f"{name!r} needs a cutoff: write {measure @ 10}."
    return f"ir_measures computes {name!r} only with other parameters, such as {_nearest(measure)}."


def _nearest(measure: Any) -> Any:
    """The measure with as few of its parameters changed as some provider wants."""
    import ir_measures

    given, known = measure.params, list(measure.SUPPORTED_PARAMS)
    usual = {"cutoff": 10, "dcg": "log2"}
    choices = [(given.get(key), None, usual.get(key, given.get(key) if key == "p" else 1)) for key in known]
    tried = sorted(product(*choices), key=lambda values: sum(map(ne, values, map(given.get, known))))
    chosen = (dict(zip(known, values, strict=True)) for values in tried)
    whole = [type(measure)(**{key: value for key, value in one.items() if value is not None}) for one in chosen]
    valid = [one for one in whole if not _wrong_parameters(one, str(one))]
    here = (one for one in valid if ir_measures.DefaultPipeline.supports(one))
    providers = ir_measures.DefaultPipeline.providers
    return next(here, None) or next(one for one in valid if any(each.supports(one) for each in providers))


@lru_cache(maxsize=256)
def is_sum(name: str) -> bool:
    """Whether several queries' values are added up, as counts are, and not averaged."""
    import ir_measures

    return isinstance(ir_measures.parse_measure(name).aggregator(), ir_measures.SumAgg)
