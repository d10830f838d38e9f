"""What stands at the head of a report: its title, what was run, and the main result in a sentence."""

from __future__ import annotations

import math

from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.tables import TESTS, counts_judgments
from zsr_tui.numerals import counted, date, p_value, signed, value


def title(contents: Contents) -> str:
    evaluation = contents.evaluation
    return f"{evaluation.dataset}: {counted(len(evaluation.systems), 'system')}, {contents.measure}"


def facts(contents: Contents) -> str:
    """What was run, and when, on one line."""
    evaluation = contents.evaluation
    made = evaluation.provenance
    queries = counted(len(evaluation.queries), "query", "queries") + (f" ({made.subset})" if made.subset else "")
    parts = [queries, f"lists of {counted(made.depth, 'document')}", date(made.date)]
    return " · ".join(part for part in parts if part)


def warnings(contents: Contents) -> list[str]:
    evaluation = contents.evaluation
    first = [] if evaluation.complete else ["This evaluation is not complete: queries are still to be run."]
    return [*first, *evaluation.notes, *contents.summary.notes]


def lead(contents: Contents) -> list[str]:
    """The main result in a sentence, and what its difference to the baseline is worth."""
    evaluation, summary, measure = contents.evaluation, contents.summary, contents.measure
    shown = evaluation.names
    known = {row.system: cell for row in summary.rows if math.isfinite((cell := row.cells[measure]).mean)}
    if len(known) < 2 or counts_judgments(measure):
        return []
    best = max(known, key=lambda system: known[system].mean)
    said = f"Highest mean {measure}: {shown[best]}, {value(known[best].mean)}"
    against = known[best].against
    if best == summary.baseline:
        return [f"{said}; it is the baseline, and no system is better."]
    if against is None:
        return [f"{said}."]
    worth = "significant" if against.significant else "not significant"
    return [
        f"{said}, {signed(against.difference)} against {shown[summary.baseline]}; the difference is {worth} "
        f"({TESTS[summary.test]}, p {_compared(against.p_holm)} after Holm's correction)."
    ]


def _compared(p: float) -> str:
    shown = p_value(p)
    return shown if shown.startswith(("<", "–")) else f"= {shown}"
