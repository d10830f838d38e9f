"""What has changed since a finding was made, list by list, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from zsr_tui.api.judging import Judgment
from zsr_tui.numerals import counted
from zsr_tui.sessions.comparing import difference
from zsr_tui.sessions.findings import Finding, FoundJudgment, FoundList
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


def lines(finding: Finding, said: Sequence[tuple[str, str]], judged: str = "") -> list[list[Piece]]:
    """One for all lists where all of them say the same, else one for each; and what is `judged` otherwise here."""
    last: list[list[Piece]] = [[("Now: ", "muted"), (judged, "warning")]] if judged else []
    if said and len(set(said)) == 1:
        sentence, role = said[0]
        if last and sentence == NOTHING:
            sentence = "nothing has changed in the lists since."
        return [[("Now: ", "muted"), (sentence, role)], *last]
    labels = [ended(one_line(each.label or each.system), LABEL) for each in finding.lists]
    return [
        *(
            [(f"Now {number} ", "muted"), (f"{label}: ", "text"), piece]
            for number, (label, piece) in enumerate(zip(labels, said, strict=True), 1)
        ),
        *last,
    ]


def judged_otherwise(finding: Finding, kept: Iterable[Judgment]) -> str:
    """Of the judgments that a finding carries, those that are not `kept` here or have another grade; "" for none."""
    here = {_place(each): each.grade for each in kept}
    grades = [(each.grade, here.get(_place(each))) for each in finding.judgments]
    lacking = sum(now is None for _, now in grades)
    changed = sum(now not in (None, then) for then, now in grades)
    its, said = f"its {counted(len(grades), 'judgment')}", list[str]()
    for count, what in ((lacking, "not kept here"), (changed, "graded otherwise here")):
        which = its if count == len(grades) else f"{count:,}{'' if said else f' of {its}'}"
        said += [f"{which} {'is' if count == 1 else 'are'} {what}"] if count else []
    return f"{', '.join(said)}." if said else ""


def _place(judgment: Judgment | FoundJudgment) -> tuple[str, str, str]:
    """A document has one judgment of people, and one of each model."""
    return judgment.doc_id, judgment.source, judgment.who if judgment.source == "model" else ""
