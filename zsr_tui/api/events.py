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
`Failed` ends any stream. `EngineLost` is made by the client when the stream breaks (see zsr_tui.client).
"""

from __future__ import annotations

import msgspec

from zsr_tui.api.agreement import Between
from zsr_tui.api.requests import Match, ProblemView, Span, SystemHead
from zsr_tui.api.variants import Variant
from zsr_tui.api.wire import encoded
from zsr_tui.domain import Approximation
from zsr_tui.explanation import Agreement, Contrast, Explanation
from zsr_tui.parity import Parity
from zsr_tui.progress import Progress


class Event(msgspec.Struct, frozen=True, kw_only=True):
    request: str


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
    """`notes`: what the user should know of the data ("3 judgments name documents that the corpus does not hold").
    `problems`: the systems that lack something all the same, and why."""

    notes: tuple[str, ...] = ()
    problems: dict[str, str] = {}


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


class Explained(Event, frozen=True, kw_only=True, tag="explained"):
    """An explanation as it stands: replaces the one before. `which` of two it is (0, 1). `stage` in words while
    something is under way, "" when it is complete. `asks`: requests to a server that were not sent, since it was not
    asked to (`ExplainRequest.spend`); `host` is where they would go."""

    explanation: Explanation
    which: int = 0
    stage: str = ""
    asks: int = 0
    host: str = ""


class Contrasted(Event, frozen=True, kw_only=True, tag="contrasted"):
    contrast: Contrast


class ExplainFinished(Event, frozen=True, kw_only=True, tag="explain_finished"):
    elapsed_ms: float


class AxiomsFound(Event, frozen=True, kw_only=True, tag="axioms_found"):
    """`axioms` are (name, what it says, which number of a document it goes by); `agreements` those of each with each
    system. In an evaluation `systems` are (name, notation; "" for a run file), and it is told over how many `queries`.
    `notes`: what could not be looked at."""

    axioms: tuple[tuple[str, str, str], ...]
    agreements: tuple[Agreement, ...]
    systems: tuple[tuple[str, str], ...] = ()
    queries: int = 1
    notes: tuple[str, ...] = ()


class VariantsFound(Event, frozen=True, kw_only=True, tag="variants_found"):
    """The query as it is, then its variants. `judged`: measures will come, over so many judgments of each source
    (`judgments`); `generator`: the server that writes further ones when it is asked to, "" without one."""

    variants: tuple[Variant, ...]
    judged: bool
    generator: str = ""
    judgments: dict[str, int] = {}


class VariantMeasured(Event, frozen=True, kw_only=True, tag="variant_measured"):
    """A variant's list of a system. `ndcg` (at 10) is None without judgments that count, `beside` over the other ones
    that were asked for; `overlap` counts the documents that the first ten have in common with those of the query as it
    is, `rbo` compares the first hundred of both."""

    system: int
    variant: int
    ndcg: float | None
    overlap: int
    rbo: float
    beside: float | None = None


class VariantsFinished(Event, frozen=True, kw_only=True, tag="variants_finished"):
    """`notes`: what is to be known of the lists, in sentences."""

    notes: tuple[str, ...] = ()


class ModelPlanned(Event, frozen=True, kw_only=True, tag="model_planned"):
    """What is to be sent to the `host`: so many requests, with so many characters together. `known`: documents that
    this model has judged before; `check`: those of the requests that humans have judged. `counts_as`: what the model's
    grades (0 to 3) are on the dataset's scale, the lowest first."""

    model: str
    host: str
    requests: int
    characters: int
    known: int = 0
    check: int = 0
    counts_as: tuple[int, ...] = ()


class ModelJudged(Event, frozen=True, kw_only=True, tag="model_judged"):
    """A document's grade on the dataset's scale, on the disk, and what the model has `given` on its own; None where
    there is none, and why: the model `failure`. `human`: what a human gave it."""

    query_id: str
    query_text: str
    doc_id: str
    grade: int | None
    given: int | None = None
    failure: str = ""
    human: int | None = None


class ModelJudgingFinished(Event, frozen=True, kw_only=True, tag="model_judging_finished"):
    """Of this run: how many were graded and how many failed, tokens as the server counts them (None where it does not
    say), documents of which the model was given the beginning. `stopped`: why nothing more was sent. Of all that this
    model has judged of the dataset: how far it agrees with humans (None: they share no document), and kappa of relevant
    or not if the model's own grade counts as relevant from so many on."""

    graded: int
    failed: int
    read: int | None
    wrote: int | None
    cut: int
    seconds: float
    stopped: str = ""
    humans: Between | None = None
    relevant_from: tuple[tuple[int, float | None], ...] = ()


class ParityFound(Event, frozen=True, kw_only=True, tag="parity_found"):
    """None where servers would be asked and may not be: so many `asks` (requests), with so many texts, at these
    `hosts`."""

    parity: Parity | None
    asks: int = 0
    texts: int = 0
    hosts: tuple[str, ...] = ()


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

_decoder = msgspec.json.Decoder(AnyEvent)


def encode(event: Event) -> bytes:
    """One NDJSON line, newline included."""
    return encoded(event) + b"\n"


def decode(line: bytes) -> AnyEvent:
    """The event of one line. Raises `msgspec.DecodeError` on anything else."""
    return _decoder.decode(line)
