"""What the engine streams back. Every event names the request that it belongs to.

A search:    SearchStarted, then per system any number of StageProgress, Heads, Ranking; Measured after its final
             Ranking; or SystemFailed in place of the rest; SearchFinished ends the stream.
A preparation: JobProgress ..., PrepareFinished.
Variants:      VariantsFound, VariantMeasured, JobProgress and SystemFailed ..., VariantsFinished.
An evaluation: EvaluationStarted, JobProgress, QueryEvaluated and SystemFailed ..., EvaluateFinished.
An explanation: Explained, any number of times, each with more than the one before; where two are compared both, and
             Contrasted; ExplainFinished.
Axioms:        JobProgress ..., AxiomsFound.
A model that judges: ModelPlanned, ModelJudged ..., JobProgress, ModelJudgingFinished.
Parity:        JobProgress ..., ParityFound.
`Failed` ends any stream. `EngineLost` is made by the client when the stream breaks (see zsr_tui.client). The events of
variants, explanations, axioms, models that judge and parity are beside their requests.
"""

from __future__ import annotations

import msgspec

from zsr_tui.api.event import Event
from zsr_tui.api.explanations import AxiomsFound, Contrasted, Explained, ExplainFinished
from zsr_tui.api.model_judging import ModelJudged, ModelJudgingFinished, ModelPlanned
from zsr_tui.api.parity import ParityFound
from zsr_tui.api.requests import Match, ProblemView, Span, SystemHead
from zsr_tui.api.variants import VariantMeasured, VariantsFinished, VariantsFound
from zsr_tui.api.wire import encoded
from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Approximation
from zsr_tui.progress import Progress


class SearchStarted(Event, frozen=True, kw_only=True, tag="search_started"):
    """`qid` is None for a free query: there are no judgments then, and no Measured event will come, unless it is
    `judged_as` another: `relevant` and `judged` are that one's. `chunked`: what is found are chunks of documents, which
    `zsr_tui.domain.document_of` names."""

    query: str
    qid: str | None
    position: int | None = None  # of the dataset query, from 0
    relevant: int = 0
    judged: int = 0
    systems: tuple[SystemHead, ...] = ()
    judged_as: str | None = None
    chunked: bool = False


class StageProgress(Event, frozen=True, kw_only=True, tag="stage_progress"):
    """A system is at work and has no new rows yet: `stage` in words ("loading ...", "scoring")."""

    system: int  # index into the request's systems
    stage: str
    done: int = 0
    total: int | None = None


class DocHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a row shows of a document, control characters made visible: its title, and of its text a passage about the
    query, longer than a row, with the terms in it; marked terms."""

    title: str
    passage: str
    title_terms: tuple[Span, ...] = ()
    matches: tuple[Match, ...] = ()


class Heads(Event, frozen=True, kw_only=True, tag="heads"):
    """The heads of documents that rankings of this request name; sent once each, before the ranking that needs them."""

    heads: dict[str, DocHead]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a ranking; its rank is its position + 1."""

    doc_id: str
    score: float | None  # None: a candidate that the reranker has not scored yet
    grade: int | None = None  # None: unjudged
    candidate_rank: int | None = None  # 1-based rank among the reranker's candidates; None for other stages
    cut: bool = False  # the model saw only the beginning of it


class Ranking(Event, frozen=True, kw_only=True, tag="ranking"):
    """A system's list as it stands: replaces the one before. Scored rows come first, by score."""

    system: int
    stage: str  # the stage that made it: "bm25", "dense ...", the reranker's name
    rows: tuple[Row, ...]
    elapsed_ms: float  # since the search began
    scored: int  # rows that the last stage has scored
    total: int  # rows that it is to score
    final: bool
    dropped_self: int = 0
    device: str = ""  # of the last model: "cpu fp32", "onnxruntime cpu int8", "" for BM25
    precision: str = ""  # of all its models: "fp32", "fp32 + int8"
    rate: float | None = None  # pairs per second of the reranker, without those that were known
    scored_ms: float | None = None  # that devices took for these: without waiting, loading and tokenising
    tokens_rate: float | None = None  # tokens per second of that time
    cut: int = 0  # inputs that were cut
    broken: int = 0  # candidates whose score is no finite number: they have no row
    known: int = 0  # of the scored rows, those whose score was computed before
    ties: int = 0  # rows that share their score with the row above
    searched: tuple[int, int] | None = None  # documents, of all: an index that it needs is not finished
    approximate: tuple[Approximation, ...] = ()  # of its first stages, those that do not look at every vector
    told: tuple[tuple[str, str], ...] = ()  # of those that another engine is: in few words, and in a sentence


class Measured(Event, frozen=True, kw_only=True, tag="measured"):
    """Measures of the final list, spelled as ir_measures spells them; None for recall that looks deeper than the
    system's lists go. `borrowed`: with the judgments of another query."""

    system: int
    values: dict[str, float | None]
    borrowed: bool = False


class SystemFailed(Event, frozen=True, kw_only=True, tag="system_failed"):
    """One system could not finish; the others go on."""

    system: int
    problem: ProblemView


class SearchFinished(Event, frozen=True, kw_only=True, tag="search_finished"):
    elapsed_ms: float


class JobProgress(Event, frozen=True, kw_only=True, tag="job_progress"):
    progress: Progress


class PrepareFinished(Event, frozen=True, kw_only=True, tag="prepare_finished"):
    """`notes`: what the user should know of the data ("3 judgments name documents that the corpus does not hold");
    those of them that `hold` are the same each time, and not of something that happened now. `dataset` by its one id.
    `problems`: the systems that lack something all the same, and why."""

    dataset: str = ""
    notes: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    problems: dict[str, str] = msgspec.field(default_factory=dict)


class EvaluationStarted(Event, frozen=True, kw_only=True, tag="evaluation_started"):
    """`evaluation` is its id in the store; `done` of `queries` were finished by an earlier run. `notes`: what the user
    should know of the run files and the judgments."""

    evaluation: str
    systems: tuple[SystemHead, ...]
    queries: int
    done: int = 0
    notes: tuple[str, ...] = ()


class QueryEvaluated(Event, frozen=True, kw_only=True, tag="query_evaluated"):
    dataset: str  # a member of the dataset where it averages over several
    system: int
    qid: str
    values: dict[str, float | None]  # None where a measure has no value
    ranking: tuple[tuple[str, float], ...] = ()  # (document id, score), where rankings were asked for


class SystemResult(msgspec.Struct, frozen=True, kw_only=True):
    """Means over the judged queries (of counts sums); None for a measure without values. `members`: the same for each
    member of a dataset that averages over several."""

    system: str
    queries: int
    means: dict[str, float | None]
    seconds: float
    precision: str = ""  # of its models: "fp32", "fp32 + int8"
    dropped_self: int = 0
    members: dict[str, dict[str, float | None]] = {}
    failed: str = ""  # the sentence why the system could not finish


class EvaluateFinished(Event, frozen=True, kw_only=True, tag="evaluate_finished"):
    """`notes`: what the lists were like that other engines gave."""

    results: tuple[SystemResult, ...]
    evaluation: str = ""  # its id in the store
    notes: tuple[str, ...] = ()


class Failed(Event, frozen=True, kw_only=True, tag="failed"):
    problem: ProblemView


class EngineLost(Event, frozen=True, kw_only=True, tag="engine_lost"):
    """The engine ended while it worked. `restarted`: a new one runs and the request is being repeated, or is repeated
    when somebody else's engine is back, which is waited for up to `waits_s`. `said`: what it answers meanwhile."""

    restarted: bool
    see_log: str = ""  # "; its log is at ..." where there is one
    waits_s: float = 0.0  # 0 for one of our own, which is started at once
    said: str = ""
    how: str = ""  # " (ended by SIGKILL)", where it is known

    @property
    def waiting(self) -> str:
        """The sentence where an engine is waited for, "" where ours was restarted."""
        if not self.restarted or not self.waits_s:
            return ""
        why = self.said.partition(":")[0] or "the engine is being stopped or cannot be reached"
        return f"{why[:1].upper()}{why[1:]}; waiting for it, up to {self.waits_s:.0f} s."


AnyEvent = (
    SearchStarted
    | StageProgress
    | Heads
    | Ranking
    | Measured
    | SystemFailed
    | SearchFinished
    | JobProgress
    | PrepareFinished
    | EvaluationStarted
    | QueryEvaluated
    | EvaluateFinished
    | VariantsFound
    | VariantMeasured
    | VariantsFinished
    | Explained
    | Contrasted
    | ExplainFinished
    | AxiomsFound
    | ModelPlanned
    | ModelJudged
    | ModelJudgingFinished
    | ParityFound
    | Failed
    | EngineLost
)
ENDS = (
    SearchFinished,
    PrepareFinished,
    EvaluateFinished,
    ExplainFinished,
    AxiomsFound,
    VariantsFinished,
    ModelJudgingFinished,
    ParityFound,
    Failed,
)

_decoder = json_decoder(AnyEvent)


def encode(event: Event) -> bytes:
    """One NDJSON line, newline included."""
    return encoded(event) + b"\n"


def decode(line: bytes) -> AnyEvent:
    """The event of one line. Raises `msgspec.DecodeError` on anything else."""
    return _decoder.decode(line)
