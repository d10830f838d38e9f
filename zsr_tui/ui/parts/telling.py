"""Names of systems in little room, so that each is told from the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from zsr_tui.text import shorten_middle
from zsr_tui.ui.parts.pieces import shorten_notation

# a depth, a parameter, a size as in L-12, a word
_PART = re.compile(r"% *\d+|\w+=[\w.]+|(?<![\w.])[A-Za-z]-\d+(?![\w.])|[\w.]+")
_SIZE = re.compile(r"[A-Za-z]\d+|[\d.]+[bBmM]")
_ORGANISATION = re.compile(r"(?<![\w.-])[\w.-]+/(?=[\w.-])")  # of a model
_NEEDLESS = re.compile(rf"; [^();]*(?=\))|{_ORGANISATION.pattern}")  # and settings
_NAMED = re.compile(r"\w+=")  # a setting, before its value
AROUND = 6  # characters besides a part from which some of what stands around it is shown


def told_apart(labels: Sequence[str], room: int) -> list[str]:
    """Each label in at most `room` characters. One that is cut keeps what the others do not have (`bm25`, `L12`, `L6`),
    if there is such a thing."""
    return [label if len(label) <= room else _cut(labels, number, max(1, room)) for number, label in enumerate(labels)]


def _cut(labels: Sequence[str], number: int, room: int) -> str:
    """Settings, and the organisations of models, only where nothing else tells it from the others."""
    for needless in (_NEEDLESS, _ORGANISATION):
        bare = [needless.sub("", label) for label in labels]
        if bare.count(bare[number]) == 1:
            labels = bare
            break
    label = labels[number]
    return label if len(label) <= room else _short(label, [*labels[:number], *labels[number + 1 :]], room)


def _short(label: str, others: Sequence[str], room: int) -> str:
    own = difference(label, others, room)
    short = shorten_notation(label, room)
    if not own or set(own) <= set(_parts(short)):
        return short
    if len(own) == 1 and room >= len(own[0]) + AROUND:
        return _around(label, own[0], room)
    told = "…".join(own)
    if len(told) > room:
        told = _NAMED.sub("", told)
    return shorten_middle(told, room)


def _around(label: str, part: str, room: int) -> str:
    """The part with what stands around it in the last model's name, or in the label where it stands before that."""
    start, end = next(match.span() for match in reversed(list(_PART.finditer(label))) if _plain(match.group()) == part)
    model = label.rfind(" >> ") + 4 if " >> " in label else 0
    before = model if start >= model else 0
    text, start, end = label[before:], start - before, end - before
    if len(text) <= room:
        return text
    first = max(0, start - (room - 2 - (end - start)) // 2)
    first = min(first, len(text) - room + 1) if first else 0
    last = min(len(text), first + room - 1 - (first > 0))
    last = len(text) if len(text) - last <= 1 and first else last
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


def difference(label: str, others: Sequence[str], room: int) -> tuple[str, ...]:
    """The part, or else the two, that no other label has: of several one that fits, a size such as L12 before words,
    the last model's before others. Empty where there are none."""
    parts = list(dict.fromkeys(_parts(label)))
    model = set(_parts(label.rpartition(" >> ")[2]))
    foreign = [set(_parts(other)) for other in others]

    def worth(each: tuple[str, ...]) -> tuple[bool, ...]:
        sizes, last = (all(map(_SIZE.fullmatch, each)), model.issuperset(each))
        return len("…".join(each)) <= room, sizes, len("".join(each)) >= 3, last

    for count in (1, 2):
        found = [each for each in combinations(parts, count) if not any(set(each) <= other for other in foreign)]
        if found:
            return max(found, key=worth)
    return ()


def _parts(label: str) -> list[str]:
    return [_plain(part) for part in _PART.findall(label)]


def _plain(part: str) -> str:
    return re.sub(r"[-\s]", "", part)
