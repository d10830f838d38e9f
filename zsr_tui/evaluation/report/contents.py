"""What a report says: an evaluation with what is computed from it. The formats of a report compute nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from zsr_tui.domain import Problem
from zsr_tui.evaluation import breakdown, comparison, failures, rerank_depth
from zsr_tui.evaluation.combinations import Combinations, combinations
from zsr_tui.evaluation.failures import Outcome
from zsr_tui.evaluation.report.chosen import Chosen, extremes, with_losses
from zsr_tui.evaluation.report.explained import Explain, Why, explained
from zsr_tui.evaluation.report.kept import Kept
from zsr_tui.evaluation.rerank_depth import Curve
from zsr_tui.evaluation.results import Breakdown, Evaluation, Matrix, Summary, Test
from zsr_tui.evaluation.sweep import Sweep, pairs, sweep

# What only a system with a reranker can do.
_RERANKING = (Outcome.RECOVERED, Outcome.BELOW_DEPTH, Outcome.DEMOTED, Outcome.PUSHED_DOWN)


@dataclass(eq=False)
class Contents:
    """`measure` is the one that plots and queries go by, the first if not named: raises `Problem` for one that was not
    evaluated. `spreadsheet`: its CSV is for one. `explain`: the chosen queries are explained with it. `kept`: what the
    user has judged and noted, where that is wanted. What takes
    reading the lists again is computed for the formats that show it."""

    evaluation: Evaluation
    baseline: int = 0
    test: Test = "t"
    measure: str = ""
    rarity: breakdown.Rarity | None = None
    matrix: Matrix | None = None
    spreadsheet: bool = False
    explain: Explain | None = None
    kept: Sequence[Kept] = ()

    def __post_init__(self) -> None:
        measures = self.evaluation.measures
        self.measure = self.measure or measures[0]
        if self.measure not in measures:
            raise Problem(f"{self.measure} was not evaluated: choose one of {', '.join(measures)}.", usage=True)

    @cached_property
    def summary(self) -> Summary:
        return comparison.summary(self.evaluation, self.baseline, self.test)

    @cached_property
    def curves(self) -> dict[int, Curve]:
        """Rerank-depth curves, by system."""
        return rerank_depth.curves(self.evaluation, self.measure)

    @cached_property
    def combinations(self) -> Combinations | None:
        """Where several retrievers, or several rerankers, are combined."""
        found = combinations(self.evaluation, self.measure, self.test)
        return found if found is not None and len(found.rows) + len(found.columns) > 2 else None

    @cached_property
    def sweeps(self) -> list[Sweep]:
        """Of the pairs that its systems fuse."""
        if not any(stage.kind == "fuse" for stage in self.evaluation.stages):
            return []
        return [sweep(self.evaluation, pair, self.measure) for pair in pairs(self.evaluation)]

    @cached_property
    def breakdowns(self) -> tuple[Breakdown, ...]:
        return breakdown.breakdowns(self.evaluation, self.measure, self.rarity)

    @cached_property
    def queries(self) -> list[Chosen]:
        """Those that are shown with their lists."""
        chosen = extremes(self.evaluation, self.baseline, self.measure)
        return with_losses(self.evaluation, chosen, self.baseline, self.measure)

    @cached_property
    def whys(self) -> dict[int, list[Why]]:
        """Explanations by chosen query; none where they are not wanted."""
        found: dict[int, list[Why]] = {}
        for why in explained(self.evaluation, self.queries, self.explain) if self.explain is not None else ():
            found.setdefault(why.query, []).append(why)
        return found

    @cached_property
    def classes(self) -> dict[Outcome, list[int | None]]:
        """How often each happened to each system's documents; None where it does not apply to the system."""
        evaluation = self.evaluation
        totals = failures.counts(evaluation).sum(axis=2).tolist()
        found: dict[Outcome, list[int | None]] = {}
        for row, outcome in enumerate(failures.OUTCOMES):
            found[outcome] = []
            for system, total in zip(evaluation.systems, totals, strict=True):
                reranks = any(evaluation.stages[stage].kind == "rerank" for stage in system.stages)
                possible = reranks or total[row] or outcome not in _RERANKING
                found[outcome].append(total[row] if possible and (any(total) or not system.failed) else None)
        return found
