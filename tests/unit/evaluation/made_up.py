"""Evaluations that are made up, through the real store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zsr_tui.domain import RELEVANT
from zsr_tui.evaluation import logs, store
from zsr_tui.evaluation.folder import Spec
from zsr_tui.evaluation.results import (
    TOP,
    EvaluatedQuery,
    EvaluatedSystem,
    Provenance,
    QueryLists,
    QueryStandings,
    RankedList,
    Stage,
    Standing,
)
from zsr_tui.evaluation.stored import Stored
from zsr_tui.progress import CancelToken, ignore_progress

STAGES = (
    Stage("bm25", "retrieve", depth=1000),
    Stage("dense(m)", "retrieve", "m", depth=1000),
    Stage("bm25 % 20 >> r", "rerank", "r", (0,), 20),
)
SYSTEMS = (
    EvaluatedSystem("bm25", "bm25", "bm25", None, stages=(0,)),
    EvaluatedSystem("dense(m)", "dense m", "bi-encoder", 22_700_000, stages=(1,)),
    EvaluatedSystem("bm25 % 20 >> r", "bm25 % 20 >> r", "cross-encoder", 33_400_000, stages=(0, 2)),
)
MEASURES = ("nDCG@10", "RR@10", "Judged@10")


def ranked(*doc_ids: str, cut: Sequence[str] = ()) -> RankedList:
    return RankedList(tuple(doc_ids), np.arange(len(doc_ids), 0.0, -1.0), frozenset(cut))


def numbered(count: int, *, start: int = 1) -> list[str]:
    return [f"d{number}" for number in range(start, start + count)]


def spec(id: str = "e1", **changed: object) -> Spec:
    known: dict[str, object] = {
        "id": id,
        "key": {"id": id},
        "dataset": "made/up",
        "members": ("made/up",),
        "measures": MEASURES,
        "stages": STAGES,
        "systems": SYSTEMS,
        "provenance": Provenance("zsr-tui evaluate", "2026-01-01T00:00:00+00:00", {}, {}, 1000, True),
    }
    return Spec(**{**known, **changed})  # type: ignore[arg-type]


def queries(*judgments: Mapping[str, int], member: str = "made/up") -> list[EvaluatedQuery]:
    numbered = enumerate(judgments, start=1)
    return [EvaluatedQuery(f"q{n}", f"query number {n}", member, dict(each)) for n, each in numbered]


def standings_of(read: QueryLists) -> QueryStandings:
    """What the store reads without making the lists."""
    relevant = [doc_id for doc_id, grade in read.judgments.items() if grade >= RELEVANT]
    ranks = {
        stage: {doc_id: rank for rank, doc_id in enumerate(each.doc_ids, start=1) if doc_id in relevant}
        for stage, each in read.by_stage.items()
    }
    by_stage = {stage: Standing(each.doc_ids[:TOP], ranks[stage]) for stage, each in read.by_stage.items()}
    return QueryStandings(by_stage, read.judgments)


def append(stored: Stored, number: int, lists: Mapping[int, RankedList], *, ms: float = 5.0) -> None:
    """What the stages returned for a query; systems without their last list have not run."""
    append_all(stored, [number], [lists], ms=ms)


def append_all(
    stored: Stored, numbers: Sequence[int], lists: Sequence[Mapping[int, RankedList]], *, ms: float = 5.0
) -> None:
    """For several queries at once."""
    with stored.writing(ignore_progress, CancelToken()) as writer:
        records = logs.new_values(len(stored.spec.systems), len(stored.spec.measures), numbers)
        for row, each in enumerate(lists):
            finals = [system.final(each) for system in stored.spec.systems]
            records["ms"][row] = [np.nan if final is None else ms for final in finals]
        records["values"] = stored.measured(lists, numbers)
        writer.append(numbers, lists, records)


def measured(stored: Stored, *names: str) -> Stored:
    """With values of these measures, too."""
    with stored.writing(ignore_progress, CancelToken(), names):
        return stored


def stored(judgments: Sequence[Mapping[str, int]], lists: Sequence[Mapping[int, RankedList]], id: str = "e1") -> Stored:
    one = store.create(spec(id), queries(*judgments))
    for number, each in enumerate(lists):
        append(one, number, each)
    return one
