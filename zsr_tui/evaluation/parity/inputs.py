"""Where what two models read of a pair is not the same, token by token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from zsr_tui.evaluation.parity.observed import Input, Inputs
from zsr_tui.numerals import counted

_BEFORE, _SHOWN = 2, 8  # tokens before the first other one, and altogether
_OF_TEMPLATE = "tokens of the template"


@dataclass(frozen=True, slots=True)
class Apart:
    """The first token that is another, counted from 1, of the input `which` ("" of a reranker's only one). `lacks` is
    "A" or "B" where that one reads the same but for `count` tokens, which are `part`: "tokens of the template", or "the
    end of the document" (or beginning; of the query; of both); else "" and 0."""

    which: str
    at: int
    lacks: str
    part: str
    count: int
    shown: tuple[str, str]


def apart(a: Inputs, b: Inputs) -> Apart | None:
    """None where they are the same."""
    names = ("query", "document") if len(a) > 1 else ("",)
    for which, one, other in zip(names, a, b, strict=True):
        if one.tokens != other.tokens:
            return _apart(which, one, other)
    return None


def _apart(which: str, one: Input, other: Input) -> Apart:
    most = min(len(one.tokens), len(other.tokens))
    at = next((at for at in range(most) if one.tokens[at] != other.tokens[at]), most)
    found = [
        (part, lack)
        for part in ("query", "document", "template")
        if (lack := _lack(one.part(part), other.part(part))) is not None
    ]
    sides, places = {lack[0] for _, lack in found}, {lack[1] for _, lack in found}
    parts = [part for part, _ in found]
    lacks, part, count = "", "", 0
    if (
        len(sides) == 1
        and "" not in sides
        and (parts == ["template"] or ("template" not in parts and len(places) == 1))
    ):
        lacks, count = sides.pop(), sum(lack[2] for _, lack in found)
        part = f"the {places.pop()} of the {' and the '.join(parts)}" if "template" not in parts else _OF_TEMPLATE
    return Apart(which, at + 1, lacks, part, count, (_shown(one, at), _shown(other, at)))


def _lack(a: Sequence[str], b: Sequence[str]) -> tuple[str, str, int] | None:
    """Which of the two lacks what of the other, and how many tokens; "" where each has something of its own. None where
    they are the same."""
    if a == b:
        return None
    lacks, longer, shorter = ("B", a, b) if len(a) > len(b) else ("A", b, a)
    count = len(longer) - len(shorter)
    if not count:
        return "", "", 0
    if longer[: len(shorter)] == shorter:
        return lacks, "end", count
    if longer[count:] == shorter:
        return lacks, "beginning", count
    rest = iter(longer)
    return (lacks, "middle", count) if all(token in rest for token in shorter) else ("", "", 0)


def _shown(read: Input, at: int) -> str:
    first = max(0, at - _BEFORE)
    tokens = read.tokens[first : first + _SHOWN]
    return " ".join([*["..."] * (first > 0), *tokens, *["..."] * (first + _SHOWN < len(read.tokens))])


def begins(read: Inputs | None) -> str:
    """The first tokens of an input, to be shown; "" where it is not known."""
    return _shown(read[0], 0) if read else ""


def sentence(found: Sequence[Apart], pairs: int, longest: tuple[int, int]) -> str:
    """What most of the inputs that are not the same have in common, of so many pairs; `longest` input of each."""
    (which, lacks, part), count = Counter((each.which, each.lacks, each.part) for each in found).most_common(1)[0]
    like = [each for each in found if (each.which, each.lacks, each.part) == (which, lacks, part)]
    whose = f"of the {'queries' if which == 'query' else 'documents'} " if which else ""
    how_many = (
        f"All {pairs:,} inputs {whose}differ"
        if len(found) == pairs > 1
        else f"{len(found):,} of {counted(pairs, 'input')} {whose}{'differs' if len(found) == 1 else 'differ'}"
    )
    if lacks and part != _OF_TEMPLATE:
        counts = [each.count for each in like]
        lengths = f"the longest input has {longest[0]:,} tokens for A, {longest[1]:,} for B"
        others = len(found) - count
        alike = {(each.which, each.lacks, each.part) for each in found if each not in like}
        (_, who, what) = alike.pop() if len(alike) == 1 else ("", "", "")
        how = f"in the other {others:,} {who} lacks {what}" if who else f"the other {others:,} differ in another way"
        rest = f"; {how}" if others else ""
        return f"{how_many}: in {count:,} {lacks} lacks {part} ({_between(counts)} tokens; {lengths}){rest}"
    at, times = Counter(each.at for each in like).most_common(1)[0]
    first = next(each for each in like if each.at == at)
    place = f"from token {at} on" + (f" in {times:,} of them" if times < len(found) else "")
    what = f"; {lacks} lacks {part}" if lacks else ""
    return f"{how_many}, {place}: A reads «{first.shown[0]}», B reads «{first.shown[1]}»{what}"


def _between(counts: Sequence[int]) -> str:
    return f"{min(counts):,}" if min(counts) == max(counts) else f"{min(counts):,} to {max(counts):,}"
