"""Stored evaluations as `zsr_tui.api.evaluations` shows them."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from zsr_tui.api.evaluations import (
    EvaluationItem,
    EvaluationView,
    MatrixView,
    ReadEvaluation,
    ReadMatrix,
    ReadReport,
    ReportFile,
)
from zsr_tui.api.queries import (
    BreakdownView,
    Differences,
    FateView,
    GroupView,
    OutcomeRow,
    QueryRows,
    ReadBreakdowns,
    ReadDifferences,
    ReadFates,
    ReadLosses,
    ReadOutcomes,
    ReadQueries,
    ReadScatter,
    Scatter,
    ScatterPoint,
    StageLossesView,
)
from zsr_tui.domain import Doc, Problem
from zsr_tui.engine.evaluation.fates import fate_views, losses_view, outcome_rows
from zsr_tui.engine.evaluation.records import item, number, query_row, system_view
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import across, breakdown, store
from zsr_tui.evaluation.comparison import member_mean, summary
from zsr_tui.evaluation.query_table import QueryTable
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.evaluation.stored import Stored
from zsr_tui.selection import QuerySelection

_KEPT = 2  # evaluations in memory
_Written = tuple[tuple[int, int, int], ...]
_WAIT = 0.25  # seconds until it is said how many rankings have been read


class Views:
    """Thread-safe. Keeps the evaluations that were looked at last, until more of them is stored."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._tables: OrderedDict[tuple[object, ...], QueryTable] = OrderedDict()
        self._read: OrderedDict[str, tuple[_Written, Stored]] = OrderedDict()
        self._lock = threading.Lock()

    def items(self) -> list[EvaluationItem]:
        return [item(one.listing()) for one in store.stored()]

    def table(self, evaluation: str) -> QueryTable:
        """Raises `Problem` for one that is not stored."""
        found = self._stored(evaluation)
        size = found.values_path.stat().st_size if found.values_path.exists() else 0
        key = (found, size, tuple(found.failed.items()))
        with self._lock:
            if key not in self._tables:
                self._tables[key] = QueryTable(found.evaluation(self._documents), self.rarity)
            self._tables.move_to_end(key)
            while len(self._tables) > _KEPT:
                self._tables.popitem(last=False)
            return self._tables[key]

    def _stored(self, evaluation: str) -> Stored:
        """Its queries are read again only where its files are others."""
        written = _written(store.root() / evaluation)
        with self._lock:
            known = self._read.get(evaluation)
            if known is not None and known[0] == written:
                self._read.move_to_end(evaluation)
                return known[1]
        found = store.find(evaluation)
        with self._lock:
            self._read[evaluation] = (written, found)
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return found

    def evaluation(self, asked: ReadEvaluation) -> EvaluationView:
        described = self.table(asked.id).evaluation
        _check_system(described, asked.baseline)
        table = summary(described, asked.baseline, asked.test)
        made = described.provenance
        return EvaluationView(
            item=item(self._stored(asked.id).listing()),
            baseline=asked.baseline,
            test=asked.test,
            rounds=table.rounds,
            systems=tuple(system_view(described, row.system, row.queries, row.cells) for row in table.rows),
            notes=(*described.notes, *table.notes),
            command=made.command,
            versions=dict(made.versions),
            fingerprints=dict(made.fingerprints),
            devices=made.devices,
            depth=made.depth,
            drop_self=made.drop_self,
        )

    def queries(self, asked: ReadQueries) -> QueryRows:
        table = self.table(asked.id)
        selection = self._checked(table, asked.selection)
        read = table.unread(selection, asked.agreements, _WAIT)
        rows: list[int] = table.rows(selection).tolist() if read is None else []
        shown = rows[asked.offset : asked.offset + asked.limit]
        return QueryRows(
            total=len(table.evaluation.queries),
            matching=len(rows),
            measure=selection.measure,
            system=selection.system,
            baseline=selection.baseline,
            rows=tuple(query_row(table, query, selection, asked.agreements) for query in shown),
            read=read,
        )

    def differences(self, asked: ReadDifferences) -> Differences:
        table = self.table(asked.id)
        selection = replace(self._checked(table, asked.selection), sort="difference")
        values = table.differences(selection.measure, selection.system, selection.baseline).tolist()
        baseline = table.values(selection.measure)[selection.baseline].tolist()
        known = [query for query in table.rows(selection).tolist() if not math.isnan(values[query])]
        return Differences(
            measure=selection.measure,
            system=selection.system,
            baseline=selection.baseline,
            queries=tuple(known),
            qids=tuple(table.evaluation.queries[query].id for query in known),
            values=tuple(values[query] for query in known),
            baseline_values=tuple(baseline[query] for query in known),
        )

    def _checked(self, table: QueryTable, selection: QuerySelection) -> QuerySelection:
        """With the measure that is meant."""
        _check_system(table.evaluation, selection.system)
        _check_system(table.evaluation, selection.baseline)
        return replace(selection, measure=_measure(table, selection.measure))

    def scatter(self, asked: ReadScatter) -> Scatter:
        described = self.table(asked.id).evaluation
        _check(described, asked)
        lists = described.lists(asked.query)
        places = []
        for index in (asked.system, asked.baseline):
            final = described.final(lists, index)
            pairs = zip(final.doc_ids, final.scores.tolist(), strict=True) if final else ()
            places.append({doc_id: (rank, score) for rank, (doc_id, score) in enumerate(pairs, start=1)})
        ours, theirs = places
        return Scatter(
            query=asked.query,
            system=asked.system,
            baseline=asked.baseline,
            points=tuple(
                ScatterPoint(
                    doc_id=doc_id,
                    grade=lists.judgments.get(doc_id),
                    rank=ours.get(doc_id, (None, None))[0],
                    score=ours.get(doc_id, (None, None))[1],
                    baseline_rank=theirs.get(doc_id, (None, None))[0],
                    baseline_score=theirs.get(doc_id, (None, None))[1],
                )
                for doc_id in dict.fromkeys([*ours, *theirs])
            ),
        )

    def outcomes(self, asked: ReadOutcomes) -> list[OutcomeRow]:
        return outcome_rows(self.table(asked.id).outcomes)

    def fates(self, asked: ReadFates) -> list[FateView]:
        described = self.table(asked.id).evaluation
        _check_query(described, asked.query)
        return fate_views(described, asked.query)

    def losses(self, asked: ReadLosses) -> StageLossesView:
        table = self.table(asked.id)
        _check(table.evaluation, asked)
        measure = _measure(table, asked.measure)
        return losses_view(table.evaluation, asked.query, asked.system, asked.baseline, measure)

    def breakdowns(self, asked: ReadBreakdowns) -> list[BreakdownView]:
        table = self.table(asked.id)
        measure = _measure(table, asked.measure)
        known = table.features(again=table.lacks_features)
        return [
            BreakdownView(
                feature=each.feature,
                unit=each.unit,
                measure=each.measure,
                groups=tuple(
                    GroupView(
                        label=group.label,
                        low=group.low,
                        high=group.high,
                        queries=len(group.queries),
                        means=tuple(map(number, group.means)),
                    )
                    for group in each.groups
                ),
                missing=each.missing,
            )
            for each in breakdown.breakdowns(table.evaluation, measure, known=known)
        ]

    def matrix(self, asked: ReadMatrix) -> MatrixView:
        return msgspec.convert(matrix(asked.measure), MatrixView, from_attributes=True)

    def report(self, asked: ReadReport) -> list[ReportFile]:
        from zsr_tui.evaluation.report.gathering import report_files

        described = self.table(asked.id).evaluation
        _check_system(described, asked.baseline)
        found = matrix(asked.measure or described.measures[0])
        made = report_files(
            described,
            asked.format,
            baseline=asked.baseline,
            test=asked.test,
            measure=asked.measure,
            rarity=self.rarity,
            matrix=found if len(found.datasets) > 1 else None,
        )
        return [ReportFile(ending=ending, content=content) for ending, content in made.items()]

    def rarity(self, dataset: str, text: str) -> float:
        """Mean inverse document frequency of the query's terms in the BM25 index; nan without an index."""
        try:
            idf = self._library.bm25(self._library.corpus(dataset)).idf(text)
        except Problem:
            return math.nan
        return sum(idf) / len(idf) if idf else math.nan

    def _documents(self, dataset: str, ids: Iterable[str]) -> Mapping[str, Doc]:
        try:
            return self._library.corpus(dataset).docs(ids)
        except Problem:
            return {}  # the corpus is not on this machine any more: the numbers need no documents


def _measure(table: QueryTable, named: str) -> str:
    """The evaluation's first where none is named. Raises `Problem` for one that it does not have."""
    name = named or table.evaluation.measures[0]
    table.values(name)
    return name


def _written(folder: Path) -> _Written:
    """Which files an evaluation's description and queries are."""
    try:
        found = [(folder / name).stat() for name in ("spec.json", "queries.json")]
    except OSError:
        return ()  # `store.find` says what is wrong
    return tuple((one.st_ino, one.st_mtime_ns, one.st_size) for one in found)


def matrix(measure: str) -> across.Matrix:
    """Over the stored evaluations of whole datasets, the newest of each system and dataset."""
    means: dict[tuple[str, str], float] = {}
    for one in store.stored():
        if measure not in one.spec.measures or one.spec.provenance.subset:
            continue
        described = one.evaluation()
        if not described.complete:
            continue
        row = described.measures.index(measure)
        for index, system in enumerate(described.systems):
            name = system.label if system.run_file else system.notation
            means.setdefault((name, described.dataset), member_mean(described, described.values[index, row]))
    return across.matrix(measure, means)


def _check_system(described: Evaluation, system: int) -> None:
    if not 0 <= system < len(described.systems):
        raise Problem(f"the evaluation has no system {system}: it has {len(described.systems)}.", usage=True)


def _check_query(described: Evaluation, query: int) -> None:
    if not 0 <= query < len(described.queries):
        raise Problem(f"the evaluation has no query {query}: it has {len(described.queries):,}.", usage=True)


def _check(described: Evaluation, asked: ReadScatter | ReadLosses) -> None:
    _check_query(described, asked.query)
    _check_system(described, asked.system)
    _check_system(described, asked.baseline)
