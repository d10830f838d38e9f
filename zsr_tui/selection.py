"""Which queries of an evaluation are meant: one record for the screens, the wire and the table itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sign = Literal["", "win", "tie", "loss"]


@dataclass(frozen=True, slots=True)
class QuerySelection:
    """The queries of an evaluation that match, in an order; numbers as they are, ranges as "3-8" (ends included).

    `system` is compared with `baseline`, both are indexes; `measure` is one of the evaluation's, its first where none
    is named. `sort`: position, qid, text, length, relevant, judged, Judged@10, value, value:N (of system N),
    difference, abs, documents (of `outcome`), disagreement (RBO, the least first when descending), rbo, jaccard or
    tau_ap. `sign` keeps the queries that `system` wins, ties or loses; `outcome` those where it has a document with it
    (the label of one of `zsr_tui.evaluation.failures.OUTCOMES`); `feature` and `group` those of a group of a feature
    (`zsr_tui.evaluation.breakdown`), groups from 0. Lengths are in words, `relevant` counts documents.
    """

    measure: str = ""
    system: int = 0
    baseline: int = 0
    sort: str = "position"
    descending: bool = False
    match: str = ""
    sign: Sign = ""
    outcome: str = ""
    feature: str = ""
    group: int = 0
    length: str = ""
    relevant: str = ""
