"""Stored evaluations as `zsr_tui.api.evaluations` shows them."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, cast

from zsr_tui.api.evaluations import (
    BreakdownView,
    DepthPoint,
    Differences,
    EvaluationItem,
    EvaluationView,
    FateView,
    GroupView,
    MatrixView,
    OutcomeRow,
    QueriesAsked,
    QueryRows,
    Scatter,
    ScatterPoint,
    StageLossesView,
)
from zsr_tui.domain import Doc, Problem
from zsr_tui.engine.evaluation.fates import fate_views, losses_view, outcome_rows
from zsr_tui.engine.evaluation.records import item, number, numbers, query_row, system_view
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import across, breakdown, rerank_depth, store
from zsr_tui.evaluation.comparison import member_mean, summary
from zsr_tui.evaluation.failures import OUTCOMES, Outcome
from zsr_tui.evaluation.query_table import Asked, QueryTable
from zsr_tui.evaluation.results import Evaluation, Test

_KEPT = 2  # evaluations in memory
_Written = tuple[tuple[int, int, int], ...]
_WAIT = 0.25  # seconds until it is said how many rankings have been read


class Views:
    """Thread-safe. Keeps the evaluations that were looked at last, until more of them is stored."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._tables: OrderedDict[tuple[object, ...], QueryTable] = OrderedDict()
        self._read: OrderedDict[str, tuple[_Written, store.Stored]] = OrderedDict()
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

    def _stored(self, evaluation: str) -> store.Stored:
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

    def evaluation(self, evaluation: str, baseline: int, test: str) -> EvaluationView:
        described = self.table(evaluation).evaluation
        _check_system(described, baseline)
        table = summary(described, baseline, _test(test))
        made = described.provenance
        return EvaluationView(
            item=item(self._stored(evaluation).listing()),
            baseline=baseline,
            test=test,
            rounds=table.rounds,
            systems=tuple(system_view(described, row.system, row.queries, row.cells) for row in table.rows),
            stages=tuple(stage.notation for stage in described.stages),
            notes=(*described.notes, *table.notes),
            command=made.command,
            versions=dict(made.versions),
            fingerprints=dict(made.fingerprints),
            devices=made.devices,
            depth=made.depth,
            drop_self=made.drop_self,
        )

    def queries(self, asked: QueriesAsked) -> QueryRows:
        table = self.table(asked.id)
        wanted = self._wanted(table, asked)
        read = table.unread(wanted, asked.agreements, _WAIT)
        rows: list[int] = table.rows(wanted).tolist() if read is None else []
        shown = rows[asked.offset : asked.offset + asked.limit]
        return QueryRows(
            total=len(table.evaluation.queries),
            matching=len(rows),
            measure=wanted.measure,
            system=wanted.system,
            baseline=wanted.baseline,
            rows=tuple(query_row(table, query, wanted, asked.agreements) for query in shown),
            read=read,
        )

    def differences(self, asked: QueriesAsked) -> Differences:
        table = self.table(asked.id)
        wanted = replace(self._wanted(table, asked), sort="difference")
        values = table.differences(wanted.measure, wanted.system, wanted.baseline).tolist()
        baseline = table.values(wanted.measure)[wanted.baseline].tolist()
        known = [query for query in table.rows(wanted).tolist() if not math.isnan(values[query])]
        return Differences(
            measure=wanted.measure,
            system=wanted.system,
            baseline=wanted.baseline,
            queries=tuple(known),
            qids=tuple(table.evaluation.queries[query].id for query in known),
            values=tuple(values[query] for query in known),
            baseline_values=tuple(baseline[query] for query in known),
        )

    def _wanted(self, table: QueryTable, asked: QueriesAsked) -> Asked:
        measure, system = self._pair(table, asked.measure, asked.system, asked.baseline)
        return Asked(
            measure=measure,
            system=system,
            baseline=asked.baseline,
            sort=asked.sort,
            descending=asked.descending,
            match=asked.match,
            sign=_sign(asked.sign),
            outcome=_outcome(asked.outcome),
            feature=asked.feature,
            group=asked.group,
            length=_range(asked.length),
            relevant=_range(asked.relevant),
        )

    def scatter(self, evaluation: str, query: int, system: int | None, baseline: int) -> Scatter:
        table = self.table(evaluation)
        _, system = self._pair(table, "", system, baseline)
        described = table.evaluation
        _check_query(described, query)
        lists = described.lists(query)
        places = []
        for index in (system, baseline):
            final = described.final(lists, index)
            pairs = zip(final.doc_ids, final.scores.tolist(), strict=True) if final else ()
            places.append({doc_id: (rank, score) for rank, (doc_id, score) in enumerate(pairs, start=1)})
        ours, theirs = places
        return Scatter(
            query=query,
            system=system,
            baseline=baseline,
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

    def outcomes(self, evaluation: str) -> list[OutcomeRow]:
        return outcome_rows(self.table(evaluation).outcomes)

    def fates(self, evaluation: str, query: int) -> list[FateView]:
        described = self.table(evaluation).evaluation
        _check_query(described, query)
        return fate_views(described, query)

    def losses(self, evaluation: str, query: int, measure: str, system: int | None, baseline: int) -> StageLossesView:
        table = self.table(evaluation)
        measure, system = self._pair(table, measure, system, baseline)
        _check_query(table.evaluation, query)
        return losses_view(table.evaluation, query, system, baseline, measure)

    def depth(self, evaluation: str, system: int) -> list[DepthPoint]:
        described = self.table(evaluation).evaluation
        _check_system(described, system)
        points = rerank_depth.curve(described, system)
        return [DepthPoint(depth=point.depth, means=numbers(point.means)) for point in points]

    def breakdowns(self, evaluation: str, measure: str) -> list[BreakdownView]:
        table = self.table(evaluation)
        measure = measure or table.evaluation.measures[0]
        table.values(measure)
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

    def matrix(self, measure: str) -> MatrixView:
        found = matrix(measure)
        return MatrixView(
            measure=found.measure,
            systems=found.systems,
            datasets=found.datasets,
            cells=found.cells,
            averages=found.averages,
            common=found.common,
            best=found.best,
            in_domain=found.in_domain,
            correlation=found.correlation,
        )

    def report(self, evaluation: str, path: Path, baseline: int, test: str, measure: str) -> str:
        """Writes a report in the format that the path says; the path. Raises `Problem` where it cannot."""
        from zsr_tui.evaluation.report.gathering import write_report

        described = self.table(evaluation).evaluation
        _check_system(described, baseline)
        found = matrix(measure or described.measures[0])
        written = write_report(
            described,
            path,
            baseline=baseline,
            test=_test(test),
            measure=measure,
            rarity=self.rarity,
            matrix=found if len(found.datasets) > 1 else None,
        )
        return str(written)

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
            return {}  # the corpus is not on this machine any more: the figures need no documents

    @staticmethod
    def _pair(table: QueryTable, measure: str, system: int | None, baseline: int) -> tuple[str, int]:
        """The measure and the system that are meant, checked."""
        described = table.evaluation
        count = len(described.systems)
        chosen = system if system is not None else next((one for one in range(count) if one != baseline), baseline)
        _check_system(described, chosen)
        _check_system(described, baseline)
        name = measure or described.measures[0]
        table.values(name)
        return name, chosen


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


def _test(text: str) -> Test:
    if text not in ("t", "randomisation"):
        raise Problem(f"there is no test {text!r}: take t or randomisation.", usage=True)
    return cast("Test", text)


def _sign(text: str) -> Literal["", "win", "tie", "loss"]:
    if text not in ("", "win", "tie", "loss"):
        raise Problem(f"queries cannot be filtered by {text!r}: take win, tie or loss.", usage=True)
    return cast('Literal["", "win", "tie", "loss"]', text)


def _outcome(text: str) -> Outcome | None:
    for outcome in OUTCOMES:
        if text == outcome.label:
            return outcome
    if text:
        names = ", ".join(outcome.label for outcome in OUTCOMES)
        raise Problem(f"there is no outcome {text!r}: take one of {names}.", usage=True)
    return None


def _range(text: str) -> tuple[int, int] | None:
    """ "3-8", "3-", "-8" or "3"; None for no limits."""
    if not text:
        return None
    low, dash, high = text.partition("-")
    try:
        return int(low or 0), int(high or 2**31) if dash else int(low)
    except ValueError:
        raise Problem(f"the range {text!r} is not understood: write it as 3-8.", usage=True) from None
