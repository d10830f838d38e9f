"""What became of the documents, and the stage at fault, as records of `zsr_tui.api.evaluations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zsr_tui.api.queries import FateView, OutcomeRow, StageLossesView, StepView
from zsr_tui.engine.evaluation.records import number
from zsr_tui.evaluation.failures import FAILURES, FATES, HIGHEST, OTHERS, OUTCOMES, fates
from zsr_tui.evaluation.results import Evaluation, QueryLists
from zsr_tui.evaluation.stage_losses import stage_losses, stage_name

if TYPE_CHECKING:
    import numpy as np


def outcome_rows(counts: np.ndarray) -> list[OutcomeRow]:
    """`counts` as `failures.counts` gives them."""
    documents = counts.sum(axis=2)
    relevant = documents[:, [OUTCOMES.index(one) for one in FATES]].sum(axis=1).tolist()
    highest = documents[:, [OUTCOMES.index(one) for one in HIGHEST]].sum(axis=1).tolist()
    return [
        OutcomeRow(
            outcome=outcome.label,
            about=outcome.about,
            failure=outcome in FAILURES,
            relevant=outcome not in OTHERS,
            documents=tuple(documents[:, row].tolist()),
            queries=tuple((counts[:, row, :] > 0).sum(axis=1).tolist()),
            of=tuple(highest if outcome in OTHERS else relevant),
        )
        for row, outcome in enumerate(OUTCOMES)
    ]


def fate_views(described: Evaluation, query: int) -> list[FateView]:
    lists, found = described.lists(query), fates(described, query)
    documents = described.documents(described.queries[query].member, {fate.doc_id for fate in found})
    return [
        FateView(
            system=fate.system,
            doc_id=fate.doc_id,
            outcome=fate.outcome.label,
            grade=fate.grade,
            stage="" if fate.stage is None else stage_name(described, fate.stage),
            before=fate.before,
            final=fate.final,
            ranks=_ranks(described, lists, fate.system, fate.doc_id),
            title=documents[fate.doc_id].title if fate.doc_id in documents else "",
        )
        for fate in found
    ]


def _ranks(described: Evaluation, lists: QueryLists, system: int, doc_id: str) -> tuple[tuple[str, int | None], ...]:
    """Of a document in every stage that leads to the system's list."""
    found = []
    for stage in described.systems[system].stages:
        ranked = lists.by_stage.get(stage)
        found.append((stage_name(described, stage), ranked.rank(doc_id) if ranked is not None else None))
    return tuple(found)


def losses_view(described: Evaluation, query: int, system: int, baseline: int, measure: str) -> StageLossesView:
    found = stage_losses(described, query, system, baseline, measure)
    return StageLossesView(
        query=query,
        system=system,
        baseline=baseline,
        measure=measure,
        steps=tuple(
            StepView(
                name=step.name,
                value=step.value,
                change=step.change,
                cut=step.cut,
                baseline=step.baseline,
                beside=step.beside,
            )
            for step in found.steps
        ),
        at_fault=found.at_fault,
        difference=number(found.difference),
        verdict=found.verdict,
    )
