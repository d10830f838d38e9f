"""Fused lists of the stand-in with other weights: what it would return for the notation with those."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zsr_tui import pipeline
from zsr_tui.api.events import Row
from zsr_tui.api.requests import FusionHead
from zsr_tui.api.weights import BestWeight, FindBestWeight, Reweigh, Reweighed
from zsr_tui.domain import Problem

if TYPE_CHECKING:
    from .engine import FakeEngine


def fusion(notation: str) -> FusionHead | None:
    system = pipeline.parse(notation)
    fused = pipeline.outer_fusion(system)
    if fused is None:
        return None
    return FusionHead(
        parts=tuple(str(each) for each in fused.systems),
        shares=tuple(weight / sum(fused.weights) for weight in fused.weights),
        whole=sum(fused.weights),
        reranker=(pipeline.rerankers(system) or ("",))[-1],
    )


def reweighed(engine: FakeEngine, asked: Reweigh) -> Reweighed:
    request = next((each for each in reversed(engine.requests) if each.pane == asked.pane), None)
    if request is None or request.id != asked.search or fusion(request.systems[asked.system]) is None:
        raise Problem("the lists inside this fusion are not kept any more.")
    notation = str(pipeline.reweighted(pipeline.parse(request.systems[asked.system]), asked.weights))
    text = next((query.text for query in engine.query_list if query.id == request.qid), request.query)
    grades = engine.judgments.get(request.qid or "", {})
    ranked = engine.ranking(notation, text)[: request.depth]
    return Reweighed(
        system=engine.head(notation),
        rows=tuple(Row(doc_id=doc_id, score=score, grade=grades.get(doc_id)) for doc_id, score in ranked),
        measures={"nDCG@10": asked.weights[0], "RR@10": 1.0, "R@100": 1.0, "Judged@10": 0.2} if grades else None,
    )


def best(engine: FakeEngine, asked: FindBestWeight) -> BestWeight | None:
    """Own judgments that count add a hundredth each, as in a list's head."""
    query = asked.query_id or asked.query_text
    own = sum(of == query for of, _ in engine.kept.judged) if "own" in asked.sources else 0
    if engine.requests[-1].qid not in engine.judgments and not own:
        return None
    value = 0.812 + 0.01 * own
    return BestWeight(measure="nDCG@10", value=value, share=0.45 if asked.part == 0 else 0.55, low=0.4, high=0.55)
