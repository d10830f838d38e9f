"""How often lists agree with the axioms of retrieval: those of a query, or all of a stored evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import TYPE_CHECKING

from zsr_tui import caller, pipeline
from zsr_tui.api.events import JobProgress
from zsr_tui.api.explanations import AxiomsFound, AxiomsRequest
from zsr_tui.domain import Doc, Problem
from zsr_tui.engine.library import Library
from zsr_tui.engine.search import refuse_unusable
from zsr_tui.engine.stream import Emit
from zsr_tui.engine.terms import language_in, worded
from zsr_tui.evaluation import store
from zsr_tui.explain.axioms import AXIOMS, Tally, Texts, meaning
from zsr_tui.numerals import counted
from zsr_tui.progress import CancelToken, Meter, Progress
from zsr_tui.scoring.models.catalogue import DEFAULT_ENCODER

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.encoder import Encoder

_AT_ONCE = 8  # queries whose words are encoded together
_ENCODED = 1000  # words
_FOREIGN = f"STMC1 goes by {DEFAULT_ENCODER}, which was made for English."
_Words = Sequence[tuple[str, str]]  # of a text: each as it is written, in small letters, and its term


def check_axioms(library: Library, request: AxiomsRequest, emit: Emit, cancel: CancelToken) -> None:
    """Emits the progress of an evaluation, then what was found."""
    check = _Check(library, request, emit, cancel)
    emit(check.evaluation() if request.evaluation else check.query())


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query with its lists of document ids, by system, and its judgments."""

    dataset: str
    qid: str
    text: str
    lists: Sequence[Sequence[str]]
    judgments: Mapping[str, int]


class _Check:
    """Of one request. Words that were encoded stay so until its end."""

    def __init__(self, library: Library, request: AxiomsRequest, emit: Emit, cancel: CancelToken) -> None:
        self._library, self._request, self._emit, self._cancel = library, request, emit, cancel
        self._place: dict[str, int] = {}  # of words in the vectors
        self._vectors: np.ndarray | None = None
        self._notes: list[str] = []
        self._missing = 0  # documents
        self._systems: Sequence[str] = ()

    def query(self) -> AxiomsFound:
        request = self._request
        refuse_unusable(request.query)
        tally, corpus = Tally(len(request.lists)), self._library.corpus(request.dataset)
        lists = [each[: request.depth] for each in request.lists]
        found = corpus.find(request.query, request.qid)
        judgments = corpus.judgments(found[0].id) if found else {}
        self._systems = request.systems
        self._add(tally, [_Asked(request.dataset, "", request.query, lists, judgments)], interactive=True)
        return self._found(tally, (), 1)

    def evaluation(self) -> AxiomsFound:
        request, stored = self._request, store.find(self._request.evaluation)
        queries, systems = stored.queries, stored.spec.systems
        tally = Tally(len(systems))
        self._systems = tuple(each.notation for each in systems)

        def report(progress: Progress) -> None:
            self._emit(JobProgress(request=request.id, progress=progress))

        meter = Meter(report, "Axioms", len(queries), "queries")
        for start in range(0, len(queries), _AT_ONCE):
            some = []
            for number in range(start, min(start + _AT_ONCE, len(queries))):
                query = queries[number]
                lists = [each.doc_ids[: request.depth] if each else () for each in stored.final_lists(number)]
                some.append(_Asked(query.member, query.id, query.text, lists, query.judgments))
            self._add(tally, some, interactive=False)
            meter.update(start + len(some))
        named = tuple((each.label, "" if each.run_file is not None else each.notation) for each in systems)
        return self._found(tally, named, len(queries))

    def _found(self, tally: Tally, systems: tuple[tuple[str, str], ...], queries: int) -> AxiomsFound:
        missing = f"{counted(self._missing, 'document')} of the lists cannot be found in the corpus: left out."
        return AxiomsFound(
            request=self._request.id,
            axioms=tuple((axiom.name, axiom.about, axiom.goes_by) for axiom in AXIOMS),
            agreements=tally.agreements(),
            systems=systems,
            queries=queries,
            notes=(*tally.unknown, *dict.fromkeys(self._notes), *([missing] if self._missing else [])),
        )

    def _add(self, tally: Tally, asked: Sequence[_Asked], *, interactive: bool) -> None:
        docs = [self._docs(each) for each in asked]
        said = [self._said(one, found) for one, found in zip(asked, docs, strict=True)]
        self._encode((word for texts in said for text in texts for word, _ in text), interactive=interactive)
        for one, found, texts in zip(asked, docs, said, strict=True):
            self._cancel.check()
            place = {doc_id: number for number, doc_id in enumerate(found)}
            lists = [[place.get(doc_id) for doc_id in each] for each in one.lists]
            tally.add(
                self._texts(one, texts),
                lists,
                list(found),
                titles={doc_id: doc.title for doc_id, doc in found.items()},
                grades=one.judgments,
                qid=one.qid,
                dataset=one.dataset,
            )

    def _docs(self, asked: _Asked) -> dict[str, Doc]:
        self._cancel.check()
        ids = list(dict.fromkeys(doc_id for each in asked.lists for doc_id in each))
        found = self._library.corpus(asked.dataset).docs(ids)
        self._missing += len(ids) - len(found)
        return found

    def _said(self, asked: _Asked, docs: Mapping[str, Doc]) -> list[_Words]:
        """The words of the query and of each document, in the language of the documents."""
        language = self._language(asked.dataset)
        if language != pipeline.ENGLISH:
            self._notes.append(_FOREIGN)
        return [worded(text, language) for text in (asked.text, *(doc.content for doc in docs.values()))]

    def _language(self, dataset: str) -> str:
        return language_in(self._library.corpus(dataset).collection, self._systems)

    def _texts(self, asked: _Asked, said: Sequence[_Words]) -> Texts:
        spelled: dict[str, str] = {}
        for word, term in said[0]:
            spelled.setdefault(term, word)
        query, *documents = [[term for _, term in text] for text in said]
        different = [{word for word, _ in text} for text in said]
        return Texts(
            query,
            documents,
            spelled,
            self._rarity(asked.dataset, spelled),
            meaning(different, self._vectors, self._place) if self._vectors is not None else None,
        )

    def _rarity(self, dataset: str, terms: Iterable[str]) -> dict[str, float] | None:
        """As ir_axioms has it."""
        try:
            index = self._library.bm25(self._library.corpus(dataset), language=self._language(dataset))
        except Problem as problem:
            self._notes.append(problem.message)
            return None
        return {term: log(index.documents / n) if n else 0.0 for term, n in index.frequencies(terms).items()}

    @cached_property
    def _encoder(self) -> Encoder | None:
        """None, and a note, where it cannot be had."""
        try:
            owner = caller.owner(self._request.id)
            return self._library.scoring.encoder(DEFAULT_ENCODER, cancel=self._cancel, owner=owner)
        except Problem as problem:
            self._notes.append(problem.message)
            return None

    def _encode(self, said: Iterable[str], *, interactive: bool) -> None:
        """The vectors of words that have none yet."""
        import numpy as np

        if self._encoder is None:
            return
        new = [word for word in dict.fromkeys(said) if word not in self._place]
        for start in range(0, len(new), _ENCODED):
            some = new[start : start + _ENCODED]
            vectors = self._encoder.encode_documents(some, self._cancel, interactive=interactive, keep=True)
            self._vectors = vectors if self._vectors is None else np.concatenate([self._vectors, vectors])
            self._place |= {word: len(self._place) + number for number, word in enumerate(some)}
