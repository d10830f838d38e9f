"""Stored evaluations as the screens see them: small, in pages, without rankings.

    GET  /evaluations                                            -> list[EvaluationItem], the newest first
    GET  /evaluation?id=&baseline=&test=                         -> EvaluationView
    DELETE /evaluation?id=                                       -> true
    POST /evaluation/pause?id=&paused=                           -> true, after the queries that are at work
    POST /evaluation/stop?id=                                    -> true; it can be resumed
    GET  /evaluation/queries?id= and what QueriesAsked says      -> QueryRows
    GET  /evaluation/differences?id= and what QueriesAsked says  -> Differences of the queries that match
    GET  /evaluation/scatter?id=&query=&system=&baseline=        -> Scatter
    GET  /evaluation/outcomes?id=                                -> list[OutcomeRow]
    GET  /evaluation/fates?id=&query=                            -> list[FateView]
    GET  /evaluation/losses?id=&query=&measure=&system=&baseline= -> StageLossesView
    GET  /evaluation/depth?id=&system=                           -> list[DepthPoint], [] without a reranker
    GET  /evaluation/breakdowns?id=&measure=                     -> list[BreakdownView]
    GET  /evaluation/matrix?measure=                             -> MatrixView over all stored evaluations
    POST /evaluation/report?id=&path=&baseline=&test=            -> str, the file that was written

`id` is an evaluation's; systems and queries are indexes into it, which `baseline` and `system` take (default 0 and the
first other one). A figure that is not known is None.
"""

from __future__ import annotations

import msgspec

Number = float | None


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
    the figures are, `zsr_tui.evaluation.results.Against` and `zsr_tui.evaluation.bounds` say."""

    mean: Number
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
    """A row of the table. `source` is "system" or "run file"; `notes` says what was found in a run file."""

    system: int
    notation: str
    label: str
    family: str
    parameters: int | None
    source: str
    queries: int
    cells: dict[str, CellView]
    ms_per_query: Number = None
    pairs_per_second: Number = None
    pairs: int = 0
    dropped_self: int = 0
    reranks: bool = False
    failed: str = ""


class EvaluationView(msgspec.Struct, frozen=True, kw_only=True):
    """The table of an evaluation, and what it takes to repeat it."""

    item: EvaluationItem
    baseline: int
    test: str  # "t" or "randomisation"
    rounds: int
    systems: tuple[SystemView, ...]
    stages: tuple[str, ...]  # notations, by stage
    notes: tuple[str, ...]
    command: str
    versions: dict[str, str]
    fingerprints: dict[str, str]
    devices: tuple[str, ...]
    depth: int
    drop_self: bool


class QueriesAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What the query table shows, as parameters of the address; numbers as they are, ranges as "3-8" (ends included).

    `sort`: position, qid, text, length, relevant, judged, Judged@10, value, value:N (of system N), difference, abs,
    documents (of `outcome`), disagreement, rbo, jaccard or tau_ap. `sign`: win, tie or loss of `system` against
    `baseline`. `outcome`: an `OutcomeRow.outcome`. `feature` and `group`: a `BreakdownView.feature`, and which of its
    groups, from 0.
    """

    id: str
    measure: str = ""  # the evaluation's first
    system: int | None = None
    baseline: int = 0
    sort: str = "position"
    descending: bool = False
    match: str = ""
    sign: str = ""
    outcome: str = ""
    feature: str = ""
    group: int = 0
    length: str = ""
    relevant: str = ""
    offset: int = 0
    limit: int = 100
    agreements: bool = False  # rbo, jaccard and tau_ap of the rows, which need the rankings


class QueryRow(msgspec.Struct, frozen=True, kw_only=True):
    """`values` of the measure and `judged_at_10` are by system; the rest of the figures compare the two systems.
    `documents`: of the outcome that was asked for, in `system`."""

    query: int
    qid: str
    text: str
    dataset: str
    length: int
    relevant: int
    judged: int
    values: tuple[Number, ...]
    judged_at_10: tuple[Number, ...] = ()
    difference: Number = None
    rbo: Number = None
    jaccard: Number = None
    tau_ap: Number = None
    documents: int | None = None


class QueryRows(msgspec.Struct, frozen=True, kw_only=True):
    """`read`: the rows need every ranking, and those of so many queries have been read so far: ask again."""

    total: int
    matching: int
    measure: str
    system: int
    baseline: int
    rows: tuple[QueryRow, ...]
    read: int | None = None


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """Every query's difference to the baseline (`values`), the largest loss first, or with `descending` the largest
    gain: query indexes, ids, differences and the baseline's values side by side."""

    measure: str
    system: int
    baseline: int
    queries: tuple[int, ...]
    qids: tuple[str, ...]
    values: tuple[float, ...]
    baseline_values: tuple[float, ...]


class ScatterPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A document of either list; rank from 1 and score are None in a list that lacks it, grade None if unjudged."""

    doc_id: str
    grade: int | None
    rank: int | None
    score: Number
    baseline_rank: int | None
    baseline_score: Number


class Scatter(msgspec.Struct, frozen=True, kw_only=True):
    query: int
    system: int
    baseline: int
    points: tuple[ScatterPoint, ...]


class OutcomeRow(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents had an outcome and in how many queries, by system. `about` says it in words; `failure`:
    a relevant document was lost. `of`: the documents that are counted, all relevant ones, or (not `relevant`) all of
    the first ten."""

    outcome: str
    about: str
    failure: bool
    relevant: bool
    documents: tuple[int, ...]
    queries: tuple[int, ...]
    of: tuple[int, ...]


class FateView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one document in one system: `stage` names the stage at fault ("" where none is). `ranks` has its
    rank in every stage that leads to the system's list, the first one first: (name, rank or None). `title` is ""
    where it is not known."""

    system: int
    doc_id: str
    outcome: str
    grade: int | None
    stage: str
    before: int | None
    final: int | None
    ranks: tuple[tuple[str, int | None], ...] = ()
    title: str = ""


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """See `zsr_tui.evaluation.stage_losses.Step`."""

    name: str
    value: float
    change: float
    cut: bool = False
    baseline: bool = False
    beside: tuple[tuple[str, float], ...] = ()


class StageLossesView(msgspec.Struct, frozen=True, kw_only=True):
    """What a measure says after each stage of a system, next to the baseline: `at_fault` is the place of the stage that
    lost most (None where none did), `verdict` says it in words."""

    query: int
    system: int
    baseline: int
    measure: str
    steps: tuple[StepView, ...]
    at_fault: int | None
    difference: Number
    verdict: str


class DepthPoint(msgspec.Struct, frozen=True, kw_only=True):
    depth: int
    means: dict[str, Number]


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    low: float
    high: float
    queries: int
    means: tuple[Number, ...]  # by system


class BreakdownView(msgspec.Struct, frozen=True, kw_only=True):
    feature: str
    unit: str
    measure: str
    groups: tuple[GroupView, ...]
    missing: int = 0


class MatrixView(msgspec.Struct, frozen=True, kw_only=True):
    """See `zsr_tui.evaluation.results.Matrix`."""

    measure: str
    systems: tuple[str, ...]
    datasets: tuple[str, ...]
    cells: tuple[tuple[Number, ...], ...]
    averages: tuple[Number, ...]
    common: tuple[str, ...]
    best: tuple[tuple[int, ...], ...]
    in_domain: str = ""
    correlation: Number = None
