"""One request: a score explained, or two and their difference."""

from __future__ import annotations

import time
from collections.abc import Sequence

from msgspec.structs import replace

from zsr_tui import caller, pipeline
from zsr_tui.api.explanations import Contrasted, Explained, ExplainFinished, ExplainRequest
from zsr_tui.domain import Doc, Problem, Query, ScoredDoc
from zsr_tui.engine.explain.stage import StageExplainer
from zsr_tui.engine.explain.trace import Trace
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.runner import Runner, retrieval_queries
from zsr_tui.engine.search import refuse_unusable
from zsr_tui.engine.sending import since
from zsr_tui.engine.stream import Emit
from zsr_tui.engine.systems import head
from zsr_tui.explain.contrast import contrast
from zsr_tui.explain.lineage import lineage
from zsr_tui.explain.standing import without_its_best
from zsr_tui.explanation import Explanation, Input
from zsr_tui.pipeline import CANDIDATES
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.endpoints.calling import REQUEST_INPUTS

EVERY_S = 0.1  # at least between two states of an explanation that is under way


def explain(library: Library, request: ExplainRequest, emit: Emit, cancel: CancelToken) -> None:
    """Emits the events of an explanation, in the order that zsr_tui.api.events describes."""
    began = time.perf_counter()
    corpus = library.corpus(request.dataset)
    found = corpus.find(request.query, request.qid)
    if not found:
        refuse_unusable(request.query)
    query = found[0] if found else Query("", request.query)
    wanted = _wanted(request)
    docs = _docs(library, corpus, request, query, wanted, cancel)
    for _, doc_id in wanted:
        if doc_id not in docs:
            raise Problem(f"{request.dataset} has no document {doc_id!r}.", usage=True)
    both = [
        _One(library, corpus, request, query, notation, docs[doc_id], which, emit, cancel).explained()
        for which, (notation, doc_id) in enumerate(wanted)
    ]
    if len(both) == 2:
        emit(Contrasted(request=request.id, contrast=contrast(*both)))
    emit(ExplainFinished(request=request.id, elapsed_ms=since(began)))


def _docs(
    library: Library,
    corpus: OpenCorpus,
    request: ExplainRequest,
    query: Query,
    wanted: Sequence[tuple[str, str]],
    cancel: CancelToken,
) -> dict[str, Doc]:
    """Of the corpus; those that it lacks as another engine of the system finds them."""
    ids = [doc_id for _, doc_id in wanted]
    docs = corpus.docs(ids)
    runner = Runner(library, corpus, cancel, drop_self=request.drop_self, owner=caller.owner(request.id))
    for notation, doc_id in wanted:
        for step in pipeline.served(pipeline.parse(head(notation).notation)) if doc_id not in docs else ():
            runner.run(step, [query], CANDIDATES)
            docs |= runner.docs(ids)
    return docs


def _wanted(request: ExplainRequest) -> list[tuple[str, str]]:
    """System and document of one explanation, or of two."""
    first = (request.system, request.doc_id)
    if not request.against and not request.against_system:
        return [first]
    if request.against and request.against_system:
        raise Problem("compare with another document or with another system, not with both at once.", usage=True)
    second = (request.against_system or request.system, request.against or request.doc_id)
    if first == second:
        raise Problem("there is nothing to compare: both are the same document in the same system.", usage=True)
    return [first, second]


class _One:
    """One of the explanations that a request asks for."""

    def __init__(
        self,
        library: Library,
        corpus: OpenCorpus,
        request: ExplainRequest,
        query: Query,
        notation: str,
        doc: Doc,
        which: int,
        emit: Emit,
        cancel: CancelToken,
    ) -> None:
        self._library, self._corpus, self._request, self._query = library, corpus, request, query
        self._doc, self._which, self._emit, self._cancel = doc, which, emit, cancel
        self._owner = caller.owner(request.pane or request.id)
        self._system = pipeline.parse(head(notation).notation)
        self._step = _stage(self._system, request.stage if which == 0 or not request.against_system else "")
        self._runner = Runner(
            library, corpus, cancel, drop_self=request.drop_self, owner=self._owner, at_once=request.unfinished
        )
        self._stage = StageExplainer(library, corpus, request, doc, self._runner, cancel, self._say)
        self._known = self._of_what(Explanation(family="", method="", unit=""))
        self._ranking: Sequence[ScoredDoc] = ()  # of the stage
        self._last = float("-inf")

    def explained(self) -> Explanation:
        request, step = self._request, self._step
        self._stage.check(step)
        told_last = False
        if request.lineage:
            told_last = self._ready(self._system)
            self._trace(self._system if told_last else _first_stage(self._system))
        query = _query_of(self._system, step, self._query)
        asks, host = self._stage.requests(step)
        if asks and request.lineage and not told_last:
            asks += self._for_its_rank(step)
        if asks and not request.spend:
            self._send("", asks=asks, host=host)
            return self._known
        for found in self._stage.explanations(step, query):
            self._known = self._of_what(found)
            self._send("leaving out words" if request.sentence else "explaining", seldom=True)
        if asks:
            self._known = replace(self._known, cost=replace(self._known.cost, requests=asks))
        if request.input:
            self._known = replace(self._known, input=self._input(step, query))
        if request.lineage and not told_last:
            self._send("scoring the candidates, for its rank")
            self._trace(self._system)
        self._known = replace(self._known, without=without_its_best(self._known, self._ranking))
        self._send("")
        return self._known

    def _of_what(self, found: Explanation) -> Explanation:
        """The explanation with whose it is, and what is known of it besides."""
        before = getattr(self, "_known", None)
        return replace(
            found,
            system=str(self._system),
            stage=str(self._step),
            precision=self._library.precision(self._step),
            query=self._query.text,
            doc_id=self._doc.id,
            title=self._doc.title,
            text=found.text or self._doc.content,
            lineage=before.lineage if before else (),
            input=before.input if before else None,
            notes=(*found.notes, *self._runner.notes()),
        )

    def _trace(self, system: pipeline.System) -> None:
        trace = Trace(self._library, self._corpus, self._runner, self._doc, self._cancel, owner=self._owner)
        trace.run(system, _query_of(self._system, system, self._query))
        self._known = replace(self._known, lineage=lineage(trace.reached, self._doc.id))
        self._ranking = next((each.ranking for each in trace.reached if each.stage == str(self._step)), ())
        self._send("explaining")

    def _ready(self, system: pipeline.System) -> bool:
        """Whether the whole lineage costs no model more than the explanation itself."""
        last = _stage(system, "")
        if not isinstance(last, pipeline.Rerank):
            return not pipeline.rerankers(system)
        if pipeline.rerankers(last.source):
            return False
        scoring = self._library.scoring
        (candidates,) = self._runner.candidates(last.source, last.model, [self._query])
        docs = self._corpus.docs(each.doc_id for each in candidates)
        texts = scoring.document_texts(last.model, (docs[each.doc_id] for each in candidates))
        try:
            return scoring.known(last.model, self._query.text, texts)
        except Problem:  # its weights are not here yet: then nothing of it is known
            return False

    def _for_its_rank(self, step: pipeline.System) -> int:
        """Requests that a server is sent for the scores of the other candidates."""
        if not isinstance(step, pipeline.Rerank):
            return 0
        (candidates,) = self._runner.candidates(step.source, step.model, [self._query])
        return -(-len(candidates) // REQUEST_INPUTS)

    def _input(self, step: pipeline.System, query: Query) -> Input:
        found = self._stage.input(step, query)
        if not isinstance(step, pipeline.Rerank) or self._received(step):
            return found
        never = f"{step.source} did not pass this document on: the model never read it. This is what it would read."
        return replace(found, note=f"{never} {found.note}".strip())

    def _received(self, step: pipeline.Rerank) -> bool:
        (candidates,) = self._runner.candidates(step.source, step.model, [self._query])
        return any(each.doc_id == self._doc.id for each in candidates)

    def _say(self, what: str) -> None:
        self._send(what)

    def _send(self, stage: str, *, seldom: bool = False, asks: int = 0, host: str = "") -> None:
        self._cancel.check()
        now = time.perf_counter()
        if seldom:
            if now - self._last < EVERY_S:
                return
            self._last = now  # what is told before the first numbers does not hold them up
        event = Explained(
            request=self._request.id, explanation=self._known, which=self._which, stage=stage, asks=asks, host=host
        )
        self._emit(event)


def _uncut(system: pipeline.System) -> pipeline.System:
    while isinstance(system, pipeline.Cut):
        system = system.source
    return system


def _stage(system: pipeline.System, named: str) -> pipeline.System:
    """The one that is explained: without cuts, the last where none is named."""
    if not named:
        return _uncut(system)
    wanted = _uncut(pipeline.parse(named))
    if wanted not in pipeline.steps(system):
        raise Problem(f"{named} is no stage of {system}: those are {', '.join(_stages(system))}.", usage=True)
    return wanted


def _stages(system: pipeline.System) -> list[str]:
    return [str(step) for step in pipeline.steps(system) if not isinstance(step, pipeline.Cut)]


def _first_stage(system: pipeline.System) -> pipeline.System:
    """What the first reranker gets its candidates from."""
    while pipeline.rerankers(system):
        match system:
            case pipeline.Cut() | pipeline.Rerank():
                system = system.source
            case pipeline.Rrf() | pipeline.Linear():
                system = system.systems[0]
    return system


def _query_of(system: pipeline.System, step: pipeline.System, query: Query) -> Query:
    """As the step of the system gets it: the candidates of some rerankers are retrieved with its beginning alone."""
    for each in pipeline.steps(system):
        if isinstance(each, pipeline.Rerank) and step in pipeline.steps(each.source):
            (shortened,) = retrieval_queries(each.source, each.model, [query])
            if shortened != query:
                return shortened
    return query
