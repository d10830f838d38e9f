"""From an evaluation to what a report of it says."""

from __future__ import annotations

from collections.abc import Collection

from zsr_tui.domain import Problem
from zsr_tui.evaluation import breakdown, failures, rerank_depth
from zsr_tui.evaluation.comparison import summary
from zsr_tui.evaluation.failures import Outcome
from zsr_tui.evaluation.report.chosen import extremes, with_losses
from zsr_tui.evaluation.report.contents import ClassCount, Contents
from zsr_tui.evaluation.report.provenance import FILE, as_file
from zsr_tui.evaluation.report.writing import FORMATS
from zsr_tui.evaluation.results import Evaluation, Matrix, Test

# What reads lists again, and which formats show it.
PARTS = ("curves", "breakdowns", "classes", "losses")
_PARTS = {".html": PARTS, ".md": PARTS, ".tex": ("curves", "breakdowns", "classes"), ".json": ("losses",)}
_RERANKING = (
    Outcome.RECOVERED,
    Outcome.BELOW_DEPTH,
    Outcome.DEMOTED,
    Outcome.PUSHED_DOWN,
)  # what only a system with a reranker can do


def report_files(
    evaluation: Evaluation,
    suffix: str,
    *,
    baseline: int = 0,
    test: Test = "t",
    measure: str = "",
    rarity: breakdown.Rarity | None = None,
    matrix: Matrix | None = None,
) -> dict[str, bytes]:
    """A report in the format of a suffix in `FORMATS`, by what its name ends with: "" for the report itself; what a CSV
    file has no place for, how to repeat it, is beside it. Raises `Problem`; see `gather`."""
    contents = gather(
        evaluation,
        baseline=baseline,
        test=test,
        measure=measure,
        rarity=rarity,
        matrix=matrix,
        parts=_PARTS.get(suffix, ()),
    )
    made = {"": FORMATS[suffix](contents)}
    return made | {f".{FILE}": as_file(evaluation, contents.summary)} if suffix == ".csv" else made


def gather(
    evaluation: Evaluation,
    *,
    baseline: int = 0,
    test: Test = "t",
    measure: str = "",
    rarity: breakdown.Rarity | None = None,
    matrix: Matrix | None = None,
    parts: Collection[str] = PARTS,
) -> Contents:
    """The contents of a report. `measure` is the one that plots and queries go by, the first if not named; `parts` are
    those of PARTS to compute. Raises `Problem` for a measure that was not evaluated."""
    if measure and measure not in evaluation.measures:
        raise Problem(f"{measure} was not evaluated: choose one of {', '.join(evaluation.measures)}.", usage=True)
    measure = measure or evaluation.measures[0]
    chosen = extremes(evaluation, baseline, measure)
    if "losses" in parts:
        chosen = with_losses(evaluation, chosen, baseline, measure)
    return Contents(
        evaluation=evaluation,
        summary=summary(evaluation, baseline, test),
        measure=measure,
        curves=rerank_depth.curves(evaluation, measure) if "curves" in parts else {},
        breakdowns=breakdown.breakdowns(evaluation, measure, rarity) if "breakdowns" in parts else (),
        classes=_classes(evaluation) if "classes" in parts else (),
        matrix=matrix,
        queries=tuple(chosen),
    )


def _classes(evaluation: Evaluation) -> tuple[ClassCount, ...]:
    totals = failures.counts(evaluation).sum(axis=2).tolist()
    counts = []
    for row, outcome in enumerate(failures.OUTCOMES):
        by_system: list[int | None] = []
        for system, total in zip(evaluation.systems, totals, strict=True):
            if system.failed and not any(total):
                by_system.append(None)
                continue
            reranks = any(evaluation.stages[stage].kind == "rerank" for stage in system.stages)
            by_system.append(total[row] if reranks or total[row] or outcome not in _RERANKING else None)
        counts.append(ClassCount(outcome.label, outcome.about, tuple(by_system)))
    return tuple(counts)
