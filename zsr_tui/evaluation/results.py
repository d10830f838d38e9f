"""The records of an evaluation: what was run, what came back, what it is worth, and what is needed to repeat it.

Small things are held in memory, per-query values as arrays, and rankings stay on disk: `Evaluation.lists` reads those
of one query. So 10 systems x 10,000 queries x 1,000 documents fit into a few hundred megabytes.

Axes: a *system*, a *query*, a *measure* and a *stage* are indexes into what an `Evaluation` has of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec

from zsr_tui.domain import LEVEL, Doc, relevant_docs
from zsr_tui.text import Finder, Terms

if TYPE_CHECKING:
    import numpy as np

SystemSource = Literal["system", "run file"]
StageKind = Literal["retrieve", "fuse", "rerank", "run file"]
Test = Literal["t", "randomisation"]
USUAL_DEPTH = 1000  # of lists that are measured
TOP = 10  # "found" and "highly ranked": among the first ten


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that makes a list. `notation` names it; systems that write the same step share it.

    `sources` are the stages whose lists it reads (none for a first stage), `depth` how many documents of each it was
    given: the rerank depth of a reranker. For a first stage `depth` is how deep it was run.
    """

    notation: str
    kind: StageKind
    model: str = ""
    sources: tuple[int, ...] = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """`ms_per_query`: wall-clock time of all of the system's stages, of a shared stage as well. `pairs_per_second` of
    the rerankers, None without one. The first queries of a run, which load models, and those with scores from the
    cache are not counted; None where no others are left, and for a run file."""

    ms_per_query: float | None = None
    pairs_per_second: float | None = None
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class RunFileFacts:
    """What reading a TREC run file found. Counts; `unknown_documents` is None where the corpus is not at hand."""

    path: str
    missing_queries: int = 0  # judged queries without a line: they count as 0
    unknown_queries: int = 0  # queries of the file that the evaluation does not have: left out
    unknown_documents: int | None = None  # different ones: they are ranked, and unjudged
    duplicates: int = 0  # documents listed twice for a query: the best score counts
    rank_contradictions: int = 0  # queries whose rank column contradicts the scores: the scores count


@dataclass(frozen=True, slots=True)
class EvaluatedSystem:
    """`stages` lead from the first stage to the last, whose list is measured as far as `depth`.

    `precision` is that of its models, in the notation's order ("fp32", "fp32 + int8"; "" for BM25 and run files).
    `family` is that of the model that makes the last list ("bm25", "bi-encoder", "cross-encoder", "monot5" ...; "rrf"
    or "linear" for fusion, "" for a run file). `revisions` gives each model's revision or fingerprint. `failed`: the
    sentence why the system could not finish; its values are nan for the queries that it lacks.
    """

    notation: str
    label: str
    family: str
    parameters: int | None
    source: SystemSource = "system"
    revisions: Mapping[str, str] = field(default_factory=dict)
    precision: str = ""
    stages: tuple[int, ...] = ()
    depth: int = USUAL_DEPTH
    cost: Cost = Cost()
    dropped_self: int = 0  # queries whose own document was dropped
    run_file: RunFileFacts | None = None
    failed: str = ""

    def final(self, by_stage: Mapping[int, RankedList]) -> RankedList | None:
        """What is measured of the stages' lists of a query; None where the system has not run."""
        ranked = by_stage.get(self.stages[-1])
        return ranked and ranked.first(self.depth)


class EvaluatedQuery(msgspec.Struct, frozen=True, array_like=True):
    """`member` is the dataset of the query where the evaluated one averages over several; grades by document id."""

    id: str
    text: str
    member: str
    judgments: dict[str, int]

    @property
    def relevant(self) -> int:
        """How many grades are at least 1."""
        return len(relevant_docs(self.judgments))

    @property
    def judged(self) -> int:
        return len(self.judgments)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What it takes to repeat an evaluation. `command` is a `zsr-tui evaluate` line; `fingerprints` are the corpora's,
    by dataset; `versions` those of the packages that made it; `date` is UTC, ISO 8601."""

    command: str
    date: str
    versions: Mapping[str, str]
    fingerprints: Mapping[str, str]
    depth: int
    drop_self: bool
    subset: str = ""  # in words, "" for all judged queries
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RankedList:
    """A list in its system's order, which nobody changes: `scores` is float64 of shape (documents,); `cut` names the
    documents of which the model saw only the beginning (rerankers only)."""

    doc_ids: tuple[str, ...]
    scores: np.ndarray
    cut: frozenset[str] = frozenset()

    def first(self, depth: int) -> RankedList:
        """The list cut at `depth`."""
        if depth >= len(self.doc_ids):
            return self
        return RankedList(self.doc_ids[:depth], self.scores[:depth], self.cut)

    def rank(self, doc_id: str) -> int | None:
        """From 1; None where it is not in the list."""
        return self.doc_ids.index(doc_id) + 1 if doc_id in self.doc_ids else None


@dataclass(frozen=True, slots=True)
class QueryLists:
    """One query's lists by stage (those that were run), and its judgments: grade by document id."""

    by_stage: Mapping[int, RankedList]
    judgments: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """What failure classes need of a list, which is read faster than the list: its first `TOP` documents, and the rank
    (from 1) of each relevant document in it, the first one first."""

    first: tuple[str, ...]
    ranks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class QueryStandings:
    """One query's, by stage (those that were run), and its judgments."""

    by_stage: Mapping[int, Standing]
    judgments: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A stored evaluation. Arrays are float64 of shape (systems, measures, queries); nan: the system has no list for
    the query because it failed or was stopped (a system that found nothing has 0), its lists do not reach as far as the
    measure looks, or the measure has no value there.

    `ran`        whether the system has a list for the query: bool of shape (systems, queries)
    `values`     ir_measures' value of the list, unjudged documents counting as not relevant (the lower bound)
    `condensed`  the value of the list without its unjudged documents (Sakai, SIGIR 2007)
    `maximum`    the upper bound over what the retrieved unjudged documents may be, see `zsr_tui.evaluation.bounds`

    `complete` is False while queries are to be run. From disk: `lists` of a query, `standings` that failure classes
    need, `documents` that the dataset has of these ids ({} without its corpus), `terms` as its language has a query's.
    """

    id: str
    dataset: str
    members: tuple[str, ...]  # the datasets whose means are averaged; (dataset,) otherwise
    measures: tuple[str, ...]  # as ir_measures spells them
    stages: tuple[Stage, ...]
    systems: tuple[EvaluatedSystem, ...]
    queries: tuple[EvaluatedQuery, ...]
    ran: np.ndarray
    values: np.ndarray
    condensed: np.ndarray
    maximum: np.ndarray
    provenance: Provenance
    lists: Callable[[int], QueryLists]
    standings: Callable[[int], QueryStandings]
    documents: Callable[[str, Iterable[str]], Mapping[str, Doc]] = lambda _member, _ids: {}
    terms: Callable[[str, str], Finder] = lambda _member, query: Terms.of(query)
    notes: tuple[str, ...] = ()
    complete: bool = True
    rejudged: bool = False  # over other judgments than the dataset's own

    @cached_property
    def names(self) -> list[str]:
        """What each system is called: its label, or its notation where two share a label."""
        labels = [system.label or system.notation for system in self.systems]
        return [
            label if labels.count(label) == 1 else system.notation
            for label, system in zip(labels, self.systems, strict=True)
        ]

    @cached_property
    def member_of(self) -> np.ndarray:
        """int array of shape (queries,): the index into `members`."""
        import numpy as np

        places = {member: index for index, member in enumerate(self.members)}
        return np.array([places[query.member] for query in self.queries], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Against:
    """A system against the baseline on one measure, over the queries that both have. Of a measure that is a sum over
    queries, `difference` and `interval` are of the sums.

    `p` is two-sided, of the summary's test; `p_holm` is adjusted over the systems (Holm 1979); `effect` is Cohen's d_z,
    the mean difference over the standard deviation of the differences; `interval` is the 95 % bootstrap interval of
    the mean difference. `p`, `effect` and `interval` are nan where fewer than two queries can be compared.
    """

    difference: float
    p: float
    p_holm: float
    effect: float
    interval: tuple[float, float]
    wins: int
    ties: int
    losses: int
    queries: int

    @property
    def significant(self) -> bool:
        """After the correction."""
        return self.p_holm < LEVEL


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure of one system: the mean and the means of the condensed and the upper values; `against` the baseline
    is None for the baseline itself and for a system that failed."""

    mean: float
    condensed: float
    maximum: float
    against: Against | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One system of the table; `cells` by measure."""

    system: int
    queries: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Summary:
    """Made by `zsr_tui.evaluation.comparison`. `lacking`: by measure, the note of why queries have no value."""

    baseline: int  # a system
    test: Test
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    lacking: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """The queries whose feature lies in [low, high]; `queries` is an int array of their indexes."""

    label: str
    low: float
    high: float
    queries: np.ndarray


@dataclass(frozen=True, slots=True)
class Feature:
    """Of queries or of their relevant documents, in groups; `missing` queries lack it."""

    name: str
    unit: str
    groups: tuple[Group, ...]
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A measure by a feature: `means` are those of each group, by system."""

    feature: Feature
    measure: str
    means: tuple[tuple[float, ...], ...]

    @property
    def title(self) -> str:
        unit = f" ({self.feature.unit})" if self.feature.unit else ""
        return f"{self.measure} by {self.feature.name}{unit}"


@dataclass(frozen=True, slots=True)
class Matrix:
    """A measure of systems across datasets: `cells[row][column]` is None where a system was not evaluated.
    `averages` are over the same datasets for all (`common`), None for a system that lacks one; `best` names the
    best row of each column. `correlation` is Kendall's tau-b between the order of the systems in domain (MS MARCO)
    and on the average of the other datasets; None without MS MARCO or with fewer than three systems.
    """

    measure: str
    systems: tuple[str, ...]
    datasets: tuple[str, ...]
    cells: tuple[tuple[float | None, ...], ...]
    averages: tuple[float | None, ...]
    common: tuple[str, ...]
    best: tuple[tuple[int, ...], ...]
    in_domain: str = ""
    correlation: float | None = None
