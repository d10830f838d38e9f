"""The words of a notation, each with its column, and how names and numbers are written in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zsr_tui.domain import Problem

MARKS = frozenset('()[],;="%<> ')  # a name that has one of them stands in quotes
NAMES = frozenset({"bm25", "dense", "sparse", "es", "opensearch", "pyserini", "anserini", "qdrant", "rrf", "linear"})
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<pipe>>>) | (?P<cut>%) | (?P<open>\() | (?P<close>\)) | (?P<comma>,) | (?P<equals>=)
      | (?P<semicolon>;) | (?P<begin>\[) | (?P<finish>\])
      | (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<word>[^\s%(),;=\[\]"<>]+)
    )""",
    re.VERBOSE,
)
_BARE = re.compile(r'[^\s%(),;=\[\]"<>]+')


class NotationError(Problem):
    """`column` counts from 1 and points at the character where the notation fails."""

    def __init__(self, notation: str, column: int, what: str) -> None:
        super().__init__(
            f"system notation, column {column}: {what}",
            detail=f"{notation}\n{' ' * (column - 1)}^",
            usage=True,
        )
        self.notation, self.column, self.what = notation, column, what


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    column: int


def scan(notation: str) -> Iterator[Token]:
    """The last one is of the kind "end". Raises `NotationError`."""
    position = 0
    text = notation.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            column = position + len(text[position:]) - len(text[position:].lstrip()) + 1
            character = text[column - 1]
            what = "the quote is not closed" if character == '"' else f"unexpected {character!r}"
            raise NotationError(notation, column, what)
        kind = match.lastgroup
        value = match.group(kind)
        if kind == "quoted":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        yield Token(kind, value, match.start(kind) + 1)
        position = match.end()
    yield Token("end", "the end", len(text) + 1)


def quoted(model: str) -> str:
    """A model's name as it is written: in quotes where it must be."""
    if _BARE.fullmatch(model) and model not in NAMES:
        return model
    escaped = model.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def number(value: float) -> str:
    """The shortest text that reads back as this number."""
    return repr(float(value)).removesuffix(".0")
