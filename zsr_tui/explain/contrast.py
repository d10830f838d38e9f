"""Two explanations side by side: two documents in one system, or one document in two systems. The sentence that sums
it up is made of the numbers, and of nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from zsr_tui import numerals
from zsr_tui.explain import bm25, occlusion
from zsr_tui.explanation import WORDS, Contrast, Difference, Explanation, Part

SAID = 3  # parts that the sentence names, and more where these do not make the difference:
MOST_SAID = 6
ENOUGH = 0.9  # of it
LENGTH = "of which by length"
OWN_DUEL = "their own duel"
NOTHING_HELD = ("gradient", "listwise", "pairwise")  # slopes, places, duels: no part of them is a thing of the text
_ROUNDING = 1e-5  # of the largest part
_LEAST = 0.5  # of a difference: words that make less of it do not explain it
_LONGEST = 60  # characters of a sentence that is quoted


def contrast(first: Explanation, second: Explanation) -> Contrast:
    """The first minus the second. Scores of different models are in different units: they have no difference."""
    if first.system != second.system:
        return _of_systems(first, second)
    parts = _parts(first, second)
    difference = None
    if first.score is not None and second.score is not None:
        difference = first.score - second.score
    return Contrast(
        first=first.doc_id,
        second=second.doc_id,
        difference=difference,
        parts=parts,
        sentence=_sentence(first, second, parts, difference),
        rests=() if first.additive or difference is None else _both_rest(first, second),
    )


def _parts(first: Explanation, second: Explanation) -> tuple[Difference, ...]:
    """What both have in common, the largest differences first."""
    if first.family == second.family == "bm25":
        found = _terms(first, second)
    elif first.family == second.family == "pairwise":
        sides = (_of_duels(first, second.doc_id), _of_duels(second, first.doc_id))
        found = [_difference(text, one, other) for text, one, other in _joined(*sides)]
    elif first.additive and second.additive:
        found = [_difference(text, one, other) for text, one, other in _joined(first.parts, second.parts)]
    else:
        tables = [next((t.parts for t in each.tables if t.title == WORDS), ()) for each in (first, second)]
        found = [_difference(text, one, other) for text, one, other in _joined(*tables)]
    return tuple(sorted(found, key=lambda each: (each.text == LENGTH, -abs(each.share or 0.0))))


def _joined(first: Sequence[Part], second: Sequence[Part]) -> list[tuple[str, Part | None, Part | None]]:
    """By their text; a text that stands several times (a token of a query) by its place among its likes."""
    sides = [_keyed(each) for each in (first, second)]
    keys = dict.fromkeys([*sides[0], *sides[1]])
    return [(text, sides[0].get((text, at)), sides[1].get((text, at))) for text, at in keys]


def _keyed(parts: Sequence[Part]) -> Mapping[tuple[str, int], Part]:
    seen: dict[str, int] = {}
    found = {}
    for part in parts:
        seen[part.text] = seen.get(part.text, 0) + 1
        found[part.text, seen[part.text]] = part
    return found


def _of_duels(of: Explanation, other: str) -> list[Part]:
    """The duel of the two with one another is one part of both."""
    return [replace(part, text=OWN_DUEL) if part.text == other else part for part in of.parts]


def _difference(text: str, first: Part | None, second: Part | None) -> Difference:
    shares = [None if part is None else part.share for part in (first, second)]
    known = [share or 0.0 for share in shares]
    return Difference(text=text, first=shares[0], second=shares[1], share=known[0] - known[1])


def _terms(first: Explanation, second: Explanation) -> list[Difference]:
    """BM25's terms, which add up to the difference of the scores; and, as a part of its own, how much of it comes from
    the lengths: what the first would have less, were it as long as the second."""
    norms = [_norm(each) for each in (first, second)]
    found, of_length = [], 0.0
    for text, one, other in _joined(first.parts, second.parts):
        parts = [part for part in (one, other) if part is not None]
        counts = [0.0 if part is None else float(part.values[0] or 0) for part in (one, other)]
        weight = next((_weight(part) for part in parts if part.share), 0.0)
        as_long = weight * counts[0] / (counts[0] + norms[1]) if counts[0] else 0.0
        own = weight * counts[0] / (counts[0] + norms[0]) if counts[0] else 0.0
        of_length += own - as_long
        found.append(replace(_difference(text, one, other), counts=(int(counts[0]), int(counts[1]))))
    terms = (_length(first), _length(second))
    return [*found, Difference(text=LENGTH, first=None, second=None, share=of_length, counts=terms)]


def _weight(part: Part) -> float:
    """boost × idf."""
    return float(part.values[2] or 0.0) * float(part.values[3] or 0.0)


def _norm(of: Explanation) -> float:
    return float(_length_table(of).values[2] or 0.0)


def _length(of: Explanation) -> int:
    return int(_length_table(of).values[0] or 0.0)


def _length_table(of: Explanation) -> Part:
    return next(table.parts[0] for table in of.tables if table.title == bm25.LENGTH)


def _sentence(first: Explanation, second: Explanation, parts: Sequence[Difference], difference: float | None) -> str:
    if difference is None:
        return "One of the two has no score: there is nothing to compare."
    stage = first.stage
    if first.family == "listwise":
        return _of_places(first, second, difference)
    if difference == 0:
        return f"{stage} gives both the same score, {numerals.value(first.score)}."
    where = "above" if difference > 0 else "below"
    by = numerals.value(abs(difference), max(4, _digits([difference])))
    said = f"{stage} puts {first.doc_id} {where} {second.doc_id} by {by}"
    if first.additive and second.additive:
        told = _of_sum(parts, difference)
        return f"{said}: {told}." if told else f"{said}."
    return f"{said}. {_of_words(first, second, parts, difference)}".strip()


def _of_places(first: Explanation, second: Explanation, difference: float) -> str:
    """Of an order, whose scores are minus the ranks."""
    one, other = (f"rank {-(each.score or 0.0):,.0f}" for each in (first, second))
    where = "above" if difference > 0 else "below"
    said = f"{first.stage} puts {first.doc_id} at {one}, {where} {second.doc_id} at {other}"
    return f"{said}. It gives an order and no score, which parts could add up to."


def _of_sum(parts: Sequence[Difference], difference: float) -> str:
    """What makes the difference first, then what speaks against it, then what is not named."""
    terms = [part for part in parts if part.text != LENGTH]
    named = _largest(terms, difference)
    length = [part for part in parts if part.text == LENGTH and abs(part.share or 0.0) > _ROUNDING * _most(parts)]
    rest = sum(part.share or 0.0 for part in terms if part not in named)
    digits = _digits([part.share or 0.0 for part in (*named, *length)])
    sides = [
        _listed([_named(part, digits) for part in named if ((part.share or 0.0) > 0) is speaks])
        for speaks in _order(difference)
    ]
    told = ", although ".join(filter(None, sides))
    if abs(rest) > (1 - ENOUGH) * abs(difference):
        others = numerals.counted(len(terms) - len(named), "other part")
        told += f"; {others} {numerals.signed(rest, digits)}"
    return "; ".join(filter(None, [told, *(_named(part, digits) for part in length)]))


def _order(difference: float) -> tuple[bool, bool]:
    """Which sign is told first: the difference's own."""
    return difference > 0, difference <= 0


def _of_words(first: Explanation, second: Explanation, parts: Sequence[Difference], difference: float) -> str:
    """For which of the two the words of the query count more, of those that count at all: what either loses without
    them; first of the one that stands above. Shares that do not make the difference are said not to."""
    total = sum(part.share or 0.0 for part in parts)
    named = _largest(parts, total)
    digits = _digits([each for part in named for each in (part.first, part.second) if each is not None])
    sides = []
    both = ((first.doc_id, 1), (second.doc_id, -1))
    for doc_id, sign in both if difference > 0 else both[::-1]:
        said = []
        for part in named:
            one, other = (part.first or 0.0, part.second or 0.0)[::sign]
            if one > max(other, 0.0):
                said.append(f"“{part.text}” ({numerals.signed(one, digits)} against {numerals.signed(other, digits)})")
        if said:
            sides.append(f"{_listed(said)} {'counts' if len(said) == 1 else 'count'} more for {doc_id}")
    if not sides:
        return ""
    told = f"Of the query, {', although '.join(sides)}."
    summed = numerals.signed(total, digits)
    if total * difference <= 0:
        return f"The words of the query point the other way ({summed} in sum) and do not explain the gap. {told}"
    if total / difference < _LEAST:
        return f"{told} The words make {summed} of it in sum, and do not explain the rest."
    return told


def _listed(said: Sequence[str]) -> str:
    return "".join(said) if len(said) < 2 else f"{', '.join(said[:-1])} and {said[-1]}"


def _most(parts: Sequence[Difference]) -> float:
    return max((abs(part.share or 0.0) for part in parts), default=0.0)


def _largest(parts: Sequence[Difference], total: float) -> list[Difference]:
    """Those that the sentence names: the largest, without what is only rounding, until they make most of the total."""
    told = [part for part in parts if abs(part.share or 0.0) > _ROUNDING * _most(parts)]
    named: list[Difference] = []
    for part in told[:MOST_SAID]:
        left = total - sum(each.share or 0.0 for each in named)
        if len(named) >= SAID and abs(left) <= (1 - ENOUGH) * abs(total):
            break
        named.append(part)
    return named


def _digits(numbers: Sequence[float]) -> int:
    """Behind the point, so that the smallest has two that count."""
    least = min((abs(number) for number in numbers if number), default=1.0)
    return max(2, 1 - math.floor(math.log10(least)))


def _named(part: Difference, digits: int) -> str:
    """“homocysteine” +2.9 (6 times against 2): the first's minus the second's, as in the table."""
    length = part.text == LENGTH
    name = LENGTH if length else f"“{part.text}”"
    said = f"{name} {numerals.signed(part.share or 0.0, digits)}"
    if part.counts is None:
        return said
    first, second = part.counts
    return f"{said} ({numerals.counted(first, 'term' if length else 'time')} against {second})"


def best_of(of: Explanation) -> Part | None:
    """The sentence that a score rests on most."""
    parts = [part for part in of.parts if part.share is not None and part.share > 0]
    return max(parts, key=lambda part: part.share or 0.0, default=None)


def quoted(part: Part) -> str:
    return f"“{part.text if len(part.text) <= _LONGEST else f'{part.text[: _LONGEST - 1].rstrip()}…'}”"


def _both_rest(first: Explanation, second: Explanation) -> tuple[str, ...]:
    return () if first.family in NOTHING_HELD else (_rests(first, second), _rests(second, first))


def _rests(of: Explanation, other: Explanation) -> str:
    """On which sentence a score rests most: what it has by itself, and whether the other would be above without it."""
    best = best_of(of)
    if best is None or of.score is None or other.score is None:
        return f"No single part holds {of.doc_id} up."
    alone, without = _alone(of, best), of.score - (best.share or 0.0)
    digits = 2 if max(abs(of.score), abs(other.score)) >= 1 else 4
    itself = "" if alone is None else f" has {numerals.value(alone, digits)} alone, and"
    below = f", below {other.doc_id}" if without < other.score <= of.score else ""
    left = f"without it {of.doc_id} has {numerals.value(without, digits)}{below}"
    return f"{of.doc_id} rests most on {quoted(best)}:{itself and f' that{itself}'} {left}."


def _alone(of: Explanation, best: Part) -> float | None:
    """The score of its best sentence by itself."""
    if of.family == "dense":
        return best.values[0] if isinstance(best.values[0], float) else None
    kept = next((table.parts[0] for table in of.tables if table.title == occlusion.KEPT), None)
    return kept.values[0] if kept is not None and isinstance(kept.values[0], float) else None


def _held_by(of: Explanation) -> str:
    best = best_of(of)
    if best is None:
        return f"No single part holds {of.stage} up."
    return f"{of.stage} rests most on {quoted(best)} ({numerals.signed(best.share or 0.0, 2)})."


def _of_systems(first: Explanation, second: Explanation) -> Contrast:
    said = "; ".join(_stands(each) for each in (first, second))
    return Contrast(
        first=first.stage,
        second=second.stage,
        sentence=f"{said}. Scores of different systems cannot be compared.",
        rests=tuple(_held_by(each) for each in (first, second) if each.family not in NOTHING_HELD),
        parts=tuple(_side_by_side(*line) for line in _shared(first.parts, second.parts)),
    )


def _side_by_side(text: str, first: Part | None, second: Part | None) -> Difference:
    """Shares in different units have no difference."""
    shares = [None if part is None else part.share for part in (first, second)]
    return Difference(text=text, first=shares[0], second=shares[1], share=None)


def _shared(first: Sequence[Part], second: Sequence[Part]) -> list[tuple[str, Part | None, Part | None]]:
    """Parts of both, as the sentences of two rerankers."""
    return [line for line in _joined(first, second) if line[1] is not None and line[2] is not None]


def _stands(of: Explanation) -> str:
    score = f"{numerals.value(of.score)} {of.unit}"
    own = next((each for each in of.lineage if each.stage == of.stage), None)
    if own is None or own.rank is None:
        return f"{of.stage} gives {of.doc_id} {score}"
    would = "would have it at" if own.would else "has it at"
    lower = " or lower" if own.at_least else ""
    return f"{of.stage} {would} rank {own.rank:,}{lower} ({score})"
