"""Lines of a file that cannot be taken as they are: all of them are told in one sentence, and nothing is taken."""

from __future__ import annotations

from dataclasses import dataclass, field

from zsr_tui.domain import Problem
from zsr_tui.numerals import counted

_NAMED = 5  # lines that are told with what is wrong with them
_LISTED = 20  # further ones whose numbers are


class BadLine(Exception):
    """What is wrong with a line, as in "has no grade"."""


@dataclass(slots=True)
class BadLines:
    """Of one file. Only as much is held as is told."""

    name: str
    count: int = 0
    _told: list[str] = field(default_factory=list)
    _others: list[str] = field(default_factory=list)

    def add(self, number: int, what: str) -> None:
        """`what` goes on after "line 5"."""
        self.count += 1
        if len(self._told) < _NAMED:
            self._told.append(f"line {number} {what}")
        elif len(self._others) < _LISTED:
            self._others.append(str(number))

    def refuse(self, remedy: str = "") -> None:
        """Raises `Problem` if there are any; `remedy` is what to do, as a clause."""
        if not self.count:
            return
        told = list(self._told)
        if self._others:
            rest = self.count - len(self._told)
            more = " ..." if rest > len(self._others) else ""
            told.append(f"so have {counted(rest, 'other line')}: {', '.join(self._others)}{more}")
        end = f"; {remedy}" if remedy else ""
        raise Problem(f"{self.name}: {'; '.join(told)}; nothing was taken from it{end}.", usage=True)
