"""An engine with one stored evaluation of three systems, and its queries."""

from __future__ import annotations

import msgspec

from zsr_tui.api.evaluations import EvaluationItem, ListEvaluations
from zsr_tui.api.queries import (
    BreakdownView,
    Differences,
    FateView,
    GroupView,
    OutcomeRow,
    QueryRow,
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
    StepView,
)
from zsr_tui.domain import Problem
from zsr_tui.selection import QuerySelection

from .corpus import DEMO_QUERIES
from .engine import BM25, DENSE, RERANKED, FakeEngine

ID = "e1"
RERANKER = "MiniLM-L-12"  # as its stage is called
OUTCOMES = ("found", "recovered", "not retrieved", "demoted", "unjudged")


def query_row(number: int, judged: bool) -> QueryRow:
    """The systems' values move against each other; the first queries are those of the fake corpus."""
    known = DEMO_QUERIES[number] if number < len(DEMO_QUERIES) else None
    values = (number * 7 % 11 / 10, number * 3 % 11 / 10, number * 5 % 11 / 10)
    text = known.text if known else f"question number {number} " + "word " * (number % 5)
    return QueryRow(
        query=number,
        qid=known.id if known else f"q{number}",
        text=text,
        dataset="demo",
        length=len(text.split()),
        relevant=number % 4 if judged else 0,
        judged=5 if judged else 0,
        values=values if judged else (None, None, None),
        judged_at_10=(0.5, 0.4, 0.3) if judged else (None, None, None),
    )


def scatter(asked: ReadScatter) -> Scatter:
    points = [
        ScatterPoint(
            doc_id=f"d{rank}",
            grade=2 if rank == 3 else None,
            rank=rank,
            score=-float(rank),
            baseline_rank=None if rank == 5 else 21 - rank,
            baseline_score=None if rank == 5 else float(rank),
        )
        for rank in range(1, 21)
    ]
    return Scatter(query=asked.query, system=asked.system, baseline=asked.baseline, points=tuple(points))


def breakdowns(asked: ReadBreakdowns) -> list[BreakdownView]:
    def group(label: str, low: float, high: float, queries: int, *means: float) -> GroupView:
        return GroupView(label=label, low=low, high=high, queries=queries, means=means)

    return [
        BreakdownView(
            feature="query length",
            unit="words",
            measure=asked.measure,
            groups=(group("3 to 5", 3, 5, 40, 0.5, 0.25, 1.0), group("6 to 9", 6, 9, 20, 0.4, 0.7, 0.1)),
            missing=2,
        ),
        BreakdownView(
            feature="relevant documents and the reranker's input",
            unit="",
            measure=asked.measure,
            groups=(group("all fitted", 0, 0, 50, 0.5, 0.6, 0.8), group("some did not fit", 1, 1, 10, 0.5, 0.6, 0)),
        ),
    ]


class StoredEngine(FakeEngine):
    """`rows` are the queries of its only evaluation, of which `done` are finished: it runs until that is all."""

    def __init__(self, *, count: int = 60, judged: bool = True, run_files: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.count, self.judged, self.run_files, self.done = count, judged, run_files, count
        self.read: list[int] = []  # of how many queries the rankings have been read, when it is asked for agreements
        self.rows = [query_row(number, judged) for number in range(count)]
        self.answers |= {
            ListEvaluations: lambda _: self.evaluations(),
            ReadQueries: self.selected,
            ReadDifferences: self.differences,
            ReadScatter: scatter,
            ReadOutcomes: lambda _: self.outcomes(),
            ReadFates: self.fates,
            ReadLosses: self.losses,
            ReadBreakdowns: breakdowns,
        }

    def evaluations(self) -> list[EvaluationItem]:
        return [
            EvaluationItem(
                id=ID,
                dataset="demo",
                systems=("BM25", "dense all-MiniLM-L6-v2", "BM25 100 >> MiniLM-L-12"),
                notations=(BM25, DENSE, RERANKED),
                measures=("nDCG@10", "RR@10", "Judged@10"),
                queries=self.count,
                done=self.done,
                state="complete" if self.done == self.count else "running",
                date="2030-01-01",
                run_files=self.run_files,
            )
        ]

    def selected(self, asked: ReadQueries) -> QueryRows:
        selection = asked.selection
        rows = [] if asked.agreements and self.read else self._matching(selection, asked.agreements)
        shown = tuple(
            msgspec.structs.replace(row, documents=row.query + 1 if selection.outcome else None)
            for row in rows[asked.offset : asked.offset + asked.limit]
        )
        return QueryRows(
            total=self.count,
            matching=len(rows),
            measure=selection.measure,
            system=selection.system,
            baseline=selection.baseline,
            rows=shown,
            read=self.read.pop(0) if asked.agreements and self.read else None,
            place=next((place for place, row in enumerate(rows) if row.query == asked.follow), None),
        )

    def _matching(self, selection: QuerySelection, agreements: bool = False) -> list[QueryRow]:
        """All that match, in order."""
        system, baseline = selection.system, selection.baseline
        length = selection.length

        def difference(row: QueryRow) -> float | None:
            ours, theirs = row.values[system], row.values[baseline]
            return None if ours is None or theirs is None else round(ours - theirs, 3)

        def key(row: QueryRow) -> float | str:
            found = {
                "position": row.query,
                "text": row.text,
                "qid": row.qid,
                "length": row.length,
                "relevant": row.relevant,
                "difference": difference(row) or 0.0,
                "abs": abs(difference(row) or 0.0),
                "rbo": row.query % 7,
            }
            name, _, number = selection.sort.partition(":")
            return (row.values[int(number)] or 0.0) if number else found.get(name, row.query)

        low, dash, high = length.partition("-")
        if length and not low.isdigit() and not high.isdigit():
            raise Problem(f"the range {length!r} is not understood: write it as 3-8.", usage=True)
        signs = {"": lambda _: True, "win": lambda d: d > 0, "loss": lambda d: d < 0, "tie": lambda d: d == 0}
        rows = [
            row
            for row in self.rows
            if selection.match in row.text
            and signs[selection.sign](difference(row) or 0.0)
            and (not selection.outcome or row.query in (0, 3, 4))
            and (not selection.feature or row.query % 10 == selection.group)
            and (not length or int(low or 0) <= row.length <= int((high if dash else low) or 999))
        ]
        rows.sort(key=key, reverse=selection.descending)
        rbo = 0.5 if agreements else None
        return [msgspec.structs.replace(row, difference=difference(row), rbo=rbo) for row in rows]

    def differences(self, asked: ReadDifferences) -> Differences:
        rows = [row for row in self._matching(asked.selection) if row.difference is not None]
        measure, system, baseline = asked.selection.measure, asked.selection.system, asked.selection.baseline
        return Differences(
            measure=measure,
            system=system,
            baseline=baseline,
            queries=tuple(row.query for row in rows),
            qids=tuple(row.qid for row in rows),
            values=tuple(row.difference or 0.0 for row in rows),
            baseline_values=tuple(row.values[baseline] or 0.0 for row in rows),
        )

    def outcomes(self) -> list[OutcomeRow]:
        counted = self.judged
        return [
            OutcomeRow(
                outcome=name,
                about=f"what {name} means",
                failure=name in ("not retrieved", "demoted"),
                relevant=name != "unjudged",
                documents=(9, 0, 3) if counted or name == "unjudged" else (0, 0, 0),
                queries=(4, 0, 3) if counted or name == "unjudged" else (0, 0, 0),
                of=(36, 0, 12) if name != "unjudged" else (600, 600, 600),
            )
            for name in OUTCOMES
        ]

    def demoted(self, query: int) -> str:
        """The fifth document of BM25's list, which the reranker has somewhere else."""
        text = self.rows[query].text
        return self.ranking(BM25, text)[4][0]

    def fates(self, asked: ReadFates) -> list[FateView]:
        lost = self.demoted(asked.query)

        def fate(system: int, doc: str, outcome: str, stage: str, before: int | None, final: int | None) -> FateView:
            ranks = ((BM25, before), (RERANKER, final)) if system == 2 else ((BM25, final),)
            return FateView(
                system=system,
                doc_id=doc,
                outcome=outcome,
                grade=1 if outcome != "unjudged" else None,
                stage=stage,
                before=before,
                final=final,
                ranks=ranks,
                title="A good one" if doc == "doc-good" else "",
            )

        return [
            fate(2, "doc-far", "not retrieved", BM25, None, None),
            fate(2, "doc-good", "found", "", 2, 1),
            fate(2, lost, "demoted", RERANKER, 5, 57),
            fate(2, "doc-new", "unjudged", "", None, 3),
            fate(0, lost, "found", "", None, 5),
        ]

    def losses(self, asked: ReadLosses) -> StageLossesView:
        """The reranker lost what the row says; another system than the third lost nothing."""
        values = [value or 0.0 for value in self.rows[asked.query].values]
        before, after = values[asked.baseline], values[asked.system]
        lost = after - before
        return StageLossesView(
            query=asked.query,
            system=asked.system,
            baseline=asked.baseline,
            measure=asked.measure,
            steps=(
                StepView(name=BM25, value=before, change=0.0, baseline=True),
                StepView(name=RERANKER, value=after, change=lost),
            ),
            at_fault=1 if lost < 0 else None,
            difference=lost,
            verdict=f"at fault: {RERANKER}, {lost:.3f}" if lost < 0 else "nothing lost",
        )
