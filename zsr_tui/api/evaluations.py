"""Stored evaluations as the screens see them: small, without rankings. What is asked about them, and the answers.

An evaluation is named by its id, a system by its index in it; `baseline` is the system that others are compared with. A
number that is not known is None. What is asked about its queries is in `zsr_tui.api.queries`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zsr_tui.api.judging import AnySource
from zsr_tui.api.questions import Count, Question
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.plots.model import Plot

Number = float | None
Test = Literal["t", "randomisation"]
ReportFormat = Literal[".html", ".md", ".tex", ".csv", ".json", ".parquet", ".svg", ".png"]
PLOTS = ("size", "average", "depth", "weights")


class EvaluationItem(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is "complete", "stopped" (it can be resumed), "running" or "paused". `failed`: sentences of the systems
    that could not finish; resuming tries them again."""

    id: str
    dataset: str
    systems: tuple[str, ...]  # labels
    notations: tuple[str, ...]
    measures: tuple[str, ...]
    queries: int
    done: int
    state: str
    date: str
    subset: str = ""
    failed: tuple[str, ...] = ()
    bytes: int = 0
    drop_self: bool = True
    run_files: tuple[int, ...] = ()  # the systems that are run files: they cannot be asked again


class CellView(msgspec.Struct, frozen=True, kw_only=True):
    """A measure of a system; everything from `difference` on is against the baseline and None for the baseline. What
    the numbers are, `zsr_tui.evaluation.results.Against` and `zsr_tui.evaluation.bounds` say."""

    mean: Number
    beside: Number = None  # over other judgments, see `EvaluationView`
    condensed: Number = None
    maximum: Number = None
    difference: Number = None
    p: Number = None
    p_holm: Number = None
    effect: Number = None
    low: Number = None
    high: Number = None
    wins: int | None = None
    ties: int | None = None
    losses: int | None = None


class SystemView(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table. `source` is "system" or "run file". `depth` is that of its lists, which do not go as far as
    the measures `beyond` look: it has no values of these."""

    system: int
    notation: str
    label: str
    family: str
    parameters: int | None
    precision: str
    source: str
    queries: int
    cells: dict[str, CellView]
    ms_per_query: Number = None
    pairs_per_second: Number = None
    pairs: int = 0
    dropped_self: int = 0
    failed: str = ""
    depth: int = 0
    beyond: tuple[str, ...] = ()


class EvaluationView(msgspec.Struct, frozen=True, kw_only=True):
    """The table of an evaluation, and what it takes to repeat it. Its numbers are over the judgments of the sources
    that are `counting`, of which each gives so many (`judgments`); a cell's `beside` is over those of the sources
    `beside`: the dataset's alone, or where these count, with the user's own; () where there are none."""

    item: EvaluationItem
    baseline: int
    test: Test
    rounds: int
    systems: tuple[SystemView, ...]
    notes: tuple[str, ...]
    lacking: dict[str, str] = {}  # by measure, the note that says why queries have no value
    command: str
    versions: dict[str, str]
    fingerprints: dict[str, str]
    devices: tuple[str, ...]
    depth: int
    drop_self: bool
    counting: tuple[AnySource, ...] = ("dataset",)
    judgments: dict[str, int] = {}
    beside: tuple[AnySource, ...] = ()


class MatrixView(msgspec.Struct, frozen=True, kw_only=True):
    """See `zsr_tui.evaluation.results.Matrix`. Over the judgments of the sources that are `counting`; those of the
    sources `beside` give `cells_beside` and `averages_beside`, where there are any."""

    measure: str
    systems: tuple[str, ...]
    datasets: tuple[str, ...]
    cells: tuple[tuple[Number, ...], ...]
    averages: tuple[Number, ...]
    common: tuple[str, ...]
    best: tuple[tuple[int, ...], ...]
    in_domain: str = ""
    correlation: Number = None
    counting: tuple[AnySource, ...] = ("dataset",)
    beside: tuple[AnySource, ...] = ()
    cells_beside: tuple[tuple[Number, ...], ...] = ()
    averages_beside: tuple[Number, ...] = ()


class CombinationsView(msgspec.Struct, frozen=True, kw_only=True):
    """Retrievers by rerankers, see `zsr_tui.evaluation.combinations`. Differences are to the retriever alone, p is
    corrected over all cells; None where such a system was not evaluated."""

    measure: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    alone: tuple[CellView | None, ...]
    cells: tuple[tuple[CellView | None, ...], ...]
    test: Test = "t"


class SweepView(msgspec.Struct, frozen=True, kw_only=True):
    """See `zsr_tui.evaluation.sweep.Sweep`; `weights` are those of the first part, `values` what they give. `best` is
    the system with the best weight, `said` all of it in sentences."""

    fusion: str
    parts: tuple[str, str]
    measure: str
    weights: tuple[float, ...]
    values: tuple[Number, ...]
    best: str
    best_weight: float
    crossed: Number
    chosen: tuple[Number, Number]
    each: Number
    rrf: Number
    queries: int
    said: tuple[str, ...] = ()


class RunFileView(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a run file that was read whole. `judged` of the dataset's judged queries (`all_judged` of them) are in
    it; `unknown` of its `queries` are none of the dataset's."""

    queries: int
    documents: int
    judged: int
    all_judged: int
    unknown: int


class ReportFile(msgspec.Struct, frozen=True, kw_only=True):
    """`ending` is what its name has after that of the report: "" for the report itself. `formulas`: fields that a
    spreadsheet would compute."""

    content: bytes
    ending: str = ""
    formulas: int = 0


class RunPart(msgspec.Struct, frozen=True, kw_only=True):
    """What comes next in a file of a folder of run files; `name` may have a folder in it."""

    name: str
    text: str


class RunsPage(msgspec.Struct, frozen=True, kw_only=True):
    """The rankings of some queries as TREC run files. `next`: where the next page begins, None after the last one."""

    parts: tuple[RunPart, ...]
    next: int | None


class PublishedFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that was published for a system of the evaluation. `difference` says in what the published system
    differs from the measured one, "" if in nothing; `approximate`: it was read off a plot."""

    system: int
    measure: str
    value: float
    digits: int
    approximate: bool
    name: str
    source: str
    difference: str = ""


class ListEvaluations(Question[list[EvaluationItem]], frozen=True, kw_only=True):
    """The newest first."""


class ReadEvaluation(Question[EvaluationView], frozen=True, kw_only=True):
    """`zsr_tui.api.judging.judged_id` names it over other judgments, in all questions that read its numbers."""

    id: str
    baseline: int = 0
    test: Test = "t"


class DeleteEvaluation(Question[None], frozen=True, kw_only=True):
    id: str


class PauseEvaluation(Question[None], frozen=True, kw_only=True):
    """Takes effect after the queries that are at work; `paused` false lets it go on."""

    id: str
    paused: bool


class StopEvaluation(Question[None], frozen=True, kw_only=True):
    """It can be resumed."""

    id: str


class ReadMatrix(Question[MatrixView], frozen=True, kw_only=True):
    """Over all stored evaluations, and the judgments of these sources, the one that counts first in front."""

    measure: str = "nDCG@10"
    counting: tuple[AnySource, ...] = ("dataset",)


class ReadPublished(Question[list[PublishedFigure]], frozen=True, kw_only=True):
    id: str


class ReadPlot(Question[Plot], frozen=True, kw_only=True):
    """`name` is one of `PLOTS`; `measure` the evaluation's first where none is named. `pair` is that of "weights": a
    count that goes round its fused pairs."""

    id: str
    name: str
    measure: str = ""
    pair: Count = 0


class ReadCombinations(Question[CombinationsView | None], frozen=True, kw_only=True):
    """None where the evaluation reranks nothing."""

    id: str
    measure: str = ""
    test: Test = "t"


class ReadSweep(Question[SweepView], frozen=True, kw_only=True):
    """What weights of a fused pair are worth, from the stored lists. `fusion` is a notation whose parts are systems of
    the evaluation."""

    id: str
    fusion: str
    measure: str = ""


class ReadRequest(Question[EvaluateRequest], frozen=True, kw_only=True):
    """What goes on with a stored evaluation; it has no request id yet."""

    id: str


class ReadRunFile(Question[RunFileView], frozen=True, kw_only=True):
    """Of a run file that was not evaluated yet: what is in it, or at once what is wrong with it."""

    dataset: str
    path: str


class ReadReport(Question[list[ReportFile]], frozen=True, kw_only=True):
    """The report itself first. `zsr_tui.client.reports` writes it. For a `spreadsheet` an apostrophe stands before each
    text of a CSV that it would compute. To `explain` the top and missed documents of chosen queries runs the systems'
    models: in .html, .md and .json."""

    id: str
    format: ReportFormat
    baseline: int = 0
    test: Test = "t"
    measure: str = ""
    spreadsheet: bool = False
    explain: bool = False
    kept: bool = False  # with what the user has judged and noted of its queries, in .html and .md


class ReadRuns(Question[RunsPage], frozen=True, kw_only=True):
    """From the query at `offset` on."""

    id: str
    offset: Count = 0
