"""Notes and judgments that a finding carries, as lines."""

from __future__ import annotations

from zsr_tui.sessions.findings import Finding
from zsr_tui.text import one_line
from zsr_tui.ui.parts.judging.marks import mark
from zsr_tui.ui.parts.pieces import Piece


def lines(finding: Finding) -> list[list[Piece]]:
    """Notes first, then judgments, each with its document and who made it."""
    found: list[list[Piece]] = []
    for remark in finding.remarks:
        about = f" on {one_line(remark.doc_id)}" if remark.doc_id else ""
        who = f"  {one_line(remark.who)}" if remark.who else ""
        kind, text = f"{one_line(remark.kind)}{about}", one_line(remark.text)
        found.append([(f"{kind}: " if text else kind, "muted"), (text, "text"), (who, "faint")])
    for judged in finding.judgments:
        text, role = mark(judged.grade, judged.source)
        why = f"  {one_line(judged.why)}" if judged.why else ""
        who = f"  {one_line(judged.who)}" if judged.who else ""
        found.append(
            [
                (f"judged ({one_line(judged.source)}) {one_line(judged.doc_id)}: ", "muted"),
                (text, role),
                (why, "text"),
                (who, "faint"),
            ]
        )
    return found
