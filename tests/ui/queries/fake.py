"""An engine with one stored evaluation of three systems, and the application on its queries."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from textual.pilot import Pilot

from tests.ui.reading import notices, text_of
from tests.waiting import until
from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import (
    BreakdownView,
    Differences,
    FateView,
    GroupView,
    OutcomeRow,
    QueryRow,
    QueryRows,
    Scatter,
    ScatterPoint,
    StageLossesView,
    StepView,
)
from zsr_tui.api.questions import Question
from zsr_tui.domain import Problem
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.remembered import remember
from zsr_tui.ui.queries.screen import EvaluationQueriesScreen

from ..asked import NAMES, fields
from ..fake_corpus import DEMO_QUERIES
from ..fake_engine import BM25, DENSE, RERANKED, FakeEngine

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


class StoredEngine(FakeEngine):
    """`asked` has (path, parameters) of every call; `broken[path]` is raised."""

    def __init__(self, *, count: int = 60, judged: bool = True, run_files: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.count, self.judged, self.run_files = count, judged, run_files
        self.broken: dict[str, Problem] = {}
        self.read: list[int] = []  # of how many queries the rankings have been read, when it is asked for agreements
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.rows = [query_row(number, judged) for number in range(count)]

    async def call(self, question: Question[Any]) -> Any:
        if type(question) not in NAMES:
            return await super().call(question)
        path, asked = NAMES[type(question)][1], fields(question)
        self.asked.append((path, asked))
        await asyncio.sleep(0)
        if path in self.broken:
            raise self.broken[path]
        return getattr(self, path.rpartition("/")[2])(**asked)

    def evaluations(self) -> list[EvaluationItem]:
        return [
            EvaluationItem(
                id=ID,
                dataset="demo",
                systems=("BM25", "dense all-MiniLM-L6-v2", "BM25 100 >> MiniLM-L-12"),
                notations=(BM25, DENSE, RERANKED),
                measures=("nDCG@10", "RR@10", "Judged@10"),
                queries=self.count,
                done=self.count,
                state="complete",
                date="2030-01-01",
                run_files=self.run_files,
            )
        ]

    def queries(self, *arguments: Any, **asked: Any) -> Any:  # of the dataset, or of the evaluation
        return super().queries(*arguments, **asked) if arguments else self._rows(**asked)

    def _rows(self, **asked: Any) -> QueryRows:
        system, baseline = int(asked["system"]), int(asked["baseline"])
        rows = self._matching(**asked)
        if asked["agreements"] and self.read:
            return QueryRows(
                total=self.count,
                matching=0,
                measure=asked["measure"],
                system=system,
                baseline=baseline,
                rows=(),
                read=self.read.pop(0),
            )
        start = int(asked["offset"])
        shown = tuple(
            msgspec.structs.replace(row, documents=row.query + 1 if asked["outcome"] else None)
            for row in rows[start : start + int(asked["limit"])]
        )
        return QueryRows(
            total=self.count, matching=len(rows), measure=asked["measure"], system=system, baseline=baseline, rows=shown
        )

    def _matching(self, **asked: Any) -> list[QueryRow]:
        """All that match, in order."""
        system, baseline = int(asked["system"]), int(asked["baseline"])

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
            name, _, number = asked["sort"].partition(":")
            return (row.values[int(number)] or 0.0) if number else found.get(name, row.query)

        low, dash, high = asked["length"].partition("-")
        if asked["length"] and not low.isdigit() and not high.isdigit():
            raise Problem(f"the range {asked['length']!r} is not understood: write it as 3-8.", usage=True)
        signs = {"": lambda _: True, "win": lambda d: d > 0, "loss": lambda d: d < 0, "tie": lambda d: d == 0}
        rows = [
            row
            for row in self.rows
            if asked["match"] in row.text
            and signs[asked["sign"]](difference(row) or 0.0)
            and (not asked["outcome"] or row.query in (0, 3, 4))
            and (not asked["feature"] or row.query % 10 == asked["group"])
            and (not asked["length"] or int(low or 0) <= row.length <= int((high if dash else low) or 999))
        ]
        rows.sort(key=key, reverse=asked["descending"])
        rbo = 0.5 if asked.get("agreements") else None
        return [msgspec.structs.replace(row, difference=difference(row), rbo=rbo) for row in rows]

    def differences(self, **asked: Any) -> Differences:
        rows = [row for row in self._matching(**asked) if row.difference is not None]
        baseline = int(asked["baseline"])
        return Differences(
            measure=asked["measure"],
            system=int(asked["system"]),
            baseline=baseline,
            queries=tuple(row.query for row in rows),
            qids=tuple(row.qid for row in rows),
            values=tuple(row.difference or 0.0 for row in rows),
            baseline_values=tuple(row.values[baseline] or 0.0 for row in rows),
        )

    def scatter(self, **asked: Any) -> Scatter:
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
        query, system, baseline = (int(asked[name]) for name in ("query", "system", "baseline"))
        return Scatter(query=query, system=system, baseline=baseline, points=tuple(points))

    def outcomes(self, **_: Any) -> list[OutcomeRow]:
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

    def fates(self, **asked: Any) -> list[FateView]:
        query = int(asked["query"])
        lost = self.demoted(query)

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

    def losses(self, **asked: Any) -> StageLossesView:
        """The reranker lost what the row says; another system than the third lost nothing."""
        query, system, baseline = (int(asked[name]) for name in ("query", "system", "baseline"))
        values = [value or 0.0 for value in self.rows[query].values]
        lost = values[system] - values[baseline]
        return StageLossesView(
            query=query,
            system=system,
            baseline=baseline,
            measure=asked["measure"],
            steps=(
                StepView(name=BM25, value=values[baseline], change=0.0, baseline=True),
                StepView(name=RERANKER, value=values[system], change=lost),
            ),
            at_fault=1 if lost < 0 else None,
            difference=lost,
            verdict=f"at fault: {RERANKER}, {lost:.3f}" if lost < 0 else "nothing lost",
        )

    def breakdowns(self, **asked: Any) -> list[BreakdownView]:
        def group(label: str, low: float, high: float, queries: int, *means: float) -> GroupView:
            return GroupView(label=label, low=low, high=high, queries=queries, means=means)

        return [
            BreakdownView(
                feature="query length",
                unit="words",
                measure=asked["measure"],
                groups=(group("3 to 5", 3, 5, 40, 0.5, 0.25, 1.0), group("6 to 9", 6, 9, 20, 0.4, 0.7, 0.1)),
                missing=2,
            ),
            BreakdownView(
                feature="relevant documents and the reranker's input",
                unit="",
                measure=asked["measure"],
                groups=(group("all fitted", 0, 0, 50, 0.5, 0.6, 0.8), group("some did not fit", 1, 1, 10, 0.5, 0.6, 0)),
            ),
        ]


def app_on(engine: FakeEngine) -> ZsrTuiApp:
    return ZsrTuiApp(engine, dataset="demo", systems=(BM25,))  # type: ignore[arg-type]


def text(pilot: Pilot[Any]) -> str:
    """What the terminal shows."""
    return text_of(pilot.app)


def line_with(pilot: Pilot[Any], words: str) -> str:
    return next((line for line in text(pilot).splitlines() if words in line), "")


async def shows(pilot: Pilot[Any], words: str) -> None:
    await until(pilot, lambda: words in text(pilot), words)


async def told(pilot: Pilot[Any], sentence: str) -> None:
    """Until the sentence shows for a moment."""
    await until(pilot, lambda: sentence in notices(pilot.app), sentence)


async def opened(
    pilot: Pilot[Any], system: int = 2, first: str = " queries ", sort: str = "position"
) -> EvaluationQueriesScreen:
    """The screen on the third system against the first, once it shows something. `sort`: "" for its own order."""
    app = pilot.app
    assert isinstance(app, ZsrTuiApp)
    await until(pilot, lambda: app.engine.ready)
    if sort:
        remember(app, QueryChoice(ID, QuerySelection(sort=sort)))
    screen = EvaluationQueriesScreen(app.engine, ID, QuerySelection(measure="nDCG@10", system=system))
    app.push_screen(screen)
    await until(pilot, lambda: app.screen is screen)
    await shows(pilot, first)
    return screen


def under_cursor(pilot: Pilot[Any]) -> str:
    """The line of the table with the cursor."""
    return next(line for line in text(pilot).splitlines() if line.startswith((">", "›")))
