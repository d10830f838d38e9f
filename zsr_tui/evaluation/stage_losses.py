"""The stage at fault of a query: what a measure says after each stage of a system, and where most of it was lost.

The changes add up to the system's value minus the baseline's. The first is the first stage's against the baseline; then
each stage is compared with what it was given. Besides:

* Stages that the system shares with the baseline are not at fault: the first one of its own answers for what the
  baseline made of them.
* A fusion is compared with the best of the lists that it fuses, whose past is that of the fusion.
* A list that is cut before it is handed on is a step of its own where the measure sees the cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zsr_tui.domain import relevant_docs
from zsr_tui.evaluation.comparison import TIE
from zsr_tui.evaluation.measures import ABOUT_JUDGMENTS, Graded, measure_lists
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.evaluation.reach import reach, reaches
from zsr_tui.evaluation.results import Evaluation, QueryLists
from zsr_tui.numerals import counted
from zsr_tui.scoring.models import catalogue


@dataclass(frozen=True, slots=True)
class Step:
    """A list on the way to the system's, and what it is worth. `change` is what the step before it lacks or has more:
    negative is a loss. `stage` is None for a baseline that is not on the way; `cut`: the stage's list as it was handed
    on; `beside`: names and values of the other lists that a fusion fuses."""

    name: str
    value: float
    change: float = 0.0
    stage: int | None = None
    cut: bool = False
    baseline: bool = False
    beside: tuple[tuple[str, float], ...] = ()

    @property
    def text(self) -> str:
        with_others = " and ".join(f"{name} {value:.3f}" for name, value in self.beside)
        return (
            f"{self.name}{' (baseline)' * self.baseline} {self.value:.3f}{f' (with {with_others})' * bool(with_others)}"
        )


@dataclass(frozen=True, slots=True)
class StageLosses:
    """`at_fault` is the place in `steps` of the one that lost most, the first of equals; None where none lost anything.
    `difference` is the system's value minus the baseline's, None where they cannot be compared. `verdict` says in words
    which stage is at fault, or why none is."""

    measure: str
    steps: tuple[Step, ...]
    at_fault: int | None
    difference: float | None
    verdict: str

    @property
    def sentence(self) -> str:
        """As in "nDCG@10: bm25 (baseline) 0.630 · dense m 0.400 · at fault: dense m, −0.230"."""
        return f"{self.measure}: " + " · ".join([*(step.text for step in self.steps), self.verdict])


def stage_losses(evaluation: Evaluation, query: int, system: int, baseline: int, measure: str) -> StageLosses:
    """Reads the lists of one query. The baseline itself is looked at from its first stage on, and so is every system
    where the baseline has not run, or has no value. Raises `Problem` for a measure that is not known."""
    (parsed,) = parse_measures((measure,))
    lists = evaluation.lists(query)
    reason, alone = "", ""
    if evaluation.systems[system].final(lists.by_stage) is None:
        reason = "the system has not run this query"
    elif not lists.judgments:
        reason = "no judgments, so nothing can be measured"
    elif not relevant_docs(lists.judgments):
        reason = "nothing is judged relevant"
    elif not reaches(evaluation.systems[system], measure):
        reason = f"no value, the system's lists have {counted(reach(evaluation.systems[system]), 'document')}"
    if reason:
        return StageLosses(measure, (), None, None, reason)
    if evaluation.systems[baseline].final(lists.by_stage) is None:
        alone = "the baseline has not run this query"
    elif not reaches(evaluation.systems[baseline], measure):
        alone = f"the baseline has no value, its lists have {counted(reach(evaluation.systems[baseline]), 'document')}"
    against = None if baseline == system or alone else baseline
    way = _Way(evaluation, lists, parsed)
    steps = way.steps(system, against)
    difference = None if against is None else way.final(system) - way.final(against)
    if parsed.NAME in ABOUT_JUDGMENTS:
        return StageLosses(measure, steps, None, difference, "not about relevance, so none is at fault")
    most = min(step.change for step in steps)
    at_fault = next(place for place, step in enumerate(steps) if step.change <= most + TIE) if most < -TIE else None
    verdict = _verdict(steps, at_fault, difference)
    if alone:
        verdict += f" ({alone})"
    return StageLosses(measure, steps, at_fault, difference, verdict)


class _Way:
    """The lists of a query as far as they are measured."""

    def __init__(self, evaluation: Evaluation, lists: QueryLists, measure: Any) -> None:
        self._evaluation, self._lists, self._measure = evaluation, lists, measure
        self._values: dict[tuple[int, int], float] = {}
        self._deepest = evaluation.provenance.depth

    def value(self, stage: int, depth: int) -> float:
        """Of a stage's first documents."""
        if (stage, depth) not in self._values:
            ranked = self._lists.by_stage.get(stage)
            graded = Graded.of(ranked.doc_ids[:depth] if ranked is not None else (), self._lists.judgments)
            self._values[stage, depth] = float(measure_lists([self._measure], [graded])[0, 0])
        return self._values[stage, depth]

    def final(self, system: int) -> float:
        described = self._evaluation.systems[system]
        return self.value(described.stages[-1], described.depth)

    def steps(self, system: int, baseline: int | None) -> tuple[Step, ...]:
        """In order, what each is worth and what it changed."""
        evaluation = self._evaluation
        path = self._path(evaluation.systems[system].stages[-1])
        shared, common_depth = 0, self._deepest  # the baseline's stages among them, how much of the last it reads
        before: float | None = None  # what the next stage is compared with
        ahead = 0.0  # of the last shared stage is the baseline
        on_the_way = False  # is the baseline's list
        steps: list[Step] = []
        if baseline is not None:
            theirs = self._path(evaluation.systems[baseline].stages[-1])
            while shared < min(len(path), len(theirs)) and path[shared] == theirs[shared]:
                shared += 1
            before = self.final(baseline)
            if shared:
                common_depth = self._handed_on(theirs, shared - 1, baseline)
                common = self.value(path[shared - 1], common_depth)
                before, ahead = common, before - common
            on_the_way = shared == len(theirs) and common_depth >= self._handed_on(path, shared - 1, system)
            if not on_the_way:
                steps.append(Step(evaluation.systems[baseline].label, self.final(baseline), baseline=True))
        own = min(shared, len(path) - 1)
        for place, stage in enumerate(path):
            handed = self._handed_on(path, place, system)
            depth = max(common_depth, handed) if place == shared - 1 else self._deepest
            value = self.value(stage, depth)
            change = 0.0 if place < shared - 1 or before is None else value - before
            steps.append(
                Step(
                    name=stage_name(evaluation, stage),
                    value=value,
                    change=change - ahead if place == own else change,
                    stage=stage,
                    baseline=on_the_way and place == shared - 1,
                    beside=self._beside(path, place),
                )
            )
            cut = self.value(stage, handed)
            if abs(cut - value) > TIE and handed < depth:
                lost = 0.0 if place < shared - 1 else cut - value
                steps.append(Step(f"% {handed}", cut, lost, stage, cut=True))
            before = before if place < shared - 1 else cut
        return tuple(steps)

    def _path(self, stage: int) -> list[int]:
        """The stage and those before it, of several sources the best."""
        described = self._evaluation.stages[stage]
        if not described.sources:
            return [stage]
        depth = min(self._deepest, described.depth)
        return [*self._path(max(described.sources, key=lambda source: self.value(source, depth))), stage]

    def _handed_on(self, path: Sequence[int], place: int, system: int) -> int:
        """How many documents of a stage's list the next one is given, or are the system's."""
        if place + 1 == len(path):
            return self._evaluation.systems[system].depth
        return min(self._deepest, self._evaluation.stages[path[place + 1]].depth)

    def _beside(self, path: Sequence[int], place: int) -> tuple[tuple[str, float], ...]:
        others = [source for source in self._evaluation.stages[path[place]].sources if source != path[place - 1]]
        return tuple((stage_name(self._evaluation, source), self.value(source, self._deepest)) for source in others)


def stage_name(evaluation: Evaluation, stage: int) -> str:
    """Short: the last step of the label of a system that ends with the stage; of others the notation's, with the label
    of a model of the catalogue, and of another what stands behind its last slash."""
    described = evaluation.stages[stage]
    if described.kind == "fuse":
        return described.notation.partition("(")[0]
    label = next((system.label for system in evaluation.systems if system.stages[-1] == stage), "")
    if described.kind == "run file":
        return label or described.notation
    if label:
        return label.rpartition(" >> ")[2].partition(" % ")[0]
    known = catalogue.entry_of(described.model) if described.model else None
    model = known.label if known is not None else described.model.rstrip("/").rpartition("/")[2]
    if described.kind == "rerank":
        return model
    return f"{described.notation.partition('(')[0]} {model}" if model else described.notation.partition(" (")[0]


def _verdict(steps: Sequence[Step], at_fault: int | None, difference: float | None) -> str:
    gained = difference is not None and difference > TIE
    if at_fault is None:
        return f"nothing lost, {difference:.3f} gained" if gained else "nothing lost"
    step = steps[at_fault]
    fused = at_fault + 1 < len(steps) and bool(steps[at_fault + 1].beside)
    name = f"the cut {step.name}" if step.cut else f"{step.name}{', the best of the fused lists' * fused}"
    lost = f"{-step.change:.3f}"
    if difference is None or difference < -TIE:
        return f"at fault: {name}, −{lost}"
    whole = f"{difference:.3f} gained" if gained else "as good as the baseline"
    return f"{whole}, though {name}{',' * fused} lost {lost}"
