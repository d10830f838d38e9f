"""One stage's score explained: which part of the library does it, and with what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from zsr_tui import caller
from zsr_tui.api.explanations import ExplainRequest
from zsr_tui.domain import Doc, Problem, Query
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.runner import Runner
from zsr_tui.engine.served import ServedLists
from zsr_tui.engine.terms import language_in
from zsr_tui.explain import (
    answers,
    bm25,
    dense,
    engines,
    fusion,
    gradient,
    late,
    occlusion,
    order,
    pairwise,
    seen,
    sparse,
)
from zsr_tui.explanation import Explanation, Input
from zsr_tui.pipeline import CANDIDATES, K1, B, Bm25, Dense, Linear, Rerank, Rrf, Served, Sparse, System
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.endpoints.calling import REQUEST_INPUTS
from zsr_tui.scoring.models import catalogue, families

UNITS = {
    "cross-encoder": "logit",
    "monot5": "log P(true)",
    "rankt5": "logit",
    "causal-lm": "log-odds",
    "endpoint": "the server's score",
}


class StageExplainer:
    """`say` hears in words of what has to be loaded first."""

    def __init__(
        self,
        library: Library,
        corpus: OpenCorpus,
        request: ExplainRequest,
        doc: Doc,
        runner: Runner,
        cancel: CancelToken,
        say: Callable[[str], None],
    ) -> None:
        self._library, self._corpus, self._request, self._doc = library, corpus, request, doc
        self._runner, self._cancel, self._say = runner, cancel, say
        self._owner = caller.owner(request.pane or request.id)
        self._language = language_in(corpus.collection, [request.system, request.against_system])

    def requests(self, step: System) -> tuple[int, str]:
        """How many a server would be sent, and where; 0 where there is no server."""
        model = getattr(step, "model", "")
        if not model or not _served(model) or catalogue.describe(model).family in families.LISTWISE_RERANKERS:
            return 0, ""
        cost = occlusion.requests if isinstance(step, Rerank) else dense.requests
        return cost(self._text(model), self._doc.title), catalogue.describe(model).label

    def explanations(self, step: System, query: Query) -> Iterator[Explanation]:
        """Each with more than the one before. Raises `Problem` where a gradient is wanted that there cannot be."""
        match step:
            case Bm25(k1, b, name, language):
                index = self._library.bm25(self._corpus, name, language)
                yield bm25.explain(index, query.text, self._doc, k1=k1, b=b)
            case Dense(model):
                yield from self._dense(step, model, query)
            case Sparse(model):
                yield self._sparse(model, query)
            case Served():
                yield self._of_engine(step, query)
            case Rrf() | Linear():
                lists = [self._runner.run(inside, [query], CANDIDATES)[0] for inside in step.systems]
                yield fusion.explain(step, lists, self._doc.id, self._doc.content)
            case Rerank(source, model):
                yield from self._reranked(source, model, query)

    def check(self, step: System) -> None:
        """Raises `Problem` for a stage that has no gradient, where one is wanted."""
        own_way = {"late-interaction", "sparse", "endpoint", *families.COMPARING}
        if self._request.gradient and not (
            isinstance(step, Rerank) and catalogue.describe(step.model).family not in own_way
        ):
            sentence = "has no gradient: only a reranker that scores pairs and that torch runs has one. Ask without it."
            raise Problem(f"{step} {sentence}", usage=True)

    def input(self, step: System, query: Query) -> Input:
        """What the stage's model reads."""
        match step:
            case Bm25(_, _, name, language):
                return seen.of_bm25(self._library.bm25(self._corpus, name, language), query.text, self._doc)
            case Served():
                return Input(note=f"What {step.kind} reads of a document it does not say.")
            case Rrf() | Linear():
                return Input(note="Fusion reads the lists of its systems, and no text.")
            case Dense(model) | Sparse(model) | Rerank(_, model):
                text = self._text(model)
                return seen.of_model(
                    self._library.scoring,
                    model,
                    query.text,
                    text,
                    language=self._language,
                    cancel=self._cancel,
                    owner=self._owner,
                )
        raise TypeError(step)

    def _text(self, model: str) -> str:
        return self._library.scoring.document_texts(model, [self._doc])[0]

    def _load(self, model: str) -> bool:
        """So that what it reads of the document is known, unless a server runs it: whether it gives gradients."""
        return not _served(model) and self._library.scoring.examine(
            model, gradient.has, cancel=self._cancel, on_load=self._say, owner=self._owner
        )

    def _end(self, model: str, query: str) -> int | None:
        """Characters of the document that the model, which is loaded, reads."""
        return self._library.scoring.cut_offset(model, query, self._text(model))

    def _dense(self, step: Dense, model: str, query: Query) -> Iterator[Explanation]:
        (ranking,) = self._runner.run(step, [query], CANDIDATES)
        near = dense.around(ranking, self._doc.id)
        titles = {doc_id: doc.title for doc_id, doc in self._corpus.docs(each.doc_id for each in near).items()}
        self._load(model)
        end = self._end(model, query.text)
        encoder = self._library.scoring.encoder(model, cancel=self._cancel, owner=self._owner)
        yield from dense.explain(
            encoder,
            query.text,
            self._text(model),
            title=self._doc.title,
            end=end,
            at_once=REQUEST_INPUTS if _served(model) else dense.AT_ONCE,
            neighbours=dense.neighbours(ranking, self._doc.id, titles),
            language=self._language,
            cancel=self._cancel,
        )

    def _of_engine(self, step: Served, query: Query) -> Explanation:
        """The engine's own, with what our BM25 makes of the same query and document beside it."""
        found = ServedLists(self._library, self._corpus, step, self._cancel, self._owner).explain(
            query.text, self._doc.id
        )
        if not self._corpus.corpus.docs([self._doc.id]):
            return engines.beside(found, engines.Ours(why_not=f"{self._corpus.id} does not have this document."))
        try:
            index = self._library.bm25(self._corpus)
            ours = engines.Ours(bm25.explain(index, query.text, self._doc, k1=K1, b=B))
        except Problem as problem:  # it is not built
            ours = engines.Ours(why_not=problem.message)
        return engines.beside(found, ours)

    def _sparse(self, model: str, query: Query) -> Explanation:
        return sparse.explain(
            self._library.scoring, model, query.text, self._text(model), cancel=self._cancel, owner=self._owner
        )

    def _reranked(self, source: System, model: str, query: Query) -> Iterator[Explanation]:
        scoring, text = self._library.scoring, self._text(model)
        family = catalogue.describe(model).family
        if family == "late-interaction":
            yield late.explain(scoring, model, query.text, text, cancel=self._cancel, owner=self._owner)
        elif family == "sparse":
            yield self._sparse(model, query)
        elif family in families.LISTWISE_RERANKERS:
            yield self._listed(source, model, query)
        elif family in families.PAIRWISE_RERANKERS:
            yield from self._duels(source, model, query)
        elif self._request.gradient:
            unit = self._unit(model, family)
            yield gradient.explain(scoring, model, query.text, text, unit=unit, cancel=self._cancel, owner=self._owner)
        else:
            found = self._occluded(model, query, text, self._unit(model, family))
            if family != "monot5":
                yield from found
                return
            for last in found:
                yield last
            told = answers.table(scoring, model, query.text, text, cancel=self._cancel, owner=self._owner)
            yield replace(last, tables=(*last.tables, told))

    def _listed(self, source: System, model: str, query: Query) -> Explanation:
        """What is known of a place in an order."""
        (candidates,) = self._runner.candidates(source, model, [query])
        ids = [each.doc_id for each in candidates]
        ranking = [each.doc_id for each in self._runner.rerank(model, query, ids).ranking()]
        titles = {doc_id: doc.title for doc_id, doc in self._corpus.docs(ids).items()}
        return order.explain(ids, ranking, self._doc.id, self._text(model), titles)

    def _unit(self, model: str, family: str) -> str:
        if _served(model):
            return UNITS["endpoint"]
        labelled = family == "cross-encoder" and self._library.scoring.scale(model) == "log-probability"
        return "log P(relevant)" if labelled else UNITS.get(family, "score")

    def _occluded(self, model: str, query: Query, text: str, unit: str) -> Iterator[Explanation]:
        gives_gradients = self._load(model)
        end = self._end(model, query.text)

        scoring, span = self._library.scoring, self._request.sentence
        asking = occlusion.asking_with(scoring, model, cancel=self._cancel, owner=self._owner, on_load=self._say)
        score = occlusion.score_with(
            scoring, model, query.text, cancel=self._cancel, owner=self._owner, on_load=self._say
        )
        first = REQUEST_INPUTS if _served(model) else occlusion.FIRST  # a server is sent as few requests as can be
        if span is None:
            found = occlusion.sentences(
                score,
                text,
                title=self._doc.title,
                unit=unit,
                end=end,
                asking=None if _served(model) else asking,  # a request to the server for each word
                query=query.text,
                language=self._language,
                first=first,
            )
        elif not 0 <= span[0] < span[1] <= len(text):
            raise Problem(f"the document has {len(text):,} characters: there is no sentence at {span}.", usage=True)
        else:
            found = occlusion.words(score, text, span, unit=unit, end=end, first=first)
        return (replace(each, gradient=gives_gradients) for each in found)

    def _duels(self, source: System, model: str, query: Query) -> Iterator[Explanation]:
        (candidates,) = self._runner.candidates(source, model, [query])
        ids, request = [each.doc_id for each in candidates], self._request
        if request.rival and (request.rival not in ids or request.rival == self._doc.id):
            raise Problem(f"{request.rival!r} is none of the documents that this one was compared with.", usage=True)
        if self._doc.id not in ids:
            yield Explanation(
                family="pairwise",
                method="",
                unit="duels",
                text=self._text(model),
                notes=("It was not among the candidates that this reranker compared, so that there are no duels.",),
            )
            return
        docs = self._corpus.docs(ids)
        texts = list(zip(ids, self._library.scoring.document_texts(model, map(docs.__getitem__, ids)), strict=True))
        place = ids.index(self._doc.id)
        beside = request.against if self._doc.id == request.doc_id else request.doc_id
        yield from pairwise.explain(
            self._library.scoring,
            model,
            query.text,
            texts,
            place,
            rival=request.rival or beside,
            titles={doc_id: docs[doc_id].title for doc_id in ids},
            language=self._language,
            cancel=self._cancel,
            owner=self._owner,
        )


def _served(model: str) -> bool:
    """Whether a server runs it."""
    return (
        catalogue.describe(model).family in ("endpoint", *families.LISTWISE_RERANKERS)
        or catalogue.weights_reference(model).kind == "endpoint"
    )
