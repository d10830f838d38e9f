"""Stored evaluations as `zsr_tui.api.evaluations` shows them."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
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
)
from zsr_tui.domain import Doc, Problem
from zsr_tui.engine.evaluation_records import item, number, numbers, query_row, stage_ranks, system_view
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import across, breakdown, rerank_depth, store
from zsr_tui.evaluation.comparison import member_mean, summary
from zsr_tui.evaluation.failures import FAILURES, OUTCOMES, Outcome, fates
from zsr_tui.evaluation.query_table import Asked, QueryTable
from zsr_tui.evaluation.results import Evaluation, Test

_KEPT = 2  # evaluations in memory


class Views:
    """Thread-safe. Keeps the evaluations that were looked at last, until more of them is stored."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._tables: OrderedDict[tuple[object, ...], QueryTable] = OrderedDict()
        self._lock = threading.Lock()

    def items(self) -> list[EvaluationItem]:
        return [item(one.listing()) for one in store.stored()]

    def table(self, evaluation: str) -> QueryTable:
        """Raises `Problem` for one that is not stored."""
        found = store.find(evaluation)
        size = found.values_path.stat().st_size if found.values_path.exists() else 0
        key = (evaluation, found.spec.measures, size, tuple(found.failed.items()))
        with self._lock:
            if key not in self._tables:
                self._tables[key] = QueryTable(found.evaluation(self._documents))
            self._tables.move_to_end(key)
            while len(self._tables) > _KEPT:
                self._tables.popitem(last=False)
            return self._tables[key]

    def evaluation(self, evaluation: str, baseline: int, test: str) -> EvaluationView:
        described = self.table(evaluation).evaluation
        _check_system(described, baseline)
        table = summary(described, baseline, _test(test))
        made = described.provenance
        return EvaluationView(
            item=item(store.find(evaluation).listing()),
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
        measure, system = self._pair(table, asked.measure, asked.system, asked.baseline)
        rows = table.rows(
            Asked(
                measure=measure,
                system=system,
                baseline=asked.baseline,
                sort=asked.sort,
                descending=asked.descending,
                match=asked.match,
                sign=_sign(asked.sign),
                outcome=_outcome(asked.outcome),
                length=_range(asked.length),
                relevant=_range(asked.relevant),
            )
        )
        shown = rows[asked.offset : asked.offset + asked.limit].tolist()
        return QueryRows(
            total=len(table.evaluation.queries),
            matching=len(rows),
            measure=measure,
            system=system,
            baseline=asked.baseline,
            rows=tuple(query_row(table, query, measure, system, asked) for query in shown),
        )

    def differences(self, evaluation: str, measure: str, system: int | None, baseline: int) -> Differences:
        table = self.table(evaluation)
        measure, system = self._pair(table, measure, system, baseline)
        order = table.rows(Asked(measure, system, baseline, sort="difference", descending=True)).tolist()
        values = table.differences(measure, system, baseline)
        known = [query for query in order if not math.isnan(values[query])]
        return Differences(
            measure=measure,
            system=system,
            baseline=baseline,
            queries=tuple(known),
            qids=tuple(table.evaluation.queries[query].id for query in known),
            values=tuple(float(values[query]) for query in known),
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
        table = self.table(evaluation).outcomes
        return [
            OutcomeRow(
                outcome=outcome.label,
                about=outcome.about,
                failure=outcome in FAILURES,
                documents=tuple(table[:, row, :].sum(axis=1).tolist()),
                queries=tuple((table[:, row, :] > 0).sum(axis=1).tolist()),
            )
            for row, outcome in enumerate(OUTCOMES)
        ]

    def fates(self, evaluation: str, query: int) -> list[FateView]:
        described = self.table(evaluation).evaluation
        _check_query(described, query)
        lists = described.lists(query)
        return [
            FateView(
                system=fate.system,
                doc_id=fate.doc_id,
                outcome=fate.outcome.label,
                grade=fate.grade,
                stage="" if fate.stage is None else described.stages[fate.stage].notation,
                before=fate.before,
                final=fate.final,
                ranks=stage_ranks(described, lists, fate.system, fate.doc_id),
            )
            for fate in fates(described, query)
        ]

    def depth(self, evaluation: str, system: int) -> list[DepthPoint]:
        described = self.table(evaluation).evaluation
        _check_system(described, system)
        points = rerank_depth.curve(described, system)
        return [DepthPoint(depth=point.depth, means=numbers(point.means)) for point in points]

    def breakdowns(self, evaluation: str, measure: str) -> list[BreakdownView]:
        table = self.table(evaluation)
        measure = measure or table.evaluation.measures[0]
        table.values(measure)
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
            for each in breakdown.breakdowns(table.evaluation, measure, self.rarity)
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
