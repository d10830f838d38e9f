"""Explanations of the fake engine: fixed numbers for any document of its corpus."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from zsr_tui.api.events import AnyEvent, Failed, JobProgress
from zsr_tui.api.explanations import AxiomsFound, AxiomsRequest, Contrasted, Explained, ExplainFinished, ExplainRequest
from zsr_tui.api.requests import ProblemView
from zsr_tui.explanation import (
    Agreement,
    Contrast,
    Cost,
    Difference,
    Explanation,
    Input,
    Part,
    Station,
    Table,
    Token,
    Violation,
)
from zsr_tui.progress import Progress

if TYPE_CHECKING:
    from .engine import FakeEngine

DUELS = (("2048000", 0.25, "lost: Folate"), ("2048026", 1.75, "won: Zinc"))
SHARES = (0.5, -1.25, 3.75)  # of the title and the first sentences


async def explain(engine: FakeEngine, request: ExplainRequest) -> AsyncGenerator[AnyEvent, None]:
    """A reranker's sentences in two states, with a gate "explain" between them, or BM25's terms at once."""
    done = False
    try:
        if engine.unexplained:
            yield Failed(request=request.id, problem=ProblemView(message=engine.unexplained))
            return
        if request.doc_id not in engine.docs:
            problem = ProblemView(message=f"demo has no document {request.doc_id!r}.", usage=True)
            yield Failed(request=request.id, problem=problem)
            return
        both = [(request.system, request.doc_id)]
        if request.against or request.against_system:
            both.append((request.against_system or request.system, request.against or request.doc_id))
        for which, (system, doc_id) in enumerate(both):
            found = explanation(engine, request, system, request.stage or system, doc_id)
            if engine.asks and not request.spend:
                yield Explained(request=request.id, explanation=found, which=which, asks=engine.asks, host="http://gpu")
                continue
            if found.family == "occlusion":
                early = found.parts[:1] + tuple(Part(text=part.text, spans=part.spans) for part in found.parts[1:])
                state = Explanation(**{**_fields(found), "parts": early, "sum": 0.5, "done": 2, "input": None})
                yield Explained(request=request.id, explanation=state, which=which, stage="explaining")
                await engine.reach("explain")
            yield Explained(request=request.id, explanation=found, which=which)
        if len(both) == 2:
            sentence = f"{request.system} puts {both[0][1]} above {both[1][1]} by 2.5000."
            parts = (Difference(text="zinc", first=3.0, second=0.5, share=2.5, counts=(6, 1)),)
            first, second = (each[0] if request.against_system else each[1] for each in both)
            contrast = Contrast(first=first, second=second, sentence=sentence, difference=2.5, parts=parts)
            yield Contrasted(request=request.id, contrast=contrast)
        yield ExplainFinished(request=request.id, elapsed_ms=12.0)
        done = True
    finally:
        if not done:
            engine.abandoned.append(request.id)


def explanation(engine: FakeEngine, request: ExplainRequest, system: str, stage: str, doc_id: str) -> Explanation:
    doc = engine.docs[doc_id]
    text = doc.content
    first = len(doc.title) + 1
    stop = text.index(". ", first) + 2
    spans = ((0, first), (first, stop), (stop, len(text)))
    lineage = [Station(stage="bm25", kind="retrieve", rank=4, of=140, score=7.5)]
    common = {
        "text": text, "title": doc.title, "doc_id": doc_id, "system": system, "stage": stage,
        "query": request.query, "input": _input(doc.text),
    }  # fmt: skip
    if ">>" not in stage:
        dropped = "cut after 3" if ">>" in request.system else ""
        lineage = [Station(stage="bm25", kind="retrieve", rank=4, of=140, score=7.5, dropped=dropped)]
        parts = (
            Part(
                text="homocystein",
                share=5.25,
                values=(3, 0.75),
                spans=((text.index("homocyst"), text.index("homocyst") + 12),),
            ),
            Part(text="zinc", share=0.0, values=(0, 0.0), note="missing here: once would give +1.54"),
        )
        reading = Table(
            title="How the query was read",
            columns=("term",),
            parts=(Part(text="The", values=(None,), note="a stop word: left out"),),
        )
        return Explanation(
            family="bm25", method="share = boost × idf × tf", unit="BM25", score=5.25, additive=True, sum=5.25,
            columns=("times", "tf"), parts=parts, tables=(reading,), lineage=tuple(lineage), done=1, total=1, **common,
        )  # fmt: skip
    lineage.append(Station(stage=stage, kind="rerank", rank=1, of=100, score=8.41, gain=3))
    if "duot5" in stage:
        lost, won = (Part(text=each, share=share, note=note) for each, share, note in DUELS)
        sentences = tuple(
            Part(text=text[slice(*span)].strip(), share=share, spans=(span,))
            for span, share in zip(spans, SHARES, strict=True)
        )
        duel = Table(title=f"Its duel with {request.rival or lost.text}", columns=("without it",), parts=sentences)
        return Explanation(
            family="pairwise", method="share = both probabilities", unit="duels", score=2.0, additive=True, sum=2.0,
            columns=("first",), parts=(lost, won), tables=(duel,), lineage=tuple(lineage), done=1, total=1, **common,
        )  # fmt: skip
    if request.sentence is not None:
        start, end = request.sentence
        words = [word for word in text[start:end].split() if word.isalpha()][:3]
        places = [(text.index(word, start), text.index(word, start) + len(word)) for word in words]
        pieces = list(zip(words, places, strict=True))
    else:
        pieces = [(text[slice(*span)].strip(), span) for span in spans]
    parts = tuple(
        Part(text=piece, share=share, values=(8.41 - share,), spans=(span,))
        for (piece, span), share in zip(pieces, SHARES, strict=False)
    )
    kept = Table(
        title="Faithfulness", columns=("alone", "without"), parts=(Part(text="the top sentence", values=(6.1, -1.2)),)
    )
    return Explanation(
        family="occlusion", method="share = what the score loses", unit="logit", score=8.41, columns=("without it",),
        gradient=engine.gradients, parts=parts, sum=3.0, tables=(kept,), without="Without the last it would have 4.66.",
        lineage=tuple(lineage), done=5, total=5, cost=Cost(scored=4, known=1), **common,
    )  # fmt: skip


def _input(text: str) -> Input:
    tokens = [Token(text="[CLS]", of="template", special=True), Token(text="vitamin", of="query")]
    tokens += [Token(text=word, of="document") for word in text.split()[:6]]
    tokens.append(Token(text="[UNK]", of="document", unknown=True, special=True))
    return Input(
        tokens=tuple(tokens),
        counts={"template": 1, "query": 1, "document": 7},
        limit=9,
        cut_at=60,
        beyond=("homocysteine",),
    )


def _fields(found: Explanation) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__struct_fields__}


async def axioms(request: AxiomsRequest) -> AsyncGenerator[AnyEvent, None]:
    """Two axioms: the first list agrees with one in three pairs of four, the second list with all of its two; nothing
    is said of the other axiom. Of an evaluation the second system is a run file."""
    if request.evaluation:
        yield JobProgress(request=request.id, progress=Progress("Axioms", 2, 6, "queries"))
    qid, systems = ("q-1", (("BM25", "bm25"), ("theirs.run", ""))) if request.evaluation else ("", ())
    facts, titles = ("2 of 4", "3 of 4"), ("Vitamin B12 deficiency raises blood levels of homocysteine", "")
    pair = Violation(upper="2048000", lower="2048013", ranks=(1, 2), facts=facts, titles=titles, grades=(2, 0), qid=qid)
    agreements = (
        Agreement(axiom="M-AND", system=0, agree=3, against=1, list_right=1, violations=(pair,)),
        Agreement(axiom="M-AND", system=1, agree=2, against=0, violations=(pair,) if request.evaluation else ()),
        Agreement(axiom="TFC3", system=0, agree=0, against=0),
        Agreement(axiom="TFC3", system=1, agree=0, against=0),
    )
    yield AxiomsFound(
        request=request.id,
        axioms=(
            ("M-AND", "The document with more different terms of the query stands higher.", "how many terms it has"),
            ("TFC3", "Two terms rather than one of them.", "how often it has which term"),
        ),
        agreements=agreements,
        systems=systems,
        queries=6 if request.evaluation else 1,
        notes=("TFC3 needs the BM25 index, which knows how rare a term is.",),
    )
