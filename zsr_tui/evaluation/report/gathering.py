"""From an evaluation to what a report of it says."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from zsr_tui.domain import Problem
from zsr_tui.evaluation import breakdown, failures, rerank_depth
from zsr_tui.evaluation.comparison import summary
from zsr_tui.evaluation.failures import Outcome
from zsr_tui.evaluation.report.contents import ClassCount, Contents
from zsr_tui.evaluation.report.writing import check, write
from zsr_tui.evaluation.results import Evaluation, Matrix, Point, Test

EACH = 3  # queries with the largest loss, and as many with the largest gain, of each system
MOST = 12  # queries that are shown with their lists, unless somebody chose them

# What reads every list again, and which formats show it.
PARTS = ("curves", "breakdowns", "classes")
_WITH_PARTS = (".html", ".md", ".tex")
_RERANKING = (Outcome.RECOVERED, Outcome.BELOW_DEPTH, Outcome.DEMOTED)  # what only a system with a reranker can do


def write_report(
    evaluation: Evaluation,
    path: Path,
    *,
    baseline: int = 0,
    test: Test = "t",
    measure: str = "",
    queries: Sequence[int] | None = None,
    rarity: breakdown.Rarity | None = None,
    matrix: Matrix | None = None,
) -> Path:
    """Computes what the format of `path` shows, and writes it. Raises `Problem`; see `gather` and `writing.write`."""
    parts = PARTS if check(path) in _WITH_PARTS else ()
    contents = gather(
        evaluation,
        baseline=baseline,
        test=test,
        measure=measure,
        queries=queries,
        rarity=rarity,
        matrix=matrix,
        parts=parts,
    )
    return write(contents, path)


def gather(
    evaluation: Evaluation,
    *,
    baseline: int = 0,
    test: Test = "t",
    measure: str = "",
    queries: Sequence[int] | None = None,
    rarity: breakdown.Rarity | None = None,
    matrix: Matrix | None = None,
    parts: Collection[str] = PARTS,
    depth: int = 10,
) -> Contents:
    """The contents of a report. `measure` is the one that plots and queries go by, the first if not named; `queries`
    are those shown with their first `depth` documents, `extremes` if not chosen; `parts` are those of PARTS to
    compute. Raises `Problem` for a measure that was not evaluated."""
    if measure and measure not in evaluation.measures:
        raise Problem(f"{measure} was not evaluated: choose one of {', '.join(evaluation.measures)}.", usage=True)
    measure = measure or evaluation.measures[0]
    return Contents(
        evaluation=evaluation,
        summary=summary(evaluation, baseline, test),
        measure=measure,
        curves=_curves(evaluation, measure) if "curves" in parts else {},
        breakdowns=breakdown.breakdowns(evaluation, measure, rarity) if "breakdowns" in parts else (),
        classes=_classes(evaluation) if "classes" in parts else (),
        matrix=matrix,
        queries=tuple(extremes(evaluation, baseline, measure) if queries is None else queries),
        depth=depth,
    )


def extremes(evaluation: Evaluation, baseline: int, measure: str, each: int = EACH, most: int = MOST) -> list[int]:
    """The queries that make the difference: of every system in turn, those where it loses most against the baseline,
    and those where it gains most. Without a second system, or any difference: the first ones."""
    import numpy as np

    values = evaluation.values[:, evaluation.measures.index(measure), :]
    turns: list[list[int]] = []
    for system in range(len(evaluation.systems)):
        difference = values[system] - values[baseline]
        known = np.flatnonzero(np.isfinite(difference) & (np.abs(difference) > 0))
        order = known[np.argsort(difference[known], kind="stable")].tolist()
        losses = [index for index in order if difference[index] < 0][:each]
        gains = [index for index in reversed(order) if difference[index] > 0][:each]
        turns += [losses, gains]
    found = dict.fromkeys(turn[place] for place in range(each) for turn in turns if place < len(turn))
    return list(found)[:most] or list(range(min(each, len(evaluation.queries))))


def _curves(evaluation: Evaluation, measure: str) -> dict[int, tuple[Point, ...]]:
    """Of the systems that end with a reranker and have run."""
    curves = {
        system: rerank_depth.curve(evaluation, system, (measure,))
        for system, each in enumerate(evaluation.systems)
        if each.stages
    }
    return {system: points for system, points in curves.items() if points}


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
