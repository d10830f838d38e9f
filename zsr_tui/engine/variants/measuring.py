"""Every variant with every system, in the background: what becomes of the measure, or of the list itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from zsr_tui import caller, pipeline
from zsr_tui.api.events import JobProgress, SystemFailed
from zsr_tui.api.notes import ReadKept
from zsr_tui.api.requests import DEFAULT_MEASURES, SearchRequest, VariantsRequest
from zsr_tui.api.variants import Variant, VariantMeasured, VariantsFinished, VariantsFound
from zsr_tui.domain import Problem, Query, ScoredDoc
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.problems import problem_view
from zsr_tui.engine.runner import Runner
from zsr_tui.engine.search import refuse_unusable
from zsr_tui.engine.stream import Emit
from zsr_tui.engine.terms import language_in, terms
from zsr_tui.engine.variants import generation, texts
from zsr_tui.evaluation.agreement import DEPTH, rbo
from zsr_tui.evaluation.measures import measure_ranking
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.judging.union import Grades, United, unite
from zsr_tui.pipeline import System
from zsr_tui.progress import Cancelled, CancelToken, Meter, Progress

NDCG = DEFAULT_MEASURES[0]
FIRST = 10  # documents whose overlap is told

Rankings = Callable[[System, Sequence[Query], int], list[list[ScoredDoc]]]


def measure_variants(kept: KeptShelf, request: VariantsRequest, emit: Emit, cancel: CancelToken) -> None:
    """Emits VariantsFound, then a VariantMeasured for each text and system, the query's own first; VariantsFinished. A
    system that fails is told once and left out."""
    search, library = request.search, kept.library
    corpus = library.corpus(search.dataset)
    query, judged_as = _query(corpus, search)
    refuse_unusable(query.text)
    judgments, beside = _judgments(kept, corpus, request, query, judged_as)
    found = (
        Variant(kind="as it is", text=query.text),
        *request.more,
        *_texts(library, corpus, query.text, search),
    )
    emit(
        VariantsFound(
            request=request.id,
            variants=found,
            judged=bool(judgments.grades),
            generator=generation.configured(),
            judgments=judgments.counts(),
        )
    )
    runner = Runner(
        library,
        corpus,
        cancel,
        drop_self=search.drop_self,
        interactive=False,
        owner=caller.owner(f"{search.pane} variants"),
        at_once=search.unfinished,
    )
    queries = [replace(query, text=variant.text) for variant in found]
    total = len(queries) * len(search.systems)

    def report(progress: Progress) -> None:
        emit(JobProgress(request=request.id, progress=progress))

    meter = Meter(report, "Variants of the query", total, "lists")
    for number in sorted(range(len(search.systems)), key=lambda number: ">>" in search.systems[number]):
        cancel.check()
        try:
            _measure(
                search,
                number,
                pipeline.parse(search.systems[number]),
                queries,
                (judgments.grades, beside.grades),
                runner.run,
                emit,
                meter,
                corpus,
            )
            meter.tell()
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one system's error must not take the others along
            emit(SystemFailed(request=request.id, system=number, problem=problem_view(error)))
    emit(VariantsFinished(request=request.id, notes=runner.notes()))


def _query(corpus: OpenCorpus, request: SearchRequest) -> tuple[Query, str]:
    """The query, and the id of the dataset's query whose judgments hold for its variants: its own, or the one that it
    borrows them from; "" for none."""
    found = corpus.find(request.query, request.qid)
    if found is None and request.judged_as is not None and (parent := corpus.find("", request.judged_as)):
        return Query(parent[0].id, request.query), parent[0].id
    return (found[0], found[0].id) if found else (Query("", request.query), "")


def _judgments(
    kept: KeptShelf, corpus: OpenCorpus, request: VariantsRequest, query: Query, judged_as: str
) -> tuple[United, United]:
    """Those that count, and those that are seen beside them."""
    about = ReadKept(dataset=request.dataset, query_id=judged_as, query_text=query.text)
    by_source = kept.by_source(corpus, about)
    return unite(by_source, request.counting), unite(by_source, request.beside)


def _texts(library: Library, corpus: OpenCorpus, query: str, search: SearchRequest) -> list[Variant]:
    """In the language of the documents, or the one that a system names."""
    language = language_in(corpus.collection, search.systems)
    idf: texts.Idf | None = None
    with suppress(Problem):  # there is no BM25 index to ask
        idf = library.bm25(corpus, language=language).idf
    return texts.variants(query, idf, terms(corpus.collection, query, search.systems), language)


def _measure(
    request: SearchRequest,
    number: int,
    system: System,
    queries: Sequence[Query],
    judgments: tuple[Grades, Grades],
    run: Rankings,
    emit: Emit,
    meter: Meter,
    corpus: OpenCorpus,
) -> None:
    """Retrievers take all variants at once, a reranker one after the other, so that each is there as soon as it can."""
    at_once = len(queries) if not pipeline.rerankers(system) else 1
    own: list[str] = []
    for start in range(0, len(queries), at_once):
        for place, ranking in enumerate(run(system, queries[start : start + at_once], request.depth), start=start):
            ids = [scored.doc_id for scored in ranking]
            own = own or ids
            value, beside = (
                measure_ranking(parse_measures((NDCG,)), corpus.by_document(ranking), each)[NDCG] if each else None
                for each in judgments
            )
            emit(
                VariantMeasured(
                    request=request.id,
                    system=number,
                    variant=place,
                    ndcg=value,
                    beside=beside,
                    overlap=len(set(own[:FIRST]) & set(ids[:FIRST])),
                    rbo=rbo(own[:DEPTH], ids[:DEPTH]),
                )
            )
            meter.advance()
