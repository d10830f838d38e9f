"""The queries of a stored evaluation: in pages, one by one, by class of failure. What is asked, and the answers.

`id` is an evaluation's; queries and systems are indexes into it. A number that is not known is None.
"""

from __future__ import annotations

import msgspec

from zsr_tui.api.evaluations import Number
from zsr_tui.api.questions import Count, Question
from zsr_tui.selection import QuerySelection


class QueryRow(msgspec.Struct, frozen=True, kw_only=True):
    """`values` of the measure and `judged_at_10` are by system; the rest of the numbers compare the two systems.
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
    """`read`: the rows need every ranking, and those of so many queries have been read so far: ask again. `place`: of
    the query that was to be followed, from 0; None where it does not match."""

    total: int
    matching: int
    measure: str
    system: int
    baseline: int
    rows: tuple[QueryRow, ...]
    read: int | None = None
    place: int | None = None


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


class ReadQueries(Question[QueryRows], frozen=True, kw_only=True):
    """A page of the query table. `agreements`: with rbo, jaccard and tau_ap, which need the rankings. `follow` is a
    query whose place in this order is wanted."""

    id: str
    selection: QuerySelection = QuerySelection()
    offset: Count = 0
    limit: Count = 100
    agreements: bool = False
    follow: int | None = None


class ReadDifferences(Question[Differences], frozen=True, kw_only=True):
    """Of all queries that match, however the selection is sorted; `descending` as there."""

    id: str
    selection: QuerySelection


class ReadScatter(Question[Scatter], frozen=True, kw_only=True):
    id: str
    query: int
    system: int
    baseline: int = 0


class ReadOutcomes(Question[list[OutcomeRow]], frozen=True, kw_only=True):
    id: str


class ReadFates(Question[list[FateView]], frozen=True, kw_only=True):
    """Of every document of a query that became of interest, in every system."""

    id: str
    query: int


class ReadLosses(Question[StageLossesView], frozen=True, kw_only=True):
    id: str
    query: int
    system: int
    baseline: int = 0
    measure: str = ""


class ReadBreakdowns(Question[list[BreakdownView]], frozen=True, kw_only=True):
    id: str
    measure: str = ""
