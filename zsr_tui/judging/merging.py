"""Judgments of several people put together: where they agree, where not, and what is decided.

A *side* is what was handed over together: what is kept here, or a file. Judges are people and models, each known by
name within a side. Only people are put together and compared; a model's judgments go along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import msgspec

from zsr_tui.api.judging import Judgment
from zsr_tui.api.merging import Prefer, judge_of
from zsr_tui.judging.agreement import Agreement, agreement, alpha
from zsr_tui.judging.checking import Pair, pair_of

MOST_JUDGES = 12  # that are compared two by two


@dataclass(frozen=True, slots=True)
class Side:
    """`name`: of the file, "" for what is kept here."""

    name: str
    judgments: tuple[Judgment, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    first: str
    second: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Conflict:
    """People's judgments of one document of a query whose grades differ, in the order of the sides; `sides` has the
    place of each one's side."""

    pair: Pair
    judgments: tuple[Judgment, ...]
    sides: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """`judgments`: one of each document that people agree on or that was decided, and all of models. `alone`:
    documents that one person judged, `agreed` those that several did alike. `decided` and `conflicts` are those that
    they judged otherwise, settled and not."""

    judgments: tuple[Judgment, ...]
    judges: tuple[str, ...]
    alone: int
    agreed: int
    decided: tuple[Conflict, ...]
    conflicts: tuple[Conflict, ...]
    between: tuple[Compared, ...]
    alpha: float | None
    shared: int  # documents that two people or more judged


@dataclass(frozen=True, slots=True)
class Decisions:
    """The grades that a user gives what is in conflict, `when` and `who` that is. What they leave open `prefer`
    settles: the first or the last side, the later judgment (of those that say when), the higher or the lower grade."""

    grades: Mapping[Pair, int] = field(default_factory=dict)
    who: str = ""
    when: str = ""
    prefer: Prefer = ""


def once(sides: Sequence[Side]) -> list[Side]:
    """Without what a side before it holds, too: the judgment of one person, of one moment, handed over twice. It is no
    second opinion."""
    seen: set[tuple[Pair, str, str, str, int]] = set()
    found = []
    for side in sides:
        new = [each for each in side.judgments if not each.when or _of_moment(each) not in seen]
        seen |= {_of_moment(each) for each in new}
        found.append(Side(side.name, tuple(new)))
    return found


def _of_moment(judgment: Judgment) -> tuple[Pair, str, str, str, int]:
    return pair_of(judgment), judgment.source, judgment.who, judgment.when, judgment.grade


def merged(sides: Sequence[Side], decisions: Decisions | None = None) -> Merged:
    """What people agree on, and what is decided."""
    decisions = decisions or Decisions()
    judges, places = _judges(sides)
    people = {name: given for name, given in judges.items() if not _is_model(given)}
    by_pair: dict[Pair, list[Judgment]] = {}
    sides_of: dict[Pair, list[int]] = {}
    for name, given in people.items():
        for pair, judgment in given.items():
            by_pair.setdefault(pair, []).append(judgment)
            sides_of.setdefault(pair, []).append(places[name])
    chosen, decided, left = list[Judgment](), list[Conflict](), list[Conflict]()
    alone = agreed = 0
    for pair, judged in by_pair.items():
        if len({judgment.grade for judgment in judged}) == 1:
            alone += len(judged) == 1
            agreed += len(judged) > 1
            chosen.append(judged[0])
            continue
        conflict = Conflict(pair, tuple(judged), tuple(sides_of[pair]))
        if pair in decisions.grades:
            settled: Judgment | None = decision(judged, decisions.grades[pair], decisions.who, decisions.when)
        else:
            settled = preferred(judged, decisions.prefer)
        (left if settled is None else decided).append(conflict)
        if settled is not None:
            chosen.append(settled)
    chosen += [judgment for given in judges.values() if _is_model(given) for judgment in given.values()]
    return Merged(
        judgments=tuple(chosen),
        judges=tuple(judges),
        alone=alone,
        agreed=agreed,
        decided=tuple(decided),
        conflicts=tuple(left),
        between=compared(people),
        alpha=_alpha(people, by_pair),
        shared=sum(len(judged) > 1 for judged in by_pair.values()),
    )


def preferred(judged: Sequence[Judgment], prefer: Prefer) -> Judgment | None:
    """The judgment of one document that counts; None where that is not settled."""
    match prefer:
        case "first":
            return judged[0]
        case "last":
            return judged[-1]
        case "later":
            latest = max(judgment.when for judgment in judged)
            found = [judgment for judgment in judged if judgment.when == latest]
            told = all(judgment.when for judgment in judged)
            return found[0] if told and len({judgment.grade for judgment in found}) == 1 else None
        case "higher":
            return max(judged, key=lambda judgment: judgment.grade)
        case "lower":
            return min(judged, key=lambda judgment: judgment.grade)
    return None


def decision(judged: Sequence[Judgment], grade: int, who: str, when: str) -> Judgment:
    """What a user decides: the judgment of whoever gave this grade, or one of the user's own."""
    for judgment in judged:
        if judgment.grade == grade:
            return judgment
    return msgspec.structs.replace(
        judged[0], grade=grade, source="own", who=who, when=when, why="", system="", rank=None, given=None
    )


def _judges(sides: Sequence[Side]) -> tuple[dict[str, dict[Pair, Judgment]], dict[str, int]]:
    """What each gave, by name, and the place of the side, which is told where two sides have a judge of one name."""
    found: dict[tuple[str, int, str], dict[Pair, Judgment]] = {}
    for place, side in enumerate(sides):
        for judgment in side.judgments:
            found.setdefault((judgment.who, place, judgment.source), {})[pair_of(judgment)] = judgment
    names = [name_of(who, source) for who, _, source in found]
    named = [
        name if names.count(name) == 1 else judge_of(name, sides[place].name, kept=any(not side.name for side in sides))
        for name, (_, place, _) in zip(names, found, strict=True)
    ]
    in_order = sorted(zip(found, named, strict=True), key=lambda each: each[0][1])
    return {name: found[key] for key, name in in_order}, {name: key[1] for key, name in in_order}


def name_of(who: str, source: str) -> str:
    """What a judge is called where several are compared."""
    if source == "dataset":
        return "the dataset"
    return f"{who or 'somebody'}, a model" if source == "model" else who or "somebody"


def _is_model(given: Mapping[Pair, Judgment]) -> bool:
    return next(iter(given.values())).source == "model"


def compared(judges: Mapping[str, Mapping[Pair, Judgment]]) -> tuple[Compared, ...]:
    """Of any two that judged the same; of many judges those that share most."""
    most = sorted(judges, key=lambda name: -len(judges[name]))[:MOST_JUDGES]
    found = []
    for first, second in combinations([name for name in judges if name in most], 2):
        both = [pair for pair in judges[first] if pair in judges[second]]
        if both:
            pairs = [(judges[first][pair].grade, judges[second][pair].grade) for pair in both]
            found.append(Compared(first, second, agreement(pairs)))
    return tuple(found)


def _alpha(people: Mapping[str, Mapping[Pair, Judgment]], pairs: Iterable[Pair]) -> float | None:
    table = [[given[pair].grade if pair in given else None for pair in pairs] for given in people.values()]
    return alpha(table) if len(table) > 1 else None
