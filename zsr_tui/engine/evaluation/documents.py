"""The documents of a query: their places in two lists, what became of them, and the stage at fault. Numbers that are
not finite leave as null."""

from __future__ import annotations

from functools import partial

from zsr_tui.api.queries import (
    FateView,
    OutcomeRow,
    ReadFates,
    ReadLosses,
    ReadOutcomes,
    ReadScatter,
    Scatter,
    ScatterPoint,
    StageLossesView,
    StepView,
)
from zsr_tui.decoding import converted
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.evaluation.failures import FAILURES, FATES, HIGHEST, OTHERS, OUTCOMES, fates
from zsr_tui.evaluation.results import Evaluation, QueryLists
from zsr_tui.evaluation.stage_losses import stage_losses, stage_name


def answers(shelf: Shelf) -> Answers:
    return {
        ReadScatter: partial(scatter, shelf),
        ReadOutcomes: partial(outcome_rows, shelf),
        ReadFates: partial(fate_views, shelf),
        ReadLosses: partial(losses_view, shelf),
    }


def scatter(shelf: Shelf, asked: ReadScatter) -> Scatter:
    described = shelf.evaluation(asked.id, asked.system, asked.baseline, query=asked.query)
    lists = described.lists(asked.query)
    places = []
    for index in (asked.system, asked.baseline):
        final = described.systems[index].final(lists.by_stage)
        pairs = zip(final.doc_ids, final.scores.tolist(), strict=True) if final else ()
        places.append({doc_id: (rank, score) for rank, (doc_id, score) in enumerate(pairs, start=1)})
    points = []
    for doc_id in dict.fromkeys([*places[0], *places[1]]):
        (rank, score), (baseline_rank, baseline_score) = (each.get(doc_id, (None, None)) for each in places)
        points.append(
            ScatterPoint(
                doc_id=doc_id,
                grade=lists.judgments.get(doc_id),
                rank=rank,
                score=score,
                baseline_rank=baseline_rank,
                baseline_score=baseline_score,
            )
        )
    return Scatter(query=asked.query, system=asked.system, baseline=asked.baseline, points=tuple(points))


def outcome_rows(shelf: Shelf, asked: ReadOutcomes) -> list[OutcomeRow]:
    counts = shelf.table(asked.id).outcomes
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


def fate_views(shelf: Shelf, asked: ReadFates) -> list[FateView]:
    described = shelf.evaluation(asked.id, query=asked.query)
    lists, found = described.lists(asked.query), fates(described, asked.query)
    documents = described.documents(described.queries[asked.query].member, {fate.doc_id for fate in found})
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


def losses_view(shelf: Shelf, asked: ReadLosses) -> StageLossesView:
    described = shelf.evaluation(asked.id, asked.system, asked.baseline, query=asked.query)
    measure = shelf.measure(asked.id, asked.measure)
    found = stage_losses(described, asked.query, asked.system, asked.baseline, measure)
    return StageLossesView(
        query=asked.query,
        system=asked.system,
        baseline=asked.baseline,
        measure=measure,
        steps=converted(found.steps, tuple[StepView, ...], from_attributes=True),
        at_fault=found.at_fault,
        difference=found.difference,
        verdict=found.verdict,
    )
