"""Two explanations side by side: two documents in one system, or one document in two systems. The sentence that sums
it up is made of the numbers, and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zsr_tui import numerals
from zsr_tui.explain import bm25, dense
from zsr_tui.explanation import Contrast, Difference, Explanation, Part

SAID = 3  # parts that the sentence names
LENGTH = "length"
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
    )


def _parts(first: Explanation, second: Explanation) -> tuple[Difference, ...]:
    """What both have in common, the largest differences first."""
    if first.family == second.family == "bm25":
        found = _terms(first, second)
    elif first.additive and second.additive:
        found = [_difference(text, one, other) for text, one, other in _joined(first.parts, second.parts)]
    else:
        tables = [next((t.parts for t in each.tables if t.title == dense.TERMS), ()) for each in (first, second)]
        found = [_difference(text, one, other) for text, one, other in _joined(*tables)]
    return tuple(sorted(found, key=lambda each: -abs(each.share or 0.0)))


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


def _difference(text: str, first: Part | None, second: Part | None) -> Difference:
    shares = [None if part is None else part.share for part in (first, second)]
    known = [share or 0.0 for share in shares]
    return Difference(text=text, first=shares[0], second=shares[1], share=known[0] - known[1])


def _terms(first: Explanation, second: Explanation) -> list[Difference]:
    """BM25's terms by how often each document has them, as if both were as long as the second; and, as a part of its
    own, what the lengths make of it. They add up to the difference of the scores."""
    norms = [_norm(each) for each in (first, second)]
    found, of_length = [], 0.0
    for text, one, other in _joined(first.parts, second.parts):
        parts = [part for part in (one, other) if part is not None]
        counts = [0.0 if part is None else float(part.values[0] or 0) for part in (one, other)]
        weight = next((_weight(part) for part in parts if part.share), 0.0)
        as_long = weight * counts[0] / (counts[0] + norms[1]) if counts[0] else 0.0
        own = weight * counts[0] / (counts[0] + norms[0]) if counts[0] else 0.0
        of_length += own - as_long
        shares = [None if part is None else part.share for part in (one, other)]
        found.append(
            Difference(
                text=text,
                first=shares[0],
                second=shares[1],
                share=as_long - (shares[1] or 0.0),
                counts=(int(counts[0]), int(counts[1])),
            )
        )
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
    if difference == 0:
        return f"{stage} gives both the same score, {numerals.value(first.score)}."
    upper, lower = (first, second) if difference > 0 else (second, first)
    sign = 1.0 if difference > 0 else -1.0
    said = f"{stage} puts {upper.doc_id} above {lower.doc_id} by {numerals.value(abs(difference))}"
    named = [_named(part, sign) for part in parts[:SAID] if part.share]
    if named:
        return f"{said}: {', '.join(named)}."
    rests = [_rests(each) for each in (upper, lower)]
    return f"{said}. {' '.join(filter(None, rests))}".rstrip()


def _named(part: Difference, sign: float) -> str:
    """“homocysteine” +2.9 (6 times against 2), from the side of the document that has the larger score."""
    length = part.text == LENGTH
    name = LENGTH if length else f"“{part.text}”"
    said = f"{name} {numerals.signed(sign * (part.share or 0.0), 2)}"
    if part.counts is None:
        return said
    upper, lower = part.counts if sign > 0 else part.counts[::-1]
    return f"{said} ({numerals.counted(upper, 'term' if length else 'time')} against {lower})"


def _rests(of: Explanation) -> str:
    """On which sentence a score rests most."""
    parts = [part for part in of.parts if part.share is not None and part.share > 0]
    if not parts:
        return f"No single part holds {of.doc_id} up."
    best = max(parts, key=lambda part: part.share or 0.0)
    text = best.text if len(best.text) <= _LONGEST else f"{best.text[: _LONGEST - 1].rstrip()}…"
    return f"{of.doc_id} rests most on “{text}” ({numerals.signed(best.share or 0.0, 2)})."


def _of_systems(first: Explanation, second: Explanation) -> Contrast:
    said = "; ".join(_stands(each) for each in (first, second))
    one, other = (_rests(each).replace(first.doc_id, each.stage, 1) for each in (first, second))
    return Contrast(
        first=first.system,
        second=second.system,
        sentence=f"{said}. Scores of different systems cannot be compared. {one} {other}",
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
    last = of.lineage[-1] if of.lineage else None
    if last is None or last.rank is None:
        return f"{of.system} gives {of.doc_id} {score}"
    would = "would have it at" if last.would else "has it at"
    return f"{of.system} {would} rank {last.rank:,} ({score})"
