"""What has changed since a finding was made, list by list, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zsr_tui.sessions.comparing import difference
from zsr_tui.sessions.findings import Finding, FoundList
from zsr_tui.sessions.records import Answer
from zsr_tui.text import one_line
from zsr_tui.ui.parts.pieces import Piece, ended

LABEL = 28  # cells of a system's name
NOTHING = "nothing has changed since."


def sentences(finding: Finding, now: Mapping[str, Answer], why_not: Mapping[str, str]) -> list[tuple[str, str]]:
    """(what, role) for each list. `now` has what systems find now, `why_not` the sentence of one that cannot say."""
    return [_sentence(each, now.get(each.system), why_not.get(each.system, "")) for each in finding.lists]


def _sentence(then: FoundList, now: Answer | None, why_not: str) -> tuple[str, str]:
    if then.searched is not None:
        return "cannot be compared: it had searched a part of the documents.", "muted"
    if then.state and not then.problem:
        return "cannot be compared: it was not finished.", "muted"
    if why_not or now is None:
        return f"cannot be compared: {one_line(why_not)}" if why_not else "asking …", "muted"
    found = difference(then.answer, now, len(then.rows) or None)
    if found.same:
        return NOTHING, "same"
    return f"{one_line('; '.join(found.sentences))}.".replace("..", "."), "warning"


def lines(finding: Finding, said: Sequence[tuple[str, str]]) -> list[list[Piece]]:
    """One for all lists where all of them say the same, else one for each."""
    if said and len(set(said)) == 1:
        sentence, role = said[0]
        return [[("Now: ", "muted"), (sentence, role)]]
    labels = [ended(one_line(each.label or each.system), LABEL) for each in finding.lists]
    return [
        [(f"Now {number} ", "muted"), (f"{label}: ", "text"), piece]
        for number, (label, piece) in enumerate(zip(labels, said, strict=True), 1)
    ]
