"""Requests whose answer is a stream of events, and the records that several questions and events share.

    POST /search, /prepare, /evaluate, /explain, /axioms, /variants, /judge

A stream is NDJSON, one event of `zsr_tui.api.events` a line. Closing it cancels the work at the next batch boundary.
A request that is refused answers with status 400 (wrong usage) or 409 (cannot be done now) and a `ProblemView`.
"""

from __future__ import annotations

import msgspec

from zsr_tui.api.explanations import AxiomsRequest, ExplainRequest
from zsr_tui.api.model_judging import ModelJudgeRequest
from zsr_tui.api.parity import ParityRequest
from zsr_tui.api.variants import Variant
from zsr_tui.domain import DATASET_ONLY, AnySource, CorpusInfo, DeviceStatus, Doc, Problem

DEFAULT_MEASURES = ("nDCG@10", "RR@10", "R@100", "Judged@10")
MOST_EVALUATED = 40  # systems of an evaluation, run files included: five retrievers with seven rerankers each
EVALUATION_MEASURES = ("nDCG@10", "RR@10", "AP", "R@100", "R@1000", "Judged@10")


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One query against several systems.

    `pane` names who asks: a new search from the same pane cancels the one before. `qid` picks a query of the dataset;
    without it, a text equal to a dataset query's gets that query's judgments. `depth` is how many documents of each
    list are wanted. `drop_self` removes the document that is the query itself: in BEIR's own sets the
    one with its id, as BEIR does, elsewhere the one with its id and its text. Without `passages` documents come with
    their titles alone. `unfinished`: an encoded index that is not finished is searched as far as it goes, which its
    rankings say.

    `judged_as`: a text that is no query of the dataset is a change of the one with this id. It borrows that one's
    judgments, and what is dropped of its lists is what is dropped of that one's.
    """

    id: str
    dataset: str
    systems: tuple[str, ...]
    query: str = ""
    qid: str | None = None
    depth: int = 100
    drop_self: bool = True
    pane: str = ""
    passages: bool = True
    judged_as: str | None = None
    unfinished: bool = True


class VariantsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Variants of the query of a search, and what each makes of every system's list. They are searched in the
    background: whoever waits for a list goes first. `more` are further variants. They are measured over the judgments
    of the sources `counting`, the one that counts first in front, and over those of `beside`."""

    search: SearchRequest
    more: tuple[Variant, ...] = ()
    counting: tuple[AnySource, ...] = DATASET_ONLY
    beside: tuple[AnySource, ...] = ()

    @property
    def id(self) -> str:
        return self.search.id

    @property
    def dataset(self) -> str:
        return self.search.dataset


class PrepareRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Download, index and encode whatever `systems` need on `dataset`; without systems, only download it. `on` is the
    address of a Ray cluster that encodes, "": here."""

    id: str
    dataset: str
    systems: tuple[str, ...] = ()
    on: str = ""


class EvaluateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Run the judged queries of a dataset through the systems, measure, and store it all as an evaluation.

    Which queries: those with an id in `qids` (None: all) whose text holds `subset`, and of these the first `limit`.
    `runs` are run files that are evaluated as further systems. An evaluation that is stored goes on where it stopped
    or is answered at once, unless `resume` is false: then it begins anew. `background`: closing the stream leaves the
    evaluation running; it is stopped with `StopEvaluation`, and asking for it again shows its progress.
    `rankings` and `per_query` say what is streamed; it is stored in any case. `on` is the address of a Ray cluster that
    runs the models, "": here.
    """

    id: str
    dataset: str
    systems: tuple[str, ...]
    measures: tuple[str, ...] = EVALUATION_MEASURES
    limit: int | None = None
    depth: int = 1000
    drop_self: bool = True
    rankings: bool = False  # send every ranking too
    runs: tuple[str, ...] = ()  # paths on the engine's machine
    subset: str = ""
    qids: tuple[str, ...] | None = None
    resume: bool = True
    background: bool = False
    per_query: bool = True  # send QueryEvaluated events
    command: str = ""  # the command line, to be kept with the results
    on: str = ""


Request = (
    SearchRequest
    | PrepareRequest
    | EvaluateRequest
    | ExplainRequest
    | AxiomsRequest
    | VariantsRequest
    | ModelJudgeRequest
    | ParityRequest
)
PATHS: dict[type[Request], str] = {
    SearchRequest: "/search",
    PrepareRequest: "/prepare",
    EvaluateRequest: "/evaluate",
    ExplainRequest: "/explain",
    AxiomsRequest: "/axioms",
    VariantsRequest: "/variants",
    ModelJudgeRequest: "/judge",
    ParityRequest: "/parity",
}


class ProblemView(msgspec.Struct, frozen=True, kw_only=True):
    """A `Problem` on the wire. `kind` is "not-downloaded" or "not-built" where a preparation would mend it."""

    message: str
    detail: str = ""
    usage: bool = False
    kind: str = ""

    @staticmethod
    def of(problem: Problem) -> ProblemView:
        return ProblemView(message=problem.message, detail=problem.detail, usage=problem.usage, kind=problem.kind)

    @property
    def problem(self) -> Problem:
        """To be raised."""
        problem = Problem(self.message, detail=self.detail, usage=self.usage)
        problem.kind = self.kind
        return problem


class Health(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    pid: int
    uptime_s: float


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine is doing, for the status line."""

    devices: tuple[DeviceStatus, ...] = ()
    engine_memory_bytes: int | None = None
    jobs: tuple[str, ...] = ()  # in words: "evaluate demo: 20 of 50 queries, 0:41 left"
    cache_bytes: int = 0  # of scores and query vectors on disk
    cache_limit_bytes: int = 0  # 0: it is switched off
    cache_trouble: str = ""  # one sentence, where it cannot be used


class FusionHead(msgspec.Struct, frozen=True, kw_only=True):
    """The lists that a system fuses last: their labels, and their shares of the weight, which add up to 1; `whole` is
    what the weights of the notation add up to. `reranker` is the label of the model that scores what the fusion finds,
    "" where the fused list is the system's."""

    parts: tuple[str, ...]
    shares: tuple[float, ...]
    whole: float = 1.0
    reranker: str = ""


class SystemHead(msgspec.Struct, frozen=True, kw_only=True):
    """What heads a list: the system in the notation, a short label, its models' parameters (None for BM25)."""

    notation: str
    label: str
    parameters: int | None = None
    note: str = ""  # "int8 ONNX" and the like: what the user must know about the weights
    guessed: tuple[str, ...] = ()  # of how its models run, what nobody says: "mean pooling", "no prompts"
    runnable: bool = True
    why_not: str = ""
    fusion: FusionHead | None = None


class QueryItem(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset query in the picker. `position` counts from 0 in the dataset's own order."""

    position: int
    id: str
    text: str
    shows: str = ""
    relevant: int = 0  # judged with a grade of at least 1


class QueryPage(msgspec.Struct, frozen=True, kw_only=True):
    """`total` counts the dataset's queries, `matching` those that match."""

    total: int
    matching: int
    items: tuple[QueryItem, ...]


Span = tuple[int, int]  # [start, end) in characters
Match = tuple[int, int, int]  # a term of the query: [start, end) in characters, which one


class CorpusView(msgspec.Struct, frozen=True, kw_only=True):
    """A corpus, and the documents that it begins with, as they are read."""

    info: CorpusInfo
    first: tuple[Doc, ...] = ()


class DocumentView(msgspec.Struct, frozen=True, kw_only=True):
    """A whole document with the query's terms marked in its title and its text.

    `cut_at` has the models of the request whose input did not hold all of it: (model, number of characters of
    `doc.content` that it read).
    """

    doc: Doc
    title_terms: tuple[Span, ...] = ()
    text_terms: tuple[Span, ...] = ()
    cut_at: tuple[tuple[str, int], ...] = ()
