"""What people gave a document that they judge otherwise, and what was decided of it, in words."""

from __future__ import annotations

from zsr_tui.api.merging import ConflictView, judge_of
from zsr_tui.numerals import counted
from zsr_tui.text import flat


def whose(found: ConflictView) -> list[str]:
    """Of each judgment."""
    judged = zip(found.judgments, found.sides, strict=True)
    return [flat(judge_of(each.who, side, kept="" in found.sides)) for each, side in judged]


class Tally:
    """How conflicts were decided, one by one."""

    def __init__(self) -> None:
        self.yours = self.theirs = self.others = 0

    def add(self, found: ConflictView, grade: int) -> None:
        grades = [each.grade for each in found.judgments]
        if grade not in grades:
            self.others += 1
        elif "" in found.sides and grade == grades[found.sides.index("")]:
            self.yours += 1
        else:
            self.theirs += 1

    def said(self, before: int, left: int, own: bool = True) -> str:
        """One sentence without its full stop. Of files alone (not `own`) nothing is anybody's."""
        total = self.yours + self.theirs + self.others
        parts = [(self.yours, "as yours"), (self.theirs, "as theirs"), (self.others, "by another grade")]
        how = ", ".join(f"{count:,} {said}" for count, said in parts if count) if own else ""
        said = [f"{counted(total, 'conflict')} decided{f' ({how})' if how else ''}"]
        if before:
            said.append(f"{before:,} decided before, which stay so")
        said.append(f"{left:,} left open{': yours stand' if own else ''}" if left else "none is left")
        return "; ".join(said)
