"""What can be wrong with an index that somebody wants to search."""

from __future__ import annotations

from typing import Literal

from zsr_tui.domain import Problem

Reason = Literal["absent", "incomplete", "stale", "foreign", "damaged"]

_SAYS = {
    "absent": "There is no {what} yet: `{command}` builds it.",
    "incomplete": "The {what} is only partly built: `{command}` finishes it.",
    "stale": "The {what} is out of date, its documents or its model have changed: `{command}` builds it again.",
    "foreign": "The {what} was written by another version of zsr_tui: `{command}` builds it again.",
    "damaged": "The {what} is damaged: `{command}` builds it again.",
}


class NotBuilt(Problem):
    """There is no index to search; the message says why and what builds it, `reason` the same for a program."""

    kind = "not-built"

    def __init__(self, reason: Reason, what: str, command: str, detail: str = "") -> None:
        super().__init__(_SAYS[reason].format(what=what, command=command), detail=detail)
        self.reason = reason


class DamagedIndex(Problem):
    """Files of an index that cannot be read as what they should be."""
