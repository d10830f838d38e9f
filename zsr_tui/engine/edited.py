"""A document with another text, scored by each system as if the corpus held it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from zsr_tui import pipeline
from zsr_tui.api.edited import EditedScore, ScoreEdited
from zsr_tui.domain import Doc, Problem
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.engine.problems import problem_view
from zsr_tui.engine.search import refuse_unusable
from zsr_tui.scoring.models import catalogue, families

LONGEST_TEXT = 1_000_000  # characters


def score_edited(library: Library, asked: ScoreEdited) -> tuple[EditedScore, ...]:
    """Raises `Problem` for a document that the dataset does not have, and for a text or query that is too long."""
    corpus = library.corpus(asked.dataset)
    refuse_unusable(asked.query)
    doc = corpus.docs([asked.doc_id]).get(asked.doc_id)
    if doc is None:
        raise Problem(f"{asked.dataset} has no document {asked.doc_id!r}.", usage=True)
    if len(asked.text) > LONGEST_TEXT:
        raise Problem(f"the text has {len(asked.text):,} characters and the limit is {LONGEST_TEXT:,}.", usage=True)
    edited = replace(doc, text=asked.text)
    return tuple(_scored(library, corpus, asked.query, notation, doc, edited) for notation in asked.systems)


def _scored(library: Library, corpus: OpenCorpus, query: str, notation: str, doc: Doc, edited: Doc) -> EditedScore:
    try:
        return _by(pipeline.uncut(pipeline.parse(notation)), library, corpus, query, doc, edited)
    except Exception as error:  # noqa: BLE001 - one system's error must not take the others along
        return EditedScore(why_not=problem_view(error).message)


def _by(
    system: pipeline.System, library: Library, corpus: OpenCorpus, query: str, doc: Doc, edited: Doc
) -> EditedScore:
    match system:
        case pipeline.Rerank(_, model):
            return _reranked(library, model, query, doc, edited)
        case pipeline.Dense(model) | pipeline.Sparse(model):
            encoder = library.scoring.encoder(model, system.kind)
            vectors = encoder.encode_documents([*map(encoder.document_text, (doc, edited))], interactive=True)
            before, after = (vectors @ encoder.encode_queries([query])[0]).tolist()
            return EditedScore(before=before, after=after)
        case pipeline.Bm25(k1, b, name, language):
            index = library.bm25(corpus, name, language)
            score: Callable[[Doc], float] = lambda one: index.score(query, one.content, k1=k1, b=b)  # noqa: E731
            return EditedScore(before=score(doc), after=score(edited))
        case pipeline.Served():
            return EditedScore(why_not="another engine scores the documents that it has, and no others")
        case _:
            return EditedScore(why_not="a fused score depends on the other documents of its lists")


def _reranked(library: Library, model: str, query: str, doc: Doc, edited: Doc) -> EditedScore:
    if catalogue.describe(model).family in families.COMPARING:
        return EditedScore(why_not="its score depends on the documents that this one is compared with")
    texts = library.scoring.document_texts(model, (doc, edited))
    scores: dict[int, float] = {}
    cut = False
    for batch in library.scoring.score(model, query, texts):
        scores |= dict(zip(batch.indices, map(float, batch.scores), strict=True))
        cut = cut or any(was_cut for place, was_cut in zip(batch.indices, batch.cut, strict=True) if place == 1)
    if len(scores) < len(texts):
        return EditedScore(why_not="the model gives no finite score")
    return EditedScore(before=scores[0], after=scores[1], cut=cut, given=True)
