"""A document's way through a system: its rank and score in every stage, what it gained, and where it was stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zsr_tui.domain import ScoredDoc
from zsr_tui.explanation import Station

NO_TERM = "none of the query's terms is in it"
ITSELF = "dropped: it is the query itself"
NOT_ENCODED = "not encoded yet"
PASSED_OVER = "the approximate search passed over it"
NOT_THERE = "it is not in the corpus"
NOT_FOUND = "the engine's query does not find it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a stage made of a query: its `ranking`, of which the first `kept` go on (None: all). `before`: the stages
    that it takes its documents from, as places in the sequence. `alone`: score and rank of the document where it is
    not in the ranking, scored on demand, and whether the rank is only known to be at least this. `stopped`: why it is
    not in the ranking, where that is known."""

    stage: str
    kind: str
    ranking: Sequence[ScoredDoc] = ()
    kept: int | None = None
    before: tuple[int, ...] = ()
    alone: tuple[float, int, bool] | None = None
    stopped: str = ""


def lineage(stages: Sequence[Reached], doc_id: str) -> tuple[Station, ...]:
    """A line for each stage, in their order."""
    found: list[Station] = []
    for stage in stages:
        place = next((at for at, each in enumerate(stage.ranking) if each.doc_id == doc_id), None)
        rank, score, would, at_least = None, None, place is None, False
        if place is not None:
            rank, score = place + 1, stage.ranking[place].score
        elif stage.alone is not None:
            score, rank, at_least = stage.alone
        before = found[stage.before[0]].rank if len(stage.before) == 1 and not would else None
        found.append(
            Station(
                stage=stage.stage,
                kind=stage.kind,
                rank=rank,
                of=len(stage.ranking),
                score=score,
                gain=before - rank if before is not None and rank is not None else None,
                would=would,
                at_least=at_least,
                dropped=_dropped(stage, rank, would=would),
            )
        )
    return tuple(found)


def _dropped(stage: Reached, rank: int | None, *, would: bool) -> str:
    if would and stage.stopped:
        return stage.stopped
    if stage.kept is not None and rank is not None and rank > stage.kept and (not would or stage.kind == "retrieve"):
        return f"cut after {stage.kept:,}"
    if would and stage.kind == "rerank":
        return "was not among its candidates"
    if would:
        return f"not in its first {len(stage.ranking):,}"
    return ""
