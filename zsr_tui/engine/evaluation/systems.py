"""The stored evaluations, the table of one's systems, and the matrix of them all. Numbers that are not finite leave as
null."""

from __future__ import annotations

import math
from dataclasses import asdict
from functools import partial

import msgspec

from zsr_tui.api.evaluations import (
    CellView,
    CombinationsView,
    EvaluationItem,
    EvaluationView,
    ListEvaluations,
    MatrixView,
    ReadCombinations,
    ReadEvaluation,
    ReadMatrix,
    ReadPublished,
    ReadReport,
    ReportFile,
    SystemView,
)
from zsr_tui.api.judging import AnySource, judged_id
from zsr_tui.decoding import converted
from zsr_tui.domain import DATASET_ONLY, OWN_TOO
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation import running
from zsr_tui.engine.evaluation.judged import sources_of
from zsr_tui.engine.evaluation.published import published_figures
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.evaluation import across, comparable, significance, store
from zsr_tui.evaluation.combinations import Combined, combinations
from zsr_tui.evaluation.comparison import member_mean, summary
from zsr_tui.evaluation.reach import beyond, reach
from zsr_tui.evaluation.results import Cell, EvaluatedSystem, Evaluation, Row
from zsr_tui.evaluation.stored import Listing


def answers(shelf: Shelf) -> Answers:
    return {
        ListEvaluations: lambda _: items(),
        ReadEvaluation: partial(evaluation_view, shelf),
        ReadMatrix: partial(matrix_view, shelf),
        ReadCombinations: partial(combinations_view, shelf),
        ReadPublished: lambda asked: published_figures(shelf.evaluation(asked.id)),
        ReadReport: partial(report, shelf),
    }


def items() -> list[EvaluationItem]:
    return [item(one.listing()) for one in store.stored()]


def item(listing: Listing) -> EvaluationItem:
    spec = listing.spec
    return EvaluationItem(
        id=spec.id,
        dataset=spec.dataset,
        systems=tuple(system.label for system in spec.systems),
        notations=tuple(system.notation for system in spec.systems),
        measures=spec.measures,
        queries=listing.queries,
        done=listing.done,
        state=running.state(spec.id) or ("complete" if listing.complete else "stopped"),
        date=spec.provenance.date,
        subset=spec.provenance.subset,
        failed=tuple(f"{spec.systems[index].label}: {why}" for index, why in listing.failed.items()),
        bytes=listing.bytes,
        drop_self=spec.provenance.drop_self,
        run_files=tuple(index for index, system in enumerate(spec.systems) if system.run_file is not None),
    )


def evaluation_view(shelf: Shelf, asked: ReadEvaluation) -> EvaluationView:
    described = shelf.evaluation(asked.id, asked.baseline)
    table = summary(described, asked.baseline, asked.test)
    made, judged = described.provenance, shelf.judged(asked.id)
    beside = DATASET_ONLY if judged.sources != DATASET_ONLY else OWN_TOO if judged.own else ()
    other = shelf.evaluation(judged_id(described.id, beside)) if beside else None
    return EvaluationView(
        item=item(shelf.stored(asked.id).listing()),
        baseline=asked.baseline,
        test=asked.test,
        rounds=significance.ROUNDS,
        systems=tuple(_system(described.systems[row.system], row, other) for row in table.rows),
        notes=(*described.notes, *table.notes),
        lacking=dict(table.lacking),
        command=made.command,
        versions=dict(made.versions),
        fingerprints=dict(made.fingerprints),
        devices=made.devices,
        depth=made.depth,
        drop_self=made.drop_self,
        counting=judged.sources,
        judgments=judged.counts,
        beside=beside,
    )


def _system(system: EvaluatedSystem, row: Row, other: Evaluation | None) -> SystemView:
    """`other` is the evaluation over the judgments that are seen beside those that count."""
    cells = {name: _cell(cell) for name, cell in row.cells.items()}
    if other is not None and not system.failed:
        for number, name in enumerate(other.measures):
            mean = member_mean(other, name, other.values[row.system, number])
            cells[name] = msgspec.structs.replace(cells[name], beside=mean)
    known = (
        asdict(system)
        | asdict(system.cost)
        | {
            "system": row.system,
            "queries": row.queries,
            "cells": cells,
            "depth": reach(system),
            "beyond": beyond(system, cells),
        }
    )
    return converted(known, SystemView)


def combinations_view(shelf: Shelf, asked: ReadCombinations) -> CombinationsView | None:
    measure = shelf.measure(asked.id, asked.measure)
    found = combinations(shelf.evaluation(asked.id), measure, asked.test)
    if found is None:
        return None

    def cell(each: Combined | None) -> CellView | None:
        return None if each is None else _cell(each)

    return CombinationsView(
        measure=measure,
        rows=found.rows,
        columns=found.columns,
        alone=tuple(map(cell, found.alone)),
        cells=tuple(tuple(map(cell, row)) for row in found.cells),
        test=found.test,
    )


def _cell(cell: Cell | Combined) -> CellView:
    known = asdict(cell)
    if cell.against is not None:
        known |= asdict(cell.against)
        known["low"], known["high"] = cell.against.interval
    return converted(known, CellView)


def matrix_view(shelf: Shelf, asked: ReadMatrix) -> MatrixView:
    found = matrix(shelf, asked.measure, asked.counting)
    beside = DATASET_ONLY if asked.counting != DATASET_ONLY else OWN_TOO if shelf.any_own(_members()) else ()
    other = matrix(shelf, asked.measure, beside) if beside else None
    view = converted(found, MatrixView, from_attributes=True)
    return msgspec.structs.replace(
        view,
        counting=asked.counting,
        beside=beside,
        cells_beside=other.cells if other is not None else (),
        averages_beside=other.averages if other is not None else (),
    )


def _members() -> set[str]:
    """The datasets of all stored evaluations."""
    return {member for one in store.stored() for member in one.spec.members}


def matrix(shelf: Shelf, measure: str, counting: tuple[AnySource, ...] = DATASET_ONLY) -> across.Matrix:
    """Over the stored evaluations of whole datasets, the newest of each system and dataset, and the judgments of these
    sources. What no judgment that counts is left for has no value."""
    means: dict[tuple[str, str], float | None] = {}
    for one in store.stored():
        if measure not in one.spec.measures or one.spec.provenance.subset:
            continue
        described = shelf.over(one, counting).evaluation()
        if not described.complete:
            continue
        row = described.measures.index(measure)
        for name, values in zip(comparable.names(described, measure), described.values[:, row], strict=True):
            mean = member_mean(described, measure, values)
            means.setdefault((name, described.dataset), None if math.isnan(mean) else mean)
    return across.matrix(measure, means)


def report(shelf: Shelf, asked: ReadReport) -> list[ReportFile]:
    from zsr_tui.evaluation.report import per_query
    from zsr_tui.evaluation.report.contents import Contents
    from zsr_tui.evaluation.report.writing import report_files

    described = shelf.evaluation(asked.id, asked.baseline)
    found = matrix(shelf, asked.measure or described.measures[0], sources_of(asked.id))
    shown = found if len(found.datasets) > 1 else None
    contents = Contents(
        described,
        asked.baseline,
        asked.test,
        asked.measure,
        shelf.rarity_in(described.systems),
        shown,
        asked.spreadsheet,
        partial(shelf.explanation, drop_self=described.provenance.drop_self) if asked.explain else None,
        shelf.kept_of(described) if asked.kept else (),
    )
    made = report_files(contents, asked.format)
    formulas = per_query.formulas(described) if asked.format == ".csv" and not asked.spreadsheet else 0
    return [
        ReportFile(ending=ending, content=content, formulas=0 if ending else formulas)
        for ending, content in made.items()
    ]
