"""The queries of a stored evaluation, as the screens page through them. Numbers that are not finite leave as null."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

from zsr_tui.api.queries import (
    BreakdownView,
    Differences,
    GroupView,
    QueryRow,
    QueryRows,
    ReadBreakdowns,
    ReadDifferences,
    ReadQueries,
)
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.evaluation import breakdown
from zsr_tui.evaluation.failures import outcome_index
from zsr_tui.evaluation.query_table import AGREEMENTS, JUDGED, QueryTable
from zsr_tui.selection import QuerySelection

_WAIT = 0.25  # seconds until it is said how many rankings have been read


def answers(shelf: Shelf) -> Answers:
    return {
        ReadQueries: partial(query_rows, shelf),
        ReadDifferences: partial(differences, shelf),
        ReadBreakdowns: partial(breakdown_views, shelf),
    }


def query_rows(shelf: Shelf, asked: ReadQueries) -> QueryRows:
    table, selection = _selected(shelf, asked)
    read = table.unread(selection, asked.agreements, _WAIT)
    rows: list[int] = table.rows(selection).tolist() if read is None else []
    shown = rows[asked.offset : asked.offset + asked.limit]
    return QueryRows(
        total=len(table.evaluation.queries),
        matching=len(rows),
        measure=selection.measure,
        system=selection.system,
        baseline=selection.baseline,
        rows=tuple(_row(table, query, selection, asked.agreements) for query in shown),
        read=read,
        place=rows.index(asked.follow) if asked.follow in rows else None,
    )


def _selected(shelf: Shelf, asked: ReadQueries | ReadDifferences) -> tuple[QueryTable, QuerySelection]:
    """With the measure that is meant."""
    selection = asked.selection
    shelf.evaluation(asked.id, selection.system, selection.baseline)
    return shelf.table(asked.id), replace(selection, measure=shelf.measure(asked.id, selection.measure))


def chosen(shelf: Shelf, id: str, selection: QuerySelection) -> list[int]:
    """The queries that match, in order; waits for the rankings where it needs them."""
    table, known = _selected(shelf, ReadDifferences(id=id, selection=selection))
    rows: list[int] = table.rows(known).tolist()
    return rows


def _row(table: QueryTable, query: int, selection: QuerySelection, agreements: bool) -> QueryRow:
    described = table.evaluation
    one = described.queries[query]
    agreement: list[float | None] = [None] * len(AGREEMENTS)
    if agreements:
        agreement = table.agreement(selection.system, selection.baseline)[:, query].tolist()
    documents = None
    if selection.outcome:
        documents = int(table.outcomes[selection.system, outcome_index(selection.outcome), query])
    return QueryRow(
        query=query,
        qid=one.id,
        text=one.text,
        dataset=one.member,
        length=int(table.counts["length"][query]),
        relevant=one.relevant,
        judged=one.judged,
        values=tuple(table.values(selection.measure)[:, query].tolist()),
        judged_at_10=tuple(table.values(JUDGED)[:, query].tolist()) if JUDGED in described.measures else (),
        difference=float(table.differences(selection.measure, selection.system, selection.baseline)[query]),
        documents=documents,
        **dict(zip(AGREEMENTS, agreement, strict=True)),
    )


def differences(shelf: Shelf, asked: ReadDifferences) -> Differences:
    table, selection = _selected(shelf, asked)
    values = table.differences(selection.measure, selection.system, selection.baseline).tolist()
    baseline = table.values(selection.measure)[selection.baseline].tolist()
    rows: list[int] = table.rows(replace(selection, sort="difference")).tolist()
    known = [query for query in rows if not math.isnan(values[query])]
    return Differences(
        measure=selection.measure,
        system=selection.system,
        baseline=selection.baseline,
        queries=tuple(known),
        qids=tuple(table.evaluation.queries[query].id for query in known),
        values=tuple(values[query] for query in known),
        baseline_values=tuple(baseline[query] for query in known),
    )


def breakdown_views(shelf: Shelf, asked: ReadBreakdowns) -> list[BreakdownView]:
    table, measure = shelf.table(asked.id), shelf.measure(asked.id, asked.measure)
    known = table.features(again=table.lacks_features)
    return [
        BreakdownView(
            feature=each.feature.name,
            unit=each.feature.unit,
            measure=each.measure,
            groups=tuple(
                GroupView(
                    label=group.label,
                    low=group.low,
                    high=group.high,
                    queries=len(group.queries),
                    means=means,
                )
                for group, means in zip(each.feature.groups, each.means, strict=True)
            ),
            missing=each.feature.missing,
        )
        for each in breakdown.breakdowns(table.evaluation, measure, known=known)
    ]
